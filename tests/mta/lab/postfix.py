# SPDX-License-Identifier: BSD-2-Clause
"""A private Postfix: unpacked binaries, its own config, queue and log.

Postfix wants an account and a group that nothing else in it uses; 'mail' and 'news' are on
every Debian, so no user has to be made.
"""

import os
import shutil
import subprocess

from .mta import PORTS, Mta
from .ports import HOST

OWNER, GROUP = "mail", "news"

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {binaries}/usr/lib/postfix/sbin
command_directory = {binaries}/usr/sbin
shlib_directory = {libraries}
meta_directory = {binaries}/etc/postfix
import_environment = MAIL_CONFIG MAIL_LOGTAG POSTLOG_SERVICE POSTLOG_HOSTNAME
    LD_LIBRARY_PATH={libraries}
export_environment = MAIL_CONFIG LD_LIBRARY_PATH={libraries}
mail_owner = {owner}
setgid_group = {group}
maillog_file = {folder}/log/mail
maillog_file_prefixes = {folder}/log
myhostname = mta.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8 [::1] 192.0.2.0/24 [2001:db8::]/32
inet_protocols = all
relayhost = [{host}]:{sink_port}
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtp_line_length_limit = 0
local_header_rewrite_clients =
smtputf8_enable = yes
message_size_limit = 100000000
smtpd_error_sleep_time = 0
in_flow_delay = 0
milter_default_action = tempfail
non_smtpd_milters = {local_milters}
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/tls.pem
smtpd_tls_key_file = {folder}/tls.key
"""

MASTER = """\
pickup  unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
smtp    unix - - n - - smtp
error   unix - - n - - error
showq   unix n - n - - showq
anvil   unix - - n - 1 anvil
tlsmgr  unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

WAITING = ("maildrop", "incoming", "active", "deferred")


class Postfix(Mta):
    name = "postfix"

    def configure(self):
        for name in ("etc", "queue", "data", "log"):
            os.mkdir(self.path(name))
        shutil.chown(self.path("data"), OWNER)
        self.libraries = os.path.join(self.binaries, "usr/lib/postfix")
        self.config = self.path("etc")
        self.write(
            "etc/main.cf",
            MAIN.format(
                folder=self.folder,
                binaries=self.binaries,
                libraries=self.libraries,
                owner=OWNER,
                group=GROUP,
                host=HOST,
                sink_port=self.sink_port,
                local_milters=self.sockets["unix"] if self.attached else "",
            ),
        )
        self.write("etc/master.cf", MASTER + "".join(map(self.listener, self.ports)))
        subprocess.run(
            [self.tool("postfix"), "-c", self.config, "check"],
            env={**os.environ, **self.environment()},
            capture_output=True,
            check=True,
        )

    def listener(self, name):
        """The line of master.cf for one port."""
        port = PORTS[name]
        host = "[::1]" if port.family == "inet6" else HOST
        line = f"{host}:{self.ports[name]} inet n - n - - smtpd"
        if not self.attached or not port.milters:
            return line + "\n"
        if port.accept:
            line += " -o milter_default_action=accept"
        for limit in ("connect", "command", "content"):
            line += f" -o milter_{limit}_timeout={port.patience}s"
        sockets = ",".join(self.sockets[milter] for milter in port.milters)
        return f"{line} -o smtpd_milters={sockets}\n"

    def tool(self, name):
        return os.path.join(self.binaries, "usr/sbin", name)

    def command(self):
        return [os.path.join(self.binaries, "usr/lib/postfix/sbin/master"), "-s", "-c", self.config]

    def environment(self):
        return {"LD_LIBRARY_PATH": self.libraries, "MAIL_CONFIG": self.config}

    def submission(self, sender, recipient):
        return [self.tool("sendmail"), "-C", self.config, "-f", sender, recipient]

    def queued(self):
        return [
            name
            for queue in WAITING
            for _, _, names in os.walk(self.path("queue", queue))
            for name in names
        ]

    def held(self):
        listing = self.run_tool("postqueue", "-j")
        return "\n".join(line for line in listing.splitlines() if '"queue_name": "hold"' in line)

    def hold_notes(self):
        with open(self.path("log/mail"), encoding="utf-8", errors="replace") as log:
            return "".join(line for line in log if "milter-hold" in line)

    def drop_held(self):
        self.run_tool("postsuper", "-d", "ALL", "hold")

    def run_tool(self, name, *arguments):
        return subprocess.run(
            [self.tool(name), "-c", self.config, *arguments],
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

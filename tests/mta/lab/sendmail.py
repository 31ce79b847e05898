# SPDX-License-Identifier: BSD-2-Clause
"""A private Sendmail: unpacked binaries and m4 files, its own config, queue and logs.

Sendmail logs to syslog alone, so what it says is read from its traffic log (-X) and its debug
output of the milter (-D). It sleeps for a minute at the start on a machine whose name has no
dot, and it asks for the name before it reads its config; where the kernel allows it, it gets a
name of its own.
"""

import os
import shutil
import socket
import subprocess

from .mta import PORTS, Mta
from .ports import HOST

CONFIG = """\
divert(0)dnl
VERSIONID(`private instance')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mta.test')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`STATUS_FILE', `{folder}/status')dnl
define(`HELP_FILE', `')dnl
define(`ALIAS_FILE', `')dnl
define(`confCR_FILE', `-o {folder}/relay-domains')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/service.switch')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confDONT_BLAME_SENDMAIL', `TrustStickyBit')dnl
define(`confTO_IDENT', `0')dnl
define(`confSMTP_LOGIN_MSG', `$j Sendmail')dnl
define(`confREFUSE_LA', `10000')dnl
define(`confQUEUE_LA', `10000')dnl
define(`confDELAY_LA', `0')dnl
define(`confDELIVERY_MODE', `background')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
define(`confSERVER_CERT', `{folder}/tls.pem')dnl
define(`confSERVER_KEY', `{folder}/tls.key')dnl
define(`confCACERT', `{folder}/tls.pem')dnl
define(`confCACERT_PATH', `{folder}')dnl
define(`confTLS_SRV_OPTIONS', `V')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {sink_port}')dnl
define(`SMTP_MAILER_FLAGS', `8')dnl
define(`SMART_HOST', `esmtp:[{host}]')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`promiscuous_relay')dnl
{listeners}MAILER(`smtp')dnl
"""


# The mail submission program: what the sendmail command is on a machine that runs the daemon too.
SUBMIT = """\
divert(0)dnl
VERSIONID(`private submission')dnl
define(`confCF_VERSION', `Submit')dnl
define(`__OSTYPE__', `')dnl
define(`_USE_DECNET_SYNTAX_', `1')dnl
define(`confTIME_ZONE', `USE_TZ')dnl
define(`confDOMAIN_NAME', `mta.test')dnl
define(`confPID_FILE', `{folder}/submit.pid')dnl
define(`STATUS_FILE', `{folder}/submit.status')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/service.switch')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confDONT_BLAME_SENDMAIL', `TrustStickyBit')dnl
define(`confRUN_AS_USER', `mail')dnl
define(`confTRUSTED_USER', `mail')dnl
define(`MSP_QUEUE_DIR', `{folder}/submit')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {port}')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {port}')dnl
FEATURE(`nocanonify')dnl
FEATURE(`msp', `[{host}]')dnl
"""


class Sendmail(Mta):
    name = "sendmail"
    start_seconds = 75

    def configure(self):
        os.mkdir(self.path("queue"), 0o700)
        os.mkdir(self.path("log"))
        self.write("service.switch", "hosts files\n")
        self.write(
            "sendmail.mc",
            CONFIG.format(
                folder=self.folder,
                sink_port=self.sink_port,
                host=HOST,
                listeners="".join(map(self.listener, self.ports)),
            ),
        )
        os.mkdir(self.path("submit"), 0o700)
        shutil.chown(self.path("submit"), "mail", "mail")
        self.write(
            "submit.mc", SUBMIT.format(folder=self.folder, host=HOST, port=self.ports["unix"])
        )
        self.make_config("sendmail")
        self.make_config("submit")

    def make_config(self, name):
        macros = os.path.join(self.binaries, "usr/share/sendmail/cf/")
        with open(self.path(name + ".cf"), "wb") as output:
            subprocess.run(
                ["m4", f"-D_CF_DIR_={macros}", macros + "m4/cf.m4", self.path(name + ".mc")],
                stdout=output,
                stderr=subprocess.DEVNULL,
                check=True,
            )

    def listener(self, name):
        """The lines of sendmail.mc for one port."""
        port = PORTS[name]
        host = "IPv6:::1" if port.family == "inet6" else HOST
        where = f"Name={name}, Family={port.family}, Addr={host}, Port={self.ports[name]}"
        if not self.attached or not port.milters:
            return f"DAEMON_OPTIONS(`{where}')dnl\n"
        action = "" if port.accept else "F=T, "
        waits = "C:{0}s;S:{0}s;R:{0}s;E:60s".format(port.patience)
        filters = [f"{name}-{milter}" for milter in port.milters]
        return f"DAEMON_OPTIONS(`{where}, InputMailFilters={';'.join(filters)}')dnl\n" + "".join(
            f"MAIL_FILTER(`{filter_}', `S={self.sockets[milter]}, {action}T={waits}')dnl\n"
            for filter_, milter in zip(filters, port.milters)
        )

    def sendmail(self, *arguments, config="sendmail.cf"):
        program = os.path.join(self.binaries, "usr/libexec/sendmail/sendmail")
        return [*_named(), program, "-C", self.path(config), *arguments]

    def submission(self, sender, recipient):
        return self.sendmail("-f", sender, recipient, config="submit.cf")

    def command(self):
        logs = ["-X", self.path("log/traffic"), "-D", self.path("log/mail"), "-d64.5"]
        return self.sendmail("-bD", *logs)

    def queued(self):
        names = set(os.listdir(self.path("queue")))
        return [name for name in names if "hf" + name[2:] not in names]

    def held(self):
        listing = subprocess.run(
            self.sendmail("-bp", "-qQ"), capture_output=True, text=True, check=True
        ).stdout
        return "" if "is empty" in listing else listing

    def hold_notes(self):
        return self.held()

    def drop_held(self):
        for name in os.listdir(self.path("queue")):
            os.unlink(self.path("queue", name))


def _named():
    """What to put before a command so that it sees a host name with a dot."""
    if "." in socket.gethostname():
        return []
    unshare = ["unshare", "--uts", "sh", "-c", 'hostname mta.test && exec "$@"', "sh"]
    possible = subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0
    return unshare if possible else []

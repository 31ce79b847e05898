# SPDX-License-Identifier: BSD-2-Clause
"""Postfix: main.cf and master.cf with one fault each."""

import os
import shutil
import socket
import subprocess

from site_under_test import UNPACKED, Faults

MAIN = """\
compatibility_level = 3.6
queue_directory = {queue}
mail_owner = mail
inet_protocols = ipv4
smtpd_milters = unix:filterd/milter.sock
non_smtpd_milters = inet:127.0.0.1:{port}
"""

MASTER = """\
smtp    inet  n - y - - smtpd
cleanup unix  n - y - 0 cleanup
"""

SUBMISSION = "submission inet n - y - - smtpd\n"


class Postfix:
    """A folder of configuration, in which nothing is wrong before a case makes it so."""

    def __init__(self, site):
        self.site = site
        self.folder = site.path("postfix")
        binaries = os.path.join(UNPACKED, "postfix")
        self.environment = {
            "PATH": os.path.join(binaries, "usr/sbin") + ":" + os.environ["PATH"],
            "LD_LIBRARY_PATH": os.path.join(binaries, "usr/lib/postfix"),
        }
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        site.reset()
        self.write("main.cf", MAIN.format(queue=site.queue, port=site.port))
        self.write("master.cf", MASTER)

    def write(self, name, text, mode="w"):
        path = os.path.join(self.folder, name)
        with open(path, mode, encoding="utf-8") as file:
            file.write(text)
        os.utime(path, (1, 1))  # postconf waits for a file to settle that was written just now

    def main(self, text):
        """Into main.cf, where the last of two settings holds."""
        self.write("main.cf", text + "\n", "a")

    def findings(self):
        return self.site.findings("--postfix", self.folder, environment=self.environment)

    def cure(self, finding):
        """Does what the finding says."""
        if finding["file"] == "a shell":
            subprocess.run(["sh", "-e", "-c", finding["put"]], check=True, timeout=60)
        else:
            assert finding["file"] == os.path.join(self.folder, "main.cf"), finding
            self.main(finding["put"])


faults = Faults("postfix", Postfix)
fault, cases = faults.fault, faults.cases


@fault("nothing wrong")
def healthy(p):
    pass


# ---- attaching ----


@fault("no service names filterd", "error not-attached", "note unused-listener")
def detached(p):
    p.main("smtpd_milters =")


@fault("one service does not", "note unfiltered-service", cured=False)
def one_detached(p):
    p.write("master.cf", SUBMISSION + "  -o smtpd_milters=\n", "a")


@fault("one names filterd by -o alone", "note unfiltered-service")
def one_attached(p):
    p.main("smtpd_milters =")
    p.write("master.cf", SUBMISSION + "  -o smtpd_milters=unix:filterd/milter.sock\n", "a")


@fault("milters are switched off", "error no-milters", "note unused-listener")
def switched_off(p):
    p.main("receive_override_options = no_milters, no_address_mappings")


@fault("milters are switched off for a service", "note no-milters", cured=False)
def switched_off_for_one(p):
    p.write("master.cf", SUBMISSION + "  -o receive_override_options=no_milters\n", "a")


@fault("port and host in Sendmail's order", "error socket-form", "note unused-listener")
def wrong_order(p):
    p.main(f"smtpd_milters = inet:{p.site.port}@127.0.0.1")


@fault("mail of local programs", "note local-mail", "note unused-listener")
def no_local(p):
    p.main("non_smtpd_milters =")


@fault("Postfix's own notices", "warning internal-mail")
def notices(p):
    p.main("internal_mail_filter_classes = bounce, notify")


@fault("filterd twice", "warning twice", cured=False)
def twice(p):
    p.main("smtpd_milters = unix:filterd/milter.sock, { unix:/filterd/milter.sock }")


@fault("other milters", "note other-milters", cured=False)
def others(p):
    p.main("smtpd_milters = inet:192.0.2.1:1, unix:filterd/milter.sock, inet:192.0.2.1:2")


@fault("a listener that nobody names", "note unused-listener", "note local-mail", cured=False)
def unused(p):
    p.main("non_smtpd_milters = inet:192.0.2.1:1")


# ---- sockets ----


@fault("a path without the chroot in a chroot", "error chroot")
def chroot(p):
    p.main(f"smtpd_milters = unix:{p.site.queue}/filterd/milter.sock")


@fault("a path of the chroot without one", "error chroot")
def no_chroot(p):
    p.write("master.cf", MASTER.replace(" y ", " n "))
    p.main("smtpd_milters = unix:/filterd/milter.sock")


@fault("the old default of the chroot column", "error chroot", "note smtputf8")
def old_chroot(p):
    p.write("master.cf", MASTER.replace(" y ", " - "))
    p.main(f"compatibility_level = 0\nsmtpd_milters = unix:{p.site.queue}/filterd/milter.sock")


@fault("no chroot, and the whole path")
def whole_path(p):
    p.write("master.cf", MASTER.replace(" y ", " - "))
    p.main(f"smtpd_milters = unix:{p.site.queue}/filterd/milter.sock")


@fault("a folder that Postfix may not pass", "error folder-permission")
def closed_folder(p):
    os.chmod(p.site.path("queue/filterd"), 0o700)


@fault("a socket that Postfix may not open", "error socket-permission", cured=False)
def closed_socket(p):
    os.chown(p.site.path("queue/filterd/milter.sock"), 0, 0)


@fault("and with its group again")
def opened_socket(p):
    shutil.chown(p.site.path("queue/filterd/milter.sock"), 0, "mail")


@fault("a folder that is missing", "error no-folder", cured=False)
def no_folder(p):
    other(p, f"{p.site.queue}/none/milter.sock")
    p.main("smtpd_milters = unix:filterd/milter.sock, unix:none/milter.sock")


@fault("a socket that is missing", "error no-socket", cured=False)
def no_socket(p):
    other(p, f"{p.site.queue}/filterd/none.sock")
    p.main("smtpd_milters = unix:filterd/milter.sock, unix:filterd/none.sock")


@fault("a file in the place of the socket", "error not-a-socket", "error nobody-listens", cured=False)
def a_file(p):
    with open(p.site.path("queue/filterd/file"), "w", encoding="ascii"):
        pass
    other(p, f"{p.site.queue}/filterd/file")
    p.main("smtpd_milters = unix:filterd/milter.sock, unix:filterd/file")


@fault("a socket of another process", "warning other-process", cured=False)
def another(p):
    path = p.site.path("queue/filterd/other.sock")
    if not os.path.exists(path):
        p.site.foreign = socket.socket(socket.AF_UNIX)  # for as long as the cases run
        p.site.foreign.bind(path)
        p.site.foreign.listen()
        os.chmod(path, 0o666)
    other(p, path)
    p.main("smtpd_milters = unix:filterd/milter.sock, unix:filterd/other.sock")


@fault("a socket where nobody listens", "error nobody-listens", cured=False)
def nobody(p):
    p.site.bound = socket.socket()  # for as long as the cases run, so that nobody takes it
    p.site.bound.bind(("127.0.0.1", 0))
    port = p.site.bound.getsockname()[1]
    p.site.write(top=f"listener more {{ socket inet:{port}@127.0.0.1; chain rules; }}")
    p.main(f"smtpd_milters = unix:filterd/milter.sock, inet:localhost:{port}")


@fault("no filterd runs", "error not-running", cured=False)
def not_running(p):
    p.site.write(control=p.site.path("nothing"))


@fault("what it would make could not be opened", "error socket-permission", "error not-running",
       cured=False)
def not_running_closed(p):
    p.site.write(control=p.site.path("nothing"), access="mode 0600;", top=(
        f"listener more {{ socket unix:{p.site.queue}/filterd/none.sock; mode 0660; chain rules; }}"
    ))
    p.main("smtpd_milters = unix:filterd/milter.sock, unix:filterd/none.sock")


@fault("IPv6 that Postfix does not use", "error family", "error nobody-listens")
def family(p):
    p.site.write(top=f"listener six {{ socket inet6:{p.site.port}@::1; chain rules; }}")
    p.main(f"smtpd_milters = unix:filterd/milter.sock, inet:[::1]:{p.site.port}")


@fault("a mail owner that does not exist", "error mail-owner", cured=False)
def no_owner(p):
    p.main("mail_owner = nobody-of-this-name")


def other(p, path):
    """A further listener, at that path."""
    p.site.write(top=f"listener more {{ socket unix:{path}; mode 0666; chain rules; }}")


# ---- what Postfix does, and how long it waits ----


@fault("accept without filterd", "warning default-action")
def accept(p):
    p.main("milter_default_action = accept")


@fault("reject by -o of a service", "warning default-action", cured=False)
def reject_by_service(p):
    p.write("master.cf", SUBMISSION + "  -o milter_default_action=reject\n", "a")


@fault("quarantine without filterd", "note default-action")
def quarantine(p):
    p.main("milter_default_action = quarantine")


@fault("an unknown default action", "error default-action")
def unknown_action(p):
    p.main("milter_default_action = temperate")


@fault("accept, in the entry", "warning default-action")
def own_accept(p):
    p.main("smtpd_milters = { unix:filterd/milter.sock, default_action=accept, protocol=6 }")


@fault("an old protocol", "warning protocol")
def protocol(p):
    p.main("milter_protocol = 4")


@fault("an old protocol, in the entry", "warning protocol")
def own_protocol(p):
    p.main("smtpd_milters = { unix:filterd/milter.sock, protocol=2 }")


@fault("too short a time for commands", "warning command-timeout")
def command_timeout(p):
    p.main("milter_command_timeout = 10s")


@fault("too short a time for content", "warning content-timeout")
def content_timeout(p):
    p.main("milter_content_timeout = 5")


@fault("times of the entry", "warning content-timeout")
def own_timeout(p):
    p.main("smtpd_milters = { unix:filterd/milter.sock, content_timeout=9s }")


@fault("too short a time to connect", "warning connect-timeout")
def connect_timeout(p):
    p.main("milter_connect_timeout = 1s")


@fault("a filter slower than Postfix is patient", "warning command-timeout")
def slow_filter(p):
    p.site.write(filter="timeout 40s;")


@fault("commands are not waited for when no filter decides at them")
def late_filter(p):
    p.site.write(filter="timeout 40s;", when='subject == "bad"')


@fault("filters that are slow together", "note command-timeout")
def slow_together(p):
    p.site.write(
        chain="rules second", filter="timeout 20s;",
        top="filter second { plugin rules; timeout 20s; rule r { when helo == x; accept; } }",
    )


@fault("a time that is none", "error time")
def no_time(p):
    p.main("milter_command_timeout = soon")


# ---- the rest ----


@fault("a macro that Postfix does not have", "warning macro", cured=False)
def macro(p):
    p.site.write(when='macro.{if_addr} == "192.0.2.1"')


@fault("a macro with a default")
def macro_with_default(p):
    p.site.write(when='macro.{if_addr} == "192.0.2.1"')
    p.main("milter_macro_defaults = {if_name}=lo, {if_addr}=192.0.2.1")


@fault("no SMTPUTF8", "note smtputf8")
def ascii_only(p):
    p.main("smtputf8_enable = no")


@fault("a mistake in filterd's own configuration", "error configuration", cured=False)
def own_mistake(p):
    p.site.write(filter="ruel x { }")


@fault("a setting by way of another")
def expanded(p):
    p.main("ours = unix:filterd/milter.sock\nsmtpd_milters = $ours")

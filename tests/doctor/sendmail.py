# SPDX-License-Identifier: BSD-2-Clause
"""Sendmail: a sendmail.cf with one fault each, made from sendmail.mc by Sendmail's own m4 files."""

import os
import re
import subprocess

from site_under_test import UNPACKED, Faults

SOURCE = """\
divert(0)dnl
OSTYPE(`linux')dnl
define(`confDONT_BLAME_SENDMAIL', `{blame}')dnl
{top}
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr=127.0.0.1, Port=smtp{daemon}')dnl
{filters}
MAILER(`smtp')dnl
"""

# Folders for temporary files are sticky, and everybody can write to them.
BLAME = "TrustStickyBit"
TIMES = "T=C:5m;S:30s;R:30s;E:5m"


class Sendmail:
    def __init__(self, site):
        self.site = site
        self.cf = site.path("sendmail.cf")
        self.texts = {"blame": BLAME, "top": "", "daemon": ""}
        self.unix = f"unix:{site.queue}/filterd/milter.sock"
        self.filters = [
            f"INPUT_MAIL_FILTER(`filterd', `S={self.unix}, F=T, {TIMES}')dnl",
            f"INPUT_MAIL_FILTER(`inet', `S=inet:{site.port}@127.0.0.1, F=T, {TIMES}')dnl",
        ]
        self.edit = lambda text: text
        site.reset()

    def make(self):
        macros = os.path.join(UNPACKED, "sendmail/usr/share/sendmail/cf/")
        source = self.site.path("sendmail.mc")
        with open(source, "w", encoding="utf-8") as file:
            file.write(SOURCE.format(filters="\n".join(self.filters), **self.texts))
        made = subprocess.run(
            ["m4", f"-D_CF_DIR_={macros}", macros + "m4/cf.m4", source],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
        ).stdout
        assert "InputMailFilters" in made, made
        with open(self.cf, "w", encoding="utf-8") as file:
            file.write(self.edit(made))

    def findings(self):
        self.make()
        return self.site.findings("--sendmail", self.cf)

    def first(self, text):
        self.filters[0] = f"{text}dnl"

    def cure(self, finding):
        if finding["file"] == "a shell":
            subprocess.run(["sh", "-e", "-c", finding["put"]], check=True, timeout=60)
            return
        assert finding["file"] == "sendmail.mc", finding
        name = re.match(r"INPUT_MAIL_FILTER\(`([^']*)'", finding["put"])
        if name:
            self.filters = [one for one in self.filters if f"(`{name[1]}'" not in one]
        self.filters.append(finding["put"] + "dnl")


faults = Faults("sendmail", Sendmail)
fault, cases = faults.fault, faults.cases


@fault("nothing wrong")
def healthy(s):
    pass


@fault("no filter is filterd", "error not-attached")
def detached(s):
    s.filters = []


@fault("a filter that is defined and not used", "error not-used")
def not_used(s):
    s.first(f"MAIL_FILTER(`filterd', `S={s.unix}, F=T, {TIMES}')")


@fault("a daemon with filters of its own", "error not-used", "note unfiltered-service", cured=False)
def daemon(s):
    s.filters.append("MAIL_FILTER(`x', `S=inet:1@192.0.2.1, F=T')dnl")
    s.texts["daemon"] = ", InputMailFilters=x"


@fault("a socket that is none", "error socket-form", "note unused-listener", cured=False)
def no_socket(s):
    s.first(f"INPUT_MAIL_FILTER(`filterd', `S=inet:127.0.0.1, F=T, {TIMES}')")


@fault("mail passes without filterd", "warning default-action")
def no_action(s):
    s.first(f"INPUT_MAIL_FILTER(`filterd', `S={s.unix}, {TIMES}')")


@fault("mail is refused without filterd", "warning default-action")
def refuse(s):
    s.first(f"INPUT_MAIL_FILTER(`filterd', `S={s.unix}, F=R, {TIMES}')")


@fault("Sendmail's own times", "warning command-timeout")
def own_times(s):
    s.first(f"INPUT_MAIL_FILTER(`filterd', `S={s.unix}, F=T')")


@fault("too short a time for the end of the message", "warning content-timeout")
def short_end(s):
    s.first(f"INPUT_MAIL_FILTER(`filterd', `S={s.unix}, F=T, T=R:30s;E:10s')")


@fault("a folder that its group can write to", "error unsafe-folder")
def group_folder(s):
    os.chmod(s.site.path("queue/filterd"), 0o775)


@fault("a folder that all can write to", "error unsafe-folder")
def world_folder(s):
    os.chmod(s.site.path("queue"), 0o757)


@fault("a folder that its group can write to, when that is let pass")
def group_folder_allowed(s):
    os.chmod(s.site.path("queue/filterd"), 0o775)
    s.texts["blame"] = BLAME + ",GroupWritableDirPathSafe"


@fault("a sticky folder that is not let pass", "error unsafe-folder", cured=False)
def sticky(s):
    os.chmod(s.site.path("queue"), 0o1777)
    s.texts["blame"] = "GroupWritableHeaderFile"


@fault("a user that may not pass a folder", "error folder-permission")
def closed_folder(s):
    s.texts["top"] = "define(`confRUN_AS_USER', `mail')dnl"
    os.chmod(s.site.path("queue/filterd"), 0o700)


@fault("a user that does not exist", "error mail-owner", cured=False)
def no_user(s):
    s.texts["top"] = "define(`confRUN_AS_USER', `nobody-of-this-name')dnl"


@fault("root needs no permission")
def root(s):
    os.chmod(s.site.path("queue/filterd"), 0o700)


@fault("other milters, before and after", "note other-milters", cured=False)
def others(s):
    s.filters.insert(0, "INPUT_MAIL_FILTER(`before', `S=inet:1@192.0.2.1, F=T')dnl")
    s.filters.append("INPUT_MAIL_FILTER(`after', `S=local:/nowhere, F=T')dnl")


@fault("a macro that an old Sendmail does not send", "warning macro")
def macro(s):
    s.site.write(when='macro.{client_ptr} == "x"')
    s.edit = lambda text: re.sub(r"(?m)^DZ.*", "DZ8.13.8", text)


@fault("a macro that Sendmail can be asked for")
def macro_asked(s):
    s.site.write(when='macro.{client_ptr} == "x"')


@fault("no filterd runs", "error not-running", cured=False)
def not_running(s):
    s.site.write(control=s.site.path("nothing"))


@fault("a filterd of another name, twice", "warning twice", cured=False)
def twice(s):
    s.filters.append(f"INPUT_MAIL_FILTER(`again', `S={s.unix}, F=T, {TIMES}')dnl")

# SPDX-License-Identifier: BSD-2-Clause
"""Sessions of a real MTA are recorded; played again they come out as they did, and a changed rule
makes exactly the difference that it should."""

import glob
import os
import subprocess

from lab.failure import check, equal
from lab.filterd import Chain
from lab.letter import letter
from lab.process import wait_until
from lab.registry import case

RULES = r"""
    rule refused { when recipient == "refused@example.net"; reject 550 5.1.1 "No ${recipient}"; }
    rule field   { when header.Subject == "field"; set-header Subject "changed"; score 2; }
    rule top     { when header.Subject == "top"; insert-header X-Top "${client.name} ${helo} ${macro.i}"; }
    rule body    { when body.raw ~ /confidential/; replace-body /confidential/ "open"; }
"""
CHANGED = RULES.replace('set-header Subject "changed"; score 2;', 'reject 554 5.7.1 "Otherwise";')
MESSAGES = 4


def chain(rules, top):
    return Chain(("rules",), f"{top}\nfilter rules {{ plugin rules; {rules} }}\n")


def send_all(t):
    with t.connect() as client:
        client.say("MAIL FROM:<alice@example.org>", "250")
        client.say("RCPT TO:<refused@example.net>", "550")
        client.say("RSET", "250")
        for subject in ("Hello", "field", "top"):
            client.transaction(letter(subject=subject), "alice@example.org", ["bob@example.net"], "250")
    t.deliver(letter(body=b"confidential\r\n.\r\n\0" + 70000 * b"x y\r\n"))


def recorded(folder):
    return sorted(glob.glob(os.path.join(folder, "[!.]*.scn")))


def replay(t, folder):
    done = subprocess.run(
        [t.filterd.program, "replay", "-c", t.filterd.config, *recorded(folder)],
        capture_output=True, text=True, errors="replace", timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@case("sessions are recorded, replayed without a difference, and with that of a changed rule")
def record_and_replay(t):
    folder = os.path.join(t.filterd.folder, "recordings")
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    top = f"record {{ folder {folder}; }}"
    t.filterd.reload(chain(RULES, top))
    send_all(t)
    t.mta.wait_idle()
    t.filterd.reload(chain(RULES, ""))  # so that sessions which the MTA keeps open come to an end
    wait_until(lambda: sum(map(judged_in, recorded(folder))) >= MESSAGES, 30)
    check(recorded(folder), "nothing has been recorded")
    status, said = replay(t, folder)
    check(status == 0, f"status {status} of a replay with the same rules:\n{said}")
    t.filterd.reload(chain(CHANGED, ""))
    status, said = replay(t, folder)
    equal("status with another rule", status, 1)
    check("554" in said and "Otherwise" in said, said)


def judged_in(path):
    with open(path, "rb") as file:
        return file.read().count(b"judged")

# SPDX-License-Identifier: BSD-2-Clause
"""What the daemon counts, and `filterd status`, which tells it."""

import json
import os
import re
import subprocess

from daemon import PROGRAM, RULES, await_that, case
from milter import Session

COUNTED = """\
listener mx {{ socket unix:{folder}/mx; workers 2; chain marks trial unruly; }}
filter marks {{
	plugin {rules};
	rule "tag it" {{ at message; when subject == hello; add-header X-A b; }}
	rule refuse {{ at message; when subject == bad; reject 550 5.7.1 "no"; }}
	rule never {{ at message; when subject == nothing; discard; }}
}}
filter trial {{
	plugin {rules};
	mode shadow;
	rule all {{ at message; when exists subject; set-header Subject x; reject 550 5.7.1 "no"; }}
}}
"""


def counted(d, listener="mx"):
    """The answer of `filterd status --json`, and in it the listener and its filters by name."""
    status, said = d.call("status", "--json")
    assert status == 0, said
    answer = json.loads(said)
    found = [one for one in answer["listeners"] if one["name"] == listener][0]
    return answer, found, {one["name"]: one for one in found["filters"]}


def other_than_zero(family):
    return {key: value for key, value in family.items() if value}


def write_counted(d):
    d.write(top=COUNTED.format(folder=d.folder, rules=os.path.join(RULES, "rules.so")))


def send_counted(d):
    """Four sessions: five messages pass, three of them tagged, and two are rejected."""
    for subjects in (("hello", "plain"), ("bad", "hello"), ("hello", "bad"), ("plain",)):
        session = Session(d.path("mx"))
        for subject in subjects:
            assert session.message(Subject=subject) == (b"y" if subject == "bad" else b"c")
        session.close()
    assert await_that(lambda: counted(d)[1]["sessions_open"] == 0)


def sizes(d):
    return sum(int(size) for size in re.findall(r" size=(\d+)", d.log()))


@case
def status_counts_to_the_message(d):
    write_counted(d)
    d.start()
    _, mx, filters = counted(d)
    assert not other_than_zero(mx["messages"]) and not filters["marks"]["call_time"]["count"]
    assert filters["marks"]["rules"] == {"tag it": 0, "refuse": 0, "never": 0}
    send_counted(d)
    answer, mx, filters = counted(d)
    assert answer["generation"] == 1 and answer["reloads"] == {"success": 0, "failure": 0}
    assert mx["sessions"] == 4 and mx["workers"] == {"serving": 2, "draining": 0}, mx
    assert other_than_zero(mx["messages"]) == {"accept": 5, "reject": 2}, mx
    assert mx["message_bytes"] == sizes(d) > 0 and mx["end_of_message_time"]["count"] == 7, mx
    assert mx["descriptors"] > 4 and mx["resident_memory_bytes"] > 1 << 20, mx
    marks, trial = filters["marks"], filters["trial"]
    assert other_than_zero(marks["verdicts"]) == {"continue": 5, "reject": 2}, marks
    assert other_than_zero(marks["edits"]) == {"add-header": 3}, marks
    assert marks["rules"] == {"tag it": 3, "refuse": 2, "never": 0}, marks
    assert marks["call_time"]["count"] == sum(marks["call_time"]["buckets"]) == 7, marks
    assert not other_than_zero(marks["shadow_verdicts"])
    assert not other_than_zero(trial["verdicts"]) and not other_than_zero(trial["edits"])
    assert other_than_zero(trial["shadow_verdicts"]) == {"reject": 5}, trial
    assert other_than_zero(trial["shadow_edits"]) == {"set-header": 5}, trial
    assert other_than_zero(filters["unruly"]["verdicts"]) == {"continue": 5}, filters
    assert counted(d, "one")[1]["sessions"] == 0
    d.stop()


@case
def counts_survive_crashes_and_reloads(d):
    write_counted(d)
    d.start()
    send_counted(d)
    try:
        d.judge("mx", X_Unruly="abort")
        raise AssertionError("no crash")
    except ConnectionError:
        pass
    assert await_that(lambda: counted(d)[1]["worker_restarts"] == 1)
    assert await_that(lambda: counted(d)[1]["workers"]["serving"] == 2)
    assert d.call("reload")[0] == 0
    with open(d.config, "a", encoding="utf-8") as file:
        file.write("mistake;\n")
    assert d.call("reload")[0] == 78
    write_counted(d)
    assert await_that(lambda: counted(d)[1]["workers"] == {"serving": 2, "draining": 0})
    answer, mx, filters = counted(d)
    assert answer["generation"] == 2 and answer["reloads"] == {"success": 1, "failure": 1}, answer
    assert mx["sessions"] == 5 and mx["sessions_open"] == 0, mx
    assert other_than_zero(mx["messages"]) == {"accept": 5, "reject": 2}, mx
    assert filters["unruly"]["crashes"] == 1 and filters["marks"]["crashes"] == 0, filters
    assert filters["marks"]["rules"]["tag it"] == 3, filters
    send_counted(d)
    assert other_than_zero(counted(d)[1]["messages"]) == {"accept": 10, "reject": 4}
    d.stop()


@case
def status_for_a_person(d):
    write_counted(d)
    d.start()
    send_counted(d)
    status, said = d.call("status", "--rules")
    assert status == 0 and "listener mx: workers 2" in said, said
    assert re.search(r"^  marks +7 +0\.0 .*continue 5, reject 2, edits 3$", said, re.M), said
    assert re.search(r"^    rule tag it +3$", said, re.M), said
    watch = subprocess.Popen(
        [PROGRAM, "status", "--watch", "--interval", "1", "-c", d.config],
        stdout=subprocess.PIPE, text=True,
    )
    first = [watch.stdout.readline() for _ in range(40)]
    watch.kill()
    watch.communicate()
    assert sum(line.startswith("filterd ") for line in first) >= 2, first
    d.stop()
    status, said = d.call("status")
    assert status == 69 and "no filterd is running" in said, said


@case
def looks_that_contradict_each_other(d):
    for options in (["--json", "--watch"], ["--interval", "1"], ["--watch", "--interval", "0"]):
        status, said = d.call("status", *options)
        assert status == 64 and said.startswith("filterd status: --"), said


@case
def nothing_is_counted_when_it_is_off(d):
    write_counted(d)
    with open(d.config, "a", encoding="utf-8") as file:
        file.write("metrics off;\n")
    d.start()
    assert d.judge("mx") == b"c"
    status, said = d.call("status", "--json")
    assert status == 0 and json.loads(said)["listeners"] == [], said
    d.stop()

# SPDX-License-Identifier: BSD-2-Clause
"""A second configuration that judges the same mail, and what it may not do to it."""

import json
import os
import re
import signal
import time

from admin import ask
from daemon import BUILD, RULES, Skip, await_that, case, children, exists, name_of, shared_memory
from milter import Session

UNRULY = os.path.join(BUILD, "tests/daemon/unruly.so")
SLOW = os.path.join(BUILD, "tests/daemon/slow.so")

FIRST = """\
pid-file {folder}/pid;
control {folder}/control;
plugin-path {rules};
{top}
shadow {{ config {folder}/second.conf; {options} }}
listener mx {{ socket unix:{folder}/mx; workers 1; chain {chain}; }}
filter rules {{
    plugin rules;
    rule bad {{ at message; when header.Subject == "bad"; reject 550 5.7.1 "No"; }}
    rule mark {{ when header.Subject == "mark"; add-header X-Mark "first"; score 1; }}
}}
filter early {{ plugin rules; rule all {{ when sender == "nobody@example.net"; discard; }} }}
"""

SECOND = """\
listener mx {{ socket unix:/nowhere; chain {chain}; }}
filter rules {{
    plugin {rules}/rules.so;
    rule bad {{ at message; when header.Subject == "bad"; reject 550 5.7.1 "{reply}"; }}
    rule mark {{ when header.Subject == "mark"; add-header X-Mark "{mark}"; score {score}; }}
    {more}
}}
filter unruly {{ plugin {unruly}; }}
filter slow {{ plugin {slow}; hard-timeout 1h; }}
"""


def write(d, chain="rules", top="", options=""):
    with open(d.config, "w", encoding="utf-8") as file:
        file.write(
            FIRST.format(folder=d.folder, rules=RULES, chain=chain, top=top, options=options)
        )


def write_second(d, chain="rules", reply="No", mark="first", score="1", more="", name="second.conf"):
    with open(d.path(name), "w", encoding="utf-8") as file:
        file.write(
            SECOND.format(
                chain=chain, rules=RULES, unruly=UNRULY, slow=SLOW, reply=reply, mark=mark,
                score=score, more=more,
            )
        )


def counted(d):
    status, said = d.call("status", "--json")
    assert status == 0, said
    return json.loads(said)["shadow"]


def judged(d, number):
    """Once so many messages have been judged, what is counted."""
    assert await_that(lambda: counted(d)["messages"] >= number), (counted(d), d.log())
    found = counted(d)
    assert found["messages"] == number, found
    return found


def differences(d):
    return [line for line in d.log().splitlines() if 'event="shadow differs"' in line]


def shadows(d):
    return [pid for pid in children(d.child.pid) if name_of(pid) == "filterd-shadow"]


@case
def a_shadow_that_does_the_same_is_silent(d):
    write(d)
    write_second(d)
    d.start()
    for subject, answer in (("good", b"c"), ("bad", b"y"), ("mark", b"c")):
        assert d.judge("mx", Subject=subject) == answer
    found = judged(d, 3)
    assert found["differing"] == 0 and differences(d) == [], d.log()
    d.stop()


@case
def a_shadow_and_a_worker_share_numbers_alone(d):
    write(d, options="processes 2;")
    write_second(d)
    d.start()
    assert await_that(lambda: len(shadows(d)) == 2)
    for one in shadows(d):
        own = shared_memory(one)
        assert max(size for _, _, size in own) > 65536, "its notes are its own"
        for other in set(children(d.child.pid)) - {one}:
            common = own & shared_memory(other)
            assert common and max(size for _, _, size in common) <= 65536, common
    d.stop()


@case
def differences_are_logged_and_counted(d):
    write(d)
    write_second(
        d, reply="Never", mark="second", score="2.5",
        more='rule new { at message; when header.Subject == "new"; reject 554 5.7.1 "New"; }'
        'rule one { when recipient == "b@example.com" and sender == "a@example.net"'
        ' and client.ip == 127.0.0.9; reject; }',
    )
    d.start()
    session = Session(d.path("mx"))
    for subject, answer in (("good", b"c"), ("bad", b"y"), ("mark", b"c"), ("new", b"c")):
        assert session.message(Subject=subject) == answer, subject
        if subject == "mark":
            assert session.edits == [b"hX-Mark\0 first\0"], session.edits
    session.close()
    found = judged(d, 4)
    assert found["differing"] == 3, found
    assert found["differences"] == {
        "verdict": 1, "reply": 1, "recipients": 0, "edits": 1, "results": 1,
    }, found
    lines = differences(d)
    assert len(lines) == 3, lines
    for line in lines:
        assert "queue=4QUEUE1" in line and "shadow=yes" in line and "level=notice" in line, line
    reply, mark, new = lines
    assert 'reply="550 5.7.1 No" shadow_reply="550 5.7.1 Never"' in reply, reply
    assert 'edits="add-header X-Mark: first" shadow_edits="add-header X-Mark: second"' in mark, mark
    assert 'shadow_results="score 2.5 mark:2.5"' in mark, mark
    assert "verdict=accept shadow_verdict=reject shadow_filter=rules" in new, new
    assert 'shadow_reply="554 5.7.1 New"' in new, new
    status, said = d.call("status")
    assert status == 0 and "shadow: judged 4, differing 3" in said, said
    metrics = ask(d, "/metrics").text
    assert "filterd_shadow_messages_total 4" in metrics, metrics
    assert 'filterd_shadow_differences_total{part="edits"} 1' in metrics, metrics
    assert ask(d, "/api/status").json()["shadow"]["differing"] == 3
    d.stop()


@case
def a_shadow_sees_what_the_first_chain_does_not_ask_for(d):
    write(d, chain="early", options="maximum-size 4k;")
    write_second(d, more='rule look { when body.raw ~ /secret/; discard; }')
    d.start()
    session = Session(d.path("mx"))
    for text, size in (b"a secret\r\n", 1), (b"a secret\r\n", 1000), (b"nothing\r\n", 1):
        session.macros(b"M", "i", "4QUEUE1")
        session.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
        session.event(b"R", b"<b@example.com>\0", 0x8, 0x8000)
        assert session.event(b"L", b"Subject\0 x\0", 0x20, 0x80) is None
        assert session.event(b"N", b"", 0x40, 0x40000) is None
        assert session.event(b"B", text * size, 0x10, 0x80000) is None
        session.send(b"E")
        assert session.receive()[0] == b"c"
    session.close()
    found = judged(d, 2)
    assert found["differing"] == 1 and found["dropped"]["large"] == 1, found
    assert "shadow_verdict=discard" in differences(d)[0], d.log()
    d.stop()


@case
def recipients_that_a_shadow_refuses(d):
    write(d)
    write_second(d, more='rule no { when recipient == "no@example.com"; reject; }')
    d.start()
    session = Session(d.path("mx"))
    session.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
    session.event(b"R", b"<no@example.com>\0", 0x8, 0x8000)
    assert session.message(Subject="x") == b"c"
    session.event(b"M", b"<a@example.net>\0", 0x4, 0x4000)
    session.event(b"R", b"<no@example.com>\0", 0x8, 0x8000)
    session.event(b"R", b"<b@example.com>\0", 0x8, 0x8000)
    session.send(b"E")
    assert session.receive()[0] == b"c"
    session.close()
    found = judged(d, 2)
    assert found["differences"]["recipients"] == 1, (found, d.log())
    assert "recipients=no@example.com,b@example.com shadow_recipients=b@example.com" in d.log()
    d.stop()


@case
def a_crash_costs_the_shadow_only(d):
    write(d)
    write_second(d, chain="unruly rules", mark="second")
    d.start()
    workers = [pid for pid in d.workers() if pid not in shadows(d)]
    first = shadows(d)
    for _ in range(2):
        assert d.judge("mx", X_Unruly="abort") == b"c"
    assert await_that(lambda: d.log().count("a shadow process was killed by signal 6") == 2), d.log()
    assert d.judge("mx", Subject="mark") == b"c"
    found = judged(d, 1)
    assert found["differing"] == 1 and found["deaths"] == 2 and found["dropped"]["lost"] == 2, found
    died = [line for line in d.log().splitlines() if "a shadow process was killed" in line]
    assert 'filter \\"unruly\\" in its message callback' in died[0], died
    sessions = re.findall(r"event=message .*?session=(\w+)", d.log())
    assert sessions[0] in died[0] and sessions[1] in died[1], (sessions, died)
    assert shadows(d) and shadows(d) != first
    assert [pid for pid in d.workers() if pid not in shadows(d)] == workers
    d.stop()


@case
def memory_without_end_costs_the_shadow_only(d):
    if os.path.basename(BUILD) == "tsan":
        raise Skip("ThreadSanitizer cannot live with less memory than there is")
    write(d, options="memory-maximum 256m;")
    write_second(d, chain="unruly rules")
    d.start()
    for number, how in enumerate(("allocate", "allocate-of-host"), 1):
        assert d.judge("mx", X_Unruly=how) == b"c"
        assert await_that(lambda: counted(d)["deaths"] == number, 60), d.log()
    assert d.judge("mx") == b"c"
    judged(d, 1)
    d.stop()


@case
def a_hang_costs_the_shadow_only(d):
    write(d, options="processes 2; time-limit 2s;")
    write_second(d, chain="slow rules", mark="second")
    d.start()
    hung = shadows(d)
    begin = time.monotonic()
    assert d.judge("mx", X_Slow="hang") == b"c"
    assert d.judge("mx", Subject="mark") == b"c"
    assert time.monotonic() - begin < 15
    judged(d, 1)  # by the other one
    assert await_that(lambda: "a message took longer than time-limit" in d.log(), 60), d.log()
    assert await_that(lambda: len(shadows(d)) == 2 and shadows(d) != hung), d.log()
    assert d.judge("mx", Subject="mark") == b"c"
    assert judged(d, 2)["deaths"] == 1
    d.stop()


@case
def what_does_not_fit_is_dropped_and_counted(d):
    write(d, options="queue 8k;")
    write_second(d)
    d.start()
    shadow = shadows(d)[0]
    os.kill(shadow, signal.SIGSTOP)
    for _ in range(20):
        assert d.judge("mx", Subject="mark", X_Long="x" * 1000) == b"c"
    dropped = counted(d)["dropped"]["full"]
    assert 10 <= dropped < 20, counted(d)
    os.kill(shadow, signal.SIGCONT)
    assert judged(d, 20 - dropped)["differing"] == 0
    assert d.judge("mx", Subject="mark") == b"c"
    judged(d, 21 - dropped)
    d.stop()


@case
def mistakes_in_a_shadow_refuse_start_and_reload(d):
    write(d)
    write_second(d, more="rule x { when nonsense; reject; }")
    for command in (["check"], ["run"], ["run", "--foreground"]):
        status, said = d.call(*command)
        assert status == 78 and "second.conf:6:19: " in said and "nonsense" in said, said
    os.unlink(d.path("second.conf"))
    status, said = d.call("run", "--foreground")
    assert status == 78 and "second.conf" in said, said
    write_second(d)
    d.start()
    before = shadows(d)
    write_second(d, more="rule x { when nonsense; reject; }")
    status, said = d.call("reload")
    assert status == 78 and "second.conf:6:19: " in said, said
    assert d.judge("mx", Subject="mark") == b"c" and shadows(d) == before
    judged(d, 1)
    write_second(d, mark="second")
    d.reload()
    assert d.judge("mx", Subject="mark") == b"c"
    assert judged(d, 2)["differing"] == 1
    assert await_that(lambda: not any(exists(pid) for pid in before)), d.log()
    d.stop()


@case
def a_shadow_of_the_command_line(d):
    write(d)
    write_second(d)
    write_second(d, mark="third", name="third.conf")
    status, said = d.call("run", "--shadow-config", d.path("third.conf"))
    assert status == 0, said
    assert d.judge("mx", Subject="mark") == b"c"
    assert judged(d, 1)["differing"] == 1
    status, said = d.call("reload")
    assert status == 0, said
    assert d.judge("mx", Subject="mark") == b"c"
    assert judged(d, 2)["differing"] == 2
    status, said = d.call("stop")
    assert status == 0, said


@case
def without_a_shadow_there_is_none(d):
    d.start()
    assert counted(d) is None
    assert "filterd_shadow" not in ask(d, "/metrics").text
    d.stop()

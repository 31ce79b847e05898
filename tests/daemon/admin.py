# SPDX-License-Identifier: BSD-2-Clause
"""The admin process: what it answers over HTTP, to whom, and that it comes back."""

import http.client
import json
import os
import re
import signal
import socket
import time
from urllib.parse import quote

from daemon import RULES, await_that, case, exists, status_of
from milter import Session
from status import counted

TOKEN = "correct horse battery staple"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.fields = response.headers
        self.text = response.read().decode("utf-8")

    def json(self):
        return json.loads(self.text)


def ask(d, path, method="GET", to=None, body=None, **fields):
    """The answer of the admin process at its unix socket, or at a host and port."""
    connection = http.client.HTTPConnection(*to, timeout=20) if to else UnixConnection(d.path("admin"))
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    try:
        connection.request(method, path, body=body, headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@case
def the_admin_page_and_its_api(d):
    d.start()
    assert d.judge() == b"c"
    page = ask(d, "/")
    assert page.status == 200 and page.text.startswith("<!DOCTYPE html>"), page.text
    assert page.fields["Content-Type"] == "text/html; charset=utf-8"
    assert page.text == ask(d, "/index.html").text
    status = ask(d, "/api/status").json()
    assert status["generation"] == 1 and status["listeners"][0]["messages"]["accept"] == 1, status
    metrics = ask(d, "/metrics")
    assert metrics.fields["Content-Type"].startswith("application/openmetrics-text"), metrics.fields
    assert 'filterd_messages_total{listener="one",verdict="accept"} 1' in metrics.text
    assert metrics.text.endswith("# EOF\n")
    assert os.stat(d.path("admin")).st_mode & 0o7777 == 0o660
    d.stop()
    assert not os.path.exists(d.path("admin"))


@case
def chains_are_described(d):
    d.write(inside="when not (client.ip == 192.0.2.7 or helo ~ /a b/i); timeout 2m; mode shadow;")
    d.start()
    chains = ask(d, "/api/chains").json()
    assert chains["generation"] == 1 and chains["reload"] is False, chains
    one, two = chains["listeners"]
    assert (one["name"], one["workers"], two["name"]) == ("one", 2, "two"), chains
    assert one["socket"] == "unix:" + d.path("one"), one
    (unruly,) = one["chain"]
    where = unruly.pop("where")
    assert where.startswith(d.config + ":"), where
    assert unruly == {
        "name": "unruly", "plugin": d.path("unruly.so"), "mode": "shadow", "on_error": "tempfail",
        "timeout_ms": 120000, "when": "not ( client.ip == 192.0.2.7 or helo ~ /a b/i )",
    }, unruly
    d.stop()


@case
def every_answer_is_guarded(d):
    d.start()
    for path in ("/", "/api/status", "/metrics", "/nothing", "/api/nothing"):
        fields = ask(d, path).fields
        policy = fields["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, policy
        assert fields["X-Content-Type-Options"] == "nosniff"
        assert fields["Referrer-Policy"] == "no-referrer"
        assert fields["Cache-Control"] == "no-store"
    assert ask(d, "/nothing").status == ask(d, "/api/").status == 404
    assert ask(d, "/../etc/passwd").status == ask(d, "/%2e%2e/conf").status == 404
    assert ask(d, "/nothing").json() == {"error": "there is nothing here"}
    head = ask(d, "/metrics", "HEAD")
    assert head.status == 200 and head.text == "" and int(head.fields["Content-Length"]) > 1000
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        refused = ask(d, "/api/status", method)
        assert refused.status == 405 and refused.fields["Allow"] == "GET, HEAD", method
    assert ask(d, "/api/reload").fields["Allow"] == "POST"
    d.stop()


@case
def names_of_other_machines_are_refused(d):
    port = free_port()
    d.write(top=f"admin {{ listen unix:{d.folder}/admin inet:{port}@127.0.0.1; host mx.example; }}")
    d.start()
    to = ("127.0.0.1", port)
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1", f"127.0.0.1:{port}", "[::1]:1", "MX.example"):
        assert ask(d, "/api/status", to=to, Host=host).status == 200, host
    for host in ("evil.example", "evil.example:80", "localhost.evil.example", "[::1", "", "[x]"):
        refused = ask(d, "/api/status", to=to, Host=host)
        assert refused.status == 421 and "listeners" not in refused.text, host
        refused = ask(d, "/api/status", Host=host)  # ssh may lead a port of a browser's machine there
        assert refused.status == 421 and "listeners" not in refused.text, host
    assert ask(d, "/api/status", Host="mx.example:8892").status == 200
    for place, status in ((d.path("admin"), b"200"), (to, b"421")):
        with socket.socket(socket.AF_INET if place == to else socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(place)
            client.sendall(b"GET /api/status HTTP/1.0\r\n\r\n")  # no browser says so little
            assert client.recv(12, socket.MSG_WAITALL).endswith(status), place
    d.stop()


@case
def rubbish_costs_one_connection(d):
    d.start()
    before = d.known_admin()
    for rubbish in (
        b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 100000,
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100000, b"\r\n" * 1000,
        b"POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999999999999\r\n\r\n",
        b"POST /api/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + b"a" * 99999,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
    ):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(d.path("admin"))
            client.settimeout(20)
            try:
                client.sendall(rubbish)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            except OSError:
                pass  # cut off while it talked
        assert ask(d, "/api/status").status == 200, rubbish[:40]
    assert d.admin() == before
    d.stop()


def answers(d):
    """One that has too many connections closes more."""
    try:
        return ask(d, "/api/status").status == 200
    except ConnectionError:
        return False


@case
def too_many_connections_leave_room_again(d):
    d.start()
    idle = []
    for _ in range(200):
        idle.append(socket.socket(socket.AF_UNIX))
        idle[-1].settimeout(20)
        idle[-1].connect(d.path("admin"))
    for one in idle:
        one.close()
    assert await_that(lambda: answers(d))
    d.stop()


@case
def who_comes_to_a_port_keeps_nobody_from_the_unix_socket(d):
    port = free_port()
    d.write(top=f"admin {{ listen unix:{d.folder}/admin inet:{port}@127.0.0.1; }}")
    d.start()
    assert ask(d, "/api/status").status == 200
    for _ in range(2):
        idle = []
        for number in range(200):
            idle.append(socket.socket())
            idle[-1].bind((f"127.0.0.{number % 5 + 1}", 0))
            idle[-1].settimeout(20)
            idle[-1].connect(("127.0.0.1", port))
        assert await_that(lambda: descriptors(d.admin()) >= 96)
        for _ in range(20):
            assert ask(d, "/api/status").status == 200
        for one in idle:
            one.close()
        assert await_that(lambda: descriptors(d.admin()) < 20)
        assert ask(d, "/api/status", to=("127.0.0.1", port)).status == 200
    d.stop()


@case
def the_admin_process_comes_back(d):
    d.start()
    session = Session(d.path("one"))
    for _ in range(3):
        before = d.known_admin()
        os.kill(before, signal.SIGKILL)
        assert await_that(lambda: d.admin() not in (None, before)), d.log()
        assert ask(d, "/api/status").status == 200
    assert session.message(Subject="x") == b"c"
    assert d.log().count("the admin process was killed by signal 9 (Killed)") == 3, d.log()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(d.admin(), number)
    assert ask(d, "/api/status").status == 200
    session.close()
    d.stop()


@case
def the_admin_process_dies_with_the_master(d):
    d.start()
    assert await_that(d.admin)
    admin = d.admin()
    d.child.kill()
    d.child.wait()
    assert await_that(lambda: not exists(admin), 5)
    d.start()  # on the socket that was left behind
    assert ask(d, "/api/status").status == 200
    d.stop()


@case
def the_admin_process_has_no_privileges(d):
    if os.geteuid() != 0:
        return
    d.write(top="user nobody;")
    d.start()
    assert await_that(d.admin)
    assert ask(d, "/api/status").status == 200
    status = status_of(d.admin())
    assert status["Uid"].split()[0] != "0" and int(status["CapEff"], 16) == 0, status
    d.stop()


@case
def a_reload_with_the_token(d):
    with open(d.path("token"), "w", encoding="ascii") as file:
        file.write(TOKEN + "\n")
    admin = f"admin {{ token-file {d.folder}/token; }}"
    d.write(top=admin)
    d.start()
    assert ask(d, "/api/chains").json()["reload"] is True
    before = d.known_admin()
    for given in ({}, {"Authorization": TOKEN}, {"Authorization": "Bearer " + TOKEN[:-1]},
                  {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Basic " + TOKEN}):
        refused = ask(d, "/api/reload", "POST", **given)
        assert refused.status == 401 and refused.fields["WWW-Authenticate"] == "Bearer", given
    good = ask(d, "/api/reload", "POST", body="{}", Authorization=f"Bearer {TOKEN}")
    assert good.status == 200, good.text
    assert good.json() == {"status": 0, "text": "generation 2 serves 2 listeners with 3 workers\n"}
    assert await_that(lambda: d.admin() not in (None, before))
    assert ask(d, "/api/chains").json()["generation"] == 2
    d.write(top=admin, inside="mistake;")
    bad = ask(d, "/api/reload", "POST", Authorization=f"bearer {TOKEN}")
    assert bad.status == 409 and bad.json()["status"] == 78, bad.text
    assert 'unknown option "mistake"' in bad.json()["text"], bad.text
    d.stop()


LARGEST_SPAN = 1 << 30  # bytes


def memory_holds(pid, bytes_):
    """Whether they stand anywhere in what the process can write to, but for what is so large that it
    is a sanitizer's own."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        spans = [line.split()[0].split("-") for line in file if " rw-p " in line]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in ((int(one, 16), int(other, 16)) for one, other in spans):
            if end - begin > LARGEST_SPAN:
                continue
            memory.seek(begin)
            if bytes_ in (memory.read(end - begin) or b""):
                return True
    return False


@case
def workers_do_not_know_the_token(d):
    with open(d.path("token"), "w", encoding="ascii") as file:
        file.write(TOKEN + "\n")
    d.write(top=f"admin {{ token-file {d.folder}/token; }}")
    d.start()
    d.reload()
    assert await_that(lambda: len(d.workers()) == 3)
    assert memory_holds(d.child.pid, TOKEN.encode()), "the master knows it"
    for worker in d.workers():
        assert not memory_holds(worker, TOKEN.encode()), worker
    d.stop()


@case
def no_reload_without_a_token(d):
    d.start()
    refused = ask(d, "/api/reload", "POST", Authorization=f"Bearer {TOKEN}")
    assert refused.status == 404, refused.text
    assert d.log().count("reloading") == 0
    d.stop()


@case
def a_token_file_that_is_none(d):
    d.write(top=f"admin {{ token-file {d.folder}/token; }}")
    status, said = d.call("run", "--foreground")
    assert status == 71 and "token-file" in said and "No such file" in said, said
    with open(d.path("token"), "w", encoding="ascii") as file:
        file.write("short\n")
    status, said = d.call("run", "--foreground")
    assert status == 71 and "16 to 256 characters" in said, said


@case
def the_admin_sockets_follow_reloads(d):
    port = free_port()
    d.start()
    d.write(top=f"admin {{ listen inet:{port}@127.0.0.1; }}")
    d.reload()
    assert not os.path.exists(d.path("admin"))
    assert ask(d, "/api/chains", to=("127.0.0.1", port)).json()["generation"] == 2
    d.write(top="admin { listen none; }")
    d.reload()
    assert await_that(lambda: d.admin() is None)
    d.write(top=f"admin {{ listen unix:{d.folder}/admin; mode 0600; }}")
    d.reload()
    assert ask(d, "/api/chains").json()["generation"] == 4
    assert os.stat(d.path("admin")).st_mode & 0o777 == 0o600
    d.stop()


@case
def requests_wait_while_the_admin_process_is_replaced(d):
    d.start()
    for number in range(2, 7):
        d.reload()
        assert ask(d, "/api/status").json()["generation"] == number
    d.stop()


# ---- the history ----

FILTERED = """\
listener mx {{ socket unix:{folder}/mx; workers 2; chain marks trial unruly; }}
filter marks {{
    plugin {rules};
    rule tag-it {{ at message; when subject ~ /hello/; prefix-subject "[T] "; add-recipient copy@example.org; }}
    rule refuse {{ at message; when subject == bad; reject 550 5.7.1 "no mail for ${{sender}} from ${{client.ip}}"; }}
    rule quiet {{ at message; when subject == quiet; discard; }}
}}
filter trial {{ plugin {rules}; mode shadow; rule all {{ at message; when exists subject; score 2; }} }}
{history}
"""

PRIVATE = ("a@example.net", "b@example.com", "192.0.2.1", "client.example")


def write_filtered(d, history=""):
    rules = os.path.join(RULES, "rules.so")
    d.write(top=FILTERED.format(folder=d.folder, rules=rules, history=history))


def send(d, *subjects):
    session = Session(d.path("mx"))
    for subject in subjects:
        session.message(Subject=subject)
    session.close()


def messages(d, **parameters):
    query = "&".join([f"{name}={quote(str(value))}" for name, value in parameters.items()])
    answer = ask(d, "/api/messages" + ("?" + query if query else ""))
    assert answer.status == 200, answer.text
    return answer.json()


def kept(d, count):
    """The messages, once there are so many, the newest first."""
    assert await_that(lambda: messages(d)["total"] == count), messages(d)
    return messages(d)["messages"]


@case
def messages_are_kept_and_explained(d):
    write_filtered(d)
    d.start()
    send(d, "hello there", "bad", "plain")
    plain, bad, hello = kept(d, 3)
    assert [one["id"] for one in (plain, bad, hello)] == [3, 2, 1]
    assert bad["verdict"] == "reject" and bad["decided_by"] == "marks" and bad["rules"] == ["refuse"], bad
    assert bad["reply"] == "550 5.7.1 no mail for a@example.net from 192.0.2.1", bad
    assert hello["rules"] == ["tag-it", "all"] and hello["verdict"] == "accept", hello
    assert hello["subject"] == "hello there" and hello["queue"] == "4QUEUE1", hello
    assert hello["client"] == {"name": "client.example", "address": "192.0.2.1"}, hello
    assert hello["sender"] == "a@example.net" and hello["recipients"] == ["b@example.com"], hello
    assert hello["recipient_count"] == 1 and hello["listener"] == "mx" and hello["generation"] == 1
    assert abs(hello["time"] / 1000 - time.time()) < 600, hello
    shown = ask(d, "/api/messages/1").json()
    assert shown["summary"] == hello, shown
    explanation = shown["explanation"]
    assert [one["name"] for one in explanation["filters"]] == ["marks", "trial", "unruly"], shown
    assert explanation["recipients"] == ["b@example.com", "copy@example.org"], shown
    assert shown["diff"] == (
        "@@ envelope, line 3 @@\n+RCPT TO:<copy@example.org>\n"
        "@@ header, line 1 @@\n-Subject: hello there\n+Subject: [T] hello there\n"
    ), shown["diff"]
    assert ask(d, "/api/messages/2").json()["diff"] is None
    for wrong in ("0", "4", "x", "-1", "1x", "99999999999999999999999", ""):
        assert ask(d, "/api/messages/" + wrong).status == 404, wrong
    d.stop()


@case
def messages_are_found(d):
    write_filtered(d)
    d.start()
    send(d, *(["hello", "bad", "plain", "quiet"] * 3))
    kept(d, 12)
    for parameters, count in (
        ({"verdict": "reject"}, 3), ({"verdict": "tempfail"}, 0), ({"rule": "TAG"}, 3),
        ({"queue": "4que"}, 12), ({"queue": "queue1"}, 0), ({"sender": "EXAMPLE.net"}, 12),
        ({"recipient": "b@"}, 12), ({"recipient": "c@"}, 0), ({"client": "192.0.2"}, 12),
        ({"client": "client.ex"}, 12), ({"text": "qui"}, 3), ({"text": "no mail for"}, 3),
        ({"verdict": "accept", "rule": "all", "before": 7}, 3), ({"verdict": ""}, 12),
    ):
        found = messages(d, **parameters)
        assert len(found["messages"]) == count and not found["more"], (parameters, found)
    page = messages(d, limit=5)
    assert [one["id"] for one in page["messages"]] == [12, 11, 10, 9, 8] and page["more"]
    page = messages(d, limit=5, before=3)
    assert [one["id"] for one in page["messages"]] == [2, 1] and not page["more"]
    for query in ("limit=0", "limit=501", "limit=x", "before=-1", "before=0", "limit=%00", "verdict=rejec"):
        answer = ask(d, "/api/messages?" + query)
        assert answer.status == 400 or query == "limit=%00", (query, answer.text)
    d.stop()


@case
def a_list_is_bounded(d):
    rules = "".join(f"rule {letter * 1000} {{ score 1; }} " for letter in "abcdefgh")
    d.write(
        top=f"listener mx {{ socket unix:{d.folder}/mx; chain named; }}"
        f"filter named {{ plugin {RULES}/rules.so; {rules} }}"
    )
    d.start()
    count = 250
    send(d, *(["plain"] * count))
    kept(d, count)
    found, before = [], count + 1
    while before > 1:
        answer = ask(d, f"/api/messages?limit=500&before={before}")
        assert len(answer.text) < 1200000, len(answer.text)
        page = answer.json()
        found += [one["id"] for one in page["messages"]]
        before = found[-1]
        assert page["more"] == (before > 1), page["more"]
    assert found == list(range(count, 0, -1))
    d.stop()


@case
def the_history_outlives_its_process(d):
    write_filtered(d)
    d.start()
    session = Session(d.path("mx"))
    sent = 0
    for _ in range(5):
        before = d.known_admin()
        for _ in range(3):
            session.message(Subject="plain")
        os.kill(before, signal.SIGKILL)
        for _ in range(3):
            session.message(Subject="plain")
        sent += 6
        assert await_that(lambda: d.admin() not in (None, before))
        kept(d, sent)
    session.close()
    d.reload()
    send(d, "bad")
    assert [one["id"] for one in kept(d, sent + 1)] == list(range(sent + 1, 0, -1))
    assert messages(d)["dropped"] == 0
    write_filtered(d, "history { keep 4; }")
    d.reload()
    assert [one["id"] for one in kept(d, 4)] == list(range(sent + 1, sent - 3, -1))
    send(d, "plain")
    assert await_that(lambda: messages(d)["messages"][0]["id"] == sent + 2)
    assert messages(d)["total"] == 4
    d.stop()


@case
def hashed_addresses_can_be_searched(d):
    write_filtered(d, "history { addresses hashed; subject no; }")
    d.start()
    send(d, "hello", "bad")
    bad, hello = kept(d, 2)
    everything = ask(d, "/api/messages").text
    everything += "".join(ask(d, f"/api/messages/{one}").text for one in (1, 2))
    for private in PRIVATE + ("copy@example.org", "hello"):
        assert private not in everything, (private, everything)
    assert re.fullmatch("#[0-9a-f]{16}", hello["sender"]) and hello["sender"] == bad["sender"]
    assert bad["reply"] == f"550 5.7.1 no mail for {bad['sender']} from {bad['client']['address']}", bad
    assert hello["subject"] is None
    assert ask(d, "/api/messages/1").json()["diff"] is None
    for parameters in (
        {"sender": "A@example.net"}, {"sender": hello["sender"]}, {"recipient": "b@example.com"},
        {"client": "192.0.2.1"}, {"client": "client.example"},
    ):
        assert len(messages(d, **parameters)["messages"]) == 2, parameters
    assert not messages(d, sender="a@")["messages"]
    os.kill(d.admin(), signal.SIGKILL)
    assert len(messages(d, sender="a@example.net")["messages"]) == 2
    d.stop()


@case
def addresses_left_out(d):
    write_filtered(d, "history { addresses none; edits no; }")
    d.start()
    send(d, "hello", "bad")
    bad, hello = kept(d, 2)
    everything = ask(d, "/api/messages").text
    everything += "".join(ask(d, f"/api/messages/{one}").text for one in (1, 2))
    for private in PRIVATE + ("copy@example.org", "[T]"):
        assert private not in everything, (private, everything)
    assert hello["sender"] is None and hello["recipients"] == [] and hello["recipient_count"] == 1
    assert bad["reply"] == "550 5.7.1 no mail for # from #", bad
    assert hello["subject"] == "hello"
    d.stop()


@case
def nothing_is_kept(d):
    write_filtered(d, "history { keep 0; }")
    d.start()
    send(d, "hello")
    assert messages(d) == {"total": 0, "dropped": 0, "messages": [], "more": False}
    d.stop()


@case
def old_messages_are_forgotten(d):
    write_filtered(d, "history { for 1s; }")
    d.start()
    send(d, "hello")
    assert await_that(lambda: d.log().count("event=message") == 1)
    assert await_that(lambda: messages(d)["total"] == 0 and ask(d, "/api/messages/1").status == 404)
    d.stop()


@case
def what_the_history_misses_is_counted(d):
    write_filtered(d)
    d.start()
    assert ask(d, "/api/status").status == 200
    os.kill(d.admin(), signal.SIGSTOP)
    session = Session(d.path("mx"))
    lost = 0
    for count in range(1, 20001):
        assert session.message(Subject="plain" * 20) == b"c"
        if count % 500 == 0:
            lost = counted(d, "mx")[1]["history_dropped"]
            if lost:
                break
    assert lost, "nothing was lost"
    os.kill(d.admin(), signal.SIGCONT)
    assert await_that(lambda: messages(d)["total"] == min(count - lost, 10000))
    assert messages(d)["dropped"] == lost
    session.close()
    d.stop()


@case
def large_explanations_are_shortened(d):
    write_filtered(d)
    d.start()
    session = Session(d.path("mx"))
    assert session.message(Subject="hello " + "x" * 40000) == b"c"
    session.close()
    (one,) = kept(d, 1)
    assert len(one["subject"]) == 1024, one
    assert ask(d, "/api/messages/1").json()["explanation"] is None
    assert counted(d, "mx")[1]["history_shortened"] == 1
    d.stop()

# SPDX-License-Identifier: BSD-2-Clause
"""Examples through an MTA: sent on a few connections at once, compared when all are delivered."""

import concurrent.futures
import re

from lab.failure import Failure, check, equal, equal_bytes

from . import changes, offline
from .model import Mail, predict

STREAMS = 4
QUEUE_ID = re.compile(r"queued as (\S+)|2\.0\.0 (\S+) Message accepted")
TRACE = re.compile(rb"Received: from [^\n]*\n(?:[ \t][^\n]*\n)*")


class FidelityTrial:
    """trial is the lab's; folder is where edit-files finds the acts."""

    def __init__(self, trial, folder):
        self.trial = trial
        self.mta = trial.mta
        self.folder = folder

    def failures(self, examples):
        """(example, what is wrong) of those that did not arrive as they should."""
        for example in examples:
            example.write(self.folder)
        with concurrent.futures.ThreadPoolExecutor(STREAMS) as pool:
            shares = [examples[i::STREAMS] for i in range(STREAMS)]
            ids = dict(pair for pairs in pool.map(self.send, shares) for pair in pairs)
            self.mta.wait_idle(120)
            deliveries = self.deliveries()
            findings = pool.map(
                lambda one: self.finding(one, ids[one.name], deliveries), examples
            )
            return [(one, found) for one, found in zip(examples, findings) if found]

    def send(self, examples):
        """(name, queue id or what went wrong) of each."""
        sent, waiting = [], list(examples)
        while waiting:
            with self.trial.connect() as client:
                while waiting:
                    example = waiting.pop(0)
                    try:
                        sent.append((example.name, self.send_one(client, example)))
                    except Failure as failure:
                        sent.append((example.name, str(failure)))
                        break  # and the next one on a new connection
        return sent

    @staticmethod
    def send_one(client, example):
        """The queue id; the reply where the message was not taken."""
        client.say(f"MAIL FROM:<{example.sender}> {example.arguments}".rstrip(), "250")
        for recipient in example.recipients:
            client.say(f"RCPT TO:<{recipient}>", "250")
        reply = client.content(example.content())
        found = QUEUE_ID.search(reply)
        return next(filter(None, found.groups())) if found else reply

    def deliveries(self):
        """Deliveries by queue id, which the MTA writes into its Received field."""
        found = {}
        for delivery in self.trial.sink.holding(b""):
            trace = TRACE.search(delivery.data)
            queue_id = re.search(rb"\bid ([^\s;]+)", trace.group()).group(1).decode()
            found.setdefault(queue_id, []).append(delivery)
        return found

    def finding(self, example, queue_id, deliveries):
        """What is wrong with an example; None: nothing."""
        try:
            self.compare(example, queue_id, deliveries.get(queue_id, []))
        except Failure as failure:
            return str(failure)
        return None

    def compare(self, example, queue_id, deliveries):
        check(" " not in queue_id, f"not taken: {queue_id}")
        seen = Mail(
            example.sender,
            list(example.recipients),
            list(example.fields),
            example.body,
            example.separated,
            example.fields,
        )
        changes.make(self.mta.name, "arrival", seen)
        wanted = predict(seen, example.acts)
        self.compare_offline(example, seen, wanted)
        changes.make(self.mta.name, "delivery", wanted)
        for delivery in deliveries:
            equal("sender", delivery.sender, wanted.sender)
            trace = TRACE.match(delivery.data)
            check(trace, f"the MTA's own Received is not the first field: {delivery.data[:200]!r}")
            content = delivery.data[trace.end() :]
            content = changes.settled(self.mta.name, content, wanted)
            equal_bytes("delivered message", content, wanted.content())
        got = [one for delivery in deliveries for one in delivery.recipients]
        equal_addresses("recipients", got, wanted.recipients)

    def compare_offline(self, example, seen, wanted):
        verdict, sender, recipients, made = offline.judge(
            self.trial.filterd,
            example.name,
            seen.content(),
            seen.sender,
            seen.recipients,
            self.folder,
        )
        check(verdict in ("continue", "accept"), f"filterd test: verdict {verdict}")
        equal("sender of filterd test", sender, wanted.sender)
        equal_addresses("recipients of filterd test", recipients, wanted.recipients)
        equal_bytes("message of filterd test", made, wanted.content())


def equal_addresses(what, got, wanted):
    """The same recipients as often as each is wanted, in any order."""
    equal(what, *(sorted(map(changes.one_domain, some)) for some in (got, wanted)))

# SPDX-License-Identifier: BSD-2-Clause
"""What a case is given: the MTA, the filterd, and the usual steps in words."""

from .client import Client
from .failure import check, equal, equal_bytes
from .letter import token, without_trace

SENDER = "alice@example.org"
RECIPIENT = "bob@example.net"


class Trial:
    def __init__(self, mta, filterd, sink, rules):
        self.mta = mta
        self.filterd = filterd
        self.sink = sink
        self.rules = rules

    def connect(self, listener="unix", **options):
        """A client of one of the MTA's ports; see Client."""
        return Client(self.mta.ports[listener], **options)

    def send(self, message, sender=SENDER, recipients=(RECIPIENT,), wanted=None, listener="unix"):
        """One message on a connection of its own; the reply to its end."""
        with self.connect(listener) as client:
            reply = client.transaction(message, sender, recipients, wanted)
            client.say("QUIT")
        return reply

    def deliver(self, message, sender=SENDER, recipients=(RECIPIENT,), listener="unix"):
        """Send a message that must be taken; its delivery."""
        self.send(message, sender, recipients, "250", listener)
        return self.delivery(message)

    def delivery(self, message):
        """How a message that was sent has been delivered: once, and by now."""
        self.mta.wait_idle()
        found = self.sink.holding(token(message))
        equal("number of deliveries", len(found), 1)
        return found[0]

    def unchanged(self, message, **how):
        """The message is taken and delivered with the very bytes it was sent with."""
        return self.becomes(message, message, **how)

    def becomes(self, message, wanted, **how):
        """The message is taken, and delivered as the wanted bytes."""
        delivery = self.deliver(message, **how)
        equal_bytes("delivered message", without_trace(delivery.data), wanted)
        return delivery

    def not_delivered(self, message):
        self.mta.wait_idle()
        found = self.sink.holding(token(message))
        check(not found, f"delivered all the same, to {[d.recipients for d in found]}")

    def by_mta(self, **replies):
        """What differs between the MTAs: the one of postfix=… and sendmail=… that applies."""
        return replies[self.mta.name]

# SPDX-License-Identifier: BSD-2-Clause
"""What edits make of a message, as docs/writing-plugins.md promises it to filters.

Filter by filter: live edits first, then those of its message callback, which count only when it
does not fail. A filter in shadow changes nothing. One that accepts ends the chain: later filters'
live edits still count.
"""

import dataclasses
from dataclasses import dataclass, field

from .example import FILTERS, SHADOW, joined


@dataclass
class Mail:
    """A message with its envelope, as filters see and change it."""

    sender: str
    recipients: list
    fields: list
    body: bytes
    separated: bool = True  # whether the empty line stands behind the fields
    sent: tuple = ()  # the fields as the client sent them
    sender_arguments: str = None  # those that an edit gave; None: those of MAIL
    recipient_arguments: dict = field(default_factory=dict)  # of those that edits added

    def copy(self):
        return dataclasses.replace(
            self,
            recipients=list(self.recipients),
            fields=list(self.fields),
            recipient_arguments=dict(self.recipient_arguments),
        )

    def content(self):
        """The bytes of the message."""
        return joined(self.fields, self.body if self.body or self.separated else None)


def predict(mail, acts):
    """What becomes of the mail that filters were shown."""
    mail = mail.copy()
    recipients = len(mail.recipients)
    accepted = False
    for name in FILTERS:
        own = [act for act in acts if act.filter == name and name != SHADOW]
        for act in live(own, recipients):
            apply(mail, act)
        if not accepted:
            mail, accepted = at_message([act for act in own if act.stage == "message"], mail)
    return mail


def live(acts, recipients):
    """In the order of the stages, those at RCPT once a recipient."""
    yield from (act for act in acts if act.stage == "mail")
    for _ in range(recipients):
        yield from (act for act in acts if act.stage == "rcpt")
    yield from (act for act in acts if act.stage == "eoh")


def at_message(acts, before):
    """The mail after a message callback, and whether it accepts."""
    mail = before.copy()
    for act in acts:
        if act.verb == "fail":
            return before, False
        if act.verb == "accept":
            return mail, True
        apply(mail, act)
    return mail, False


def apply(mail, act):
    VERBS[act.verb](mail, *act.words)


def find(mail, name, nth):
    """The place of the nth field of a name, from 0; None when there are fewer."""
    places = [i for i, f in enumerate(mail.fields) if f[0].lower() == name.lower()]
    return places[int(nth)] if int(nth) < len(places) else None


def lines(value):
    return value.replace(b"\r\n", b"\n")


def add_header(mail, name, value):
    mail.fields.append((name, lines(value)))


def insert_header(mail, index, name, value):
    mail.fields.insert(int(index), (name, lines(value)))


def set_header(mail, nth, name, value):
    place = find(mail, name, nth)
    if place is None:
        add_header(mail, name, value)
    else:
        mail.fields[place] = (mail.fields[place][0], lines(value))


def delete_header(mail, nth, name):
    place = find(mail, name, nth)
    if place is not None:
        del mail.fields[place]


def replace_body(mail, body):
    mail.body = body


def append_body(mail, more):
    mail.body += more


def set_sender(mail, address, arguments=b""):
    mail.sender = address.decode()
    mail.sender_arguments = arguments.decode()


def add_recipient(mail, address, arguments=b""):
    if same(mail, address):
        return
    mail.recipients.append(address.decode())
    mail.recipient_arguments[address.decode()] = arguments.decode()


def delete_recipient(mail, address=None):
    gone = mail.recipients if address is None else same(mail, address)
    mail.recipients = [one for one in mail.recipients if one not in gone]
    for one in gone:
        mail.recipient_arguments.pop(one, None)


def same(mail, address):
    """The recipients that are the address: in the domain, case does not matter."""
    local, _, domain = address.decode().rpartition("@")
    wanted = (local, domain.lower())
    return [
        one
        for one in mail.recipients
        if (one.rpartition("@")[0], one.rpartition("@")[2].lower()) == wanted
    ]


VERBS = {
    "add-header": add_header,
    "insert-header": insert_header,
    "set-header": set_header,
    "delete-header": delete_header,
    "replace-body": replace_body,
    "append-body": append_body,
    "set-sender": set_sender,
    "add-recipient": add_recipient,
    "delete-recipient": delete_recipient,
}

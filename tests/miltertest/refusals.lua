-- SPDX-License-Identifier: BSD-2-Clause
-- A refusal at every stage. miltertest shows the text of the one at end of message only.

local conn = connect(unix, "192.0.2.66")
replied(conn, "reject at connect", SMFIR_REPLYCODE)
mt.disconnect(conn)

conn = connect(unix, "192.0.2.77")
replied(conn, "accept at connect", SMFIR_ACCEPT)
mt.disconnect(conn)

conn = connect(unix)
send("helo", conn, "bad.example")
replied(conn, "reject at helo", SMFIR_REPLYCODE)
mt.disconnect(conn)

conn = connect(unix)
send("helo", conn, "client.example")
send("mailfrom", conn, "<later@example.net>")
replied(conn, "tempfail at mail", SMFIR_REPLYCODE)
send("mailfrom", conn, "<lines@example.net>")
replied(conn, "reject at mail, in many lines", SMFIR_REPLYCODE)

-- One recipient is refused, the message goes on with the other.
send("mailfrom", conn, "<a@example.net>")
send("rcptto", conn, "<nobody@example.com>")
replied(conn, "reject at rcpt", SMFIR_REPLYCODE)
send("rcptto", conn, "<b@example.com>")
replied(conn, "the next recipient", SMFIR_CONTINUE)
content(conn, "hello", "a line")
replied(conn, "and its message", SMFIR_CONTINUE)

envelope(conn, "bin@example.net", "b@example.com")
send("data", conn)
replied(conn, "discard at data", SMFIR_DISCARD)

envelope(conn, "a@example.net", "b@example.com")
send("data", conn)
send("header", conn, "Subject", " Cheap VIAGRA")
send("eoh", conn)
replied(conn, "reject at end of headers", SMFIR_REPLYCODE)

envelope(conn, "a@example.net", "b@example.com")
content(conn, "hello", "a forbidden line")
replied(conn, "reject at end of message", SMFIR_REPLYCODE)
check("with its text", mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1", "Not that"))
mt.disconnect(conn)
finish()

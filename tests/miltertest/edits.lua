-- SPDX-License-Identifier: BSD-2-Clause
-- Edits of header fields, body and recipients, and a held message.

local conn = connect(unix)
send("helo", conn, "client.example")
send("mailfrom", conn, "<edit@example.net>")
send("rcptto", conn, "<b@example.com>")
send("rcptto", conn, "<gone@example.com>")
content(conn, "old subject", "an old line")
replied(conn, "end of message", SMFIR_CONTINUE)
check("header added", mt.eom_check(conn, MT_HDRADD, "X-Added", " yes"))
check("header inserted", mt.eom_check(conn, MT_HDRINSERT, "X-First", " yes"))
check("header changed", mt.eom_check(conn, MT_HDRCHANGE, "Subject", " new"))
check("header deleted", mt.eom_check(conn, MT_HDRDELETE, "X-Gone"))
check("body replaced", mt.eom_check(conn, MT_BODYCHANGE, "an young line\r\n"))
check("recipient added", mt.eom_check(conn, MT_RCPTADD, "<added@example.com>"))
check("recipient deleted", mt.eom_check(conn, MT_RCPTDELETE, "<gone@example.com>"))

envelope(conn, "hold@example.net", "b@example.com")
content(conn, "hello", "a line")
check("held", mt.eom_check(conn, MT_QUARANTINE, "by rule"))
mt.disconnect(conn)
finish()

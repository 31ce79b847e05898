-- SPDX-License-Identifier: BSD-2-Clause
-- Several messages in a session, RSET in the middle, sessions side by side, an MTA that vanishes.

local conn = connect(inet)
send("helo", conn, "client.example")
for i = 1, 3 do
	envelope(conn, "a@example.net", "b@example.com")
	content(conn, "hello", "line " .. i)
	replied(conn, "message " .. i, SMFIR_CONTINUE)
end

-- What an aborted message would have been edited to does not show in the next one.
send("mailfrom", conn, "<edit@example.net>")
send("rcptto", conn, "<b@example.com>")
send("data", conn)
send("header", conn, "Subject", " half")
send("abort", conn)
envelope(conn, "a@example.net", "b@example.com")
content(conn, "hello", "a line")
replied(conn, "after an abort", SMFIR_CONTINUE)
check("no edit is left over", not mt.eom_check(conn, MT_HDRADD))

local other = connect(unix)
send("helo", other, "client.example")
send("mailfrom", other, "<edit@example.net>")
send("mailfrom", conn, "<a@example.net>")
send("rcptto", other, "<b@example.com>")
send("rcptto", conn, "<b@example.com>")
content(other, "one", "a line")
content(conn, "two", "a line")
check("the one session is edited", mt.eom_check(other, MT_HDRADD, "X-Added"))
check("the other is not", not mt.eom_check(conn, MT_HDRADD))
mt.disconnect(other)

send("mailfrom", conn, "<a@example.net>")
send("rcptto", conn, "<b@example.com>")
mt.disconnect(conn, false)
conn = connect(inet)
replied(conn, "a new session after one was cut", SMFIR_CONTINUE)
mt.disconnect(conn)
finish()

-- SPDX-License-Identifier: BSD-2-Clause
-- Mail that no rule speaks of passes unchanged, on every family of sockets.

for _, address in ipairs({unix, inet, idle}) do
	local conn = connect(address)
	replied(conn, "connect", SMFIR_CONTINUE)
	send("helo", conn, "client.example")
	envelope(conn, "a@example.net", "b@example.com")
	content(conn, "hello", "a line")
	replied(conn, "end of message", SMFIR_CONTINUE)
	check("no header added", not mt.eom_check(conn, MT_HDRADD))
	check("no header changed", not mt.eom_check(conn, MT_HDRCHANGE))
	check("no body changed", not mt.eom_check(conn, MT_BODYCHANGE))
	check("not held", not mt.eom_check(conn, MT_QUARANTINE))
	mt.disconnect(conn)
end
finish()

-- SPDX-License-Identifier: BSD-2-Clause
-- What the scripts share. `run` defines script, unix, inet and idle.

mt.set_timeout(10)

local failed = 0

function check(what, good, got)
	if good then
		print("ok miltertest " .. script .. ": " .. what)
	else
		print("not ok miltertest " .. script .. ": " .. what)
		print("# got " .. tostring(got))
		failed = failed + 1
	end
end

-- Checks the last reply on a connection.
function replied(conn, what, reply)
	check(what, mt.getreply(conn) == reply, mt.getreply(conn))
end

-- Calls mt[name], unless the filter has asked not to be sent this event.
local unwanted = {
	helo = SMFIP_NOHELO, data = SMFIP_NODATA, header = SMFIP_NOHDRS, eoh = SMFIP_NOEOH,
	bodystring = SMFIP_NOBODY, unknown = SMFIP_NOUNKNOWN,
}

function send(name, conn, ...)
	if unwanted[name] and mt.test_option(conn, unwanted[name]) then return end
	local problem = mt[name](conn, ...)
	if problem ~= nil then error(name .. ": " .. problem) end
end

-- A connection of a client, as Postfix announces it.
function connect(address, ip)
	local conn = mt.connect(address, 20, 0.1)
	if conn == nil then error("cannot connect to " .. address) end
	send("negotiate", conn, nil, nil, nil)
	send("macro", conn, SMFIC_CONNECT, "j", "mx.example.com", "v", "Postfix 3.7.11")
	send("conninfo", conn, "client.example", ip or "192.0.2.1")
	return conn
end

-- MAIL and RCPT, each of which must go through.
function envelope(conn, sender, recipient)
	send("mailfrom", conn, "<" .. sender .. ">")
	replied(conn, "MAIL FROM:<" .. sender .. ">", SMFIR_CONTINUE)
	send("rcptto", conn, "<" .. recipient .. ">")
	replied(conn, "RCPT TO:<" .. recipient .. ">", SMFIR_CONTINUE)
end

-- The message up to and including its end; what that came to is left to the caller.
function content(conn, subject, body)
	send("data", conn)
	send("header", conn, "From", " a@example.net")
	send("header", conn, "X-Gone", " soon")
	send("header", conn, "Subject", " " .. subject)
	send("eoh", conn)
	send("bodystring", conn, body .. "\r\n")
	send("eom", conn)
end

function finish()
	if failed > 0 then error(failed .. " checks failed") end
end

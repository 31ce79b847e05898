# SPDX-License-Identifier: BSD-2-Clause
"""Free ports and open ones, on loopback."""

import socket

HOST = "127.0.0.1"
HOST6 = "::1"


def free_ports(count):
    """So many different ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for s in sockets:
            s.bind((HOST, 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def answers(family, address):
    """Whether somebody accepts connections at the address."""
    with socket.socket(family) as s:
        s.settimeout(5)
        try:
            s.connect(address)
        except OSError:
            return False
    return True


def greets(port):
    """Whether a server says something to whoever connects, in reasonable time."""
    with socket.create_connection((HOST, port), 15) as s:
        try:
            return bool(s.recv(1))
        except OSError:
            return False


def port_answers(port):
    return answers(socket.AF_INET, (HOST, port))

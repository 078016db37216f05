"""Ports of loopback for the servers that tests start: outside the range that the kernel hands out itself, and given to
no other test of this machine before this process ends. The C++ tests (tests/ports.hpp) draw from the same."""
import os
import socket

CLAIMS = []


def claim_port(port):
    """Ours until this process ends: a name of an abstract Unix socket stands for it."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind("\0cadence-test-port-%d" % port)
    except OSError:
        claim.close()
        return False
    CLAIMS.append(claim)
    return True


def is_port_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_ports(count):
    first, last = 61001, 65500
    found, start = [], os.getpid() % 400 * 11
    for step in range(last - first):
        port = first + (start + step) % (last - first)
        if claim_port(port) and is_port_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("there are no %d free ports" % count)

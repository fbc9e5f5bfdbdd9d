"""What lab_test.py runs inside a laboratory: small conversations between its hosts.

A socket belongs for ever to the namespace it was made in, so one process can play both hosts.
Prints one word per question; every wait is bounded.
"""

import ctypes
import os
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
PATIENCE = 5  # seconds; a lost segment is repeated after one
FAMILIES = {"4": socket.AF_INET, "6": socket.AF_INET6}
libc = ctypes.CDLL(None, use_errno=True)


def enter(host):
    with open(f"/run/netns/{host}", "rb") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {host}")


def socket_in(host, family, kind=socket.SOCK_STREAM, protocol=0, patience=PATIENCE):
    enter(host)
    made = socket.socket(FAMILIES[family], kind, protocol)
    made.settimeout(patience)
    return made


def address(host, family):
    return os.environ[f"LAB_{host.upper()}{family}"]


def connect(family, source="client", target="server"):
    """A kernel connection from one host to the other: (the source's end, the target's end)."""
    listener = socket_in(target, family)
    listener.bind((address(target, family), 0))
    listener.listen()
    near = socket_in(source, family)
    near.connect(listener.getsockname()[:2])
    far, _ = listener.accept()
    far.settimeout(PATIENCE)
    return near, far


def echo(near, far):
    near.sendall(b"ping")
    return far.recv(4) == b"ping"


def converse():
    """Both families connect and carry data."""
    for family in FAMILIES:
        near, far = connect(family)
        print(family, near.getpeername()[0], "data" if echo(near, far) else "lost")


def forget():
    """After `idle` seconds of silence the router no longer lets the connections' data through."""
    idle, ends = float(sys.argv[2]), [connect(family) for family in FAMILIES]
    for near, far in ends:
        print("before", "data" if echo(near, far) else "lost")
    time.sleep(idle)
    for near, far in ends:
        far.settimeout(1)
        try:
            print("after", "data" if echo(near, far) else "lost")
        except TimeoutError:
            print("after", "silence")


def attempt(family):
    """What the server's connection attempt to a closed port of the client meets."""
    try:
        socket_in("server", family, patience=0.5).connect((address("client", family), 9))
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silence"
    return "connected"


def send_nonsense(family):
    """A SYN,FIN from the client's raw socket: connection tracking calls it INVALID."""
    raw = socket_in("client", family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    segment = struct.pack("!HHIIBBHHH", 9, 9, 0, 0, 5 << 4, 0x03, 0, 0, 0)
    try:
        raw.sendto(segment, (address("server", family), 0))
    except PermissionError:
        return "dropped"
    return "sent"


def judge_firewall():
    for family in FAMILIES:
        near, far = connect(family)
        print(family, "data" if echo(near, far) else "lost", attempt(family), send_nonsense(family))


globals()[sys.argv[1]]()

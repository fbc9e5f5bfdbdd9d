#!/usr/bin/env python3
"""How long a SYN,ACK on the wire waits for the ACK, one process a handshake.

usage: bench/latency.py [--rounds N] [--quick]

Prints a line of JSON for each sample (see scripts/bench). Two hosts in namespaces of their own
(scripts/lab); the kernel stamps both segments at the server's interface. Scapy runs when its module
is there, packetdrill when it is on the PATH or named by PACKETDRILL: over its tun device, against
the kernel of a namespace of its own, which is the only place where it plays this part.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "build" / "release" / "tools" / "tcp-handshake"
PORT = 8080
HANDSHAKES = 5  # of which the middle one is a round's value
SYN, ACK = 0x02, 0x10
SO_TIMESTAMPNS = 35
ETH_P_ALL = 3

SCAPY = """
import random, sys
from scapy.all import IP, IPv6, TCP, conf, send, sr1
conf.verb = 0
server, port, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
for i in range(times):
    ip = (IPv6 if ":" in server else IP)(dst=server)
    sport = random.randrange(20000, 30000)
    got = sr1(ip / TCP(sport=sport, dport=port, flags="S", seq=1000), timeout=5)
    send(ip / TCP(sport=sport, dport=port, flags="A", seq=1001, ack=got.seq + 1))
    send(ip / TCP(sport=sport, dport=port, flags="R", seq=1001))
"""

PACKETDRILL = """
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+0 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
"""


class Capture:
    """Every packet of a namespace, kept by the kernel until it is asked for: nobody is woken."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)

    def packets(self):
        while True:
            try:
                packet, told, _, _ = self.socket.recvmsg(200, 100)
            except BlockingIOError:
                return
            seconds, nanoseconds = struct.unpack("qq", told[0][2])
            yield seconds * 1_000_000_000 + nanoseconds, packet

    def waits(self):
        """Microseconds from each SYN,ACK to its ACK."""
        waiting, found = {}, []
        for at, packet in self.packets():
            ports, flags = read(packet)
            if flags == SYN | ACK:
                waiting[ports[::-1]] = at
            elif flags == ACK and ports in waiting:
                found.append((at - waiting.pop(ports)) / 1000)
        return found


def read(packet):
    """Ports and flags of a TCP segment; nothing of what is none."""
    v4 = packet[0] >> 4 == 4
    if packet[9 if v4 else 6] != socket.IPPROTO_TCP:
        return None, 0
    tcp = packet[(packet[0] & 15) * 4 if v4 else 40:]
    return struct.unpack("!HH", tcp[:4]), tcp[13] & 0x1F


def serve():
    """In the server's namespace: accepts, captures, and answers each line with what was seen."""
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6, backlog=100,
                                    dualstack_ipv6=True)
    listener.setblocking(False)
    capture = Capture()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(capture.waits()), flush=True)
        with contextlib.suppress(BlockingIOError):
            while True:
                listener.accept()[0].close()
        list(capture.packets())


def play_packetdrill(program):
    """In a namespace of its own."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    capture = Capture()
    with tempfile.NamedTemporaryFile("w", suffix=".pkt") as script:
        script.write(PACKETDRILL)
        script.flush()
        for _ in range(HANDSHAKES):
            subprocess.run([program, script.name], check=True, stdout=subprocess.DEVNULL)
    print(json.dumps(capture.waits()))


class Lab:
    """Inside scripts/lab: the server, and whoever is measured."""

    def __init__(self):
        self.servers = {"v4": os.environ["LAB_SERVER4"], "v6": os.environ["LAB_SERVER6"]}
        self.server = subprocess.Popen(
            ["ip", "netns", "exec", "server", sys.executable, __file__, "--serve"],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.server.stdout.readline()

    def seen(self):
        self.server.stdin.write("seen\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())

    def measure(self, command):
        self.seen()
        done = subprocess.run(["ip", "netns", "exec", "client", *command], check=False,
                              text=True, capture_output=True)
        waits = self.seen()
        if not waits:
            sys.exit(f"no handshake of {command[0]}: {done.stdout}{done.stderr}")
        return waits

    def tcpcraft(self, family):
        target = f"[{self.servers[family]}]:{PORT}"
        return [w for _ in range(HANDSHAKES)
                for w in self.measure([TOOL, "--then", "reset", target])]

    def scapy(self, python, family):
        return self.measure([python, "-c", SCAPY, self.servers[family], str(PORT),
                             str(HANDSHAKES)])


def python_with_scapy():
    """Debian's module belongs to Debian's Python, which need not be the one that runs this."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import scapy.all"], check=False,
                          capture_output=True).returncode == 0:
            return python
    return None


def tell(family, who, waits, turn):
    print(json.dumps({"work": f"SYN,ACK to ACK {family}", "who": who, "unit": "us",
                      "value": statistics.median(waits), "round": turn}), flush=True)


def inside(rounds):
    lab = Lab()
    packetdrill = os.environ.get("PACKETDRILL") or shutil.which("packetdrill")
    scapy = python_with_scapy()
    for missing in [n for n, there in (("packetdrill", packetdrill), ("Scapy", scapy))
                    if not there]:
        print(f"latency: without {missing}, which is not here", file=sys.stderr)
    for turn in range(rounds):
        for family in ("v4", "v6"):
            tell(family, "tcpcraft", lab.tcpcraft(family), turn)
            if scapy:
                tell(family, "Scapy", lab.scapy(scapy, family), turn)
            if packetdrill and family == "v4":
                done = subprocess.run(["unshare", "-n", sys.executable, __file__, "--packetdrill",
                                       packetdrill], check=True, text=True, capture_output=True)
                tell(family, "packetdrill", json.loads(done.stdout), turn)
    lab.server.stdin.close()
    lab.server.wait()


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--rounds", type=int, default=7)
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    reader.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    reader.add_argument("--packetdrill", help=argparse.SUPPRESS)
    options = reader.parse_args()
    if options.serve:
        serve()
    elif options.packetdrill:
        play_packetdrill(options.packetdrill)
    elif options.inside:
        inside(options.rounds)
    else:
        again = [sys.executable, __file__, "--inside", "--rounds", str(options.rounds)]
        os.execv(ROOT / "scripts" / "lab", ["lab", "--", *again])


if __name__ == "__main__":
    main()

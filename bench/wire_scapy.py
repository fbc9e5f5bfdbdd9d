#!/usr/bin/python3
"""The works of the wire bench done by Scapy, beside ours. Prints what scripts/bench reads.

Debian's own Python runs it, because that has Debian's Scapy.

usage: bench/wire_scapy.py [--rounds N] [--quick]
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build" / "release" / "bench" / "bench_wire"
SYN_OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (0x0A0B0C0D, 0)), ("NOP", None),
               ("WScale", 7)]

try:
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6
except ImportError:
    print("bench: Scapy (python3-scapy) is absent: no comparison with it", file=sys.stderr)
    sys.exit(0)


def syn(v6):
    ip = IPv6(src="2001:db8::1", dst="2001:db8::7", hlim=64) if v6 else IP(
        src="192.0.2.1", dst="198.51.100.7", id=0x4242, flags="DF", ttl=64)
    return ip / TCP(sport=40000, dport=443, seq=0x12345678, flags="S", window=64240,
                    options=SYN_OPTIONS)


def build(v6):
    return lambda: bytes(syn(v6))


def parse_and_verify(v6):
    """Scapy verifies by computing the packet again without its checksums."""
    octets = bytes(syn(v6))
    layer = IPv6 if v6 else IP

    def once():
        packet = layer(octets)
        seen = packet[TCP].chksum, dict(packet[TCP].options)
        del packet[TCP].chksum
        if not v6:
            del packet.chksum
        again = layer(bytes(packet))
        assert again[TCP].chksum == seen[0] and seen[1]["MSS"] == 1460
    return once


WORKS = {
    "build SYN v4": build(False),
    "build SYN v6": build(True),
    "parse and verify SYN,ACK v4": parse_and_verify(False),
    "parse and verify SYN,ACK v6": parse_and_verify(True),
}


def ours(work):
    done = subprocess.run(
        [PROGRAM, "--benchmark_format=json", "--benchmark_min_time=0.02",
         f"--benchmark_filter=^{work}/tcpcraft"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["benchmarks"][0]["cpu_time"]


def theirs(once, count):
    start = time.process_time_ns()
    for _ in range(count):
        once()
    return (time.process_time_ns() - start) / count


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].strip())
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    for turn in range(options.rounds):
        for work, once in WORKS.items():
            pair = {"tcpcraft": ours(work), "Scapy": theirs(once, 20 if options.quick else 200)}
            for who, value in pair.items():
                print(json.dumps({"work": work, "who": who, "value": value, "unit": "ns",
                                  "round": turn}), flush=True)


if __name__ == "__main__":
    main()

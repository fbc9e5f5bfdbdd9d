#!/usr/bin/env python3
"""Processor time for each SYN that is sent over veth, by RingLink, by sendto() of a raw socket and
by libnet's builder and libnet_write(). The far host drops what arrives before its TCP; as it does so
on the sender's core, its work is part of every figure."""

import argparse
import json
import os
import subprocess
import sys

import sweep

PROGRAM = sweep.ROOT / "build" / "release" / "bench" / "sending"
WHO = {"tcpcraft": "ring", "sendto": "sendto", "libnet_write": "libnet"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if not os.environ.get(sweep.INSIDE):
        return sweep.run_inside()
    hosts = sweep.Hosts(steer=False)
    hosts.far_shell("iptables -t raw -A PREROUTING -p tcp -j DROP")
    count = "6400" if options.quick else "128000"
    for turn in range(options.rounds):
        for who, how in WHO.items():
            done = subprocess.run(["taskset", "-c", "0", PROGRAM, how, sweep.NEAR, sweep.FAR, count],
                                  check=True, stdout=subprocess.PIPE, text=True)
            print(json.dumps({"work": "send a SYN over veth", "who": who,
                              "value": float(done.stdout), "unit": "ns", "round": turn}),
                  flush=True)
    hosts.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())

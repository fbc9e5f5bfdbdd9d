#!/usr/bin/env python3
"""Full handshakes against a kernel listener over veth (SYN, SYN,ACK, ACK, RST), 256 in flight: our
fleet beside the kernel's own client (epoll, nonblocking connect, closed with RST). The listener and
its network's receive work are on the second core, the client on the first, as if they were two
machines. In every round each client has its turn; a client's CPU time is its own by getrusage, in
which Linux counts what it does in the kernel for it, receive work included where it interrupts it.

usage: handshakes.py [--rounds N] [--quick] [--only ours|epoll] | --try PROGRAM
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "release" / "bench" / "bench_handshakes_rush"
PORT = 7777
IN_FLIGHT = 256
SKIPPED = 77


def say(text):
    print(f"handshakes: {text}", file=sys.stderr, flush=True)


def in_host(host, *words):
    return ["ip", "netns", "exec", host, *map(str, words)]


def set_up():
    """Receive work of the server on core 1, of the client on core 0; room for bursts."""
    for host, cores in (("server", 2), ("client", 1)):
        script = (f"echo {cores} > /sys/class/net/eth0/queues/rx-0/rps_cpus;"
                  "sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65535"
                  " net.ipv4.tcp_syncookies=0 net.ipv4.ip_local_port_range='1024 65000'")
        if subprocess.run(in_host(host, "sh", "-c", script), check=False).returncode != 0:
            say(f"some settings of {host} could not be made; going on")
    try:
        Path("/proc/sys/net/core/netdev_max_backlog").write_text("20000", encoding="ascii")
    except OSError as error:
        say(f"net.core.netdev_max_backlog stays as it is ({error}); bursts may be cut")


def addresses(family):
    return os.environ[f"LAB_CLIENT{family}"], os.environ[f"LAB_SERVER{family}"]


class Listener:
    def __init__(self, family):
        self._child = subprocess.Popen(
            in_host("server", "taskset", "-c", os.cpu_count() - 1, PROGRAM, "listen",
                    addresses(family)[1], PORT))
        end = time.monotonic() + 20
        while f":{PORT}" not in subprocess.run(in_host("server", "ss", "-Htln"), text=True,
                                               stdout=subprocess.PIPE, check=True).stdout:
            assert time.monotonic() < end, "the listener does not listen"
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.kill()
        self._child.wait()


def rush(family, who, count):
    source, target = addresses(family)
    words = [target, PORT, count, IN_FLIGHT, *([source] if who == "tcpcraft" else [])]
    done = subprocess.run(in_host("client", "taskset", "-c", 0, PROGRAM, who, *words), text=True,
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode == 0, done
    found = json.loads(done.stdout)
    if found["failed"]:
        say(f"{who}: {found['failed']} of {count} failed")
    return found


def samples(options):
    count = 2_000 if options.quick else 60_000
    for family in (4, 6):
        with Listener(family):
            for turn in range(options.rounds):
                for who, name in (("tcpcraft", "tcpcraft"), ("epoll", "kernel epoll")):
                    if options.only not in (None, who):
                        continue
                    found = rush(family, who, count)
                    yield {"work": f"handshakes v{family}", "who": name, "unit": "/s",
                           "value": found["done"] / found["seconds"], "round": turn}
                    yield {"work": f"client CPU per handshake v{family}", "who": name,
                           "unit": "us", "value": found["cpu_us"], "round": turn}


def attempt(options):
    """Does it work? Both sides, both families, few."""
    for family in (4, 6):
        with Listener(family):
            for who in ("tcpcraft", "epoll"):
                found = rush(family, who, 500)
                assert found["done"] == 500 and found["failed"] == 0, (who, family, found)


def main():
    global PROGRAM
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=("tcpcraft", "epoll"))
    parser.add_argument("--try", dest="program", type=Path)
    options = parser.parse_args()
    PROGRAM = options.program or PROGRAM
    if "LAB_CLIENT4" not in os.environ:
        may = subprocess.run(["unshare", "-nm" if os.geteuid() == 0 else "-Urnm", "true"],
                             stderr=subprocess.DEVNULL, check=False)
        if may.returncode != 0:
            say("SKIPPED: neither root nor user namespaces here")
            return SKIPPED
        os.execv(ROOT / "scripts" / "lab", [str(ROOT / "scripts" / "lab"), "--", sys.executable,
                                            "-B", str(Path(__file__).resolve()), *sys.argv[1:]])
    set_up()
    if options.program:
        attempt(options)
        return 0
    for sample in samples(options):
        print(json.dumps(sample), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

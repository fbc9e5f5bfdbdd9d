#!/usr/bin/env python3
"""One SYN to each of 65,536 addresses, against masscan, zmap and hping3, every answer looked at.

Two network namespaces joined by veth; in the far one a single listener answers for the whole
prefix, statelessly (SYN cookies). The tools have core 0. As root the far host's receive work is
steered to core 1 (RPS), as with two machines, and net.core.netdev_max_backlog is raised for the
while (it belongs to the whole machine); otherwise both share core 0, which the output says.

The rate is that of the SYNs which the far host answered, from the first twentieth to the last,
times the share of the answers that the tool found: an answer that was missed is no answer. hping3
knows one address only; it hears the answers at 10,000 probes/s and no longer at 50,000, and a flood
looks at none, so that its whole rate is granted there. Each tool runs as its manual has
it: zmap from this host's address, whose kernel resets what is answered; masscan from an address of
its own; ours behind its guard. What is answered is reset by all four.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / "build" / "release" / "bench" / "sweep_tcpcraft"
BACKLOG = Path("/proc/sys/net/core/netdev_max_backlog")
INSIDE = "TCPCRAFT_BENCH_INSIDE"
LIMIT = 10  # seconds for one run of a tool
NEAR, SPARE, FAR, PORT = "10.78.0.1", "10.78.0.9", "10.78.0.2", "8080"
LISTENER = ("import socket, time\ns = socket.create_server(('', 8080), backlog=4096)\n"
            "time.sleep(3600)\n")


def say(text):
    print(f"sweep: {text}", file=sys.stderr, flush=True)


def run_inside():
    """Once more in namespaces of its own; what is made in them goes with the last process."""
    user = [] if os.geteuid() == 0 else ["-U", "-r"]
    command = ["unshare", *user, "-n", "-m", "--pid", "--fork", "--kill-child", "--mount-proc",
               sys.executable, "-B", *sys.argv]
    before = BACKLOG.read_text(encoding="ascii")
    try:
        if not user:
            BACKLOG.write_text("100000", encoding="ascii")
        return subprocess.run(command, check=False, env={**os.environ, INSIDE: "1"}).returncode
    finally:
        if not user:
            BACKLOG.write_text(before, encoding="ascii")


def shell(command):
    subprocess.run(["bash", "-ec", command], check=True, stdout=subprocess.DEVNULL)


class Hosts:
    """The near host, which is where this runs, and the far one."""

    def __init__(self, steer=True):
        self.far = subprocess.Popen(["unshare", "-n", "sleep", "3600"])
        while os.readlink(f"/proc/{self.far.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)
        shell(f"ip link set lo up; ip link add c0 type veth peer name s0 netns {self.far.pid};"
              f"ip addr add {NEAR}/24 dev c0; ip link set c0 up;"
              f"ip route add 10.79.0.0/16 via {FAR}")
        self.far_shell(f"ip link set lo up; ip addr add {FAR}/24 dev s0; ip link set s0 up;"
                       "ip route add local 10.79.0.0/16 dev lo;"
                       "sysctl -qw net.ipv4.tcp_syncookies=2")
        self.listener = subprocess.Popen([*self.inside(), sys.executable, "-c", LISTENER])
        self.far_mac = self.mac_of_far()
        time.sleep(0.5)
        self.steered = steer and self.steer()

    def inside(self):
        return ["nsenter", "-t", str(self.far.pid), "-n"]

    def far_shell(self, command):
        subprocess.run([*self.inside(), "bash", "-ec", command], check=True,
                       stdout=subprocess.DEVNULL)

    def mac_of_far(self):
        told = subprocess.run([*self.inside(), "ip", "-j", "link", "show", "s0"], check=True,
                              stdout=subprocess.PIPE)
        return json.loads(told.stdout)[0]["address"]

    def steer(self):
        """Far work on core 1, near work on core 0: needs the real root."""
        write = "mount -t sysfs none /sys; echo {} > /sys/class/net/{}/queues/rx-0/rps_cpus"
        try:
            for inside, mask, link in (([], 1, "c0"), (self.inside(), 2, "s0")):
                subprocess.run([*inside, "unshare", "-m", "bash", "-ec", write.format(mask, link)],
                               check=True, stderr=subprocess.DEVNULL)
            return os.cpu_count() > 1
        except subprocess.CalledProcessError:
            return False

    def answered(self):
        """SYNs that the far host has answered so far."""
        lines = Path(f"/proc/{self.far.pid}/net/netstat").read_text(encoding="ascii").split("\n")
        return int(dict(zip(lines[0].split(), lines[1].split()))["SyncookiesSent"])

    def end(self):
        self.listener.kill()
        self.far.kill()


class Rate(threading.Thread):
    """Watches the far host's counter."""

    def __init__(self, hosts):
        super().__init__()
        self.hosts, self.samples, self.over = hosts, [], False
        self.start()

    def run(self):
        while not self.over:
            self.samples.append((time.monotonic(), self.hosts.answered()))
            time.sleep(0.002)

    def end(self):
        self.over = True
        self.join()
        first, last = self.samples[0][1], self.samples[-1][1]
        part = [(t, n) for t, n in self.samples
                if first + 0.05 * (last - first) <= n <= first + 0.95 * (last - first)]
        rate = (part[-1][1] - part[0][1]) / max(part[-1][0] - part[0][0], 1e-9) if part else 0
        return last - first, rate


def number_before(text, word):
    found = re.search(f"([0-9]+){word}", text)
    return int(found[1]) if found else 0


def lines_with(path, word):
    return sum(word in line for line in path.read_text(encoding="ascii").splitlines())


class Tools:
    def __init__(self, hosts, bits, folder):
        self.prefix, self.count = f"10.79.0.0/{bits}", 2 ** (32 - bits)
        self.found = folder / "found"
        self.commands = {
            "tcpcraft": [OURS, NEAR, "10.79.0.0", str(self.count), PORT],
            "masscan": ["masscan", self.prefix, f"-p{PORT}", "--rate", "10000000", "--wait", "1",
                        "-e", "c0", "--source-ip", SPARE, "--router-mac", hosts.far_mac,
                        "-oL", self.found],
            "zmap": ["zmap", "-p", PORT, self.prefix, "-i", "c0", "-G", hosts.far_mac, "-S", NEAR,
                     "-r", "0", "-T", "1", "-c", "1", "-b", "/dev/null", "-q",
                     "--disable-syslog", "-v", "0", "-o", self.found],
            "hping3": ["hping3", "-S", "-p", PORT, "-i", "u100", "-c", "8192", "-q", "-I", "c0",
                       "10.79.0.1"],
            "hping3 --flood": ["hping3", "-S", "-p", PORT, "--flood", "-q", "-I", "c0",
                               "10.79.0.1"],
        }

    def run(self, who):
        """Runs one; how many answers it says it found, None where it looks at none."""
        blind = "--flood" in who
        self.found.write_text("", encoding="ascii")
        with subprocess.Popen(["taskset", "-c", "0", *self.commands[who]], cwd="/",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as child:
            try:
                told, _ = child.communicate(timeout=1 if blind else LIMIT)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGINT)
                told, _ = child.communicate()
        if blind:
            return None
        return {"tcpcraft": lambda: number_before(told, " found"),
                "masscan": lambda: lines_with(self.found, "open"),
                "zmap": lambda: lines_with(self.found, "10.79."),
                "hping3": lambda: number_before(told, " packets received")}[who]()


def measure(hosts, tools, who):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    watch = Rate(hosts)
    found = tools.run(who)
    probes, rate = watch.end()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    share = 1 if found is None else min(found / max(probes, 1), 1)
    say(f"{who}: {probes} answered at {rate:,.0f}/s, "
        f"{'none looked at' if found is None else f'{found} found'}, "
        f"{cpu / max(probes, 1) * 1e6:.1f} us of CPU each")
    return rate * share, cpu / max(probes, 1) * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if not os.environ.get(INSIDE):
        return run_inside()
    hosts = Hosts()
    say("far host on a core of its own" if hosts.steered else "both hosts share a core")
    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(hosts, 20 if options.quick else 16, Path(folder))
        here = [who for who, command in tools.commands.items() if shutil.which(command[0])]
        for who in tools.commands.keys() - here:
            say(f"{who} is absent")
        for turn in range(options.rounds):
            for who in here:
                rate, cpu = measure(hosts, tools, who)
                for work, value, unit in (("SYN probes, answers found", rate, "probes/s"),
                                          ("CPU of a SYN probe", cpu, "us")):
                    print(json.dumps({"work": work, "who": who, "value": value, "unit": unit,
                                      "round": turn}), flush=True)
    hosts.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())

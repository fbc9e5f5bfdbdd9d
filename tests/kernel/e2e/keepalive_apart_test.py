"""probe against real servers in five plights: alive, application stopped, host gone, restarted,
behind a firewall that drops; each told apart from the others, in both families.

By default once, against one server. The long proof is TCPCRAFT_KEEPALIVE_REPETITIONS=100 with
TCPCRAFT_KEEPALIVE_PEERS=nginx (redis, haproxy, sshd): a run for each server, for a loaded host is too
slow for all of them side by side."""

import concurrent.futures
import contextlib
import os
import signal
import time
import unittest
from pathlib import Path

import lab
import servers

REPETITIONS = int(os.environ.get("TCPCRAFT_KEEPALIVE_REPETITIONS", "1"))
PEERS = os.environ.get("TCPCRAFT_KEEPALIVE_PEERS", "http.server")
# Seconds until the first probe: what is to happen to the peer happens before.
IDLE = 4 if REPETITIONS == 1 else 8
ASK = ("--json", "--idle", str(IDLE), "--interval", "700ms", "--count", "5", "--time-wait", "50ms",
       "--timeout", "3")
# plight: exit status, alive, ending, whether somebody says that nothing can be delivered
FOUND = {
    "alive": (0, True, "answered", False),
    "stopped": (0, True, "answered", False),
    "gone": (3, None, "silent", True),
    "restarted": (1, False, "reset", False),
    "firewalled": (3, None, "silent", False),
}


def ip(*words):
    done = lab._run(["ip", *words])
    if done.returncode != 0:
        raise AssertionError(f"ip {words}: {done.stderr}")


class Away:
    """A host of its own beside the client, whose link can be cut. Neighbours are looked for soon."""

    def __init__(self, number):
        self.name, self.link = f"away{number}", f"away{number}"
        self.addresses = {4: f"10.78.{number}.2", 6: f"fd78:{number}::2"}
        ip("netns", "add", self.name)
        ip("-n", "client", "link", "add", self.link, "type", "veth", "peer", "name", "eth0",
           "netns", self.name)
        for host, link, last in (("client", self.link, 1), (self.name, "eth0", 2)):
            ip("-n", host, "addr", "add", f"10.78.{number}.{last}/24", "dev", link)
            ip("-n", host, "addr", "add", f"fd78:{number}::{last}/64", "dev", link, "nodad")
            ip("-n", host, "link", "set", link, "up")
        lab.output_in(self.name, "sysctl", "-qw", "net.ipv6.conf.eth0.keep_addr_on_down=1")
        for version in ("ipv4", "ipv6"):
            base = f"net.{version}.neigh.{self.link}"
            lab.output_in("client", "sysctl", "-qw", f"{base}.base_reachable_time_ms=1000",
                          f"{base}.delay_first_probe_time=1", f"{base}.retrans_time_ms=200")

    def cut(self):
        ip("-n", self.name, "link", "set", "eth0", "down")

    def mend(self):
        ip("-n", self.name, "link", "set", "eth0", "up")

    def close(self):
        with contextlib.suppress(AssertionError):
            ip("netns", "del", self.name)


def connections(host, port):
    """Of a client's port, in the eyes of the host that serves it."""
    return [line for line in lab.output_in(
        host, "ss", "-Htan", "state", "established", f"dport = :{port}").splitlines() if line]


def descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in descendants(int(child)))]


class Plights:
    """All five of one kind of server, as often as wanted."""

    def __init__(self, kind, number, folder, start):
        self.start, self.kind, self.number = start, kind, number
        self.away = Away(number)
        port = 7700 + 10 * number
        self.steady, self.halted, self.distant = (
            self.server(kind, port + i, folder, host)
            for i, host in enumerate(("server", "server", self.away.name)))
        self.times = 0

    def server(self, kind, port, folder, host):
        home = folder / f"{kind}-{port}"
        home.mkdir()
        return servers.Server(kind, port, home, host)

    def close(self):
        for one in (self.steady, self.halted, self.distant):
            one.stop()
        self.away.close()

    def repeat(self):
        """The runs, by plight and family; None when the machine was too slow for the plan."""
        self.times += 1
        runs, ports = {}, {}
        for i, (plight, family) in enumerate((p, f) for p in FOUND for f in lab.FAMILIES):
            key = plight, family
            # 20 of each peer in turn: a port that was forgotten by the peer is not used again soon
            ports[key] = 20000 + 1000 * self.number + 10 * (self.times % 100) + i
            runs[key] = self.start("probe", self.target(plight, family), *ASK, "-g", ports[key])
        since = time.monotonic()
        seen = all([self.established(key, ports[key], run) for key, run in runs.items()])
        if not seen:
            for run in runs.values():
                run.drop()
            return None
        with self.plight(ports):
            late = time.monotonic() - since > IDLE - 0.5
            done = {key: run.end() for key, run in runs.items()}
        return None if late else done

    def established(self, key, port, run):
        """False: this machine was so slow that the run was over before anybody looked."""
        host = self.away.name if key[0] == "gone" else "server"
        lab.wait_until(lambda: connections(host, port) or not run.running(), f"{key} on {port}")
        return run.running()

    def target(self, plight, family):
        if plight == "gone":
            return f"{lab.bracketed(self.away.addresses[family])}:{self.distant.port}"
        server = self.halted if plight == "stopped" else self.steady
        return lab.target("server", family, server.port)

    @contextlib.contextmanager
    def plight(self, ports):
        stopped = descendants(self.halted._process.pid)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        self.away.cut()
        for family in lab.FAMILIES:
            self.forget(family, ports["restarted", family])
            self.firewall(family, "-I", "INPUT", "--sport", ports["firewalled", family])
        try:
            yield
        finally:
            for family in lab.FAMILIES:
                self.firewall(family, "-D", "INPUT", "--sport", ports["firewalled", family])
                lab.run_in("server", "ss", "-K", f"dport = :{ports['firewalled', family]}")
                lab.run_in(self.away.name, "ss", "-K", f"dport = :{ports['gone', family]}")
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            self.away.mend()

    def forget(self, family, port):
        """The TCB vanishes without a word."""
        self.firewall(family, "-I", "OUTPUT", "--dport", port)
        lab.output_in("server", "ss", "-K", f"dport = :{port}")
        lab.wait_until(lambda: not connections("server", port), "its end")
        self.firewall(family, "-D", "OUTPUT", "--dport", port)

    @staticmethod
    def firewall(family, what, chain, side, port):
        lab.output_in("server", "ip6tables" if family == 6 else "iptables", "-w", "60", what,
                      chain, "-p", "tcp", side, str(port), "-j", "DROP")


class Apart(lab.Case):
    def test_five_plights(self):
        kinds = list(servers.KINDS) if PEERS == "all" else PEERS.split(",")
        kinds = [kind for kind in kinds if servers.is_here(kind)]
        with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
            counted = dict(zip(kinds, pool.map(self.play, kinds, range(1, len(kinds) + 1))))
        if REPETITIONS > 1:
            print(f"\nrepetitions (void ones apart) and wrong answers: {counted}", flush=True)
        self.assertEqual([kind for kind in kinds if counted[kind][2]], [], str(counted))

    def play(self, kind, number):
        plights = Plights(kind, number, self.folder(), self.start_quietly)
        try:
            good = void = 0
            wrong = []
            while good + len(wrong) < REPETITIONS:
                done = plights.repeat()
                if done is None:
                    void += 1
                    self.assertLess(void, REPETITIONS + 30, "this machine is too slow for it")
                    continue
                found = [text for key, run in done.items() if (text := self.wrong(key, run))]
                wrong += found[:1]
                good += not found
                if (good + len(wrong)) % 10 == 0:
                    print(f"\n{kind}: {good} right, {void} void, wrong: {wrong}", flush=True)
            return good, void, wrong
        finally:
            plights.close()

    @staticmethod
    def start_quietly(*words):
        return lab.Run(*words)

    def wrong(self, key, done):
        """What is not as it should be; empty: nothing."""
        status, alive, ending, told = FOUND[key[0]]
        try:
            found = (done.status, done.result["alive"], done.result["ending"],
                     done.result["unreachable"] is not None)
        except AssertionError as error:
            return f"{key}: {error}"
        if found != (status, alive, ending, told):
            return f"{key}: {found}, not {FOUND[key[0]]}: {done.result}"
        if alive and "of its application that says nothing" not in done.result["summary"]:
            return f"{key}: says too much: {done.result['summary']}"
        return ""


if __name__ == "__main__":
    lab.main()

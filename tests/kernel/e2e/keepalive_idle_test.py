"""tcp-keepalive idle through a router whose connection tracking forgets: when, in which state, and
whether with a word or without; resumed after kill -9 at random moments. Everything runs side by
side. TCPCRAFT_IDLE_FULL=1 takes all timeouts, both families and fifty kills (about four minutes)."""

import contextlib
import os
import random
import signal
import socket
import sys
import threading
import time
import unittest

import lab

FULL = os.environ.get("TCPCRAFT_IDLE_FULL") == "1"
ICMP_PORT = 7990
LATE = 0.1  # seconds by which the router's timer and ours may disagree
STATES = {"half-open": ("syn_recv", 5), "half-closed": ("close_wait", 6), "time-wait": ("time_wait", 7)}


def port_of(timeout, reset):
    return 7000 + 10 * timeout + int(reset)


def state_port(state, reset):
    return 7800 + 10 * list(STATES).index(state) + int(reset)


def table(family, timeouts):
    """The router's rules of one family: for each port how long it remembers, and what then."""
    kind = "ip" if family == 4 else "ip6"
    objects, marks, rules = [], [], []
    for number, (ports, policy) in enumerate(timeouts):
        objects.append(f"ct timeout t{number} {{\n protocol tcp\n l3proto {kind}\n"
                       f" policy = {{ {', '.join(f'{k} : {v}' for k, v in policy.items())} }}\n}}")
        for port, reset in ports:
            marks.append(f"tcp dport {port} ct timeout set \"t{number}\"")
            verdict = ("reject" if reset == "icmp" else "reject with tcp reset" if reset
                       else "drop")
            rules += [f"ct state invalid tcp dport {port} {verdict}",
                      f"ct state invalid tcp sport {port} drop"]
    new_line = "\n"
    return (f"table {kind} forgets {{\n{new_line.join(objects)}\n"
            f"chain early {{\n type filter hook prerouting priority -150\n{new_line.join(marks)}\n}}\n"
            f"chain passing {{\n type filter hook forward priority 0\n{new_line.join(rules)}\n}}\n}}\n")


def set_router():
    timeouts = [([(port_of(t, False), False), (port_of(t, True), True)],
                 {"established": t}) for t in (7, 20, 60)]
    timeouts += [([(state_port(state, reset), reset) for reset in (False, True)],
                  {"established": 3600, timer: length})
                 for state, (timer, length) in STATES.items()]
    timeouts.append(([(port_of(0, False), False)], {"established": 432000}))
    timeouts.append(([(ICMP_PORT, "icmp")], {"established": 3}))
    lab.output_in("router", "sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
    for family in lab.FAMILIES:
        done = lab.run_in("router", "nft", "-f", "-", input=table(family, timeouts))
        if done.returncode != 0:
            raise AssertionError(f"nft: {done.stderr}\n{table(family, timeouts)}")


class Server:
    """Accepts, and does nothing more; or greets; or closes when its client does, or when nothing
    was said for some seconds."""

    def __init__(self, family, port, closes=False, greeting=b"", patience=None):
        self.listener = lab.listener_in("server", family, port)
        self.closes = closes or patience
        self.greeting = greeting
        self.patience = patience
        self.held = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                self.held.append(client)
                client.sendall(self.greeting)
                if self.closes:
                    threading.Thread(target=self._await_end, args=(client,), daemon=True).start()

    def _await_end(self, client):
        client.settimeout(self.patience)
        with contextlib.suppress(OSError):
            client.recv(1)
        client.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for sock in (self.listener, *self.held):
            sock.close()


class Case(lab.Case):
    @classmethod
    def setUpClass(cls):
        if not lab.run_in("router", "nft", "list", "tables").stdout:
            set_router()

    def server(self, *arguments, **more):
        return self.closing(Server(*arguments, **more))

    def search(self, family, port, *more):
        return self.start("idle", lab.target("server", family, port), "--json", *more)

    def assert_found(self, done, timeout, classification):
        self.assert_status(done, 0)
        found = done.result
        low, high = found["timeout_low"], found["timeout_high"]
        self.assertIsNotNone(high, found)
        self.assertLessEqual(low, timeout + LATE, found["trials"])
        self.assertGreaterEqual(high, timeout - LATE, found["trials"])
        self.assertLessEqual(high - low, 1.1, found["trials"])
        self.assertEqual(found["classification"], classification, found["trials"])
        return found


class Forgets(Case):
    """Established connections."""

    CASES = ([(t, r, f) for t in (7, 20, 60) for r in (False, True) for f in lab.FAMILIES]
             if FULL else [(7, False, 4), (7, True, 6)])

    def test_when_and_how(self):
        runs = []
        for timeout, reset, family in self.CASES:
            port = port_of(timeout, reset)
            self.server(family, port)
            runs.append((timeout, reset, family, self.search(family, port)))
        for timeout, reset, family, run in runs:
            with self.subTest(timeout=timeout, reset=reset, family=family):
                found = self.assert_found(run.end(patience=300), timeout,
                                          "reset-by-path" if reset else "silent-drop")
                ratio = found["took"] / timeout
                print(f"T {timeout} s, {'RST' if reset else 'silent'}, IPv{family}: "
                      f"{found['timeout_low']:.2f} to {found['timeout_high']:.2f} s in "
                      f"{found['took']:.1f} s, {ratio:.2f} T, {found['connections']} connections",
                      file=sys.stderr)
                if FULL:
                    self.assertLess(ratio, 2.5)

    def test_interrupted(self):
        """What is known is said, and no rule stays behind."""
        self.server(4, port_of(0, False))
        run = self.start("idle", lab.target("server", 4, port_of(0, False)), "--most", "60")
        lab.wait_until(lambda: " 2 s  alive after" in run.said(), run.said)
        run.signal(signal.SIGINT)
        done = run.end()
        self.assertEqual(done.status, 130, str(done))
        self.assertIn("interrupted; until then: idle established connections are not forgotten",
                      done.stdout)
        self.assertEqual(lab.own_rules("client"), [])


class Remembers(Case):
    def test_none_at_all(self):
        families = lab.FAMILIES if FULL else (4,)
        runs = []
        for family in families:
            self.server(family, port_of(0, False))
            runs.append(self.search(family, port_of(0, False), "--most", "12"))
        for run in runs:
            done = run.end()
            self.assert_status(done, 0)
            self.assertEqual((done.result["classification"], done.result["timeout_high"]),
                             ("none-up-to", None))
            self.assertGreaterEqual(done.result["timeout_low"], 12)

    def test_what_restarts_the_timer(self):
        """Linux: everything does. What is not acknowledged, the server repeats."""
        self.server(4, port_of(7, False), greeting=b"hello\n")
        runs = [self.search(4, port_of(7, False), "--most", "10", "--refresh", *kind)
                for kind in (("keepalive",), ("payload", "--send", "x"), ("inbound",))]
        for run in runs:
            found = self.assert_found(run.end(patience=200), 7, "silent-drop")
            self.assertIs(found["refresh"]["restarts"], True, found)


class OtherEnds(Case):
    def test_the_application_closes(self):
        self.server(6, port_of(0, False), patience=3)
        done = self.search(6, port_of(0, False), "--most", "12").end()
        found = self.assert_found(done, 3, "fin")
        self.assertIn("the peer's own idle limit", found["summary"])
        self.assertIsNone(found["advice"]["idle"])

    def test_a_router_says_so_by_icmp(self):
        self.server(4, ICMP_PORT)
        self.assert_found(self.search(4, ICMP_PORT, "--most", "8").end(), 3, "icmp")


class States(Case):
    """The router's other timers."""

    CASES = ([(s, r, f) for s in STATES for r in (False, True) for f in lab.FAMILIES]
             if FULL else [("half-open", False, 4), ("half-closed", False, 6),
                           ("time-wait", True, 4)])

    def test_timers(self):
        runs = []
        for state, reset, family in self.CASES:
            port = state_port(state, reset)
            self.server(family, port, state == "time-wait")
            runs.append((state, reset, family,
                         self.search(family, port, "--state", state, "--most", "20")))
        for state, reset, family, run in runs:
            with self.subTest(state=state, reset=reset, family=family):
                found = self.assert_found(run.end(patience=200), STATES[state][1],
                                          "reset-by-path" if reset else "silent-drop")
                self.assertEqual(found["state"], state)
                print(f"{state}, {'RST' if reset else 'silent'}, IPv{family}: "
                      f"{found['timeout_low']:.2f} to {found['timeout_high']:.2f} s in "
                      f"{found['took']:.1f} s", file=sys.stderr)


class Resumes(Case):
    """Killed at any moment, it comes to the same answer."""

    KILLS = 50 if FULL else 8

    def setUp(self):
        self.seed = int(os.environ.get("TCPCRAFT_IDLE_SEED", random.randrange(10**9)))
        self.dice = random.Random(self.seed)

    def test_after_kill(self):
        self.server(4, port_of(7, False))
        folder = self.folder()
        runs = [folder / f"checkpoint{i}" for i in range(self.KILLS)]
        threads = [threading.Thread(target=self.killed, args=(name, self.dice.uniform(0, 13)))
                   for name in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        resumed = [self.search(4, port_of(7, False), "--most", "20", "--checkpoint", name,
                               "--resume") for name in runs]
        for run in resumed:
            with self.subTest(seed=self.seed):
                self.assert_found(run.end(patience=200), 7, "silent-drop")

    def killed(self, name, after):
        run = self.search(4, port_of(7, False), "--most", "20", "--checkpoint", name)
        end = time.monotonic() + after
        while run.running() and time.monotonic() < end:
            time.sleep(0.02)
        run.drop()


if __name__ == "__main__":
    lab.main("--router")

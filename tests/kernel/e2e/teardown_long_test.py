"""tcp-teardown --long: how long the kernel stays in a state is what its settings say; Ctrl-C in the
middle of it gives what is known by then. With TCPCRAFT_LONG_TESTS=1 also what takes a minute."""

import json
import os
import signal
import socket
import struct
import time
import unittest

import lab
from teardown_peers import PORT, REQUEST, Server, Teardown, serve

PORTS = iter(range(31000, 40000, 20))
LONG = os.environ.get("TCPCRAFT_LONG_TESTS") == "1"


class Long(Teardown):

    def play_both(self, *words, behave=serve, send=REQUEST):
        """In both families at once; what came of it, by family."""
        runs = {}
        for family in lab.FAMILIES:
            server = Server(family, behave)
            self.addCleanup(server.close)
            told = [*words, "--send", send] if send else words
            runs[family] = self.start(lab.target("server", family, PORT), "--json", "--long", "-g",
                                      next(PORTS), *told)
        return {f"IPv{family}": run.end(patience=3 * lab.PATIENCE) for family, run in runs.items()}

    def measured(self, done, name):
        return next(m for m in done.result["measurements"] if m["name"] == name)


class Lengths(Long):

    def fin_wait_2(self, timeout, low, high):
        self.ip_sysctl("tcp_fin_timeout", timeout)
        for family, done in self.play_both("fin-wait-2-timeout").items():
            with self.subTest(family=family, timeout=timeout):
                self.assert_status(done, 0)
                made = self.measured(done, "fin-wait-2-timeout")
                self.assertEqual((made["lasts_at_least"], made["lasts_at_most"]), (low, high))
                self.assertEqual(self.verdicts(done), {"fin-wait-2-timeout": "permitted-deviation"})
        self.assertEqual(lab.own_rules("client"), [])

    def test_fin_wait_2(self):
        self.fin_wait_2(3, 0.5, 5)

    def test_a_fin_wait_2_that_ends_by_a_reset(self):
        """The application waits for our FIN, and not for long."""
        def abort(connection):
            connection.recv(1000)
            connection.shutdown(socket.SHUT_WR)
            time.sleep(2)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for family, done in self.play_both("fin-wait-2-timeout", behave=abort).items():
            with self.subTest(family=family):
                self.assert_status(done, 0)
                made = self.measured(done, "fin-wait-2-timeout")
                self.assertIsNotNone(made["lasts_at_most"])
                self.assertEqual(self.verdicts(done), {"fin-wait-2-timeout": "permitted-deviation"})

    @unittest.skipUnless(LONG, "15 s")
    def test_a_longer_fin_wait_2(self):
        self.fin_wait_2(10, 5, 15)

    @unittest.skipUnless(LONG, "a minute")
    def test_time_wait(self):
        """60 s in Linux, whatever its settings."""
        for family, done in self.play_both("time-wait").items():
            with self.subTest(family=family):
                self.assert_status(done, 0)
                made = self.measured(done, "time-wait")
                self.assertIn(made["lasts_at_least"], (58, 60))
                self.assertIn(made["lasts_at_most"], (62, 64))

    @unittest.skipUnless(LONG, "20 s")
    def test_a_fin_until_it_is_given_up(self):
        """Boundary of tcp_orphan_retries = 5: (2^6 - 1) * 200 ms."""
        self.ip_sysctl("tcp_orphan_retries", 5)
        for family, done in self.play_both("lost-fin").items():
            with self.subTest(family=family):
                self.assert_status(done, 0)
                made = self.measured(done, "lost-fin")
                self.assertGreaterEqual(len(made["peer_fin_spacing"]), 4)
                self.assertTrue(12 < made["peer_gave_up"] < 40, made)
                self.assertEqual(self.verdicts(done), {"lost-fin": "permitted-deviation"})

    @unittest.skipUnless(LONG, "three minutes")
    def test_a_fin_until_it_is_given_up_by_default(self):
        """About 107 s, which is longer than R2 has to be."""
        for family, done in self.play_both("lost-fin").items():
            with self.subTest(family=family):
                self.assert_status(done, 0)
                made = self.measured(done, "lost-fin")
                self.assertTrue(100 < made["peer_gave_up"] < 120, made)
                self.assertEqual(self.verdicts(done), {"lost-fin": "conforms"})


class Interrupted(Long):

    def interrupt(self, family, words, enough, send):
        """Ctrl-C once its events say enough."""
        server = Server(family, serve)
        self.addCleanup(server.close)
        run = self.start(lab.target("server", family, PORT), "--json=events", "--long", "-g",
                         next(PORTS), *words, *(["--send", send] if send else []))
        lab.wait_until(lambda: enough(events(run.said())) or not run.running(), "enough events")
        run.signal(signal.SIGINT)
        done = run.end()
        server.close()
        self.assertEqual(done.status, 130, str(done))
        self.assertEqual(lab.own_rules("client"), [])
        self.wait_gone(PORT, besides=("TIME-WAIT",))
        return json.loads(done.stdout.splitlines()[-1])

    @lab.both_families
    def test_fin_wait_2(self, family):
        last = self.interrupt(family, ["fin-wait-2-timeout"], lambda seen: any(
            e["event"] == "verdict" and e["id"] == "T-41" for e in seen), REQUEST)
        result = last.get("result", last)
        self.assertEqual(result["exit_status"], 130)
        made = result["measurements"][0]
        self.assertEqual((made["lasts_at_least"], made["lasts_at_most"]), (0.5, None))

    @lab.both_families
    def test_its_repeated_fin(self, family):
        last = self.interrupt(family, ["no-time-wait", "--mute"], lambda seen: sum(
            e["event"] == "segment" and e["dir"] == "in" and "F" in e["flags"]
            for e in seen) >= 3, None)
        result = last.get("result", last)
        self.assertGreaterEqual(len(result["measurements"][0]["peer_fin_spacing"]), 2)


def events(said):
    return [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith("\n")]


if __name__ == "__main__":
    lab.main()

"""tcp-keepalive against the kernel's TCP: each way to be gone is told apart from the others, in both
families. What is learnt: keepalive_learn_test.py."""

import contextlib
import socket
import threading
import unittest

import lab


class Holder:
    """A server whose connections do nothing."""

    def __init__(self, family, port):
        self.listener = lab.listener_in("server", family, port)
        self.held = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.held.append(self.listener.accept()[0])

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for sock in (self.listener, *self.held):
            sock.close()


class Case(lab.Case):
    def holder(self, *arguments):
        made = Holder(*arguments)
        self.addCleanup(made.close)
        return made

    def each_family(self):
        for family in lab.FAMILIES:
            with self.subTest(family=f"IPv{family}"):
                yield family


class Learn(Case):
    def test_none(self):
        for family in self.each_family():
            port = 7490 + family
            self.holder(family, port)
            done = self.run_tool("learn", lab.target("server", family, port), "--json",
                                 "--patience", "3")
            self.assert_status(done, 3)
            self.assertEqual((done.result["idle"], done.result["ending"]), (None, "answered"))


class Probe(Case):
    ASK = ("--json", "--idle", "1", "--interval", "700ms", "--count", "3", "--time-wait", "100ms")

    def test_alive(self):
        for family in self.each_family():
            port = 7500 + family
            self.holder(family, port)
            done = self.run_tool("probe", lab.target("server", family, port), *self.ASK,
                                 "--answers", "3", "--timeout", "2")
            self.assert_status(done, 0)
            self.assertEqual((done.result["answered"], done.result["alive"],
                              done.result["ending"], done.result["answers"]),
                             (True, True, "answered", 3))

    def probed_while(self, family, port, change):
        """The run; `change` is made once the server has the connection."""
        holder = self.holder(family, port)
        tool = self.start("probe", lab.target("server", family, port), *self.ASK)
        lab.wait_until(lambda: holder.held, "the connection")
        change(holder)
        return tool.end()

    def test_restarted(self):
        """The TCB is gone without a word: closed with the reset kept from us."""
        for family in self.each_family():
            port = 7510 + family
            def forget(_, family=family, port=port):
                lab.output_in("server", f"ip{'6' if family == 6 else ''}tables", "-I", "OUTPUT",
                              "-p", "tcp", "--sport", str(port), "-j", "DROP")
                lab.output_in("server", "ss", "-K", "sport", "=", f":{port}")
                lab.wait_until(lambda: not lab.sockets("server", port, "ESTAB"), "its end")
                lab.output_in("server", f"ip{'6' if family == 6 else ''}tables", "-D", "OUTPUT",
                              "-p", "tcp", "--sport", str(port), "-j", "DROP")
            done = self.probed_while(family, port, forget)
            self.assert_status(done, 1)
            self.assertEqual((done.result["alive"], done.result["ending"]), (False, "reset"))

    def test_behind_a_firewall_that_drops(self):
        for family in self.each_family():
            port = 7520 + family
            def drop(_, family=family, port=port):
                lab.output_in("server", f"ip{'6' if family == 6 else ''}tables", "-I", "INPUT",
                              "-p", "tcp", "--dport", str(port), "-j", "DROP")
            done = self.probed_while(family, port, drop)
            self.assert_status(done, 3)
            self.assertEqual((done.result["answered"], done.result["alive"], done.result["ending"],
                              done.result["sent"]), (False, None, "silent", 3))
            probes = [s for s in done.segments() if s["dir"] == "out" and s["rel_seq"] in (0, -1)
                      and s["flags"] == "."]
            self.assertIn(1, [s["len"] for s in probes], "the octet is tried, too")


if __name__ == "__main__":
    lab.main()

"""tcp-keepalive against the kernel's TCP: what it is told to do is what is learnt, and each way to
be gone is told apart from the others; both families, both roles."""

import contextlib
import socket
import threading
import unittest

import lab


def keep_alive(sock, idle, interval, count):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)


class Holder:
    """A server whose connections do nothing, with this keep-alive (inherited by accept)."""

    def __init__(self, family, port, times=None):
        self.listener = lab.listener_in("server", family, port)
        if times:
            keep_alive(self.listener, *times)
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
    """idle, interval and count are exact after rounding to a second."""

    def assert_learnt(self, done, idle, interval, count):
        self.assert_status(done, 0)
        self.assertEqual((round(done.result["idle"]), round(done.result["interval"]),
                          done.result["probes"], done.result["ending"]),
                         (idle, interval, count, "reset"), done.result)
        self.assertEqual(done.result["probe_form"],
                         {"len": 0, "seq_offset": -1, "timestamps": True})

    def test_of_a_server(self):
        settings = [(1, 1, 2), (2, 1, 3), (3, 1, 4), (1, 2, 2)]
        for family in self.each_family():
            runs = []
            for number, times in enumerate(settings):
                port = 7400 + 10 * family + number
                self.holder(family, port, times)
                runs.append((times, self.start(
                    "learn", lab.target("server", family, port), "--json", "--patience", "30",
                    "-g", str(23000 + 10 * family + number))))
            for times, tool in runs:
                self.assert_learnt(tool.end(), *times)

    def test_of_a_client(self):
        for family in self.each_family():
            port = 7480 + family
            tool = self.start("learn", "-l", str(port), f"-{family}", "--json", "--patience",
                                   "30", host="server")
            client = lab.socket_in("client", family)
            self.addCleanup(client.close)
            keep_alive(client, 2, 1, 2)
            self.connect(client, family, port)
            self.assert_learnt(tool.end(), 2, 1, 2)

    @staticmethod
    def connect(client, family, port):
        def connected():
            with contextlib.suppress(OSError):
                client.connect((lab.address_of("server", family), port))
                return True
            return False
        lab.wait_until(connected, "the tool to listen")

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

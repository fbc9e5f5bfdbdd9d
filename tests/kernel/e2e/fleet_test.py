"""Very many handshakes against the kernel's TCP: lists of targets, many with one, rates, the end."""

import ctypes
import json
import signal
import socket
import statistics
import struct
import threading

import lab

MANY = 1000  # of each family


class Listener:
    """A kernel server that takes whoever comes, and counts."""

    def __init__(self, family, port, reset=False):
        self._socket = lab.listener_in("server", family, port, backlog=4096)
        self._socket.settimeout(None)
        self._reset = reset
        self.accepted = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                taken, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            if self._reset:
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            taken.close()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


class SynTimes:
    """When SYNs to a port came in, by the kernel's stamps: a filter in the kernel, a buffer that
    holds them all, and nobody who reads while they come."""

    ETH_P_IP, SO_TIMESTAMPNS, SO_ATTACH_FILTER, SO_RCVBUFFORCE = 0x0800, 35, 26, 33

    def __init__(self, host, port):
        code = [(0xb1, 0, 0, 0),             # X = length of the IPv4 header
                (0x48, 0, 0, 2),             # destination port
                (0x15, 0, 4, port),
                (0x50, 0, 0, 13),            # flags
                (0x54, 0, 0, 0x12),
                (0x15, 0, 1, 0x02),          # SYN without ACK
                (0x06, 0, 0, 64),
                (0x06, 0, 0, 0)]
        code = ctypes.create_string_buffer(
            b"".join(struct.pack("HBBI", *one) for one in code))
        program = struct.pack("HL", 8, ctypes.addressof(code))
        with lab.inside(host):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, self.SO_ATTACH_FILTER, program)
        self._socket.setsockopt(socket.SOL_SOCKET, self.SO_RCVBUFFORCE, 1 << 25)
        self._socket.setsockopt(socket.SOL_SOCKET, self.SO_TIMESTAMPNS, 1)
        with lab.inside(host):
            self._socket.bind(("eth0", self.ETH_P_IP))
        self._socket.setblocking(False)

    def take(self):
        """In seconds, in order."""
        found = []
        while True:
            try:
                _, control, _, _ = self._socket.recvmsg(64, 64)
            except BlockingIOError:
                return found
            seconds, rest = struct.unpack("ll", control[0][2])
            found.append(seconds + rest / 1e9)

    def close(self):
        self._socket.close()


class Fleet(lab.Case):
    def list_of(self, targets):
        file = self.folder() / "targets"
        file.write_text("".join(f"{target}\n" for target in targets))
        return file

    def listen(self, family, port, **options):
        return self.closing(Listener(family, port, **options))

    @staticmethod
    def lines(done):
        return [json.loads(line) for line in done.stdout.splitlines()]

    def outcomes(self, done):
        return {line["target"]: line["outcome"] for line in self.lines(done)}

    def assert_nothing_is_left(self):
        self.assertEqual(lab.own_rules("client"), [])
        self.assertEqual(lab.output_in("client", "ss", "-Htan"), "", "a port is still held")


class Many(Fleet):
    def check(self, family, port, *words):
        listener = self.listen(family, port)
        done = self.run_tool(lab.target("server", family, port), "--count", MANY, "--in-flight",
                             64, "--rate", 5000, "--json", *words)
        self.assertEqual(done.status, 0, done)
        found = self.lines(done)
        self.assertEqual(len(found), MANY)
        self.assertEqual({line["outcome"] for line in found}, {"established"}, done.stderr)
        self.assertEqual([line["negotiated"]["mss_send"] for line in found],
                         [1460 if family == 4 else 1440] * MANY)
        self.assertTrue(all(line["rtt"] is None or line["rtt"] > 0 for line in found))
        lab.wait_until(lambda: listener.accepted == MANY,
                       lambda: f"{listener.accepted} accepted of {MANY}")
        self.wait_gone(port, besides=("TIME-WAIT",))
        self.assert_nothing_is_left()

    @lab.both_families
    def test_opened_and_closed(self, family):
        self.check(family, 7500)

    @lab.both_families
    def test_opened_and_reset(self, family):
        self.check(family, 7501, "--then", "reset")

    @lab.both_families
    def test_the_third_segment_is_a_reset(self, family):
        listener = self.listen(family, 7502)
        done = self.run_tool(lab.target("server", family, 7502), "--count", 100, "--in-flight", 32,
                             "--rate", 1000, "--json", "--third", "rst")
        self.assertEqual({line["outcome"] for line in self.lines(done)}, {"answered"}, done)
        self.wait_gone(7502)
        self.assertEqual(listener.accepted, 0)
        self.assert_nothing_is_left()

    @lab.both_families
    def test_the_four_numbers_are_used_again(self, family):
        """Sixteen ports, each several times within a few milliseconds."""
        self.listen(family, 7503)
        done = self.run_tool(lab.target("server", family, 7503), "--count", 200, "--in-flight", 1,
                             "--rate", 2000, "--json")
        found = self.lines(done)
        self.assertEqual([line["outcome"] for line in found], ["established"] * 200, done.stderr)
        again = [line["syns"] for line in found if line["syns"] > 1]
        self.assertEqual(again, [], "TIME-WAIT was in the way")


class Lists(Fleet):
    def test_each_comes_to_its_own(self):
        wanted = {}
        for family in lab.FAMILIES:
            self.listen(family, 7510)
            self.listen(family, 7511, reset=True)
            self.mute("server", family, 7513)
            wanted[lab.target("server", family, 7510)] = "established"
            wanted[lab.target("server", family, 7511)] = "reset"
            wanted[lab.target("server", family, 7512)] = "refused"
            wanted[lab.target("server", family, 7513)] = "no-answer"
            nobody = lab.address_of("server", family).removesuffix("2") + "77"
            wanted[f"{lab.bracketed(nobody)}:80"] = "unreachable"
        done = self.run_tool("--targets", self.list_of(wanted), "--rate", 200, "--json",
                             "--timeout", 5)
        found = self.outcomes(done)
        for target, outcome in wanted.items():
            if outcome == "reset":  # its RST may come after our FIN has been acknowledged
                self.assertIn(found.pop(target), ("reset", "established"))
            else:
                self.assertEqual(found.pop(target), outcome, done)
        self.assertEqual((found, done.status), ({}, 1), done)
        self.assertIn("2 no-answer", done.stderr)
        self.assert_nothing_is_left()

    def mute(self, host, family, port):
        for verb in ("-I", "-D"):
            words = ["ip6tables" if family == 6 else "iptables", verb, "INPUT", "-p", "tcp",
                     "--dport", str(port), "-j", "DROP"]
            if verb == "-I":
                lab.output_in(host, *words)
            else:
                self.addCleanup(lab.output_in, host, *words)

    def test_ctrl_c(self):
        """Those that have ended are told, those under way and those that were not begun, too."""
        listener = self.listen(4, 7520)
        targets = [lab.target("server", 4, 7520)] * 400
        tool = self.start("--targets", self.list_of(targets), "--rate", 50, "--json")
        lab.wait_until(lambda: listener.accepted > 20, "some handshakes")
        tool.signal(signal.SIGINT)
        done = tool.end()
        found = self.lines(done)
        self.assertEqual((done.status, len(found)), (130, 400), done.stderr)
        self.assertGreater(sum(line["outcome"] == "established" for line in found), 15)
        self.assertGreater(sum(not line["tried"] for line in found), 100)
        self.wait_gone(7520, besides=("TIME-WAIT",))
        self.assert_nothing_is_left()


class Rate(Fleet):
    """By the kernel's stamps at the server. How far apart in time SYNs are that lie a second apart
    in number: the median of that does not heed that the machine was busy for a moment."""

    RATES = (1000, 250)  # the second where a sanitized tool on a busy machine has no more in it

    def check(self, *words):
        reached = []
        for rate in self.RATES:
            reached.append(self.seconds_for_a_second(rate, *words))
            if abs(reached[-1] - 1) <= 0.02:
                return
        self.fail(f"what is to take a second at {self.RATES}/s takes {reached} s")

    def seconds_for_a_second(self, rate, *words):
        port = 7530 + rate % 7
        listener = self.listen(4, port)
        syns = self.closing(SynTimes("server", port))
        done = self.run_tool(lab.target("server", 4, port), "--count", 2 * rate, "--in-flight",
                             1000, "--rate", rate, "--then", "reset", *words)
        self.assertEqual(done.status, 0, done.stderr)
        lab.wait_until(lambda: listener.accepted >= 2 * rate, "all of them")
        at = syns.take()
        self.assertEqual(len(at), 2 * rate)
        return statistics.median(later - early for early, later in zip(at, at[rate:]))

    def test_a_thousand_in_a_second(self):
        self.check()

    def test_a_thousand_in_a_second_with_every_event(self):
        self.check("--json=events")


if __name__ == "__main__":
    lab.main()

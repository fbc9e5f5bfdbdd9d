"""tcp-script as the peer of the kernel's TCP, in both roles and both families."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import threading
from pathlib import Path

import lab

SCRIPTS = Path(__file__).resolve().parents[3] / "docs" / "scripts"
PORT = 8080
OPENS = """+0 < S 0:0(0) win 65535 <mss 1000,sackOK,nop,nop>
+0 > S. 0:0(0) ack 1 <...>
+0 < . 1:1(0) ack 1 win 65535
"""
# A loaded machine may be late with anything; nothing here is about time unless it says so.
PATIENT = ("--tolerance", "20s")


class Case(lab.Case):
    def script(self, text, name="a.pkt"):
        file = self.folder() / name
        file.write_text(text)
        return file

    def application(self, listener, conversation):
        """A server's application: what it does with the one connection that it accepts."""
        def serve():
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            with taken, contextlib.suppress(ConnectionError):  # a script ends with a RST
                taken.settimeout(lab.PATIENCE)
                conversation(taken)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 5)
        return thread

    def serve(self, family, conversation):
        listener = self.closing(lab.listener_in("server", family, PORT))
        self.application(listener, conversation)

    def play(self, family, *words):
        words = words if "--tolerance" in words else [*words, *PATIENT]
        return self.run_tool(lab.target("server", family, PORT), "--json", *words)


def close_at_the_end(taken):
    while taken.recv(65536):
        pass


def echo(taken):
    while data := taken.recv(65536):
        taken.sendall(data)


def reset(taken):
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Client(Case):
    @lab.both_families
    def test_closing_first(self, family):
        self.serve(family, close_at_the_end)
        done = self.play(family, SCRIPTS / "client-close.pkt")
        self.assert_status(done, 0)
        self.assertIn(done.flags("in"), [["S.", ".", "F."], ["S.", "F."]], str(done))
        self.assertEqual(done.segments()[-1]["peer_state"], "CLOSED")
        self.wait_gone(PORT)
        self.assertEqual(lab.own_rules("client"), [])

    @lab.both_families
    def test_a_port_where_nobody_listens(self, family):
        done = self.play(family, SCRIPTS / "refused.pkt")
        self.assert_status(done, 0)

    @lab.both_families
    def test_data_there_and_back(self, family):
        self.serve(family, echo)
        done = self.play(family, self.script(
            OPENS + '+0 < P. 1:6(5) ack 1 win 65535 "hello"\n+0 > . 1:1(0) ack 6\n'
            '+0 write(4, ..., 5) = 5\n+0 > P. 1:6(5) ack 6 "hello"\n'
            "+0 < . 6:6(0) ack 6 win 65535\n"))
        self.assert_status(done, 0)

    @lab.both_families
    def test_a_reset_in_place_of_a_fin(self, family):
        self.serve(family, reset)
        done = self.play(family, self.script(OPENS + "+0 close(4) = 0\n+0 > F. 1:1(0) ack 1\n"))
        self.assert_status(done, 1)
        script = done.result["scripts"][0]
        self.assertEqual((script["passed"], script["failed_line"]), (False, 5), str(done))
        self.assertEqual(script["differences"][0],
                         {"field": "flags", "expected": "F.", "got": "R."}, str(done))

    @lab.both_families
    def test_a_server_that_does_not_close(self, family):
        listener = self.closing(lab.listener_in("server", family, PORT))
        self.addCleanup(listener.close)
        done = self.play(family, self.script(OPENS + "+0 > F. 1:1(0) ack 1\n"), "--timeout", "500ms")
        self.assert_status(done, 3)
        self.assertEqual(done.result["scripts"][0]["got"], "nothing")
        # What was opened is closed again: the script ends with a RST.
        self.assertEqual(done.flags("out")[-1], "R.")
        self.wait_gone(PORT)

    @lab.both_families
    def test_a_segment_that_must_not_be_answered(self, family):
        self.serve(family, close_at_the_end)
        done = self.play(family, self.script(
            OPENS + "+.05 < R 70000:70000(0) win 0\n+.3 ~> *\n"), "--tolerance", "10ms")
        self.assert_status(done, 0)

    @lab.both_families
    def test_an_icmp_error_is_believed(self, family):
        """Hard errors of ICMP are soft to Linux once a connection stands: it goes on."""
        self.serve(family, echo)
        code = "unreachable host_unreachable" if family == 4 else "unreachable no_route"
        done = self.play(family, self.script(
            OPENS + f'+0 < icmp {code} [0:0(0)]\n+0 < P. 1:2(1) ack 1 win 65535 "x"\n'
            "+0 > . 1:1(0) ack 2\n"))
        self.assert_status(done, 0)

    @lab.both_families
    def test_several_scripts(self, family):
        listener = self.closing(lab.listener_in("server", family, PORT))
        for _ in range(2):
            self.application(listener, close_at_the_end)
        file = SCRIPTS / "client-close.pkt"
        done = self.play(family, file, file)
        self.assert_status(done, 0)
        self.assertEqual([s["passed"] for s in done.result["scripts"]], [True, True])


    def test_bad_scripts_send_nothing(self):
        self.closing(lab.listener_in("server", 4, PORT))
        bad = [self.script(f"{OPENS}+0 > {'F' * i}Q 1:1(0)\n", f"{i}.pkt") for i in range(20)]
        before = self.segments_in()
        done = self.run_tool(lab.target("server", 4, PORT), self.script(OPENS, "good"), *bad)
        self.assertEqual((done.status, done.stdout), (2, ""), str(done))
        self.assertEqual(len(done.stderr.splitlines()), len(bad), done.stderr)
        self.assertEqual(self.segments_in(), before)
        self.play(4, self.script(OPENS))
        self.assertGreater(self.segments_in(), before)

    def segments_in(self):
        """How many TCP segments the server's kernel has got."""
        names, values = [line.split() for line in lab.output_in(
            "server", "cat", "/proc/net/snmp").splitlines() if line.startswith("Tcp:")]
        return int(dict(zip(names, values))["InSegs"])


class TeardownScripts(Case):
    """What `tcp-teardown show --script` prints, played with a server that does what it says."""
    NOT_AGAINST_THIS_SERVER = {
        "unread-data",  # its application does not read at all
        "half-close",  # its application reads to the end before it answers
        "reset-in-window",  # a number at the end of the window, which is another one here
    }


    @classmethod
    def setUpClass(cls):
        names = [line.split()[0] for line in cls.teardown("list").splitlines()[1:]]
        cls.texts = {name: cls.teardown("show", name, "--script") for name in names}

    @staticmethod
    def teardown(*words):
        tool = str(Path(lab.TOOL).with_name("tcp-teardown"))
        return subprocess.run([tool, *words], capture_output=True, text=True, timeout=lab.PATIENCE,
                              check=True).stdout

    def scripts(self):
        for name, text in self.texts.items():
            yield name, self.script(text, f"{name}.pkt")

    def test_all_are_read(self):
        files = [file for _, file in self.scripts()]
        self.assertGreater(len(files), 15)
        done = self.run_tool("192.0.2.2:80", *files, "--simulate", "--dry-run")
        self.assertEqual((done.status, done.stderr), (0, ""))

    @lab.both_families
    def test_played(self, family):
        files = [file for name, file in self.scripts() if name not in self.NOT_AGAINST_THIS_SERVER]
        listener = self.closing(lab.listener_in("server", family, PORT))
        for _ in range(2 * len(files)):  # a script may open a second connection
            self.application(listener, bye)
        done = self.play(family, *files)
        failed = [script for script in done.result["scripts"] if not script["passed"]]
        self.assertEqual(failed, [], str(done))


def bye(taken):
    """Reads something, or the end; says bye, closes."""
    taken.recv(65536)
    taken.sendall(b"bye\n")


class Server(Case):
    @lab.both_families
    def test_closing_first(self, family):
        run = self.start("-l", PORT, f"-{family}", SCRIPTS / "server-close.pkt", "--json", *PATIENT)
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        peer = lab.socket_in("server", family)
        peer.connect((lab.address_of("client", family), PORT))
        self.assertEqual(peer.recv(1), b"")
        peer.close()
        done = run.end()
        self.assert_status(done, 0)
        self.assertIn(done.flags("in"), [["S", ".", ".", "F."], ["S", ".", "F."]], str(done))
        self.assertEqual(lab.own_rules("client"), [])


class TestedNamespace(Case):
    """The script's calls are made in the namespace `server`, over a device of the tool's own."""
    WHOLE = """ 0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0...0.1 accept(3, ..., ...) = 4
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop>
+0 > S. 0:0(0) ack 1 <mss MSS,nop,nop,sackOK>
+0 < . 1:1(0) ack 1 win 257
+0 write(4, ..., 5) = 5
+0 > P. 1:6(5) ack 1
+0 < . 1:1(0) ack 6 win 257
+0 < F. 1:1(0) ack 6 win 257
+0~+.2 > . 6:6(0) ack 2
+0 read(4, ..., 1000) = 0
+0 `test -e /proc/sys/net/ipv4/tcp_fin_timeout`
+0 close(4) = 0
+0 > F. 6:6(0) ack 2
+0 < . 2:2(0) ack 7 win 257
"""

    def setUp(self):
        if not os.access("/dev/net/tun", os.W_OK):
            self.skipTest("no /dev/net/tun here")

    def play_whole(self, text, family, *words):
        file = self.script(f"--ip_version=ipv{family}\n" + text)
        return self.run_tool("--sut-netns", "server", file, "--json", "--define",
                             f"MSS={1500 - (40 if family == 4 else 60)}", *PATIENT, *words)

    @lab.both_families
    def test_a_whole_script(self, family):
        self.assert_status(self.play_whole(self.WHOLE, family, "--allow-code"), 0)

    @lab.both_families
    def test_a_call_that_gives_something_else(self, family):
        wrong = self.WHOLE.replace("read(4, ..., 1000) = 0", "read(4, ..., 1000) = 7")
        done = self.play_whole(wrong, family, "--allow-code")
        self.assert_status(done, 1)
        script = done.result["scripts"][0]
        self.assertEqual((script["failed_line"], script["got"]), (15, "0"), str(done))

    LISTENS = """ 0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
"""
    # No SYN ever comes: this accept() blocks until somebody wakes it.
    BLOCKS = LISTENS + "+0 accept(3, ..., ...) = 4\n+0 < S 0:0(0) win 1000\n"

    def test_a_call_that_still_blocks_at_the_end(self):
        ended = self.folder() / "ended"
        blocking = self.script(f"{self.BLOCKS}`touch {ended}`\n", "blocking.pkt")
        next_one = self.script(self.BLOCKS, "next.pkt")
        done = self.run_tool("--sut-netns", "server", blocking, next_one, "--json", "--allow-code",
                             "--timeout", "200ms")
        self.assert_status(done, 1)
        self.assertEqual([(script["failed_line"], script["text"])
                          for script in done.result["scripts"]],
                         2 * [(4, "the call does not return")], str(done))
        self.assertTrue(ended.exists(), "the command behind the last line")

    def test_a_command_that_does_not_end(self):
        """Before, between and behind the lines: it is killed, with what it has started."""
        endless = "echo $$ > {}; sleep 1000 & sleep 1000; true"
        for place, status in (("`{}`\n" + self.LISTENS, 4),
                              (self.LISTENS + "+0 `{}`\n+0 < S 0:0(0) win 1\n", 1),
                              (self.BLOCKS + "`{}`\n", 1)):
            with self.subTest(script=place):
                note = self.folder() / "process"
                text = place.format(endless.format(note))
                text += "" if " < S" in text else "+0 < S 0:0(0) win 1\n"
                done = self.run_tool("--sut-netns", "server", self.script(text), "--json",
                                     "--allow-code", "--timeout", "300ms")
                self.assert_status(done, status)
                self.assert_group_gone(int(note.read_text()))

    def test_a_deadline_between_scripts(self):
        first = self.script(self.WHOLE.replace("MSS", "1460"), "first.pkt")
        second = self.script("`sleep 1000`\n" + self.BLOCKS, "second.pkt")
        done = self.run_tool("--sut-netns", "server", first, second, "--json", "--allow-code",
                             "--timeout", "1000s", "--deadline", "4s", *PATIENT)
        self.assert_status(done, 3)
        self.assertIn([script["text"] for script in done.result["scripts"]],
                      [[None, "`sleep 1000` was ended: its time was over"],
                       ["the deadline of the run is over"]],  # a machine that slow
                      str(done))

    def test_a_signal_ends_a_command(self):
        note = self.folder() / "process"
        file = self.script(f"`echo $$ > {note}; sleep 1000`\n" + self.BLOCKS)
        run = self.start("--sut-netns", "server", file, "--json", "--allow-code",
                         "--timeout", "1000s")
        lab.wait_until(lambda: note.exists() and note.read_text().endswith("\n"), "the command")
        run.signal(signal.SIGINT)
        done = run.end()
        self.assert_status(done, 130)
        self.assert_group_gone(int(note.read_text()))

    @staticmethod
    def assert_group_gone(group):
        def gone():
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return True
            return False

        lab.wait_until(gone, f"the end of the process group {group}")

    def test_calls_and_symbols_that_are_not_known(self):
        for line in ("fork() = 0", "setsockopt(3, SOL_NONSENSE, 1, [1], 4) = 0", "close() = 0"):
            done = self.play_whole(f"+0 {line}\n+0 < S 0:0(0) win 1\n", 4)
            self.assert_status(done, 2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_dry_run_does_not_go_there(self):
        done = self.run_tool("--sut-netns", "nowhere", self.script(OPENS), "--dry-run")
        self.assertEqual(done.status, 0, str(done))
        self.assertIn("in the namespace nowhere, tun0 with 192.168.0.1 there", done.stdout)

    def test_a_namespace_that_is_not_there(self):
        file = self.script(OPENS)
        self.assert_status(self.run_tool("--sut-netns", "nowhere", file, "--json"), 4)


if __name__ == "__main__":
    lab.main()

"""However a run ends, the firewall holds the same rules as before it; one class for each backend."""

import os
import signal
import time
from pathlib import Path

import lab
from sniffer import Sniffer

PORT = 7003
FOREIGN = (  # what the host's owner has there, in raw as well
    ("iptables", "-A", "INPUT", "-s", "192.0.2.1", "-j", "DROP"),
    ("iptables", "-t", "raw", "-A", "OUTPUT", "-d", "192.0.2.1", "-j", "ACCEPT"),
    ("ip6tables", "-A", "INPUT", "-s", "2001:db8::1", "-j", "DROP"),
    ("nft", "add table inet owners"),
)


def setUpModule():
    for words in FOREIGN:
        lab.output_in("client", *words)


class Rules:
    """The cases; the classes below say for which backend."""

    backend = ""
    leaves_rules = False  # when tool and guardian are killed together

    def setUp(self):
        for family in lab.FAMILIES:
            self.closing(lab.listener_in("server", family, PORT))
        self.before = lab.rule_set("client")
        self.assertIn("192.0.2.1", str(self.before))

    def words(self, family, *words):
        option, self.environment = lab.BACKENDS[self.backend]
        return [lab.target("server", family, PORT), "--json", "--firewall", option, *words]

    def hold(self, family):
        run = self.start(*self.words(family, "--then", "hold"), environment=self.environment)
        self.wait_established(PORT)
        self.assertEqual(bool(lab.own_rules("client")), self.backend != "socket")
        return run

    def assert_as_before(self):
        self.assertEqual(lab.rule_set("client"), self.before)
        self.wait_gone(PORT)

    @lab.both_families
    def test_normal_end(self, family):
        done = self.run_tool(*self.words(family, "--then", "reset"), environment=self.environment)
        self.assert_status(done, 0)
        self.assert_as_before()

    @lab.both_families
    def test_without_standard_streams(self, family):
        """Then no socket may take their numbers: the guardian redirects what has them."""
        closed = ["bash", "-c", 'exec "$0" "$@" <&- >&- 2>&-']
        done = self.run_tool(*self.words(family, "--then", "reset"), before=closed,
                             environment=self.environment)
        self.assertEqual((done.status, done.octets), (0, b""), str(done))
        self.assert_as_before()

    @lab.both_families
    def test_signals(self, family):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                run = self.hold(family)
                run.signal(number)
                self.assert_status(run.end(), 130)
                self.assert_as_before()

    @lab.both_families
    def test_kill_9(self, family):
        run = self.hold(family)
        start = time.monotonic()
        run.signal(signal.SIGKILL)
        lab.wait_until(lambda: not lab.own_rules("client"), "the rules to go")
        took = time.monotonic() - start
        print(f"{self.backend}, IPv{family}: gone {took:.2f} s after kill -9")
        self.assertLess(took, 10)  # it promises one second, of a machine that is not overloaded
        self.assertEqual(lab.rule_set("client"), self.before)
        self.forget_connection()

    @lab.both_families
    def test_power_loss(self, family):
        """Tool and guardian die together; the next run, and `firewall clear`, remove the rules."""
        for cleaner in (self.run_again, self.clear):
            with self.subTest(cleaner=cleaner.__name__):
                self.kill_all_at_once(self.hold(family))
                self.assertEqual(bool(lab.own_rules("client")), self.leaves_rules)
                self.forget_connection()
                cleaner(family)
                self.assertEqual(lab.rule_set("client"), self.before)

    def kill_all_at_once(self, run):
        family = lab.family_of_processes(run.pid)
        for number in (signal.SIGSTOP, signal.SIGKILL):  # so that none can react to another's end
            for pid in family:
                os.kill(pid, number)
        run.process.wait()
        lab.wait_until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and
                                       Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family),
                       "the processes to be gone")
        if self.backend == "nft":  # the kernel drops the table with its owner
            lab.wait_until(lambda: not lab.own_rules("client"), "the table to go")

    def run_again(self, family):
        done = self.run_tool(*self.words(family, "--then", "reset"), environment=self.environment)
        self.assert_status(done, 0)

    def clear(self, _):
        tool = Path(lab.TOOL).parent / "tcpcraft"
        done = self.run_tool("firewall", "clear", tool=tool, environment=self.environment)
        self.assertEqual(done.status, 0, str(done))

    def forget_connection(self):
        """Nobody is left to end the connection that a killed tool held."""
        lab.run_in("server", "ss", "-K", f"sport = :{PORT}")
        if lab.sockets("server", PORT):  # a kernel without CONFIG_INET_DIAG_DESTROY
            self.fail("ss -K does not work here")


class Removable(Rules):
    """Backends whose rules somebody else can take away."""

    @lab.both_families
    def test_guard_taken_away(self, family):
        run = self.hold(family)
        self.take_away(family)
        lab.wait_until(lambda: not lab.own_rules("client"), "the guard to go")
        run.signal(signal.SIGINT)
        done = run.end()
        self.assert_status(done, 130)
        self.assertIn("the guard went away during the run", done.stderr, str(done))
        self.assert_as_before()

    def take_away(self, _):
        tool = Path(lab.TOOL).parent / "tcpcraft"
        done = self.run_tool("firewall", "clear", "--all", tool=tool, environment=self.environment)
        self.assertEqual(done.status, 0, str(done))


class Iptables(Removable, lab.Case):
    backend, leaves_rules = "iptables", True


class IptablesLegacy(Removable, lab.Case):
    backend, leaves_rules = "iptables-legacy", True


class Nft(Removable, lab.Case):
    backend = "nft"

    def take_away(self, _):
        """Nobody but its owner may delete that table."""
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            if process.read_bytes() == b"nft\0-i\0" and self.is_in_client(process.parent):
                os.kill(int(process.parent.name), signal.SIGKILL)

    @staticmethod
    def is_in_client(process):
        return os.path.samefile(process / "ns" / "net", "/run/netns/client")


class Socket(Rules, lab.Case):
    backend = "socket"


class Impossible(lab.Case):
    """Without a guard nothing is sent."""

    def refused(self, family, *words, **options):
        with Sniffer() as sniffer, lab.listener_in("server", family, PORT):
            done = self.run_tool(lab.target("server", family, PORT), "--json", *words, **options)
            self.assert_status(done, 4)
            self.assertEqual(sniffer.packets(), [])
        self.assertFalse(done.result["established"])
        self.assertNotEqual(done.stderr, "")
        return done

    @lab.both_families
    def test_no_capability(self, family):
        for backend in ("iptables", "nft"):
            with self.subTest(backend=backend):
                done = self.refused(family, "--firewall", backend,
                                    before=["setpriv", "--bounding-set", "-net_admin"])
                self.assertIn("CAP_NET_ADMIN", done.stderr)

    @lab.both_families
    def test_no_program(self, family):
        missing = {"TCPCRAFT_IPTABLES": "/nonexistent/iptables"}
        self.refused(family, environment=missing)

    @lab.both_families
    def test_the_socket_backend_needs_no_net_admin(self, family):
        self.closing(lab.listener_in("server", family, PORT))
        done = self.run_tool(lab.target("server", family, PORT), "--json", "--firewall", "socket",
                             "--then", "reset", before=["setpriv", "--bounding-set", "-net_admin"])
        self.assert_status(done, 0)


if __name__ == "__main__":
    lab.main()

"""scripts/lab: both ways of becoming root, both families, every option, and nothing left behind."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = HERE.parents[1] / "scripts" / "lab"
NOBODY = 65534
BOUND = 30  # seconds, for anything at all


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=BOUND, check=False,
                          **options)


def processes_named(word):
    """Command lines (by PID) of all processes that bear a word in theirs."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if word in line:
                found[int(entry.name)] = line
    return found


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def machine():
    """What the machine around a lab shows of network, mounts and names."""
    names = Path("/run/netns")
    return (run(["ip", "-brief", "link"]).stdout, Path("/proc/self/mountinfo").read_text(),
            sorted(p.name for p in names.iterdir()) if names.exists() else [])


class Cases:
    """The cases; how they become root is for the classes below."""

    become = []

    def setUp(self):
        # Nobody may not be able to read the checkout, but can read this.
        self.folder = Path(tempfile.mkdtemp(prefix="lab-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        for source in (LAB, LAB.with_name("lab-bridge"), HERE / "inside.py"):
            shutil.copy(source, self.folder)
            (self.folder / source.name).chmod(0o755)

    def command(self, *arguments):
        return [*self.become, str(self.folder / "lab"), *arguments]

    def lab(self, *arguments, **options):
        return run(self.command(*arguments), cwd="/", **options)

    def lines(self, *arguments):
        done = self.lab(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def inside(self, *words):
        return ["python3", str(self.folder / "inside.py"), *words]

    def test_one_is_root_inside(self):
        self.assertEqual(self.lines("id", "-u"), ["0"])

    def test_both_families_connect(self):
        self.assertEqual(self.lines(*self.inside("converse")),
                         ["4 10.77.2.2 data", "6 fd77:2::2 data"])

    def test_router_stands_between(self):
        self.assertEqual(self.lines("--router", *self.inside("converse")),
                         ["4 10.77.2.2 data", "6 fd77:2::2 data"])
        route = "ip route get $LAB_SERVER4; ip -6 route get $LAB_SERVER6"
        shown = " ".join(self.lines("--router", "--in", "client", "bash", "-c", route))
        self.assertIn("via 10.77.1.1", shown)
        self.assertIn("via fd77:1::1", shown)

    def test_router_forgets_idle_connections(self):
        options = ("--router", "--conntrack-timeout", "1")
        self.assertEqual(self.lines(*options, *self.inside("forget", "2")),
                         ["before data"] * 2 + ["after silence"] * 2)
        self.assertEqual(self.lines("--router", *self.inside("forget", "2")),
                         ["before data"] * 2 + ["after data"] * 2)

    def test_strict_firewall_judges_by_state(self):
        self.assertEqual(self.lines("--strict-firewall", *self.inside("judge_firewall")),
                         ["4 data silence dropped", "6 data silence dropped"])
        self.assertEqual(self.lines(*self.inside("judge_firewall")),
                         ["4 data refused sent", "6 data refused sent"])

    def test_offload_and_mtu(self):
        ask = "ethtool -k eth0; cat /sys/class/net/eth0/mtu"
        shown = self.lines("--no-offload", "--mtu", "1400", "--in", "server", "bash", "-c", ask)
        self.assertIn("tx-checksumming: off", shown)
        self.assertIn("generic-segmentation-offload: off", shown)
        self.assertEqual(shown[-1], "1400")
        self.assertIn("tx-checksumming: on", self.lines("--in", "server", "ethtool", "-k", "eth0"))

    def test_run_is_private(self):
        name = f"/run/{uuid.uuid4()}"
        self.assertEqual(self.lines("bash", "-c", f"touch {name} && echo $XTABLES_LOCKFILE"),
                         ["/run/xtables.lock"])
        self.assertFalse(Path(name).exists())

    def test_status_is_the_commands(self):
        self.assertEqual(self.lab("bash", "-c", "exit 7").returncode, 7)
        self.assertEqual(self.lab("bash", "-c", "kill -KILL $$").returncode, 137)
        self.assertEqual(self.lab("--in", "client", "false").returncode, 1)

    def test_standard_input_reaches_the_command(self):
        self.assertEqual(self.lab("cat", input="word\n").stdout, "word\n")

    def test_a_lab_fits_into_a_lab(self):
        self.assertEqual(self.lines(str(self.folder / "lab"), *self.inside("converse")),
                         ["4 10.77.2.2 data", "6 fd77:2::2 data"])

    def test_wrong_usage_is_refused(self):
        for words in (["--nonsense"], ["--in", "moon", "true"], ["--in", "router", "true"], ["--in"],
                      ["--mtu", "1000", "true"], ["--mtu", "x", "true"], ["--loss", "x", "true"],
                      ["--loss", "101", "true"], ["--router", "--delay", "1", "true"],
                      ["--conntrack-timeout", "5", "true"]):
            done = self.lab(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertRegex(done.stderr, r"^lab: .+\n$")

    def test_a_bridge_loses_tcp_and_nothing_else(self):
        """With all of TCP lost neighbours are still found; with none of it a connection works."""
        for loss, works in (("0", True), ("100", False)):
            done = self.lab("--delay", "1", "--loss", loss, "--seed", "1", *self.inside("converse"))
            self.assertEqual(done.returncode == 0, works, done.stderr)
            self.assertIn(f"loses {loss} %, seed 1", done.stderr)

    def test_help(self):
        self.assertIn("--strict-firewall", "\n".join(self.lines("--help")))

    def start(self, mark):
        """A lab with a daemon in a host and a waiting command; returns when both are running.

        The mark, a number that sleep adds to its own, is in the command line of all of them.
        """
        words = (f"setsid ip netns exec server sleep 1000 {mark} & trap 'echo caught; exit 5' INT; "
                 f"echo ready; while :; do read -t 1000 -u 9 9<>$0; done")
        pipe = self.folder / f"pipe-{mark}"
        os.mkfifo(pipe)
        pipe.chmod(0o666)
        lab = subprocess.Popen(self.command("bash", "-c", words, str(pipe)), cwd="/",
                               stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(lab.stdout.close)
        self.addCleanup(lab.kill)
        self.assertEqual(lab.stdout.readline(), "ready\n")
        self.assertTrue(wait_until(lambda: any(
            line.startswith("sleep") for line in processes_named(mark).values())))
        return lab

    def test_nothing_is_left(self):
        before = machine()
        for how, status in ((signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            with self.subTest(how=how):
                mark = str(uuid.uuid4().int % 10**12)
                lab = self.start(mark)
                self.assertEqual(machine(), before)  # even while it is there
                lab.send_signal(how)
                self.assertEqual(lab.wait(BOUND), status)
                self.assertTrue(wait_until(lambda m=mark: not processes_named(m)),
                                processes_named(mark))
                self.assertEqual(machine(), before)

    def test_an_interrupt_is_for_the_command_to_answer(self):
        mark = str(uuid.uuid4().int % 10**12)
        lab = self.start(mark)
        os.killpg(lab.pid, signal.SIGINT)  # as a terminal does
        self.assertEqual(lab.stdout.readline(), "caught\n")
        self.assertEqual(lab.wait(BOUND), 5)
        self.assertTrue(wait_until(lambda: not processes_named(mark)))


@unittest.skipUnless(os.geteuid() == 0, "needs root: run the tests as root to see this path")
class AsRoot(Cases, unittest.TestCase):
    pass


class Rootless(Cases, unittest.TestCase):
    become = ([] if os.geteuid() != 0 else
              ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env",
               "HOME=/nonexistent"])

    @classmethod
    def setUpClass(cls):
        tried = run([*cls.become, "unshare", "-Urn", "true"])
        if tried.returncode != 0:
            raise unittest.SkipTest(f"no unprivileged user namespaces here: {tried.stderr.strip()}")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The tools as an ordinary user starts them, with file capabilities: what they keep, what they run."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import unittest
from pathlib import Path

import lab

CAPABILITIES = "cap_net_raw,cap_net_admin=ep"
NET_ADMIN = 1 << 12
AS_NOBODY = ["setpriv", f"--reuid={lab.NOBODY}", f"--regid={lab.NOBODY}", "--clear-groups"]
# A process that its user may not trace cannot be looked at by LeakSanitizer.
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0"}
PORT = 7777


def why_not():
    """Why this cannot be tried here; none when it can."""
    if os.geteuid() != 0 or Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"]:
        return "only root outside of a user namespace can give capabilities to files"
    if not shutil.which("setcap", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        return "there is no setcap (apt-get install libcap2-bin)"
    return None


def status_of(pid):
    """The lines of /proc/PID/status of every thread."""
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        lines = (thread / "status").read_text().splitlines()
        found.append(dict(line.split(":", 1) for line in lines))
    return found


def sets(pid, *names):
    return [int(status[name], 16) for status in status_of(pid) for name in names]


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def name(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip()


class Privileged(lab.Case):
    """A copy of the tool with file capabilities, and a user who has none."""

    @classmethod
    def setUpClass(cls):
        cls.place = lab.temporary_folder()
        cls.place.chmod(0o755)
        cls.addClassCleanup(lab.remove_folder, cls.place)
        cls.tool = cls.place / Path(lab.TOOL).name
        shutil.copy(lab.TOOL, cls.tool)
        given = subprocess.run(["setcap", CAPABILITIES, str(cls.tool)], capture_output=True,
                               text=True, check=False, env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})
        if given.returncode != 0:
            raise unittest.SkipTest(f"files take no capabilities here: {given.stderr.strip()}")
        tried = lab.run_in("client", *AS_NOBODY, str(cls.tool), "--version", env={**os.environ, **ENVIRONMENT})
        if tried.returncode != 0:
            raise unittest.SkipTest(f"an ordinary user cannot start the tool: {tried.stderr.strip()}")

    def start_as_nobody(self, *words, environment=None, **options):
        return self.start(*words, before=AS_NOBODY, tool=str(self.tool),
                          environment={**ENVIRONMENT, **(environment or {})}, **options)

    def held(self, *words, environment=None):
        """A run that holds a connection to the kernel's server."""
        self.closing(lab.listener_in("server", 4, PORT))
        run = self.start_as_nobody(lab.target("server", 4, PORT), "--then", "hold:60", *words,
                                   environment=environment)
        self.wait_held(run)
        return run

    def wait_held(self, run):
        lab.wait_until(lambda: lab.sockets("server", PORT, "ESTAB") or not run.running(),
                       "a connection")
        if not run.running():
            self.fail(str(run.end()))

    def assert_has_nothing(self, run):
        self.assertEqual(set(sets(run.pid, "CapPrm", "CapEff", "CapInh", "CapAmb")), {0})
        self.assertEqual({s["NoNewPrivs"].strip() for s in status_of(run.pid)}, {"1"})

    def end_politely(self, run):
        run.signal(signal.SIGINT)
        done = run.end()
        self.assert_status(done, 130)
        self.assertEqual(lab.own_rules("client"), [])
        return done


class Tool(Privileged):
    def test_nothing_is_left_once_the_rule_is_in_place(self):
        for backend, helper in (("iptables", "tcpcraft-guard"), ("nft", "nft"), ("socket", None)):
            with self.subTest(backend):
                run = self.held("--firewall", backend)
                self.assert_has_nothing(run)
                helpers = [pid for pid in children(run.pid) if name(pid) == helper]
                self.assertEqual(len(helpers), 1 if helper else 0)
                for pid in helpers:
                    self.assertEqual(set(sets(pid, "CapPrm")), {NET_ADMIN})
                self.end_politely(run)
                self.doCleanups()

    def test_its_user_cannot_take_its_sockets(self):
        run = self.held()
        looked = lab.run_in("client", *AS_NOBODY, "ls", f"/proc/{run.pid}/fd")
        self.assertNotEqual(looked.returncode, 0, looked.stdout)
        self.end_politely(run)

    def test_as_a_server(self):
        run = self.start_as_nobody("-l", PORT, "--then", "hold:60", "--accept", "1")
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "a rule")
        peer = self.closing(lab.socket_in("server", 4))
        peer.connect((lab.address_of("client", 4), PORT))
        self.assert_has_nothing(run)
        self.end_politely(run)

    def test_a_client_by_its_link_local_address(self):
        run = self.start_as_nobody("-6", "-l", PORT, "--then", "hold:60", "--accept", "1")
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "a rule")
        address = lab.output_in("client", "ip", "-6", "-o", "addr", "show", "scope", "link").split()[3]
        link = lab.output_in("server", "ip", "-o", "link", "show", "type", "veth").split()[1]
        peer = self.closing(lab.socket_in("server", 6))
        with lab.inside("server"):
            index = socket.if_nametoindex(link.split("@")[0].rstrip(":"))
        peer.connect((address.split("/")[0], PORT, 0, index))
        self.end_politely(run)

    def test_kill_9_leaves_no_rule(self):
        for backend in ("iptables", "nft"):
            with self.subTest(backend):
                run = self.held("--firewall", backend)
                run.signal(signal.SIGKILL)
                run.end()
                lab.wait_until(lambda: not lab.own_rules("client"), "no rule")
                self.doCleanups()

    def test_a_deleted_rule_is_noticed(self):
        run = self.held()
        lab.output_in("client", "iptables", "-t", "raw", "-F", "OUTPUT")
        run.signal(signal.SIGINT)
        self.assertIn("somebody deleted its rule", run.end().stdout)

    def test_programs_come_from_the_system_only(self):
        fakes = self.folder()
        fakes.chmod(0o777)
        for program in ("iptables", "iptables-save", "iptables-restore", "iptables-legacy", "nft"):
            (fakes / program).write_text(f"#!/bin/sh\ntouch {fakes}/ran-$(basename $0)\n")
            (fakes / program).chmod(0o755)
        mine = {"PATH": f"{fakes}:/usr/bin:/bin", "TCPCRAFT_IPTABLES": f"{fakes}/iptables",
                "XTABLES_LOCKFILE": f"{fakes}/lock"}
        before = self.start("--version", tool="iptables", environment=mine, before=AS_NOBODY).end()
        self.assertTrue((fakes / "ran-iptables").exists(), f"the trap works: {before}")
        (fakes / "ran-iptables").unlink()
        for backend in ("iptables", "nft"):
            with self.subTest(backend):
                run = self.held("--firewall", backend, environment=mine)
                self.assertTrue(lab.own_rules("client"))
                self.end_politely(run)
                self.doCleanups()
        self.assertEqual([p.name for p in fakes.glob("ran-*")] + [p.name for p in fakes.glob("lock")], [])

    def test_very_many_at_once(self):
        listener = self.closing(lab.listener_in("server", 4, PORT))
        listener.settimeout(None)
        run = self.start_as_nobody(lab.target("server", 4, PORT), "--count", "200", "--rate", "1000",
                                   "--then", "reset", "-q")
        done = run.end()
        self.assert_status(done, 0)
        self.assertEqual(done.stdout.count(" ESTABLISHED "), 200, str(done))
        self.assertEqual(lab.own_rules("client"), [])

    def test_what_it_writes_is_its_users(self):
        file = "/etc/tcpcraft-test.pcapng"
        done = self.start_as_nobody(lab.target("server", 4, PORT), "-w", file).end()
        self.assert_status(done, 4)
        self.assertFalse(Path(file).exists())


if __name__ == "__main__":
    if not lab.TOOL and (reason := why_not()):
        print(f"SKIPPED: {reason}")
        sys.exit(lab.SKIPPED)
    lab.main()

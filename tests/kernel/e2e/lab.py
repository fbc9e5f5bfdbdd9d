"""The laboratory seen from inside: its two hosts, programs in them, the tool under test.

A test program ends with `lab.main()`. Started by ctest as `NAME_test.py TOOL [--rootless] [unittest's
own arguments]` it makes a laboratory with scripts/lab and runs itself again inside, where its cases
find the tool in TOOL. Every wait has a bound, and no bound decides more than that something hangs.
"""

import contextlib
import ctypes
import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PATIENCE = 60  # seconds, for anything at all: a loaded machine and a sanitized tool
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
NOBODY = 65534
SKIPPED = 77  # exit status; CMake knows it as SKIP_RETURN_CODE
CLONE_NEWNET = 0x40000000
TOOL = os.environ.get("TCPCRAFT_E2E_TOOL", "")
BACKENDS = {  # name of the test: (option, environment)
    "iptables": ("iptables", {}),
    "iptables-legacy": ("iptables", {"TCPCRAFT_IPTABLES": "iptables-legacy"}),
    "nft": ("nft", {}),
    "socket": ("socket", {}),
}

libc = ctypes.CDLL(None, use_errno=True)


# --- getting in ----------------------------------------------------------------------------------

def main(*lab_options):
    if TOOL:
        unittest.main(verbosity=2)
    tool, arguments = str(Path(sys.argv[1]).resolve()), sys.argv[2:]
    become = _become_nobody() if "--rootless" in arguments else []
    arguments = [word for word in arguments if word != "--rootless"]
    _need_namespaces(become)
    os.environ["TCPCRAFT_E2E_TOOL"] = tool
    # Python itself may be where an ordinary user has no access; Debian's is not.
    python = shutil.which("python3", path="/usr/bin:/bin") if become else sys.executable
    command = [*become, str(REPOSITORY / "scripts" / "lab"), *lab_options, "--", python,
               str(Path(sys.argv[0]).resolve()), *arguments]
    os.chdir("/")
    sys.stdout.flush()
    os.execvp(command[0], command)


def _become_nobody():
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env",
            "HOME=/nonexistent", "PYTHONDONTWRITEBYTECODE=1"]


def _need_namespaces(become):
    needed = ["test", "-x", str(REPOSITORY / "scripts" / "lab")]
    if become and subprocess.run([*become, *needed], check=False).returncode != 0:
        print(f"SKIPPED: an ordinary user may not read {REPOSITORY}")
        sys.exit(SKIPPED)
    privileged = os.geteuid() == 0 and not become
    if privileged and _run(["unshare", "-nm", "true"]).returncode == 0:
        return
    tried = _run([*become, "unshare", "-Urnm", "true"])
    if tried.returncode != 0:
        print(f"SKIPPED: neither root nor user namespaces here: {tried.stderr.strip()}")
        sys.exit(SKIPPED)


def _run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False,
                          **options)


# --- hosts ---------------------------------------------------------------------------------------

@contextlib.contextmanager
def inside(host):
    """This thread in the network of a host; sockets made there belong to it for ever."""
    with open("/proc/thread-self/ns/net", "rb") as home, \
            open(f"/run/netns/{host}", "rb") as there:
        _set_namespace(there)
        try:
            yield
        finally:
            _set_namespace(home)


def _set_namespace(namespace):
    if libc.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def socket_in(host, family, kind=socket.SOCK_STREAM, protocol=0):
    with inside(host):
        made = socket.socket(FAMILIES[family], kind, protocol)
    made.settimeout(PATIENCE)
    return made


def listener_in(host, family, port, address=None, backlog=1024):
    made = socket_in(host, family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address or address_of(host, family), port))
    made.listen(backlog)
    return made


def address_of(host, family):
    return os.environ[f"LAB_{host.upper()}{family}"]


def target(host, family, port):
    return f"{bracketed(address_of(host, family))}:{port}"


def bracketed(address):
    return f"[{address}]" if ":" in address else address


def command_in(host, *words):
    return ["ip", "netns", "exec", host, *words]


def run_in(host, *words, **options):
    return _run(command_in(host, *words), **options)


def output_in(host, *words):
    done = run_in(host, *words)
    if done.returncode != 0:
        raise AssertionError(f"{words} in {host}: status {done.returncode}: {done.stderr}")
    return done.stdout


def wait_until(condition, what, seconds=PATIENCE):
    """What the condition returns once it is true; fails after a while."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(0.02)
    return found


def sockets(host, port, state=None):
    """The states of a host's kernel sockets on a local port, listeners left out (as ss has it)."""
    lines = output_in(host, "ss", "-Htan", f"sport = :{port}").splitlines()
    states = [line.split()[0] for line in lines]
    return [s for s in states if (s == state if state else s != "LISTEN")]


def listens(host, family, port):
    lines = output_in(host, "ss", "-Htln", f"sport = :{port}").splitlines()
    addresses = {line.split()[3].rpartition(":")[0] for line in lines}
    return bool(addresses & {"*", "0.0.0.0" if family == 4 else "[::]"})


def temporary_folder():
    return Path(tempfile.mkdtemp(prefix="tcpcraft-e2e-"))


def remove_folder(folder):
    shutil.rmtree(folder, ignore_errors=True)


# --- firewall ------------------------------------------------------------------------------------

def rule_set(host):
    """All rules of a host, counters left out, and without the tables `raw` that are empty."""
    found = {}
    for save in ("iptables-save", "ip6tables-save", "iptables-legacy-save", "ip6tables-legacy-save"):
        found[save] = _saved_rules(output_in(host, save))
    found["nft"] = _nft_rules(output_in(host, "nft", "--stateless", "list", "ruleset"))
    return found


def _saved_rules(text):
    tables = re.findall(r"^\*(\S+)\n(.*?)^COMMIT", text, re.MULTILINE | re.DOTALL)
    rules = []
    for table, body in tables:
        lines = [re.sub(r" \[\d+:\d+\]$", "", line) for line in body.splitlines()]
        empty = all(re.fullmatch(r":(PREROUTING|OUTPUT) ACCEPT", line) for line in lines)
        if not (table == "raw" and empty):
            rules += [f"{table}: {line}" for line in lines]
    return rules


def _nft_rules(text):
    tables = re.findall(r"^table .*?^}", text, re.MULTILINE | re.DOTALL)
    return [table for table in tables if not _is_empty_raw(table)]


def _is_empty_raw(table):
    head, *body = table.splitlines()
    own = re.compile(r"\s*(chain \w+ \{|type filter hook .*|\}|)$")
    return re.fullmatch(r"table ip6? raw \{", head) and all(own.match(line) for line in body)


def own_rules(host):
    """What of a rule set bears tcpcraft's name."""
    found = []
    for name, rules in rule_set(host).items():
        found += [f"{name}: {rule}" for rule in rules if "tcpcraft" in rule]
    return found


# --- the tool ------------------------------------------------------------------------------------

class Done:
    """A run that has ended."""

    def __init__(self, words, status, stdout, stderr):
        self.words, self.status, self.octets = words, status, stdout
        self.stdout, self.stderr = (text.decode(errors="replace") for text in (stdout, stderr))

    @property
    def document(self):
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise AssertionError(f"no JSON document ({error}) from {self}") from error

    @property
    def result(self):
        return self.document["result"]

    def events(self, kind):
        return [event for event in self.document["events"] if event["event"] == kind]

    def segments(self, direction=None):
        return [s for s in self.events("segment") if direction in (None, s["dir"])]

    def flags(self, direction=None):
        return [s["flags"] for s in self.segments(direction)]

    def __str__(self):
        return (f"\n$ {' '.join(self.words)}\nstatus {self.status}\n--- stdout\n{self.stdout[-6000:]}"
                f"\n--- stderr\n{self.stderr[-6000:]}")


class Run:
    """The tool at work in a host. Output goes to files, so that nobody waits for a reader."""

    def __init__(self, *words, host="client", environment=None, before=(), tool=None):
        self.words = [str(word) for word in words]
        self._out = tempfile.TemporaryFile()
        self._err = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command_in(host, *before, tool or TOOL, *self.words), stdout=self._out,
            stderr=self._err, stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def said(self):
        """What it has printed so far."""
        return Path(f"/proc/self/fd/{self._out.fileno()}").read_text()

    def end(self, patience=PATIENCE):
        """Waits for its end."""
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "still running, killed"
        texts = []
        for file in (self._out, self._err):
            file.seek(0)
            texts.append(file.read())
            file.close()
        return Done([TOOL, *self.words], status, *texts)

    def drop(self):
        """Ends it if that has not happened yet."""
        if self.running():
            self.process.kill()
        self.process.wait()
        self._out.close()
        self._err.close()


def family_of_processes(pid):
    """All processes of the laboratory that run the same program: the tool and its guardian."""
    program = os.readlink(f"/proc/{pid}/exe")
    return [p for p in _processes() if p == pid or _program(p) == program]


def _processes():
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _program(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


# --- test cases ----------------------------------------------------------------------------------

class Case(unittest.TestCase):
    """Cases that talk about the tool."""

    maxDiff = None

    def start(self, *words, **options):
        run = Run(*words, **options)
        self.addCleanup(run.drop)
        return run

    def run_tool(self, *words, **options):
        return self.start(*words, **options).end()

    def folder(self):
        made = temporary_folder()
        self.addCleanup(remove_folder, made)
        return made

    def closing(self, thing):
        self.addCleanup(thing.close)
        return thing

    def assert_status(self, done, status):
        self.assertEqual(done.status, status, str(done))
        if status != 2 and "--json" in done.words:
            self.assertEqual(done.result["exit_status"], status, str(done))

    def wait_established(self, port, count=1, host="server"):
        """Until a host's kernel has so many connections on a port, by its own account."""
        wait_until(lambda: len(sockets(host, port, "ESTAB")) == count,
                   lambda: f"{count} ESTAB on port {port}: {sockets(host, port)}")

    def wait_gone(self, port, besides=(), host="server"):
        """Until a host's kernel knows of no connection on a port."""
        wait_until(lambda: not [s for s in sockets(host, port) if s not in besides],
                   lambda: f"port {port} to be free: {sockets(host, port)}")


def both_families(test):
    """Runs a test method once for each family, which it gets as an argument."""
    @functools.wraps(test)
    def repeated(self):
        for family in FAMILIES:
            with self.subTest(family=f"IPv{family}"):
                test(self, family)
    return repeated

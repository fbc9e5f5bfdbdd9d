"""Kernel clients by the hundred, some of which die, each in a way of its own.

A worker is a process in the network of the client host that holds sockets; it does what the
schedule says and writes down when, by the wall clock. `Crowd` starts the workers, kills some of
them, stops one, and cuts the way of some addresses with a rule each.
"""

import contextlib
import errno
import json
import os
import random
import select
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

import lab

TCP_REPAIR = 19
CUTS = 4        # groups whose way is cut, each at a time of its own
KILLED = 4      # processes that are killed
ESTABLISHED = 1  # first octet of TCP_INFO
FATES = ("closes", "aborts", "restarts", "cut", "killed")
PATIENCE = 120


@dataclass
class Member:
    """One client: its fate, when that comes (seconds after the start), how often it talks."""
    fate: str
    group: int = 0
    at: float = 0.0
    talks: float = 0.0


@dataclass
class Told:
    """What workers have told: ends of the sockets by their name, and mishaps."""
    names: dict = field(default_factory=dict)  # name of the client: fate
    died: dict = field(default_factory=dict)   # name: when
    mishaps: list = field(default_factory=list)


def drawn(seed, count, within):
    """About a third die, each in one of the ways, within so many seconds."""
    dice = random.Random(seed)
    members = []
    for _ in range(count):
        fate = dice.choice(FATES) if dice.random() < 1 / 3 else "stays"
        group = dice.randrange({"cut": CUTS, "killed": KILLED}.get(fate, 1))
        talks = dice.uniform(0.3, 1.5) if dice.random() < 0.3 else 0.0
        members.append(Member(fate, group, dice.uniform(0, within), talks))
    return members


def cut_address(family, group):
    """Further addresses of the client host."""
    base = lab.address_of("client", family)
    return f"10.77.3.{group + 1}" if family == 4 else f"{base.rpartition('::')[0]}::3:{group + 1}"


def name_of(sock):
    address, port = sock.getsockname()[:2]
    return f"{lab.bracketed(address)}:{port}"


class Worker:
    """Within the process: its sockets, connected all at once."""

    def __init__(self, family, port, members):
        self.server = (lab.address_of("server", family), port)
        self.family, self.members = family, members
        self.socks = [self._connecting(member) for member in members]
        self.names = {}
        self.said = [0] * len(members)
        self.heard = [0] * len(members)

    def _connecting(self, member):
        sock = socket.socket(lab.FAMILIES[self.family])
        sock.setblocking(False)
        # Of several addresses of an interface IPv6 takes any, one that will be cut, say.
        sock.bind((cut_address(self.family, member.group) if member.fate == "cut" else
                   lab.address_of("client", self.family), 0))
        with contextlib.suppress(BlockingIOError):
            sock.connect(self.server)
        return sock

    def connect(self):
        waiting = {sock.fileno(): i for i, sock in enumerate(self.socks)}
        poll = select.poll()
        for fd in waiting:
            poll.register(fd, select.POLLOUT)
        end = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < end:
            for fd, _ in poll.poll(1000):
                poll.unregister(fd)
                i = waiting.pop(fd)
                if why := self.socks[i].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    tell("mishap", f"connect: {os.strerror(why)}")
                self.names[i] = name_of(self.socks[i])
        if waiting:
            tell("mishap", f"{len(waiting)} connects took more than {PATIENCE} s")
        for i, name in self.names.items():
            tell("name", name, self.members[i].fate)

    def live(self, start):
        """Until told to end: each member's fate at its time, and talk in between."""
        agenda = [(start + m.at, "fate", i) for i, m in enumerate(self.members)
                  if m.fate in ("closes", "aborts", "restarts")]
        agenda += [(start + m.talks, "talk", i) for i, m in enumerate(self.members) if m.talks]
        agenda.sort(reverse=True)
        while True:
            wait = max(0.0, agenda[-1][0] - time.time()) if agenda else PATIENCE
            if select.select([sys.stdin], [], [], wait)[0]:
                break
            while agenda and agenda[-1][0] <= time.time():
                _, what, i = agenda.pop()
                if what == "fate":
                    self.meet_fate(i)
                elif self.talk(i):
                    agenda.append((time.time() + self.members[i].talks, "talk", i))
                    agenda.sort(reverse=True)

    def meet_fate(self, i):
        sock, self.socks[i] = self.socks[i], None
        self.listen_to(sock, i)  # what lies unread would make a RST of the FIN
        fate = self.members[i].fate
        if fate == "aborts":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif fate == "restarts":
            sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)  # its close says nothing
        sock.close()
        tell("died", self.names[i], time.time())

    def listen_to(self, sock, i):
        with contextlib.suppress(BlockingIOError):
            while got := sock.recv(65536):
                self.heard[i] += len(got)

    def talk(self, i):
        sock = self.socks[i]
        if sock is None:
            return False
        try:
            self.said[i] += sock.send(b"still here\n")
            self.listen_to(sock, i)
        except OSError as error:
            if error.errno != errno.EAGAIN and self.members[i].fate != "cut":
                tell("mishap", f"{self.names[i]}, which {self.members[i].fate}: {error}")
            return False
        return True

    def look(self):
        """Who should be alive is, and everything said has come back."""
        end = time.monotonic() + PATIENCE / 4
        for i, member in enumerate(self.members):
            if member.fate != "stays":
                continue
            try:
                self.listen_to(self.socks[i], i)
                while self.heard[i] != self.said[i] and time.monotonic() < end:
                    select.select([self.socks[i]], [], [], 1)
                    self.listen_to(self.socks[i], i)
            except OSError as error:
                tell("mishap", f"{self.names[i]}, which stays: {error}")
                continue
            state = self.socks[i].getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
            if state != ESTABLISHED or self.heard[i] != self.said[i]:
                tell("mishap", f"{self.names[i]}, which stays: state {state}, "
                               f"{self.heard[i]} of {self.said[i]} octets back")


def tell(*what):
    print(json.dumps(what), flush=True)


def work(family, port, members):
    """The life of a worker process: each step begins with a line from the parent."""
    worker = Worker(family, port, members)
    worker.connect()
    tell("ready")
    worker.live(float(sys.stdin.readline()))
    sys.stdin.readline()
    worker.look()
    tell("looked")
    sys.stdin.readline()


class Process:
    """A worker, seen from outside."""

    def __init__(self, family, port, members):
        down, up = os.pipe(), os.pipe()
        self.members, self.names = members, []
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(down[0], 0)
            os.dup2(up[1], 1)
            os.closerange(3, 1 << 10)
            sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
            status = 1
            try:
                with lab.inside("client"):
                    work(family, port, members)
                status = 0
            finally:
                os._exit(status)
        os.close(down[0])
        os.close(up[1])
        self.input, self.output = os.fdopen(down[1], "w"), os.fdopen(up[0])

    def order(self, line=""):
        print(line, file=self.input, flush=True)

    def read_until(self, word, told):
        for line in self.output:
            kind, *what = json.loads(line)
            if kind == word:
                return
            if kind == "name":
                self.names.append(what[0])
            note(told, kind, what)
        told.mishaps.append(f"a worker ended before it was {word}")

    def end(self):
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.waitpid(self.pid, 0)
        with contextlib.suppress(OSError):
            self.input.close()
        self.output.close()


def note(told, kind, what):
    if kind == "name":
        told.names[what[0]] = what[1]
    elif kind == "died":
        told.died[what[0]] = what[1]
    elif kind == "mishap":
        told.mishaps.append(what[0])


class Crowd:
    """All clients of one family."""

    def __init__(self, family, port, members, within):
        self.family, self.port, self.within = family, port, within
        self.told = Told()
        self._add_addresses()
        killed = [[m for m in members if m.fate == "killed" and m.group == group]
                  for group in range(KILLED)]
        others = [m for m in members if m.fate != "killed"]
        share = max(1, -(-len(others) // 4))
        shares = [others[i:i + share] for i in range(0, len(others), share)]
        # One worker is stopped: its kernel goes on answering for the application.
        silent = [m for m in shares[0] if m.fate == "stays" and not m.talks]
        shares[0] = [m for m in shares[0] if m.fate != "stays" or m.talks]
        self.doomed = [Process(family, port, group) for group in killed if group]
        self.stopped = [Process(family, port, silent)] if silent else []
        self.workers = [Process(family, port, group) for group in shares if group]

    def _add_addresses(self):
        for group in range(CUTS):
            address = cut_address(self.family, group)
            width = "/16" if self.family == 4 else "/128"
            lab.output_in("client", "ip", "addr", "add", address + width, "dev", "eth0",
                          *(["nodad"] if self.family == 6 else []))
            if self.family == 6:
                lab.output_in("server", "ip", "-6", "route", "replace", address + "/128", "dev",
                              "eth0")

    def all(self):
        return self.doomed + self.stopped + self.workers

    def connect(self):
        for process in self.all():
            process.read_until("ready", self.told)
        return len(self.told.names)

    def live(self, seed):
        """Everybody who has to die has died when this returns."""
        dice = random.Random(seed)
        start = time.time()
        for process in self.all():
            process.order(str(start))
        for process in self.stopped:
            os.kill(process.pid, signal.SIGSTOP)
        acts = [(dice.uniform(0, self.within), self._kill, p) for p in self.doomed]
        acts += [(dice.uniform(0, self.within), self._cut, group) for group in range(CUTS)]
        for at, act, whom in sorted(acts, key=lambda planned: planned[0]):
            time.sleep(max(0.0, start + at - time.time()))
            act(whom)
        time.sleep(max(0.0, start + self.within - time.time()))

    def _kill(self, process):
        os.kill(process.pid, signal.SIGKILL)
        os.waitpid(process.pid, 0)
        self._died("killed", lambda name: True, process)

    def _cut(self, group):
        address = cut_address(self.family, group)
        tables = "iptables" if self.family == 4 else "ip6tables"
        for chain, side in (("INPUT", "-d"), ("OUTPUT", "-s")):
            lab.output_in("client", tables, "-I", chain, side, address, "-p", "tcp", "-j", "DROP")
        prefix = lab.bracketed(address) + ":"
        self._died("cut", lambda name: name.startswith(prefix))

    def _died(self, fate, applies, process=None):
        now = time.time()
        names = process.names if process else [n for n, f in self.told.names.items() if f == fate]
        for name in names:
            if applies(name):
                self.told.died[name] = now

    def look(self):
        """Asks the living how they are."""
        for process in self.stopped:
            os.kill(process.pid, signal.SIGCONT)
        for process in self.stopped + self.workers:
            process.order()
            process.read_until("looked", self.told)

    def end(self):
        for process in self.all():
            process.end()
        for group in range(CUTS):
            address = cut_address(self.family, group)
            tables = "iptables" if self.family == 4 else "ip6tables"
            for chain, side in (("INPUT", "-d"), ("OUTPUT", "-s")):
                lab.run_in("client", tables, "-D", chain, side, address, "-p", "tcp", "-j", "DROP")
            width = "/16" if self.family == 4 else "/128"
            lab.run_in("client", "ip", "addr", "del", address + width, "dev", "eth0")

"""A cable between client and server with a watchman in it, who knows the server's true states.

One thread carries every frame, asks the server's kernel for the state of its socket (sock_diag, as
ss does) and lets the server's applications act, one thing after the other, and each only when what
came before has had all its effects. So the true state at each segment is known, whatever the load.
"""

import contextlib
import errno
import fcntl
import select
import socket
import struct
import subprocess
import termios
import time
from collections import namedtuple

import lab
import sniffer

# The kernel's numbers (include/net/tcp_states.h) in the RFC's names.
STATES = {1: "ESTABLISHED", 2: "SYN-SENT", 3: "SYN-RECEIVED", 4: "FIN-WAIT-1", 5: "FIN-WAIT-2",
          6: "TIME-WAIT", 7: "CLOSED", 8: "CLOSE-WAIT", 9: "LAST-ACK", 10: "LISTEN",
          11: "CLOSING", 12: "SYN-RECEIVED"}
SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLMSG_ERROR = 20, 1, 2
PACKET_IGNORE_OUTGOING = 23
HEADER = 14  # of Ethernet

# A segment, and the server's state before and after it (of the server's own: when it was looked at
# last, and now). While a FIN of the client's has arrived that was not acknowledged yet: the state
# before that FIN.
Seen = namedtuple("Seen", "direction flags seq ack before after waiting")


def lay_cable():
    """Client and server are joined through a host `gate` from now on; real checksums and sizes."""
    lab.output_in("client", "ip", "link", "del", "eth0")
    ip("netns", "add", "gate")
    for host in ("client", "server"):
        ip("link", "add", "name", "eth0", "netns", host, "type", "veth", "peer", "name", host,
           "netns", "gate")
        lab.output_in("gate", "sysctl", "-qw", f"net.ipv6.conf.{host}.disable_ipv6=1")
        lab.output_in(host, "sysctl", "-qw", "net.ipv6.conf.eth0.accept_dad=0",
                      "net.ipv6.conf.eth0.dad_transmits=0")
        lab.output_in(host, "ethtool", "-K", "eth0", *"tx off tso off gso off gro off".split())
        lab.output_in("gate", "ip", "link", "set", host, "up")
        lab.output_in(host, "ip", "link", "set", "eth0", "up")
        lab.output_in(host, "ip", "addr", "add", f"{lab.address_of(host, 4)}/16", "dev", "eth0")
        lab.output_in(host, "ip", "addr", "add", f"{lab.address_of(host, 6)}/16", "dev", "eth0",
                      "nodad")


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=lab.PATIENCE)


class Diagnosis:
    """What a host's kernel says of one connection."""

    def __init__(self, host):
        with lab.inside(host):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)

    def state(self, family, here, there):
        """None: it has no socket for it. `here`, `there`: address and port."""
        ends = struct.pack("!HH", here[1], there[1])
        for end in (here, there):
            ends += socket.inet_pton(lab.FAMILIES[family], end[0]).ljust(16, b"\0")
        ends += struct.pack("=III", 0, 0xffffffff, 0xffffffff)  # any interface, any cookie
        wanted = struct.pack("=BBBBI", lab.FAMILIES[family], socket.IPPROTO_TCP, 0, 0, 0xffffffff)
        head = struct.pack("=IHHII", 72, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0)
        self._socket.send(head + wanted + ends)
        answer = self._socket.recv(65536)
        if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
            error = -struct.unpack_from("=i", answer, 16)[0]
            if error != errno.ENOENT:
                raise OSError(error, "sock_diag")
            return None
        return STATES[answer[17]]

    def close(self):
        self._socket.close()


class Counters:
    """How many segments the server's TCP has taken in, how many frames it has sent."""

    def __init__(self):
        with lab.inside("server"):
            self._segments = open("/proc/thread-self/net/snmp", encoding="ascii")
            self._frames = open("/proc/thread-self/net/dev", encoding="ascii")

    def segments_in(self):
        self._segments.seek(0)
        names, values = [line.split() for line in self._segments if line.startswith("Tcp:")]
        return int(values[names.index("InSegs")])

    def frames_out(self):
        self._frames.seek(0)
        return next(int(line.split(":")[1].split()[9]) for line in self._frames if "eth0:" in line)

    def close(self):
        self._segments.close()
        self._frames.close()


class Connection:
    """One connection as the watchman has seen it."""

    def __init__(self, family, ours, theirs, state):
        self.family, self.ours, self.theirs = family, ours, theirs
        self.log = []
        self.states = [state]
        self.fin_end = None   # one past our FIN
        self.before_fin = None  # the state before it, until it is acknowledged
        self.last_ack = None  # the last that the server sent

    def learn(self, state):
        if state == "LISTEN" and self.states[-1] != "LISTEN":
            state = "CLOSED"  # what was found is the listener
        state = state or "CLOSED"
        if state != self.states[-1]:
            self.states.append(state)
        return state


class Gate:
    """Use it in a `with`. Applications are generators: they act, yield, and act again."""

    def __init__(self):
        self._open = contextlib.ExitStack()
        self._diagnosis = self._closing(Diagnosis("server"))
        self._counters = self._closing(Counters())
        self._sides = {host: self._closing(self._side(host)) for host in ("client", "server")}
        self._segments = self._counters.segments_in()
        self._frames = self._counters.frames_out()
        self._applications = []
        self.connections = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for application in self._applications:
            application.close()
        self._open.close()

    def _closing(self, thing):
        self._open.callback(thing.close)
        return thing

    @staticmethod
    def _side(interface):
        with lab.inside("gate"):
            side = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            side.setsockopt(sniffer.SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            side.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            side.bind((interface, sniffer.ETH_P_ALL))
        side.setblocking(False)
        return side

    def add(self, application):
        self._applications.append(application)

    def run(self, ended):
        """Carries frames until `ended` says so."""
        end = time.monotonic() + 2 * lab.PATIENCE
        while not ended():
            assert time.monotonic() < end, "the gate was open for too long"
            select.select(list(self._sides.values()), [], [], 0.002)
            while frame := self._next("client"):
                self._to_server(frame)
                self._from_server()
            self._from_server()
            for application in list(self._applications):
                self._let_act(application)

    def _let_act(self, application):
        self._from_server()
        try:
            next(application)
        except (StopIteration, ConnectionError):
            self._applications.remove(application)
        self._from_server()

    def _next(self, host):
        try:
            return self._sides[host].recv(1 << 17)
        except BlockingIOError:
            return None

    def _to_server(self, frame):
        packet = parse(frame)
        connection = self._connection(packet, "out")
        before = self._ask(connection)
        self._sides["server"].send(frame)
        if packet is None:
            return
        self._segments += 1
        end = time.monotonic() + lab.PATIENCE
        while self._counters.segments_in() < self._segments:
            assert time.monotonic() < end, "the server's TCP did not get a segment"
        if connection is None:
            return
        connection.log.append(Seen("out", packet.flags, packet.seq, packet.ack, before,
                                   self._ask(connection), connection.before_fin))
        if "F" in packet.flags:
            connection.fin_end = (packet.seq + len(packet.data) + 1) % (1 << 32)
            connection.before_fin = connection.before_fin or before

    def _from_server(self):
        """All that the server has sent by now, with the state that it is in now."""
        before = {id(known): known.states[-1] for known in self.connections.values()}
        for connection in self.connections.values():
            self._ask(connection)
        sent = self._counters.frames_out()
        while self._frames < sent:
            select.select([self._sides["server"]], [], [], lab.PATIENCE)
            frame = self._next("server")
            assert frame is not None, "a frame from the server got lost"
            self._frames += 1
            packet = parse(frame)
            connection = self._connection(packet, "in")
            if connection is not None:
                state = self._ask(connection)
                connection.last_ack = packet.ack
                if packet.ack == connection.fin_end:
                    connection.before_fin = None
                connection.log.append(Seen("in", packet.flags, packet.seq, packet.ack,
                                           before.get(id(connection), state), state,
                                           connection.before_fin))
            self._sides["client"].send(frame)

    def _connection(self, packet, direction):
        if packet is None:
            return None
        ours, theirs = packet.source, packet.destination
        if direction == "in":
            ours, theirs = theirs, ours
        if (ours, theirs) not in self.connections:
            family = 6 if ":" in ours[0] else 4
            state = self._diagnosis.state(family, theirs, ours)
            self.connections[ours, theirs] = Connection(family, ours, theirs, state or "CLOSED")
        return self.connections[ours, theirs]

    def _ask(self, connection):
        if connection is None:
            return None
        return connection.learn(
            self._diagnosis.state(connection.family, connection.theirs, connection.ours))


def parse(frame):
    return sniffer.parse(frame[HEADER:]) if len(frame) >= HEADER + 40 else None


# --- what applications are made of ---------------------------------------------------------------

def reading(end, most=65536):
    """What comes next; b"" at the end, and where the connection was reset."""
    while True:
        try:
            return end.recv(most)
        except BlockingIOError:
            yield
        except ConnectionError:
            return b""


def acknowledged(end):
    """Until the other side has all that was sent."""
    while end.fileno() >= 0:
        waiting = struct.unpack("i", fcntl.ioctl(end, termios.TIOCOUTQ, b"\0" * 4))[0]
        if waiting == 0:
            return
        yield

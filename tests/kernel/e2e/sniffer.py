"""Watches TCP at a host's interface: every packet, in order, independent of the tool's capture."""

import ipaddress
import socket
import struct
import threading
import time
from collections import defaultdict
from dataclasses import dataclass

import lab

ETH_P_ALL, SOL_PACKET, PACKET_STATISTICS, PACKET_OUTGOING = 3, 263, 6, 4
SO_RCVBUFFORCE = 33
LETTERS = "FSRP.UEW"


@dataclass(frozen=True)
class Packet:
    source: tuple  # address, port
    destination: tuple
    flags: str
    seq: int
    ack: int
    window: int
    data: bytes
    sent_here: bool  # left the host that is watched

    @property
    def connection(self):
        return frozenset((self.source, self.destination))


class Sniffer:
    """Ready when made: what is sent later is seen. Use it in a `with` or close it."""

    def __init__(self, host="server", interface="eth0"):
        with lab.inside(host):
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self._enlarge_buffer()
        with lab.inside(host):
            self._socket.bind((interface, ETH_P_ALL))
        self._socket.settimeout(0.1)
        self._packets, self._last, self._ended = [], time.monotonic(), False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._ended = True
        self._thread.join()
        self._socket.close()

    def _enlarge_buffer(self):
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        except PermissionError:  # rootless: what the machine allows everybody
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)

    def packets(self):
        """All so far, once none has come for a moment. Fails when some were lost."""
        while time.monotonic() - self._last < 0.3:
            time.sleep(0.05)
        statistics = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
        lost = struct.unpack("II", statistics)[1]
        assert lost == 0, f"the sniffer lost {lost} packets"
        return list(self._packets)

    def connections(self):
        """The packets of each connection, in order."""
        found = defaultdict(list)
        for packet in self.packets():
            found[packet.connection].append(packet)
        return list(found.values())

    def _watch(self):
        while not self._ended:
            try:
                octets, (_, _, kind, *_) = self._socket.recvfrom(1 << 17)
            except TimeoutError:
                continue
            packet = parse(octets, kind == PACKET_OUTGOING)
            if packet:
                self._packets.append(packet)
                self._last = time.monotonic()


def parse(octets, sent_here=False):
    """A Packet, or None for what is not TCP."""
    if octets[0] >> 4 == 4 and octets[9] == socket.IPPROTO_TCP:
        source, destination, tcp = octets[12:16], octets[16:20], (octets[0] & 15) * 4
        end = struct.unpack_from("!H", octets, 2)[0]
    elif octets[0] >> 4 == 6 and octets[6] == socket.IPPROTO_TCP:
        source, destination, tcp = octets[8:24], octets[24:40], 40
        end = 40 + struct.unpack_from("!H", octets, 4)[0]
    else:
        return None
    sport, dport, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", octets, tcp)
    letters = "".join(letter for bit, letter in enumerate(LETTERS) if flags >> bit & 1)
    return Packet((str(ipaddress.ip_address(source)), sport),
                  (str(ipaddress.ip_address(destination)), dport), letters or "-", seq, ack, window,
                  octets[tcp + (offset >> 4) * 4:end], sent_here)


def received_flags(packets):
    """The flags of what came in from the other host, in order."""
    return [packet.flags for packet in packets if not packet.sent_here]

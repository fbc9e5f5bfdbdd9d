"""Segments in somebody else's name: everything that one can send who does not see a connection.

Malformed headers, wrong checksums, numbers out of window, all flags, old timestamps, random
options; and from ports and addresses that take no part. The bare SYN is among them.
"""

import random
import socket
import struct
import threading
import time

import lab

IPV6_HDRINCL = 36
KINDS = 4000  # made in advance, sent round and round with a new number each
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def ones_sum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Flood:
    """From the host `server` to a port of the client, `rate` a second, until close()."""

    def __init__(self, family, source_port, port, seed, rate=10000):
        self.dice = random.Random(seed)
        self.family, self.rate, self.sent = family, rate, 0
        kind = lab.FAMILIES[family]
        self.source = socket.inet_pton(kind, lab.address_of("server", family))
        self.target_text = lab.address_of("client", family)
        self.target = socket.inet_pton(kind, self.target_text)
        self.source_port, self.port = source_port, port
        self.packets = [self.packet() for _ in range(KINDS)]
        self.socket = lab.socket_in("server", family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        if family == 6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
        self.over = threading.Event()
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def packet(self):
        source, source_port = self.source, self.source_port
        stranger = self.dice.random()
        if stranger < 0.05:
            source_port = self.dice.randrange(1, 65536)
        elif stranger < 0.1:
            source = source[:-1] + bytes([self.dice.randrange(3, 255)])
        return self.ip(source, self.segment(source, source_port))

    def options(self):
        chosen = self.dice.random()
        if chosen < 0.3:
            return b""
        if chosen < 0.6:  # RFC 7323: as old as can be
            return struct.pack("!BBBBII", 1, 1, 8, 10, self.dice.randrange(100),
                               self.dice.randrange(2 ** 32))
        return self.dice.randbytes(4 * self.dice.randrange(1, 11))

    def segment(self, source, source_port):
        dice = self.dice
        options, data = self.options(), dice.randbytes(dice.choice((0, 0, 0, 1, 9, 500)))
        flags = dice.choice((ACK, ACK, ACK | PSH, RST, RST | ACK, SYN, SYN | ACK, FIN | ACK, FIN,
                             0, 63, SYN | FIN, SYN | RST, URG | PSH | FIN, dice.randrange(256)))
        offset = 5 + len(options) // 4
        malformed = dice.random()
        if malformed < 0.1:
            offset = dice.choice((0, 1, 4, 15))
        made = struct.pack("!HHIIBBHHH", source_port, self.port, dice.randrange(2 ** 32),
                           dice.randrange(2 ** 32), offset << 4, flags, dice.randrange(2 ** 16), 0,
                           dice.randrange(2 ** 16)) + options + data
        if 0.1 < malformed < 0.15:
            made = made[:dice.randrange(1, 20)]
        if len(made) >= 20:
            head = source + self.target + struct.pack("!HH", 6, len(made))
            checksum = 0xffff & ~ones_sum(head + made)
            if 0.15 < malformed < 0.25:
                checksum ^= dice.randrange(1, 65536)
            made = made[:16] + struct.pack("!H", checksum) + made[18:]
        return made

    def ip(self, source, segment):
        if self.family == 6:
            return struct.pack("!IHBB", 6 << 28, len(segment), 6, 64) + source + self.target + segment
        return (struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0)
                + source + self.target + segment)

    def run(self):
        to = (self.target_text, 0)
        while not self.over.is_set():
            wanted = int((time.monotonic() - self.began) * self.rate)
            for _ in range(min(wanted - self.sent, 200)):
                try:
                    self.socket.sendto(self.packets[self.sent % KINDS], to)
                except OSError:
                    pass  # no room: it counts all the same, as the time goes on
                self.sent += 1
            if wanted <= self.sent:
                time.sleep(0.002)

    def close(self):
        if not self.over.is_set():
            self.over.set()
            self.thread.join()
            self.seconds = time.monotonic() - self.began
            self.socket.close()

"""Kernel clients by the ten thousand that connect, say nothing and stay.

A process may have some 20,000 descriptors, and an address some 60,000 ports: so there are several
processes, each with an address of its own. As a program this is one of them.
"""

import contextlib
import errno
import os
import resource
import select
import socket
import subprocess
import sys

import lab

IP_BIND_ADDRESS_NO_PORT = 24
IN_A_PROCESS = 15000
AT_ONCE = 200  # handshakes under way in a process
ESTABLISHED = 1  # tcpi_state, the first octet of TCP_INFO
SEGMENTS_IN = slice(140, 144)  # tcpi_segs_in: the SYN,ACK, and then every probe


def address_of_holder(family, number):
    base = lab.address_of("client", family)
    return f"10.77.4.{number + 1}" if family == 4 else f"{base.rpartition('::')[0]}::4:{number + 1:x}"


class Holder:
    """Within the process."""

    def __init__(self, family, server, port, address):
        self.family, self.to, self.address = family, (server, port), address
        self.socks = []

    def connect(self, wanted):
        """Until there are so many; what went wrong."""
        poll, waiting = select.epoll(), {}
        while (len(self.socks) < wanted or waiting):
            while len(self.socks) < wanted and len(waiting) < AT_ONCE:
                sock = self.begin()
                waiting[sock.fileno()] = sock
                poll.register(sock, select.EPOLLOUT)
            found = poll.poll(lab.PATIENCE)
            if not found:
                return f"{len(waiting)} connects took more than {lab.PATIENCE} s"
            for fd, _ in found:
                poll.unregister(fd)
                if why := waiting.pop(fd).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    return f"connect: {os.strerror(why)}"
        return None

    def begin(self):
        sock = socket.socket(lab.FAMILIES[self.family])
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((self.address, 0))
        with contextlib.suppress(BlockingIOError):
            sock.connect(self.to)
        self.socks.append(sock)
        return sock

    def probed(self):
        """How many are connected and have got a segment, but neither octets nor the end."""
        return sum(self.is_probed(sock) for sock in self.socks)

    @staticmethod
    def is_probed(sock):
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, SEGMENTS_IN.stop)
        if info[0] != ESTABLISHED or int.from_bytes(info[SEGMENTS_IN], sys.byteorder) < 2:
            return False
        try:
            sock.recv(1)
        except OSError as error:
            return error.errno == errno.EAGAIN
        return False


def main():
    family, port, number = (int(word) for word in sys.argv[1:])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    holder = Holder(family, lab.address_of("server", family), port,
                    address_of_holder(family, number))
    for order in sys.stdin:
        what, *count = order.split()
        if what == "connect":
            print(holder.connect(int(count[0])) or "connected", flush=True)
        else:
            print(holder.probed(), flush=True)


class Holders:
    """All of one family, seen from outside: so many clients in as many processes as it takes."""

    def __init__(self, family, port, clients):
        processes = -(-clients // IN_A_PROCESS)
        self.shares = [clients // processes + (i < clients % processes) for i in range(processes)]
        self.family = family
        lab.output_in("client", "sysctl", "-qw", "net.ipv4.ip_local_port_range=1024 65535")
        for number in range(processes):
            self._add_address(number)
        self.processes = [self._start(port, number) for number in range(processes)]

    def _add_address(self, number):
        address = address_of_holder(self.family, number)
        width, more = ("/16", []) if self.family == 4 else ("/128", ["nodad"])
        lab.output_in("client", "ip", "addr", "replace", address + width, "dev", "eth0", *more)
        if self.family == 6:
            lab.output_in("server", "ip", "-6", "route", "replace", address + "/128", "dev", "eth0")

    def _start(self, port, number):
        words = [sys.executable, "-B", __file__, str(self.family), str(port), str(number)]
        return subprocess.Popen(lab.command_in("client", *words), text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def connect(self, wanted):
        """So many in all, each its part; raises where that fails."""
        total = sum(self.shares)
        for process, share in zip(self.processes, self.shares):
            print("connect", -(-share * wanted // total), file=process.stdin, flush=True)
        told = [process.stdout.readline().strip() for process in self.processes]
        if set(told) != {"connected"}:
            raise AssertionError(told)

    def probed(self):
        """By their kernel's account."""
        for process in self.processes:
            print("look", file=process.stdin, flush=True)
        return sum(int(process.stdout.readline()) for process in self.processes)

    def end(self):
        for process in self.processes:
            process.stdin.close()
            process.stdout.close()
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()

"""What the tests of tcp-teardown share: a server in a thread, and the tool that talks to it."""

import socket
import threading
import time

import lab

PORT = 7020
REQUEST = "GET / HTTP/1.0\r\n\r\n"


class Server:
    """A program in the host `server`: `behave(connection)` for each client, in a thread."""

    def __init__(self, family, behave, port=PORT):
        self._listener = lab.listener_in("server", family, port)
        self._behave = behave
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(lab.PATIENCE)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self._behave(connection)
            except OSError:
                pass

    def close(self):
        if self._listener.fileno() < 0:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(lab.PATIENCE)


def serve(connection):
    """Like a web server of one request: answers what comes, closes; closes when the client has."""
    if connection.recv(1000):
        connection.sendall(b"here you are\n")


def keep(connection):
    """Never closes by itself, only when all is over."""
    while connection.recv(65536):
        pass
    time.sleep(8)


class Teardown(lab.Case):

    def play(self, family, *words, behave=serve, send=REQUEST):
        server = Server(family, behave)
        self.addCleanup(server.close)
        words = [*words, "--send", send] if send else words
        done = self.run_tool(lab.target("server", family, PORT), "--json", *words)
        server.close()
        return done

    def verdicts(self, done):
        return {s["name"]: s["verdict"] for s in done.result["scenarios"]}

    def inferred(self, done, connection=1):
        return [e["to"] for e in done.events("state")
                if e["who"] == "peer" and e["connection"] == connection]

    def ip_sysctl(self, name, value):
        """A setting of the server's TCP, for both families, until the case is over."""
        key = f"net.ipv4.{name}"
        old = lab.output_in("server", "sysctl", "-n", key).strip()
        self.addCleanup(lab.output_in, "server", "sysctl", "-qw", f"{key}={old}")
        lab.output_in("server", "sysctl", "-qw", f"{key}={value}")

    def in_ss(self, ours):
        """The state of the server's socket towards a port of ours, in the spelling of ss."""
        lines = lab.output_in("server", "ss", "-Htan", f"dport = :{ours}")
        return [line.split()[0] for line in lines.splitlines()]

"""The kernel's side of a conversation: `kernel_peer.py listen PORT` or `connect ADDRESS PORT`."""

import socket
import sys
import threading
import time


def answer(connection):
    """Says again what it hears, until the other side closes."""
    try:
        while octets := connection.recv(4096):
            connection.sendall(octets)
    except OSError:
        pass
    connection.close()


def listen(port):
    listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def connect(address, port):
    for _ in range(200):
        try:
            connection = socket.create_connection((address, port), timeout=20)
            break
        except OSError:
            time.sleep(0.05)
    else:
        sys.exit("nobody is there")
    connection.sendall(b"hello")
    time.sleep(0.2)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass


if sys.argv[1] == "listen":
    listen(int(sys.argv[2]))
else:
    connect(sys.argv[2], int(sys.argv[3]))

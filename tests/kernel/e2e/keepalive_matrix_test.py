"""probe --matrix against the kernel's TCP: which segment is answered in which situation; what could
not be reached is said, and never held against the peer. Both families, both roles."""

import contextlib
import json
import signal
import socket
import threading
import unittest

import lab

# What Linux 6.18 says nothing to. Its TIME-WAIT answers old timestamps in any case.
SILENT = {("established", "empty-old-timestamp"), ("half-closed", "empty-old-timestamp"),
          ("established", "plain-ack"), ("half-closed", "plain-ack"), ("time-wait", "plain-ack")}
FORMS = ["empty", "octet", "empty-no-timestamp", "octet-no-timestamp", "empty-old-timestamp",
         "octet-old-timestamp", "two-below", "plain-ack"]
SITUATIONS = ["established", "half-closed", "time-wait", "gone"]


class Application:
    """Closes first after something was sent to it; closes with the peer only when told to."""

    def __init__(self, family, port, closes_with_peer):
        self.listener = lab.listener_in("server", family, port)
        self.closes_with_peer, self.held = closes_with_peer, []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock = self.listener.accept()[0]
                self.held.append(sock)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with contextlib.suppress(OSError):
            if sock.recv(100) or self.closes_with_peer:
                sock.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for sock in (self.listener, *self.held):
            sock.close()


def table(done):
    return {(c["situation"], c["form"]): c for c in done.result["cells"]}


class Case(lab.Case):
    def assert_as_linux_does(self, done, half_closed):
        self.assert_status(done, 0)
        cells = table(done)
        self.assertEqual(set(cells), {(s, f) for s in SITUATIONS for f in FORMS})
        for (situation, form), cell in cells.items():
            with self.subTest(cell=f"{situation}/{form}"):
                if situation == "gone":
                    expected = "RST"
                else:
                    expected = "silence" if (situation, form) in SILENT else "ACK"
                self.assertEqual(cell["answer"], expected, str(done))
                self.assertIn(cell["verdict"], ("conforms", "permitted-deviation"))
                self.assertTrue(cell["rule"])
        self.assertEqual({cells["half-closed", form]["peer_state"] for form in FORMS},
                         {half_closed})
        self.assertEqual({cells["time-wait", form]["peer_state"] for form in FORMS}, {"TIME-WAIT"})


class Matrix(Case):
    def each(self, family, base, closes_with_peer):
        port = base + family
        self.closing(Application(family, port, closes_with_peer))
        return self.start("probe", lab.target("server", family, port), "--matrix", "--send", "bye",
                          "--json", "-g", str(24000 + 20 * family + 100 * closes_with_peer))

    def test_of_a_server(self):
        """With an application that stays (CLOSE-WAIT), and with one that closes too (LAST-ACK)."""
        runs = [(self.each(family, 7600 + 10 * closes, closes), closes)
                for family in lab.FAMILIES for closes in (False, True)]
        for run, closes in runs:
            self.assert_as_linux_does(run.end(), "LAST-ACK" if closes else "CLOSE-WAIT")

    def test_of_clients(self):
        runs = []
        for family in lab.FAMILIES:
            port = 7640 + family
            runs.append((self.start("probe", "-l", str(port), f"-{family}", "--matrix", "--send",
                                    "bye", "--json", host="server"), family, port))
        for run, family, port in runs:
            for _ in SITUATIONS:
                self.connect(family, port)
        for run, family, port in runs:
            self.assert_as_linux_does(run.end(), "CLOSE-WAIT")

    def connect(self, family, port):
        client = lab.socket_in("client", family)
        self.addCleanup(client.close)
        def connected():
            with contextlib.suppress(OSError):
                client.connect((lab.address_of("server", family), port))
                return True
            return False
        lab.wait_until(connected, "the tool to listen")
        def close_when_asked():
            with contextlib.suppress(OSError):
                if client.recv(100):
                    client.close()
        threading.Thread(target=close_when_asked, daemon=True).start()

    def test_interrupted(self):
        """What has been found by then is told, and nothing is left behind."""
        port = 7690
        self.closing(Application(4, port, False))
        run = self.start("probe", lab.target("server", 4, port), "--matrix", "--send", "bye",
                         "--json=events", "-g", "24500")
        lab.wait_until(lambda: run.said().count('"id":"established/'), "a first field")
        run.signal(signal.SIGINT)
        done = run.end()
        self.assertEqual(done.status, 130, str(done))
        found = json.loads(done.stdout.splitlines()[-1])
        asked = [cell for cell in found["cells"] if cell["answer"]]
        self.assertTrue(0 < len(asked) < 32, found)
        self.assertEqual(lab.own_rules("client"), [])

    def test_a_peer_that_does_not_close_first(self):
        """TIME-WAIT cannot be had: said, and nobody blamed; the rest of the table stands."""
        port = 7680
        self.closing(Application(4, port, False))
        done = self.run_tool("probe", lab.target("server", 4, port), "--matrix", "--json",
                             "--patience", "1", "-g", "24400")
        self.assert_status(done, 3)
        for (situation, _), cell in table(done).items():
            if situation == "time-wait":
                self.assertEqual((cell["verdict"], cell["answer"]), ("inconclusive", None))
                self.assertIn("not reached", cell["text"])
            else:
                self.assertIn(cell["verdict"], ("conforms", "permitted-deviation"))


if __name__ == "__main__":
    lab.main()

"""The programs of docs/examples against a kernel server, in the folder that is given."""

import os
import socket
import threading

import lab

PORT = 7002


def program(name):
    return os.path.join(os.path.dirname(os.environ["TCPCRAFT_E2E_TOOL"]), name)


def serve(listener):
    """Closes each connection when its peer has; until the listener is closed."""
    def talk(end):
        with end:
            end.settimeout(lab.PATIENCE)
            try:
                while end.recv(4096):
                    pass
            except ConnectionResetError:
                pass

    def accept():
        while True:
            try:
                end = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=talk, args=[end], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


class Examples(lab.Case):

    def run_example(self, name, family, *words):
        listener = lab.listener_in("server", family, PORT)
        serve(listener)
        before = lab.rule_set("client")
        done = self.run_tool(*words, lab.target("server", family, PORT), tool=program(name))
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        self.assert_status(done, 0)
        self.assertEqual(lab.rule_set("client"), before)
        return done.stdout

    @lab.both_families
    def test_handshake(self, family):
        lines = self.run_example("handshake", family)
        self.assertIn("ESTABLISHED", lines)
        self.assertIn("TIME-WAIT", lines)

    @lab.both_families
    def test_patterns(self, family):
        self.assertIn("a SYN where none belongs", self.run_example("patterns", family))

    @lab.both_families
    def test_fleet(self, family):
        self.assertIn("40 of 40 established, 0 refused", self.run_example("fleet", family, "40"))

    @lab.both_families
    def test_coroutine(self, family):
        said = self.run_example("coroutine", family)
        self.assertEqual(said.count("opened and closed"), 2, said)

    @lab.both_families
    def test_nobody_listens(self, family):
        done = self.run_tool(lab.target("server", family, PORT), tool=program("handshake"))
        self.assertEqual(done.status, 3, str(done))
        self.assertIn("refused", done.stderr)


if __name__ == "__main__":
    lab.main()

"""tcp-handshake as a client of real servers: http.server, nginx, sshd, redis; both families."""

import functools

import lab
from servers import KINDS, Server


def each_server(test):
    """Runs a test method once for each server and family: test(self, server, target)."""
    @functools.wraps(test)
    def repeated(self):
        for server in self.servers:
            for family in lab.FAMILIES:
                with self.subTest(server=server.kind, family=f"IPv{family}"):
                    test(self, server, lab.target("server", family, server.port))
    return repeated


class ServerCase(lab.Case):
    """Cases with one server of each kind on ports of their own."""

    first_port = 0

    @classmethod
    def setUpClass(cls):
        cls.servers = []
        for port, kind in enumerate(KINDS, cls.first_port):
            folder = lab.temporary_folder()
            cls.addClassCleanup(lab.remove_folder, folder)
            cls.servers.append(Server(kind, port, folder))
            cls.addClassCleanup(cls.servers[-1].stop)


class Handshakes(ServerCase):

    first_port = 8001

    @each_server
    def test_opens_and_closes(self, server, target):
        done = self.run_tool(target, "--json", "--time-wait", "200ms")
        self.assert_status(done, 0)
        self.assertTrue(done.result["established"])
        self.assertGreater(done.result["rtt"], 0)
        self.assertEqual(done.flags("out")[:2], ["S", "."])
        self.assertEqual(done.flags("in")[0], "S.")
        self.assertIn("F.", done.flags("out"))
        self.assertIn("F", "".join(done.flags("in")))
        self.assertNotIn("R", "".join(done.flags()))
        self.wait_gone(server.port)  # we closed first: the peer has no TIME-WAIT either

    @each_server
    def test_numbers_are_those_of_the_wire(self, _, target):
        done = self.run_tool(target, "--json", "--then", "reset")
        self.assert_status(done, 0)
        syn, synack, ack = done.segments()[:3]
        self.assertEqual(done.result["isn"], syn["seq"])
        self.assertEqual(done.result["peer_isn"], synack["seq"])
        self.assertEqual(synack["ack"], (syn["seq"] + 1) % 2**32)
        self.assertEqual((ack["seq"], ack["ack"]), (synack["ack"], (synack["seq"] + 1) % 2**32))
        negotiated = done.result["negotiated"]
        self.assertEqual(negotiated["window_scale_send"], self.option(synack, "wscale"))
        self.assertEqual(negotiated["mss_send"], self.option(synack, "mss"))

    @staticmethod
    def option(segment, kind):
        return next((o["value"] for o in segment["options"] if o["kind"] == kind), None)

    def test_held_connections_are_established_at_the_server(self):
        runs = []
        for server in self.servers:
            for family in lab.FAMILIES:
                target = lab.target("server", family, server.port)
                runs.append(self.start(target, "--json", "--then", "hold:8s", "--time-wait",
                                       "200ms"))
        for server in self.servers:
            self.wait_established(server.port, count=2)
        for run in runs:
            done = run.end()
            self.assert_status(done, 0)
            self.assertTrue(done.result["established"])
        for server in self.servers:
            self.wait_gone(server.port)


class Exchanges(ServerCase):

    first_port = 8011

    @each_server
    def test_asks_and_is_answered(self, server, target):
        done = self.run_tool(target, "--send", server.question, "--time-wait", "200ms", "-q")
        self.assert_status(done, 0)
        self.assertIn(server.answer, done.stdout)
        # Who speaks HTTP/1.0 closes first, and then TIME-WAIT is its own.
        self.wait_gone(server.port, besides=["TIME-WAIT"])


class Endings(lab.Case):

    def accepted(self, family, *words):
        """The tool's run, and the server's end of its connection."""
        listener = self.closing(lab.listener_in("server", family, 7000))
        run = self.start(lab.target("server", family, 7000), "--json", *words)
        end = self.closing(listener.accept()[0])
        end.settimeout(lab.PATIENCE)
        return run, end

    @lab.both_families
    def test_reset_is_seen_as_a_reset(self, family):
        run, end = self.accepted(family, "--then", "reset")
        with self.assertRaises(ConnectionResetError):
            end.recv(1)
        done = run.end()
        self.assert_status(done, 0)
        self.assertIn("R", done.flags("out")[-1])

    @lab.both_families
    def test_close_is_seen_as_the_end(self, family):
        run, end = self.accepted(family, "--time-wait", "200ms")
        self.assertEqual(end.recv(1), b"")
        end.close()
        self.assert_status(run.end(), 0)


if __name__ == "__main__":
    lab.main()

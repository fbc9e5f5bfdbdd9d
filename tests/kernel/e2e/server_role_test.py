"""tcp-handshake as the server of the kernel's own clients, curl and nc; both families."""

import contextlib
import signal
import subprocess

import lab

PORT = 8080
REPLY = "HTTP/1.0 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"


class ServerRole(lab.Case):

    def listen(self, *words):
        """A run that listens, with its guard in place: from now on nobody is refused."""
        run = self.start("-l", str(PORT), "--json", "--time-wait", "200ms", *words)
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        return run

    def curl(self, family):
        url = f"http://{lab.target('client', family, PORT)}/path"
        return self.client("curl", "-sS", "--noproxy", "*", "--max-time", str(lab.PATIENCE), url)

    def client(self, *words):
        process = subprocess.Popen(
            lab.command_in("server", *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def reply_file(self):
        file = self.folder() / "reply"
        file.write_text(REPLY)
        return f"@{file}"

    @lab.both_families
    def test_curl_fetches(self, family):
        run = self.listen(f"-{family}", "--accept", "1", "--send", self.reply_file())
        said, _ = self.curl(family).communicate(timeout=lab.PATIENCE)
        done = run.end()
        self.assertEqual(said, "hello\n", str(done))
        self.assert_status(done, 0)
        self.assertTrue(done.result["established"])
        self.assertEqual(done.flags("in")[0], "S")
        self.assertEqual(done.flags("out")[0], "S.")
        self.assertNotIn("R", "".join(done.flags()))

    @lab.both_families
    def test_three_curls_at_once(self, family):
        run = self.listen(f"-{family}", "--accept", "3", "--send", self.reply_file())
        clients = [self.curl(family) for _ in range(3)]
        said = [client.communicate(timeout=lab.PATIENCE)[0] for client in clients]
        done = run.end()
        self.assertEqual(said, ["hello\n"] * 3, str(done))
        self.assert_status(done, 0)
        connections = done.result["connections"]
        self.assertEqual([c["established"] for c in connections], [True] * 3, str(done))
        self.assertEqual({s["connection"] for s in done.segments()}, {1, 2, 3})

    @lab.both_families
    def test_nc_talks_and_hears(self, family):
        run = self.listen(f"-{family}", "--send", "from the tool\n")
        nc = self.client("nc", "-N", lab.address_of("client", family), str(PORT))
        said, _ = nc.communicate("from nc\n", timeout=lab.PATIENCE)
        done = run.end()
        self.assertEqual(said, "from the tool\n", str(done))
        self.assertEqual(nc.returncode, 0)
        self.assert_status(done, 0)
        self.assertEqual(sum(s["len"] for s in done.segments("in")), len("from nc\n"))

    @lab.both_families
    def test_the_client_closes_first(self, family):
        run = self.listen(f"-{family}")
        near = lab.socket_in("server", family)
        near.connect((lab.address_of("client", family), PORT))
        near.close()
        done = run.end()
        self.assert_status(done, 0)
        self.assertNotIn("R", "".join(done.flags()))
        self.assertEqual(done.result["state"], "CLOSED")

    def test_nobody_comes_before_the_deadline(self):
        done = self.listen("-4", "--accept", "2", "--deadline", "1s").end()
        self.assert_status(done, 3)
        self.assertEqual(done.result["connections"], [])

    def test_interrupted_between_two_connections(self):
        run = self.start("-l", str(PORT), "-4", "--json=events", "--accept", "2", "--then", "reset")
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        near = self.closing(lab.socket_in("server", 4))
        with contextlib.suppress(ConnectionResetError):  # which may come before connect() is back
            near.connect((lab.address_of("client", 4), PORT))
        lab.wait_until(lambda: '"verdict"' in run.said(), "the first connection's end")
        run.signal(signal.SIGINT)
        self.assert_status(run.end(), 130)

    @lab.both_families
    def test_reset_ends_the_clients_connection(self, family):
        run = self.listen(f"-{family}", "--then", "reset")
        near = self.closing(lab.socket_in("server", family))
        with self.assertRaises(ConnectionResetError):  # perhaps before connect() is back
            near.connect((lab.address_of("client", family), PORT))
            near.recv(1)
        self.assert_status(run.end(), 0)


if __name__ == "__main__":
    lab.main()

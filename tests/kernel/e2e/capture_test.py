"""-w: tshark reads what was written without a warning, with the comments; both families."""

import subprocess

import lab

PORT = 7013
FIELDS = ("frame.comment", "tcp.flags.str", "tcp.seq_raw", "tcp.ack_raw", "tcp.len")


class Capture(lab.Case):

    def setUp(self):
        self.listeners = {family: self.closing(lab.listener_in("server", family, PORT))
                          for family in lab.FAMILIES}

    def tshark(self, *words, stdin=None):
        done = subprocess.run(["tshark", "-n", *words], input=stdin, capture_output=True,
                              timeout=lab.PATIENCE, check=False)
        said = [line for line in done.stderr.decode().splitlines()
                if not line.startswith("Running as user")]  # "root is dangerous"
        self.assertEqual((done.returncode, said), (0, []))
        return done.stdout.decode().splitlines()

    def rows(self, *source, stdin=None):
        words = [word for field in FIELDS for word in ("-e", field)]
        lines = self.tshark(*source, "-T", "fields", *words, stdin=stdin)
        return [dict(zip(FIELDS, line.split("\t"))) for line in lines]

    def polite(self, family, *words):
        """A connection that both sides close."""
        run = self.start(lab.target("server", family, PORT), "--time-wait", "200ms", "--send",
                         "ping", *words)
        end, _ = self.listeners[family].accept()
        self.assertEqual(end.recv(10), b"ping")
        end.sendall(b"pong")
        self.assertEqual(end.recv(10), b"")
        end.close()
        done = run.end()
        self.assertEqual(done.status, 0, str(done))
        return done

    @lab.both_families
    def test_a_file(self, family):
        file = self.folder() / "run.pcapng"
        done = self.polite(family, "--json", "-w", file)
        rows = self.rows("-r", str(file))
        self.assertEqual([(int(r["tcp.seq_raw"]), int(r["tcp.len"])) for r in rows],
                         [(s["seq"], s["len"]) for s in done.segments()])
        for row, segment in zip(rows, done.segments()):
            self.assertIn(segment["state"], row["frame.comment"])
            self.assertIn(segment["step"], row["frame.comment"])
            self.assertIn(segment.get("rule", ""), row["frame.comment"])
        self.assertEqual(self.warned_of(file), [])

    def warned_of(self, file):
        return self.tshark("-r", str(file), "-Y",
                           "_ws.malformed || _ws.expert.severity >= 6291456")  # warnings, errors

    def test_a_reset_is_something_to_warn_of(self):
        """That the judge of the case above can say no."""
        file = self.folder() / "run.pcapng"
        done = self.run_tool(lab.target("server", 4, PORT), "--json", "-w", file, "--then", "reset")
        self.assert_status(done, 0)
        self.assertEqual(len(self.warned_of(file)), 1)

    @lab.both_families
    def test_a_pipe(self, family):
        done = self.polite(family, "-w", "-")
        rows = self.rows("-r", "-", stdin=done.octets)
        self.assertGreaterEqual(len(rows), 8)
        self.assertIn("S", rows[0]["tcp.flags.str"])
        self.assertTrue(all(row["frame.comment"] for row in rows))

    def test_json_and_a_pipe_contradict(self):
        done = self.run_tool(lab.target("server", 4, PORT), "--json", "-w", "-")
        self.assertEqual((done.status, done.octets), (2, b""))


if __name__ == "__main__":
    lab.main()

"""half-close with a peer that goes on: up to 4 MiB after our FIN, through the kernel's real window,
all of it acknowledged and none of it lost (RFC 9293 §3.6.1)."""

import hashlib
import random
import subprocess

import lab
from teardown_peers import PORT, Teardown

OURS, SEED = 7046, 9293
SIZES = {4: 4 << 20, 6: 1 << 20}


class HalfClosed(Teardown):

    data = {family: random.Random(SEED).randbytes(size) for family, size in SIZES.items()}

    def go_on(self, family):
        """Answers only after the other side has closed its own."""
        def behave(connection):
            while connection.recv(65536):
                pass
            connection.sendall(self.data[family])
        return behave

    def captured(self, file, source):
        """What the segments of one port in a capture carry, in order, each octet once."""
        fields = ("tcp.seq_raw", "tcp.flags.syn", "tcp.payload")
        words = [word for field in fields for word in ("-e", field)]
        done = subprocess.run(["tshark", "-n", "-r", str(file), "-Y", f"tcp.srcport == {source}",
                               "-T", "fields", *words], capture_output=True, text=True,
                              timeout=lab.PATIENCE, check=True)
        stream, first = bytearray(), None
        for line in done.stdout.splitlines():
            seq, syn, payload = line.split("\t")
            octets = bytes.fromhex(payload.replace(":", ""))
            if syn in ("1", "True"):
                first = int(seq) + 1
            at = (int(seq) - first) % (1 << 32)
            if octets:
                self.assertLessEqual(at, len(stream), "a gap")
                stream[at:at + len(octets)] = octets
        return bytes(stream)

    def check(self, done, file, source, data):
        self.assert_status(done, 0)
        self.assertEqual(self.verdicts(done), {"half-close": "conforms"})
        self.assertEqual(done.result["measurements"][0]["half_closed_octets"], len(data))
        got = self.captured(file, source)
        self.assertEqual((len(got), hashlib.sha256(got).hexdigest()),
                         (len(data), hashlib.sha256(data).hexdigest()))
        ours = next(s for s in done.segments("out") if "F" in s["flags"])
        end = next(s for s in done.segments("in") if "F" in s["flags"])
        self.assertLess(ours["t"], end["t"])
        self.assertEqual(done.segments("out")[-1]["ack"],
                         (end["seq"] + end["len"] + 1) % (1 << 32))

    @lab.both_families
    def test_a_server_goes_on(self, family):
        file = self.folder() / "run.pcapng"
        done = self.play(family, "half-close", "-w", file, "--patience", "30",
                         behave=self.go_on(family))
        self.check(done, file, PORT, self.data[family])
        self.assertEqual(self.inferred(done)[-2:], ["LAST-ACK", "CLOSED"])

    @lab.both_families
    def test_a_client_goes_on(self, family):
        file = self.folder() / "run.pcapng"
        run = self.start("-l", OURS, f"-{family}", "--json", "half-close", "-w", file,
                         "--patience", "30")
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        with lab.socket_in("server", family) as end:
            end.connect((lab.address_of("client", family), OURS))
            source = end.getsockname()[1]
            self.go_on(family)(end)
        self.check(run.end(), file, source, self.data[family])


if __name__ == "__main__":
    lab.main()

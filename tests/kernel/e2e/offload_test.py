"""What is said of checksums: offloaded over veth, ok when the peer really computes them, else bad."""

import socket
import struct

import lab

PORT, OUR_PORT = 7008, 7009


class Checksums(lab.Case):

    def setUp(self):
        self.listeners = {family: self.closing(lab.listener_in("server", family, PORT))
                          for family in lab.FAMILIES}

    def real_checksums(self):
        lab.output_in("server", "ethtool", "-K", "eth0", "tx", "off")
        self.addCleanup(lab.output_in, "server", "ethtool", "-K", "eth0", "tx", "on")

    def checksums(self, family, *words):
        done = self.run_tool(lab.target("server", family, PORT), "--json", "--then", "reset",
                             *words)
        self.assert_status(done, 0)
        self.assertEqual({s["checksum"] for s in done.segments("out")}, {"ok"})
        return [(s["flags"], s["checksum"]) for s in done.segments("in")]

    @lab.both_families
    def test_offloaded(self, family):
        self.assertEqual(self.checksums(family), [("S.", "offloaded")])

    @lab.both_families
    def test_ok(self, family):
        self.real_checksums()
        self.assertEqual(self.checksums(family), [("S.", "ok")])

    @lab.both_families
    def test_corrupted_by_a_fault(self, family):
        """The state machine does not see it, and the peer repeats it."""
        self.real_checksums()
        self.assertEqual(self.checksums(family, "--fault", "corrupt in S. #1")[:2],
                         [("S.", "bad"), ("S.", "ok")])

    @lab.both_families
    def test_corrupted_by_the_peer(self, family):
        run = self.start(lab.target("server", family, PORT), "--json", "-g", OUR_PORT, "--then",
                         "hold")
        end, _ = self.listeners[family].accept()
        self.send_corrupt(family)
        end.close()  # which ends the hold
        done = run.end()
        self.assert_status(done, 0)
        arrived = [(s["flags"], s["checksum"]) for s in done.segments("in")]
        self.assertEqual(arrived[:3], [("S.", "offloaded"), ("P.", "bad"), ("F.", "offloaded")])

    def send_corrupt(self, family):
        """A segment of that connection, by its ports, whose checksum nobody computed."""
        segment = struct.pack("!HHIIBBHHH", PORT, OUR_PORT, 1, 1, 5 << 4, 0x18, 100, 0xbad, 0)
        with lab.socket_in("server", family, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
            raw.sendto(segment + b"corrupt", (lab.address_of("client", family), 0))


if __name__ == "__main__":
    lab.main()

"""tcp-handshake and a kernel server on the same host: each segment is shown once."""

import lab

PORT = 7001


class Loopback(lab.Case):

    def addresses(self, family):
        return [{4: "127.0.0.1", 6: "::1"}[family], lab.address_of("client", family)]

    def run_to(self, address, *words):
        return self.run_tool(f"{lab.bracketed(address)}:{PORT}", "--json", *words)

    @lab.both_families
    def test_each_segment_is_shown_once(self, family):
        for address in self.addresses(family):
            with self.subTest(address=address):
                with lab.listener_in("client", family, PORT, address):
                    done = self.run_to(address, "--then", "reset")
                self.assert_status(done, 0)
                shown = [(s["dir"], s["flags"].replace("R.", "R")) for s in done.segments()]
                self.assertEqual(shown,
                                 [("out", "S"), ("in", "S."), ("out", "."), ("out", "R")])

    @lab.both_families
    def test_closes_politely(self, family):
        for address in self.addresses(family):
            with self.subTest(address=address):
                listener = lab.listener_in("client", family, PORT, address)
                with listener:
                    run = self.start(f"{lab.bracketed(address)}:{PORT}", "--json", "--time-wait",
                                     "200ms")
                    end = listener.accept()[0]
                    end.settimeout(lab.PATIENCE)
                    self.assertEqual(end.recv(1), b"")
                    end.close()
                    done = run.end()
                self.assert_status(done, 0)
                shown = [(s["dir"], s["flags"], s["seq"], s["ack"]) for s in done.segments()]
                self.assertEqual(len(shown), len(set(shown)), shown)
                self.assertNotIn("R", "".join(done.flags()))
                self.wait_gone(PORT, host="client")


if __name__ == "__main__":
    lab.main()

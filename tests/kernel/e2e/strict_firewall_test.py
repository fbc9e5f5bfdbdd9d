"""A stateful firewall on our own host: after 12 s of silence data and the close still pass.

A guard that connection tracking can see would have made it forget the connection after 10 s.
"""

import socket
import time

import lab

PORT, CONTROL_PORT, SILENCE = 7007, 7014, 12


class StrictFirewall(lab.Case):

    def open(self, family, backend, *words):
        """A run under way, and the server's end of its connection."""
        option, environment = lab.BACKENDS.get(backend, (backend, {}))
        with lab.listener_in("server", family, PORT) as listener:
            run = self.start(lab.target("server", family, PORT), "--json", "--firewall", option,
                             "--time-wait", "1", *words, environment=environment)
            end = self.closing(listener.accept()[0])
        end.settimeout(lab.PATIENCE)
        return run, end

    def test_after_silence(self):
        """All backends, families and ways side by side, for most of what they do is wait."""
        ways = [(family, backend, way) for family in lab.FAMILIES for backend in lab.BACKENDS
                for way in (Asked, Answered, Spoken)]
        opened = [self.open(family, backend, *way.words) for family, backend, way in ways]
        controls = [self.open_control(family) for family in lab.FAMILIES]
        time.sleep(SILENCE)  # the claim
        for (family, backend, way), (run, end) in zip(ways, opened):
            with self.subTest(family=f"IPv{family}", backend=backend, way=way.__name__):
                way.go_on(self, end)
                done = run.end()
                self.assert_status(done, 0)
                self.assertNotIn("R", "".join(done.flags()), str(done))
                self.assertEqual(sum(s["len"] for s in done.segments("in")), len(way.said))
        for run, _ in controls:
            done = run.end()
            self.assert_status(done, 4)
            self.assertIn("netfilter", done.result["summary"])

    def open_control(self, family):
        """With the rule in the wrong table our data meets what the cases have to get past."""
        tables = {4: "iptables", 6: "ip6tables"}[family]
        rule = f"OUTPUT 1 -p tcp --sport {CONTROL_PORT} --tcp-flags RST RST -j DROP"
        lab.output_in("client", tables, "-I", *rule.split())
        return self.open(family, "none", "-g", CONTROL_PORT, *Asked.words)


class Answered:
    """Our data, silence, the server's answer, our close."""

    words, said = ("--send", "well?", "--timeout", "2m"), b"well."

    @classmethod
    def go_on(cls, case, end):
        case.assertEqual(end.recv(100), b"well?")
        end.sendall(cls.said)
        case.assertEqual(end.recv(1), b"")
        end.close()


class Asked(Answered):
    """Silence, our data, the server's answer, our close."""

    # What leaves first leaves late, and none of its repetitions leaves at all.
    words = ("--send", "well?", "--timeout", "2m", "--fault", f"delay={SILENCE}s out P. #1",
             "--fault", "drop out P. #2+")


class Spoken:
    """Silence, the server's data, its close, ours."""

    words, said = ("--then", "hold"), b"still there?"

    @classmethod
    def go_on(cls, case, end):
        end.sendall(cls.said)
        end.shutdown(socket.SHUT_WR)
        case.assertEqual(end.recv(1), b"")
        end.close()


if __name__ == "__main__":
    lab.main("--strict-firewall")

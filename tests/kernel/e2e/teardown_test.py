"""tcp-teardown against the kernel's TCP, in both roles and both families: the verdicts that are
recorded for Linux, and the peer's true state beside the one that is inferred."""

import json
import socket
import struct
import time

import lab
from teardown_peers import PORT, REQUEST, Server, Teardown, keep, serve

OURS = 7021
PORTS = iter(range(20000, 21000))  # never twice: TIME-WAIT
# The numbers of TCP_INFO's first octet (include/net/tcp_states.h); the RFC's names.
STATES = {1: "ESTABLISHED", 2: "SYN-SENT", 3: "SYN-RECEIVED", 4: "FIN-WAIT-1", 5: "FIN-WAIT-2",
          6: "TIME-WAIT", 7: "CLOSED", 8: "CLOSE-WAIT", 9: "LAST-ACK", 10: "LISTEN",
          11: "CLOSING"}
# Which of them ss shows, in its spelling.
IN_SS = {"ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN-WAIT-1", "FIN-WAIT-2": "FIN-WAIT-2",
         "CLOSE-WAIT": "CLOSE-WAIT", "LAST-ACK": "LAST-ACK", "CLOSING": "CLOSING",
         "TIME-WAIT": "TIME-WAIT", "SYN-RECV": "SYN-RECEIVED", "SYN-SENT": "SYN-SENT"}


def true_state(connection):
    return STATES[connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]


class Verdicts(Teardown):

    @lab.both_families
    def test_all_conform(self, family):
        """What the catalogue records for Linux, in a time that one waits for."""
        done = self.play(family, "all")
        self.assert_status(done, 0)
        verdicts = self.verdicts(done)
        self.assertEqual(len(verdicts), 16)
        self.assertEqual(set(verdicts.values()), {"conforms"}, str(verdicts))
        for scenario in done.result["scenarios"]:
            self.assertTrue(scenario["rule"], scenario)
            self.assertTrue(scenario["segments"], scenario)
        self.assertEqual(lab.own_rules("client"), [])

    @lab.both_families
    def test_a_peer_that_does_not_close_first(self, family):
        done = self.play(family, "all", "--patience", "1", send=None)
        self.assert_status(done, 3)
        first = {"passive-close", "simultaneous-close", "time-wait", "time-wait-reuse",
                 "unread-data"}
        for name, verdict in self.verdicts(done).items():
            self.assertEqual(verdict, "inconclusive" if name in first else "conforms", name)

    @lab.both_families
    def test_nobody_listens(self, family):
        done = self.run_tool(lab.target("server", family, 9), "--json", "active-close")
        self.assert_status(done, 1)
        self.assertEqual(self.verdicts(done), {"active-close": "inconclusive"})

    def test_a_host_that_does_not_answer(self):
        done = self.run_tool("10.77.1.77:80", "--json", "active-close", "--timeout", "2")
        self.assert_status(done, 3)

    @lab.both_families
    def test_the_peer_aborts(self, family):
        def abort(connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.recv(1000)
        done = self.play(family, "passive-close", behave=abort)
        self.assertEqual(self.verdicts(done), {"passive-close": "inconclusive"}, str(done))

    @lab.both_families
    def test_its_rst_is_lost_on_the_way(self, family):
        """Nothing is blamed on the peer that the path did."""
        done = self.play(family, "reset", "--fault", "drop in R #*")
        self.assert_status(done, 3)
        self.assertEqual(self.verdicts(done), {"reset": "no-answer"})


class States(Teardown):
    """The kernel's own account beside the one that was inferred."""

    def rfc_state(self, ours):
        return [IN_SS.get(state, state) for state in self.in_ss(ours)]

    def watch(self, family, words, state, behave, send=REQUEST):
        """While the tool's last inferred state of the peer is `state`, ss has the same."""
        server = Server(family, behave)
        self.addCleanup(server.close)
        words = [*words, "--send", send] if send else words
        ours = str(next(PORTS))
        run = self.start(lab.target("server", family, PORT), "--json=events", "-g", ours, *words)
        both = ([state], state)  # by the kernel's account, and by what the tool has told so far
        seen = []

        def look():
            told = [line for line in run.said().splitlines() if '"who":"peer"' in line]
            seen.append((self.rfc_state(ours), json.loads(told[-1])["to"] if told else None))
            return seen[-1] == both or not run.running()
        lab.wait_until(look, lambda: f"{both}: {seen[-20:]}")
        run.end()
        self.assertIn(both, seen)

    @lab.both_families
    def test_close_wait(self, family):
        self.watch(family, ["half-close", "--patience", "2"], "CLOSE-WAIT", keep, send=None)

    @lab.both_families
    def test_last_ack(self, family):
        self.watch(family, ["no-time-wait", "--mute"], "LAST-ACK", serve, send=None)

    @lab.both_families
    def test_fin_wait_1(self, family):
        self.watch(family, ["lost-fin"], "FIN-WAIT-1", serve)

    @lab.both_families
    def test_closing(self, family):
        """Our ACK of its FIN is lost: the peer stays in CLOSING until its FIN comes again."""
        self.watch(family, ["simultaneous-close", "--fault", "drop out . #3-5"], "CLOSING", serve)

    @lab.both_families
    def test_time_wait(self, family):
        self.watch(family, ["time-wait"], "TIME-WAIT", serve)

    @lab.both_families
    def test_passed_states_are_inferred_in_their_order(self, family):
        """Sampled from the peer's own socket: nothing was seen that was not inferred."""
        for words, send in ((["active-close"], None), (["half-close"], REQUEST),
                            (["passive-close"], REQUEST), (["simultaneous-close"], REQUEST),
                            (["three-segment-close"], REQUEST), (["lost-final-ack"], None)):
            with self.subTest(scenario=words[0]):
                seen = []

                def behave(connection):
                    if connection.recv(1000):
                        connection.sendall(b"here you are\n")
                    connection.shutdown(socket.SHUT_WR)
                    end = time.monotonic() + lab.PATIENCE
                    while time.monotonic() < end and (not seen or seen[-1] != "CLOSED"):
                        state = true_state(connection)
                        if not seen or seen[-1] != state:
                            seen.append(state)
                done = self.play(family, *words, behave=behave, send=send)
                self.assert_status(done, 0)
                lab.wait_until(lambda: seen and seen[-1] == "CLOSED", lambda: f"CLOSED: {seen}")
                inferred = ["ESTABLISHED", *self.inferred(done)]
                # The socket lets go of its connection when that enters TIME-WAIT.
                rest = iter(inferred)
                missing = [s for s in seen[:-1] if s not in rest]
                self.assertEqual(missing, [], f"seen {seen}, inferred {inferred}")
                self.assertIn(inferred[-1], ("CLOSED", "TIME-WAIT"))


class ServerRole(Teardown):
    """A kernel's client connects to us."""

    def client(self, family, run, behave):
        lab.wait_until(lambda: lab.own_rules("client") or not run.running(), "the guard")
        with lab.socket_in("server", family) as end:
            try:
                end.connect((lab.address_of("client", family), OURS))
            except ConnectionResetError:
                return  # established, and reset before connect() came back
            behave(end)

    def play_server(self, family, scenario, behave, *words):
        run = self.start("-l", OURS, f"-{family}", "--json", scenario, *words)
        self.client(family, run, behave)
        done = run.end()
        self.assert_status(done, 0)
        self.assertEqual(self.verdicts(done), {scenario: "conforms"}, str(done))
        return done

    @lab.both_families
    def test_we_close_first(self, family):
        for scenario in ("active-close", "half-close", "three-segment-close", "lost-fin",
                         "lost-final-ack", "no-time-wait", "data-after-close"):
            with self.subTest(scenario=scenario):
                self.play_server(family, scenario, lambda end: end.recv(100))

    @lab.both_families
    def test_each_client_has_its_own_result(self, family):
        """The first aborts, and the second behaves: the one does not hide the other."""
        def abort(end):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        run = self.start("-l", OURS, f"-{family}", "--json", "passive-close", "--accept", "2")
        self.client(family, run, abort)
        self.client(family, run, lambda end: end.shutdown(socket.SHUT_WR))
        done = run.end()
        self.assert_status(done, 3)
        self.assertEqual([(s["name"], s["verdict"]) for s in done.result["scenarios"]],
                         [("passive-close", "inconclusive"), ("passive-close", "conforms")])

    @lab.both_families
    def test_the_client_closes_first(self, family):
        for words in (["passive-close"], ["three-segment-close", "--first", "peer"],
                      ["simultaneous-close"], ["lost-fin", "--first", "peer"], ["time-wait"]):
            with self.subTest(scenario=words[0]):
                self.play_server(family, words[0], lambda end: end.shutdown(socket.SHUT_WR),
                                 *words[1:])

    @lab.both_families
    def test_resets(self, family):
        def wait(end):
            try:
                end.recv(100)
            except ConnectionResetError:
                pass
        for scenario in ("reset", "reset-in-window", "reset-outside-window",
                         "syn-in-established"):
            with self.subTest(scenario=scenario):
                self.play_server(family, scenario, wait)


if __name__ == "__main__":
    lab.main()

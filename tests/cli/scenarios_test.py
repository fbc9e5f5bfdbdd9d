#!/usr/bin/env python3
"""The walk-through's scenarios as tcp-handshake plays them: both ladders, letters, exit status."""
import json
import os
import struct
import subprocess
import tempfile
import unittest

TOOL = os.path.join(os.environ["TCPCRAFT_TOOLS"], "tcp-handshake")
OURS = ("SC-1", "SC-2a", "SC-2a-rst", "SC-2b", "SC-2c", "SC-10", "SC-11")


def run(*arguments):
    environment = dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="80", NO_COLOR="1")
    return subprocess.run([TOOL, *arguments], text=True, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL, env=environment)


def options_of(block):
    """The options of a pcapng block."""
    found, at = {}, 0
    while at + 4 <= len(block):
        code, length = struct.unpack_from("<HH", block, at)
        found[code] = block[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def read_capture(path):
    """Interface, time, ports and comment of each packet of a pcapng file of raw IPv4."""
    with open(path, "rb") as file:
        octets = file.read()
    interfaces, packets, at = [], [], 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        body = octets[at + 8:at + length - 4]
        if kind == 1:
            interfaces.append(options_of(body[8:])[2].decode())
        elif kind == 6:
            interface, high, low, size = struct.unpack_from("<IIII", body)
            packets.append({"interface": interfaces[interface], "at": high << 32 | low,
                            "ports": struct.unpack_from(">HH", body, 20 + 20),
                            "comment": options_of(body[20 + (size + 3) // 4 * 4:])[1].decode()})
        at += length
    return packets


def played(*arguments):
    """The played scenarios of a JSON document, and the whole."""
    ended = run(*arguments, "--json")
    document = json.loads(ended.stdout)
    assert ended.returncode == document["result"]["exit_status"], ended.stderr
    return document["result"]["scenarios"], document


class Played(unittest.TestCase):
    def test_each_shows_both_ends_letters_and_a_lesson(self):
        for scenario in OURS:
            ended = run(f"--simulate={scenario}")
            self.assertEqual((ended.returncode, ended.stderr), (0, ""), scenario)
            for piece in ("At the client (", "At the server (", "x = 100", "y = 300",
                          "RFC"):
                self.assertIn(piece, ended.stdout, scenario)
            self.assertNotIn("~", ended.stdout)  # nothing is inferred
            too_wide = [line for line in ended.stdout.splitlines() if len(line) > 80]
            self.assertEqual(too_wide, [], scenario)

    def test_deviations_are_loud(self):
        for scenario in OURS:
            loud = "DEVIATION ON PURPOSE" in run(f"--simulate={scenario}").stdout
            self.assertEqual(loud, scenario[:5] in ("SC-2a", "SC-2b"), scenario)

    def test_ladders_are_those_of_the_library(self):
        golden = os.path.join(os.path.dirname(__file__), "..", "sim", "golden", "SC-1.txt")
        with open(golden, encoding="utf-8") as file:
            self.assertTrue(run("--simulate=SC-1").stdout.startswith(file.read()))

    def test_a_demonstration_without_a_target_is_played(self):
        for name, ids in (("three-way", ["SC-1"]), ("old-duplicate-syn", ["SC-2b", "SC-2c"]),
                          ("two-way", ["SC-2a", "SC-2a-rst"]), ("simultaneous-open", ["SC-10"])):
            for way in (["--simulate", "--scenario", name], [f"--simulate={name}"]):
                scenarios, _ = played(*way)
                self.assertEqual([one["id"] for one in scenarios], ids)
        for one, its_id in (("SC-2b", "SC-2b"), ("sc-11", "SC-11")):
            self.assertEqual([it["id"] for it in played("--simulate", "--scenario", one)[0]],
                             [its_id])
        for name in ("refused", "syn-flood-view"):
            ways = [run(*way, "-q").stdout
                    for way in (["--simulate", "--scenario", name], [f"--simulate={name}"])]
            self.assertTrue(ways[0])
            self.assertEqual(*ways)

    def test_with_a_target_it_is_the_run_as_against_a_real_host(self):
        for more in (["192.0.2.2:80"], ["--mute"], ["--then", "reset"]):
            ended = run("--simulate", "--scenario", "two-way", "--json", *more)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            self.assertNotIn("scenarios", json.loads(ended.stdout)["result"])

    def test_ipv6(self):
        ended = run("--simulate=SC-2c", "-6", "--lines")
        self.assertEqual(ended.returncode, 0)
        self.assertIn("2001:db8::2", ended.stdout)
        self.assertNotIn("192.0.2", ended.stdout)

    def test_the_list(self):
        ended = run("--simulate=list")
        self.assertEqual(ended.returncode, 0)
        self.assertEqual([line.split()[0] for line in ended.stdout.splitlines()],
                         list(OURS))
        listed = json.loads(run("--simulate=list", "--json").stdout)["result"]
        self.assertEqual([one["id"] for one in listed["scenarios"]], list(OURS))
        self.assertEqual(listed["exit_status"], 0)

    def test_all_says_how_many_conform(self):
        self.assertEqual(run("--simulate=all", "-q").stdout,
                         "5 conform, 2 shown breaking the rules\n")


class Json(unittest.TestCase):
    def test_numbers_states_and_wire(self):
        (one,), document = played("--simulate=sc-1")
        self.assertEqual(one["wire"], ["client SYN seq=x", "server SYN,ACK seq=y ack=x+1",
                                       "client ACK seq=x+1 ack=y+1"])
        self.assertEqual(one["symbols"], {"x": 100, "y": 300})
        self.assertEqual(one["states"]["server"],
                         ["CLOSED", "LISTEN", "SYN-RECEIVED", "ESTABLISHED"])
        self.assertEqual(one["verdict"], "conforms")
        result = document["result"]
        self.assertEqual((result["established"], result["isn"], result["peer_isn"], result["rtt"],
                          result["state"]), (True, 100, 300, 0.02, "ESTABLISHED"))
        self.assertEqual({event["connection"] for event in document["events"]}, {1, 2})

    def test_what_breaks_the_rules_has_no_verdict(self):
        scenarios, document = played("--simulate=all")
        for one in scenarios:
            deviates = one["id"].startswith("SC-2a")
            self.assertEqual(one["verdict"], None if deviates else "conforms")
            self.assertEqual(bool(one["deviations"]), one["id"][:5] in ("SC-2a", "SC-2b"))
        verdicts = [e for e in document["events"] if e["event"] == "verdict"]
        self.assertEqual(len(verdicts), len(scenarios) - 2)
        for verdict in verdicts:
            kinds = {document["events"][at]["event"] for at in verdict["segments"]}
            self.assertEqual(kinds, {"segment"})

    def test_the_tcb(self):
        (one,), _ = played("--simulate=tcb")
        self.assertEqual([dump["tcb"] is None for dump in one["tcbs"]].count(True), 1)
        opened = one["tcbs"][1]
        self.assertEqual((opened["state"], opened["tcb"]["snd_una"], opened["tcb"]["snd_nxt"]),
                         ("SYN-SENT", 100, 101))
        for unknown in ("rcv_nxt", "irs", "snd_wnd", "snd_wl1", "snd_wl2", "rcv_up", "mss"):
            self.assertIsNone(opened["tcb"][unknown], unknown)

    def test_events_name_scenario_and_end(self):
        _, document = played("--simulate=two-way")
        ends = {(event["scenario"], event["end"]) for event in document["events"]}
        self.assertEqual(ends, {(scenario, end) for scenario in ("SC-2a", "SC-2a-rst")
                                for end in ("client", "server")})


class Usage(unittest.TestCase):
    def refused(self, *arguments):
        ended = run(*arguments)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), arguments)
        return ended.stderr

    def test_mistakes_are_told(self):
        self.assertIn("SC-2b", self.refused("--simulate=SC-99"))
        self.assertIn("tcp-teardown", self.refused("--simulate=SC-3"))
        self.assertIn("tcp-keepalive", self.refused("--simulate=SC-9b"))
        self.assertIn("no target", self.refused("--simulate=SC-1", "192.0.2.2:80"))
        self.assertIn("--fault", self.refused("--simulate=SC-1", "--fault", "drop out S"))
        self.assertIn("either", self.refused("--simulate=SC-1", "--scenario", "two-way"))
        self.assertIn("write --simulate=SC-1", self.refused("--simulate", "SC-1"))
        self.assertIn("--scenario SC-99", self.refused("--simulate", "--scenario", "SC-99"))
        self.assertIn("add --simulate", self.refused("--scenario", "SC-2b"))
        self.assertIn("--timeout", self.refused("--simulate=SC-1", "--timeout", "5"))


class Capture(unittest.TestCase):
    def test_each_segment_once_in_order_at_the_end_that_sent_it(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "all.pcapng")
            self.assertEqual(run("--simulate=all", "-q", "-w", file).returncode, 0)
            packets = read_capture(file)
        scenarios, _ = played("--simulate=all")
        wire = [(line.split()[0], one["id"]) for one in scenarios for line in one["wire"]]
        self.assertEqual([(packet["interface"], packet["comment"].split(";")[0])
                          for packet in packets], wire)
        times = [packet["at"] for packet in packets]
        self.assertEqual(times, sorted(times))
        ports = {packet["comment"].split(";")[0]: max(packet["ports"]) for packet in packets}
        self.assertEqual(len(set(ports.values())), len(scenarios))


if __name__ == "__main__":
    unittest.main()

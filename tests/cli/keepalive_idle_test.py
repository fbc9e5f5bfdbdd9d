#!/usr/bin/env python3
"""tcp-keepalive idle as it is called, with --simulate: hours pass in no time."""
import json
import os
import subprocess
import tempfile
import unittest

TOOL = os.path.join(os.environ["TCPCRAFT_TOOLS"], "tcp-keepalive")


def run(*arguments):
    return subprocess.run([TOOL, "idle", "--simulate", *arguments], text=True, capture_output=True,
                          timeout=120, stdin=subprocess.DEVNULL)


def result(*arguments):
    done = run(*arguments, "--json")
    found = json.loads(done.stdout)["result"]
    assert found["exit_status"] == done.returncode, done
    return found


class Case(unittest.TestCase):
    def assert_found(self, found, timeout, classification):
        self.assertEqual((found["exit_status"], found["classification"]), (0, classification),
                         found["summary"])
        self.assertLessEqual(found["timeout_low"], timeout)
        self.assertGreaterEqual(found["timeout_high"], timeout)
        self.assertLessEqual(found["timeout_high"] - found["timeout_low"],
                             1.05 * found["resolution"])


class Words(Case):
    def test_usage_errors_say_what_would_do(self):
        for words, said in ((("-l", "80"), "nobody can make a client"),
                            (("--least", "5", "--most", "4"), "--least is longer"),
                            (("--resume",), "--checkpoint FILE"),
                            (("--refresh", "payload"), "--send"),
                            (("--refresh", "keepalive", "--state", "half-open"), "established"),
                            (("--refresh", "often"), "inbound"),
                            (("--state", "open"), "half-closed"),
                            (("--simulate-path", "7s,sometimes"), "reset-at-once"),
                            (("--most", "0"), "--most"),
                            (("--parallel", "0"), "--parallel")):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(said, done.stderr, words)

    def test_a_simulated_path_needs_a_simulation(self):
        for path in ("60s", "half-open=5s", "reset"):
            done = subprocess.run([TOOL, "idle", "192.0.2.1:80", "--simulate-path", path],
                                  text=True, capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("needs --simulate", done.stderr)

    def test_a_line_for_each_trial_and_ladders_only_on_demand(self):
        words = ("--simulate-path", "3s", "--most", "6")
        usual, more = run(*words).stdout, run(*words, "-v").stdout
        self.assertIn("silence after 3 s: 3 questions were unanswered", usual)
        self.assertIn("net.ipv4.tcp_keepalive_time = 1", usual)
        self.assertNotIn("SYN-SENT", usual)
        self.assertIn("SYN-SENT", more)
        self.assertEqual(len(run(*words, "-q").stdout.splitlines()), 6)
        for asked, shown in (("--explain", "[RFC 9293 §3.10.1]"), ("--show-tcb", "SND.UNA"),
                             ("--symbols", "seq x ")):
            self.assertIn(shown, run(*words, asked).stdout)

    def test_help_names_nothing_that_is_refused(self):
        page = run("--help").stdout
        self.assertNotIn("--listen", page)
        self.assertNotIn("--accept", page)

    def test_dry_run_shows_the_ladder(self):
        shown = run("--dry-run", "--most", "30").stdout
        self.assertIn("silences: 1 s, 2 s, 3 s", shown)
        self.assertIn("first segment: S", shown)

    def test_progress_has_the_time_left(self):
        done = run("--simulate-path", "60s", "--most", "90", "--json=events")
        told = [event for event in map(json.loads, done.stdout.splitlines())
                if event["event"] == "progress"]
        self.assertTrue(told)
        self.assertTrue(all(event["eta"] > 0 and event["done"] < event["total"]
                            for event in told))


class Finds(Case):
    def test_every_way_to_forget(self):
        for timeout, family in ((7, "-4"), (350, "-6")):
            for words, classification in (("", "silent-drop"), (",reset", "reset-by-path"),
                                          (",reset-at-once", "reset-by-path")):
                with self.subTest(timeout=timeout, words=words, family=family):
                    found = result(family, "--simulate-path", f"{timeout}s{words}", "--most", "8m")
                    self.assert_found(found, timeout, classification)
                    self.assertLessEqual(found["took"], 2 * timeout + 60)

    def test_two_hours_and_what_is_known_of_them(self):
        found = result("--simulate-path", "2h4m")
        self.assert_found(found, 7440, "silent-drop")
        self.assertLessEqual(found["took"], 2 * 7440 + 60)
        self.assertIn("RFC 5382", found["known_match"])
        self.assertIn("Azure", result("--simulate-path", "4m", "--most", "5m")["known_match"])

    def test_none_up_to_the_longest(self):
        found = result("--most", "10m")
        self.assertEqual((found["exit_status"], found["classification"], found["timeout_high"]),
                         (0, "none-up-to", None))
        self.assertGreaterEqual(found["timeout_low"], 600)
        self.assertIn("no keep-alive is needed", found["advice"]["text"])

    def test_advice_fits_before_the_path_forgets(self):
        advice = result("--simulate-path", "60s", "--most", "90")["advice"]
        self.assertEqual((advice["idle"], advice["interval"], advice["probes"]), (29, 7, 4))
        self.assertIn("net.ipv4.tcp_keepalive_intvl = 7", advice["sysctl"])

    def test_a_finer_or_coarser_answer(self):
        for resolution in ("250ms", "10s"):
            found = result("--simulate-path", "123s", "--most", "5m", "--resolution", resolution,
                           "--parallel", "40")
            self.assert_found(found, 123, "silent-drop")

    def test_other_states(self):
        for state, more, classification in (("half-open", "", "silent-drop"),
                                            ("half-closed", ",reset", "reset-by-path"),
                                            ("time-wait", "", "silent-drop"),
                                            ("time-wait", ",reset", "reset-by-path")):
            found = result("--state", state, "--most", "40", "--simulate-path",
                           f"1h,{state}=33s{more}")
            self.assert_found(found, 33, classification)
            self.assertEqual((found["state"], found["advice"]["idle"]), (state, None))

    def test_the_peers_own_end_is_not_the_paths(self):
        found = result("--state", "half-open", "--most", "5m", "--simulate-path", "1h")
        self.assertEqual(found["classification"], "reset-by-peer")
        self.assertIn("the peer's own SYN-RECEIVED", found["summary"])

    def test_who_does_not_answer_probes_is_not_called_forgotten(self):
        deaf = ("--simulate-path", "20s", "--fault", "drop in . #*")
        found = result(*deaf)
        self.assertEqual((found["exit_status"], found["classification"], found["timeout_high"]),
                         (3, None, None))
        self.assertIn("no keep-alive probe even on a young connection", found["summary"])

    def test_a_few_losses_change_nothing(self):
        for lost in ("drop out . #30-32", "drop in . #40", "drop out S #3"):
            self.assert_found(result("--simulate-path", "20s", "--most", "1m", "--fault", lost), 20,
                              "silent-drop")


class Refresh(Case):
    def restarts(self, path, *words):
        return result("--simulate-path", path, "--most", "1m", "--refresh", *words)["refresh"]

    def test_what_restarts_the_timer(self):
        for path in ("20s", "20s,reset"):
            self.assertTrue(self.restarts(path, "keepalive")["restarts"])
            self.assertTrue(self.restarts(path, "payload", "--send", "x")["restarts"])

    def test_what_does_not(self):
        self.assertFalse(self.restarts("20s,data-only", "keepalive")["restarts"])
        self.assertTrue(self.restarts("20s,data-only", "payload", "--send", "x")["restarts"])
        advice = result("--simulate-path", "20s,data-only", "--most", "1m", "--refresh",
                        "keepalive")["advice"]
        self.assertIn("does not restart", advice["text"])

    def test_a_peer_that_says_nothing_restarts_nothing(self):
        self.assertIsNone(self.restarts("20s", "inbound")["restarts"])


class Checkpoint(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "file")
        self.words = ("--simulate-path", "60s", "--most", "2m", "--checkpoint", self.file)

    def test_goes_on_from_any_moment(self):
        whole = result("--simulate-path", "60s", "--most", "2m")
        for after in (0.1, 20, 63, 64, 100):
            cut = result(*self.words, "--deadline", str(after))
            self.assertEqual(cut["exit_status"], 3, after)
            resumed = result(*self.words, "--resume")
            self.assertEqual([resumed[key] for key in ("timeout_low", "timeout_high",
                                                       "classification", "advice")],
                             [whole[key] for key in ("timeout_low", "timeout_high",
                                                     "classification", "advice")], after)
            os.remove(self.file)

    def test_of_a_finished_search_nothing_is_sent(self):
        first = result(*self.words)
        again = result(*self.words, "--resume")
        self.assertEqual((again["connections"], again["timeout_low"], again["summary"]),
                         (0, first["timeout_low"], first["summary"]))

    def refused(self, *words):
        done = run(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""), words)
        return done.stderr

    def test_is_not_overwritten_nor_mistaken(self):
        run(*self.words, "--deadline", "10")
        self.assertIn("--resume goes on", self.refused(*self.words))
        for other in (("--least", "2"), ("--state", "half-open"), ("192.0.2.9:81",), ("-4",),
                      ("--send", "x")):
            self.assertIn("of another search", self.refused(*self.words, "--resume", *other))

    def test_damage_is_noticed(self):
        run(*self.words, "--deadline", "10")
        with open(self.file, encoding="utf-8") as file:
            whole = file.read()
        for damaged in ("", whole[:-20], whole.replace('"asked":true', '"asked":false', 1), "[]",
                        "no JSON", '{"what":1}', '{"what":"x","key":1,"tried":{}}',
                        self.summed_anew(whole, kind=7), self.summed_anew(whole, sender=-1),
                        self.summed_anew(whole, text=None)):
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(damaged)
            self.assertIn("damaged", self.refused(*self.words, "--resume"))

    @staticmethod
    def summed_anew(stored, **members):
        """As if it had been written so."""
        whole = json.loads(stored)
        whole["tried"][0].update(members)
        value = 0xcbf29ce484222325
        for octet in "".join(json.dumps(whole[key], separators=(",", ":"), ensure_ascii=False)
                             for key in ("key", "tried")).encode():
            value = (value ^ octet) * 0x100000001b3 & 0xffffffffffffffff
        whole["sum"] = f"{value:016x}"
        return json.dumps(whole)

    def test_what_is_summed_anew_is_read(self):
        run(*self.words, "--deadline", "10")
        with open(self.file, encoding="utf-8") as file:
            whole = file.read()
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(self.summed_anew(whole, questions=3))
        self.assertEqual(result(*self.words, "--resume")["exit_status"], 0)

    def test_a_link_in_the_way_is_not_followed(self):
        other = self.file + ".other"
        with open(other, "w", encoding="utf-8") as file:
            file.write("somebody else's")
        os.symlink(other, self.file + ".new")
        run(*self.words, "--deadline", "10")
        with open(other, encoding="utf-8") as file:
            self.assertEqual(file.read(), "somebody else's")
        self.assertTrue(os.path.isfile(self.file))

    def test_a_place_that_cannot_be_written(self):
        done = run("--simulate-path", "60s", "--checkpoint", "/nonexistent/file")
        self.assertEqual(done.returncode, 4)
        self.assertIn("cannot write", done.stdout)


if __name__ == "__main__":
    unittest.main()

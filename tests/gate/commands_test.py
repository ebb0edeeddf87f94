# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate commands on real repositories: what each prints, its exit status, and what it refuses."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import rig  # noqa: E402
from rig import support  # noqa: E402

PHASE = """title = "two gates"
[[gate]]
name = "M1"
what = "it says hello"
where = ["a.txt"]
[[gate.check]]
name = "hello"
how = "cat a.txt"
expect = { output = "hello" }
[[gate]]
name = "M2"
what = "it says hello twice"
where = ["a.txt"]
[[gate.check]]
name = "twice"
how = "cat a.txt a.txt"
expect = { lines = 3 }
"""


class CommandsTest(rig.Rig, support.BuildTest):
    def setUp(self):
        super().setUp()
        self.here = self.dir / "project"
        (self.here / "gates").mkdir(parents=True)
        (self.here / "gates" / "demo.toml").write_text(PHASE)
        (self.here / "a.txt").write_text("hello\n")
        self.begin()
        self.push()
        self.ledger = self.here / "gates" / "ledger.jsonl"

    def claim(self, gate="M1"):
        return self.gate("claim", gate, "--key", self.key("builder"))

    def verify(self, gate="M1", *words):
        return self.gate("verify", gate, "--key", self.key("reviewer"), *words)

    def publish(self, message="the ledger"):
        self.commit(message)
        self.push()

    def gate_states(self):
        found = json.loads(self.gate("status", "--json").stdout)["phases"][0]["gates"]
        return {gate["name"]: gate["state"] for gate in found}

    def deploy(self, *words):
        return self.call(self.program, "-q", "-C", self.here, "--state", self.dir / "unused",
                         "deploy", "--all", *words,
                         env=support.environment(XDG_STATE_HOME=str(self.dir / "xdg")))

    def test_a_gate_blocks_a_deployment(self):
        (self.here / "cc-ci.toml").write_text(
            '[runtime]\ntools = ["bash"]\n[hosts.far]\n[gates.M1]\nblocks = ["deploy"]\n')
        self.publish("declare")
        self.refused(self.deploy(), 1, "gate.blocks", "M1", "nothing was changed")
        # Past the gates, the next thing that is missing is the lock.
        self.assertIn("[cli.no-lock]", self.deploy("--override", "the fix is urgent").stderr)
        self.good(self.claim())
        self.publish()
        self.refused(self.deploy(), 1, "gate.blocks")
        self.good(self.verify())
        self.assertIn("[cli.no-lock]", self.deploy().stderr)
        (self.here / "a.txt").write_text("changed after the verdict\n")
        self.refused(self.deploy(), 1, "gate.blocks-changed", "a.txt")

    def test_from_claim_to_pass_one_gate_after_the_other(self):
        self.refused(self.claim("M2"), 1, "gate.closed")
        claimed = self.good(self.claim())
        head = self.git("rev-parse", "HEAD").strip()
        self.assertTrue(claimed.startswith(f"claimed M1 at {head[:12]}, record 1\n"), claimed)
        self.refused(self.gate("verify", "M1", "--key", self.key("builder")), 2, "gate.role")
        self.assertEqual(self.gate("status", "M1").returncode, 1)
        verified = self.good(self.verify())
        self.assertRegex(verified, r"(?m)^hello +pass +\S+ \S+ +status 0, 6 B printed$")
        self.assertRegex(verified, r"(?m)^PASS, record 2, evidence in gates/evidence/M1-1-")
        self.assertEqual(self.gate("status", "M1").returncode, 0)
        self.assertEqual(self.gate("status").returncode, 1, "M2 is not passed")
        self.publish()
        self.good(self.claim("M2"))
        self.assertEqual(self.verify("M2").returncode, 1)
        self.assertEqual(self.gate_states(), {"M1": "passed", "M2": "failed"})
        self.assertIn("4 records, chain and signatures hold", self.good(self.gate("log")))

    def test_a_fail_says_why_and_the_page_lists_it(self):
        (self.here / "a.txt").write_text("good day\n")
        self.publish("changed")
        self.good(self.claim())
        failed = self.verify()
        self.assertEqual(failed.returncode, 1)
        self.assertIn("output: expected 'hello', found 'good day'", failed.stdout)
        self.assertRegex(failed.stdout, r"(?m)^FAIL, record 2,")
        page = self.gate("status", "--markdown")
        self.assertEqual(page.returncode, 1)
        for part in ("M1", "FAIL", "cat a.txt", "expected 'hello', found 'good day'"):
            self.assertIn(part, page.stdout)

    def test_a_later_gate_compares_with_what_an_earlier_one_saw(self):
        second = PHASE[PHASE.rindex("[[gate]]"):]
        compared = second.replace("cat a.txt a.txt", "cat b.txt").replace(
            "{ lines = 3 }", '{ same_as = "cc-ci gate evidence M1 hello" }')
        (self.here / "gates" / "demo.toml").write_text(PHASE.replace(second, compared))
        (self.here / "b.txt").write_text("hello\n")
        self.publish("compared")
        self.refused(self.gate("evidence", "M1", "hello"), 1, "gate.not-passed")
        self.good(self.claim())
        self.good(self.verify())
        self.assertEqual(self.good(self.gate("evidence", "M1", "hello")), "hello\n")
        self.refused(self.gate("evidence", "M1", "helo"), 2, "gate.no-check", "'hello'?")
        self.publish()
        self.good(self.claim("M2"))
        self.publish()
        self.good(self.verify("M2"))
        (self.here / "b.txt").write_text("hallo\n")
        self.publish("another")
        self.good(self.claim("M2"))
        self.publish()
        failed = self.verify("M2")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("expected the same as 'cc-ci gate evidence M1 hello': 'hello", failed.stdout)
        # Evidence that somebody made afterwards proves nothing.
        for file in (self.here / "gates" / "evidence").glob("M1-*/01-hello.out"):
            file.write_text("hallo\n")
        self.refused(self.gate("evidence", "M1", "hello"), 1, "gate.evidence", "record 2")

    def test_a_veto_stands_until_its_key_withdraws_it(self):
        self.good(self.claim())
        self.good(self.verify())
        self.refused(self.gate("veto", "M1", "--key", self.key("reviewer")), 2, "gate.reason")
        self.refused(self.gate("veto", "M1", "--reason", "x", "--key", self.key("builder")), 2,
                     "gate.role")
        self.good(self.gate("veto", "M1", "--reason", "it leaks", "--key", self.key("reviewer")))
        self.assertEqual(self.gate_states()["M1"], "vetoed")
        self.assertIn("it leaks", self.gate("status", "--markdown").stdout)
        # Nor does it end when the claimant takes the key's right.
        keys = self.here / "gates" / "keys.toml"
        before = keys.read_text()
        keys.write_text(before.replace('["verify"]', "[]"))
        self.assertEqual(self.gate_states()["M1"], "vetoed")
        # The PASS of that key counts no longer, and the text says so.
        self.assertIn("gate M1: record 2 by reviewer does not count: a verdict by a key that may not",
                      self.gate("status").stdout)
        keys.write_text(before)
        self.good(self.gate("veto", "M1", "--withdraw", "--key", self.key("reviewer")))
        self.assertEqual(self.gate_states()["M1"], "passed")
        self.refused(self.gate("veto", "M1", "--withdraw", "--key", self.key("reviewer")), 2,
                     "gate.no-veto")

    def test_a_ledger_that_was_tampered_with_stops_everything(self):
        self.good(self.claim())
        self.good(self.verify())
        whole = self.ledger.read_text()
        for text, code in ((whole.replace('"verdict":"pass"', '"verdict":"fail"'), "ledger-edited"),
                           (whole.splitlines(True)[0], "ledger-truncated"),
                           (whole.splitlines(True)[1], "ledger-dropped"),
                           (whole + '{"seq":3,"prev', "ledger-torn")):
            self.assertNotEqual(text, whole)
            self.ledger.write_text(text)
            for words in (("log",), ("status",)):
                self.refused(self.gate(*words), 1, f"gate.{code}")
        self.assertRegex(self.good(self.gate("repair")), r"moved 14 B of an unfinished record to ")
        self.assertEqual(self.ledger.read_text(), whole)
        self.assertEqual(self.good(self.gate("repair")), "nothing to repair\n")

    def test_a_claim_needs_a_clean_and_pushed_tree(self):
        (self.here / "a.txt").write_text("good day\n")
        self.refused(self.claim(), 2, "gate.dirty", "a.txt")
        self.commit("changed")
        self.refused(self.claim(), 2, "gate.unpushed")
        self.assertFalse(self.ledger.exists())
        self.push()
        self.good(self.claim())

    def test_keys_stay_out_of_the_repository(self):
        self.refused(self.gate("keygen", self.here / "key"), 2, "gate.key-inside")
        self.refused(self.gate("keygen", self.key("builder")), 2, "gate.key-exists")
        self.assertEqual(self.key("builder").stat().st_mode & 0o777, 0o600)
        self.key("builder").chmod(0o644)
        self.refused(self.claim(), 2, "gate.key-mode")

    def test_what_a_gate_leaves_is_where_it_was_told(self):
        scratch = self.dir / "scratch"
        scratch.mkdir()
        self.good(self.claim())
        self.good(self.verify("M1", "--scratch", scratch, "--keep-clone"))
        clone, = scratch.glob("cc-ci-gate-*/clone")
        self.assertEqual((clone / "a.txt").read_text(), "hello\n")


if __name__ == "__main__":
    support.main()

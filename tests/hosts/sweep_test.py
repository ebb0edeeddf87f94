#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer of a booted host sweeps: real recipes on private engines, and nothing to do next time."""
from recipes import PROJECT, Recipes, remains
from support import HostTest, main, wait_for

SERVICE = "cc-ci-sweep.service"
TIMER = "cc-ci-sweep.timer"
SETTINGS = '[hosts.sweeper]\n\n[sweep]\nschedule = "03:00"\n'


class Sweep(HostTest):
    def setUp(self):
        self.store = Recipes({"board": {}, "notes": {}}, SETTINGS)
        self.sweeper = self.host("sweeper", engines=self.store)
        self.good("--offline", "switch", "sweeper")

    def good(self, *words):
        return self.sweeper.good("cc-ci", "-C", PROJECT, *words)

    def service(self):
        return self.sweeper.show(SERVICE, "InvocationID", "ActiveState", "Result", "ExecMainStatus",
                                 "TriggeredBy")

    def fire(self):
        """The timer itself starts its unit, now; the id of this run."""
        before = self.service()["InvocationID"]
        self.sweeper.sh(f"mkdir -p /run/systemd/system/{TIMER}.d; "
                        "printf '[Timer]\\nOnActiveSec=0\\nAccuracySec=1us\\nRandomizedDelaySec=0\\n' "
                        f">/run/systemd/system/{TIMER}.d/now.conf; systemctl daemon-reload; "
                        f"systemctl restart {TIMER}")
        return wait_for(lambda: self.service()["InvocationID"].replace(before, ""), 30, "the fire")

    def journal(self, run):
        return self.sweeper.good("journalctl", "--no-pager", "--output=cat",
                                 f"_SYSTEMD_INVOCATION_ID={run}")

    def sweep(self):
        """One fire to its end; what it wrote to the journal."""
        run = self.fire()
        ended = ("inactive", "failed")
        seen = wait_for(lambda: self.service()["ActiveState"] in ended and self.service(), 120,
                        "the end of the sweep", every=0.2)
        self.assertEqual((seen["Result"], seen["ExecMainStatus"], seen["TriggeredBy"]),
                         ("success", "0", TIMER), self.journal(run))
        self.assertEqual(remains(self.sweeper), "")
        return self.journal(run)

    def test_timer_sweeps(self):
        self.assertEqual(self.sweeper.show(TIMER, "ActiveState", "UnitFileState"),
                         {"ActiveState": "active", "UnitFileState": "enabled"})
        # The first night: both are green and canonical.
        night = self.sweep()
        self.assertRegex(night, r"board +1\.0\.0\+1 +pass +5 +new ")
        self.assertRegex(night, r"sweep \S+: 2 pass\n")
        for name in ("board", "notes"):
            self.assertIn("canonical: 1.0.0+1", self.good("results", "show", name))
        # The second one has nothing to do, and says why.
        night = self.sweep()
        reason = r" was skipped: no new version since 1\.0\.0\+1 of \d{4}-\d\d-\d\d\n"
        self.assertRegex(night, r"board +1\.0\.0\+1 +skip +no new version since 1\.0\.0\+1 of ")
        self.assertRegex(night, r"sweep \S+: 2 skipped\n")
        self.assertRegex(self.good("results", "show"), "board" + reason + "notes" + reason)
        self.assertEqual(len(list(self.sweeper.state.glob("sweeps/**/results.json"))), 2)
        # A new release is tested, and the other recipe is not. A stop of the unit takes the engine down.
        self.store.release("notes", "1.1.0+1", on=self.sweeper)
        run = self.fire()
        wait_for(lambda: "dockerd" in remains(self.sweeper), 60, "an engine")
        self.sweeper.sh(f"systemctl stop {SERVICE} || true")
        self.assertEqual(remains(self.sweeper), "")
        self.assertEqual(self.service()["ExecMainStatus"], "143", self.journal(run))
        # The next fire continues this night, from the canonical version.
        night = self.sweep()
        self.assertRegex(night, r"sweep \S+\.3: 1 pass, 1 skipped\n")
        self.assertIn("canonical: 1.1.0+1", self.good("results", "show", "notes"))
        output = next(self.sweeper.state.glob("sweeps/*.3/**/notes/output.txt")).read_text()
        self.assertRegex(output, r"upgrade +pass +\S+ s +from 1\.0\.0\+1")
        self.assertIn("canonical: 1.0.0+1", self.good("results", "show", "board"))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Gate M1 of the example: claimed with one key, verified from cold with another, on the status page."""
import json
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "build"))
import support  # noqa: E402

EXAMPLE = support.SOURCE / "examples" / "cc-ci"


class GateTest(support.BuildTest):
    def git(self, *words):
        return self.good(self.call("git", "-c", "user.name=t", "-c", "user.email=t@example.org",
                                   *words, cwd=self.here))

    def gate(self, *words):
        return self.call(self.program, "-q", "-C", self.here, "--state", self.dir / "unused",
                         "gate", *words, timeout=1500,
                         env=support.environment(TMPDIR=str(self.dir),
                                                 XDG_STATE_HOME=str(self.dir / "xdg")))

    def key(self, name):
        return self.dir / "keys" / name

    def set_up(self):
        self.here = self.dir / "project"
        shutil.copytree(EXAMPLE, self.here)
        text = (self.here / "cc-ci.toml").read_text()
        shutil.copy(support.prepared(text) / "cc-ci.lock", self.here)
        (self.dir / "keys").mkdir(mode=0o700)
        lines = []
        for name, may in (("builder", "claim"), ("reviewer", "verify")):
            made = json.loads(self.good(self.gate("keygen", self.key(name), "--json")))
            lines += [f"[{name}]", f'public = "{made["public"]}"', f'may = ["{may}"]']
        with open(self.here / "gates" / "keys.toml", "a") as keys:
            keys.write("\n".join(lines) + "\n")
        self.good(self.call("git", "init", "--quiet", "--bare", self.dir / "remote"))
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("add", "--all")
        self.git("add", "--force", "cc-ci.lock")
        self.git("commit", "--quiet", "-m", "the example")
        self.git("remote", "add", "origin", self.dir / "remote")

    def test_claim_cold_verification_pass_status(self):
        self.set_up()
        builder, reviewer = self.key("builder"), self.key("reviewer")
        self.refused(self.gate("claim", "M1", "--key", builder), 2, "gate.unpushed")
        self.git("push", "--quiet", "--set-upstream", "origin", "main")
        self.assertEqual(self.gate("status").returncode, 1)
        self.good(self.gate("claim", "M1", "--key", builder))
        same = self.gate("verify", "M1", "--key", builder)
        self.assertNotEqual(same.returncode, 0, same.stdout)
        verified = self.gate("verify", "M1", "--key", reviewer)
        self.assertIn("PASS", self.good(verified))
        self.good(self.gate("status"))
        self.assertRegex(self.good(self.gate("status", "--markdown")), r"M1(.|\n)*PASS")
        self.good(self.gate("log"))


if __name__ == "__main__":
    support.main()

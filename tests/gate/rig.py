# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository with a bare remote, two keys that are listed, and the gate commands on it."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "build"))
import support  # noqa: E402


class Rig:
    """For a BuildTest: `begin` in setUp, once the project directory self.here is filled."""

    def begin(self):
        (self.dir / "keys").mkdir(mode=0o700)
        lines = []
        for name, may in (("builder", "claim"), ("reviewer", "verify")):
            made = json.loads(self.good(self.gate("keygen", self.key(name), "--json")))
            lines += [f"[{name}]", f'public = "{made["public"]}"', f'may = ["{may}"]']
        with open(self.here / "gates" / "keys.toml", "a") as keys:
            keys.write("\n".join(lines) + "\n")
        self.good(self.call("git", "init", "--quiet", "--bare", self.dir / "remote"))
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("remote", "add", "origin", self.dir / "remote")
        self.commit("begin")

    def git(self, *words):
        return self.good(self.call("git", "-c", "user.name=t", "-c", "user.email=t@example.org",
                                   *words, cwd=self.here))

    def gate(self, *words):
        return self.call(self.program, "-q", "-C", self.here, "--state", self.dir / "unused",
                         "gate", *words, timeout=900,
                         env=support.environment(TMPDIR=str(self.dir),
                                                 XDG_STATE_HOME=str(self.dir / "xdg")))

    def key(self, name):
        return self.dir / "keys" / name

    def commit(self, message):
        self.git("add", "--all")
        if (self.here / "cc-ci.lock").exists():
            self.git("add", "--force", "cc-ci.lock")
        self.git("commit", "--quiet", "-m", message)

    def push(self):
        self.git("push", "--quiet", "--set-upstream", "origin", "main")

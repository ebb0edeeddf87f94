#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes that attack: refused or harmless, with a clear verdict, and nothing is left."""
import gzip
import json
import os
import pathlib
import resource
import subprocess
import tarfile
import tempfile
import unittest

import support

TOP = "networks:\n  proxy:\n    external: true\n"
# What must be refused before anything starts: keys of the service, the rest of the file, what
# the reason says, and the exit status.
REFUSED = {
    "root of the host": ("volumes: ['/:/host']", "", "mounts / of the host", 4),
    "path above": ("volumes: ['../../../../etc:/host']", "", "of the host", 4),
    "bind volume": ("volumes: ['v:/v']",
                    "volumes: {v: {driver_opts: {type: none, o: bind, device: /etc}}}",
                    "mounts /etc of the host", 4),
    "block device": ("volumes: ['v:/v']",
                     "volumes: {v: {driver_opts: {type: ext4, device: /dev/sda1}}}", "/dev/sda1", 4),
    "overlay of the host": ("volumes: ['v:/v']",
                            "volumes: {v: {driver_opts: {type: overlay, device: overlay,"
                            " o: 'lowerdir=/etc:/usr'}}}", "'overlay'", 4),
    "socket of the engine": ("volumes: ['/run/docker.sock:/s']", "", "C002", 1),
    "capability": ("cap_add: [sys_time]", "", "capability SYS_TIME", 4),
    "all capabilities": ("cap_add: [all]", "", "capability ALL", 4),
    "privileged": ("privileged: true", "", "C003", 1),
    "file above": ("configs: [c]", "configs: {c: {file: ../../../etc/shadow}}", "[recipe.outside]", 1),
    "file of the host": ("configs: [c]", "configs: {c: {file: /etc/shadow}}", "[recipe.outside]", 1),
    "link out": ("configs: [c]", "configs: {c: {file: link}}", "[recipe.outside]", 1),
    "env_file above": ("env_file: ../../etc/environment", "", "[recipe.outside]", 1),
    "unknown key": ("netwrks: [proxy]", "", "[recipe.unknown-key]", 1),
}
# Whole compose files that cannot be read.
UNREADABLE = {
    "cycle": ("services: &a\n  app: *a\n", "[recipe.cycle]"),
    "bomb": ("a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n" for a, b in zip("abcdef", "bcdefg")) +
        "services: {app: {image: x}}\n", "[recipe.too-large]"),
    "services": ("services:\n" + "".join(f"  s{i}: {{image: x}}\n" for i in range(10000)),
                 "[recipe.too-large]"),
    "levels": ("[" * 100000, "[recipe.too-large]"),
    "size": ("x: '" + "a" * (2 << 20) + "'\n", "[recipe.large-file]"),
    "no YAML": ("services: [\n", "[recipe.yaml]"),
    "markup": ("services: {'<script>\\e[31m': {image: x}}\n", "[recipe.name]"),
}
TESTS = """
import os, pathlib, socket

def test_host_is_not_written():
    for place in ["/tmp", "/var/tmp", "/dev/shm"]:
        pathlib.Path(place, "cc-ci-hostile").write_text("x")
    for place in ["/", "/etc", "/usr", "/root", "/home", "/run", "/srv"]:
        try:
            pathlib.Path(place, "cc-ci-hostile").write_text("x")
        except OSError:
            continue
        assert False, place

def test_host_is_not_read():
    assert os.getuid() != 0
    for path in ["/etc/shadow", "/root/.bashrc", "/run/docker.sock"]:
        assert not os.access(path, os.R_OK), path
    assert os.listdir("/home") == [] and os.listdir("/srv") == []

def test_network_ends_at_the_engine():
    for address in [("1.1.1.1", 53), ("169.254.169.254", 80)]:
        try:
            socket.create_connection(address, timeout=2)
        except OSError:
            continue
        assert False, address
"""


class Hostile(support.RunTest):
    def outcome(self, recipe, *words, status):
        result, printed = self.run_test(recipe, *words, status=status)
        for name in ["summary.html", "junit.xml", "badge.svg", "log.txt"]:
            text = (result["out"] / name).read_text()
            self.assertNotIn("\x1b", text)
            if name != "log.txt":
                self.assertNotIn("<script>", text)
        self.assertNotIn("\x1b", printed)
        return result, printed

    def test_refused(self):
        for name, (service, more, reason, status) in REFUSED.items():
            with self.subTest(name):
                recipe = self.recipe(name.replace(" ", "-"))
                os.symlink("/etc/shadow", recipe.path / "link")
                recipe.release("1.0.0+1", service="    " + service + "\n", more=more)
                tiers = "lint" if reason.startswith("C0") else "lint,install"
                result, printed = self.outcome(recipe, "--tiers", tiers, status=status)
                self.assertIn(reason, "\n".join(r["reason"] for r in result["rungs"]), printed)
                self.assertNotEqual(self.rungs(result)["install"], "pass")

    def test_unreadable(self):
        for name, (text, reason) in UNREADABLE.items():
            with self.subTest(name):
                recipe = self.recipe(name.replace(" ", "-"))
                recipe.write("compose.yml", text)
                recipe.commit("1.0.0+1")
                result, printed = self.outcome(recipe, status=1)
                self.assertEqual(self.rungs(result)["lint"], "fail")
                self.assertIn(reason, self.reason(result, "lint"), printed)
                self.assertEqual((result["verdict"], result["ending"]), ("fail", "complete"))
                self.assertEqual(self.rungs(result)["install"], "unverified")

    def test_unfetchable(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        for words, status in [((recipe, "--ref", "nope"), 2),
                              (("https://127.0.0.1:9/x.git",), 3),
                              (("ext::sh -c 'touch %s/pwned'" % self.dir,), 3)]:
            result, printed = self.outcome(*words, status=status)
            self.assertEqual((result["verdict"], result["ending"]), ("unverified", "failed"), printed)
            self.assertTrue(result["problem"], printed)
        self.assertFalse((self.dir / "pwned").exists())

    def test_programs_of_the_repository_do_not_run(self):
        recipe = self.recipe()
        mark = self.dir / "pwned"
        recipe.write("abra.sh", f"export A=$(touch {mark})\ntouch {mark}\n")
        recipe.release("1.0.0+1")
        recipe.write(".gitattributes", "* filter=evil\n")
        config = recipe.path / ".git/config"
        config.write_text(config.read_text() + f"""[core]
\tfsmonitor = touch {mark}
\thooksPath = .git/hooks
[filter "evil"]
\tclean = touch {mark}
\tsmudge = touch {mark}
[uploadpack]
\tpackObjectsHook = touch {mark}
""")
        for hook in ["post-checkout", "reference-transaction", "post-index-change"]:
            recipe.write(".git/hooks/" + hook, f"#!/bin/sh\ntouch {mark}\n")
            (recipe.path / ".git/hooks" / hook).chmod(0o755)
        os.mkfifo(recipe.path / "compose.fifo.yml")
        self.outcome(recipe, "--tiers", "lint", status=0)
        self.assertFalse(mark.exists())

    def test_its_own_tests(self):
        recipe = self.recipe()
        recipe.write("tests/test_host.py", TESTS)
        recipe.release("1.0.0+1")
        result, printed = self.outcome(recipe, "--tiers", "install,custom", status=0)
        self.assertEqual(self.reason(result, "custom"), "3 tests", printed)
        for place in ["/tmp", "/var/tmp", "/dev/shm"]:
            self.assertFalse((pathlib.Path(place) / "cc-ci-hostile").exists())

    def test_hollow_tests(self):
        recipe = self.recipe()
        recipe.write("tests/test_it.py", "def test_it():\n    assert False\n")
        recipe.write("tests/conftest.py", "import os\nos._exit(0)\n")
        recipe.release("1.0.0+1")
        result, printed = self.outcome(recipe, "--tiers", "install,custom", status=1)
        self.assertIn("before it wrote its report", self.reason(result, "custom"), printed)

    def test_fork_bomb(self):
        recipe = self.recipe()
        # Sleepers: they show the limit and do not stop the other tests of this machine.
        recipe.release("1.0.0+1", command="(while :; do sleep 1000 & done) 2>/dev/null & "
                       + support.SERVE)
        self.declare('[recipes.demo]\nsource = "demo"\ndeadline = "25s"\n')
        out = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
        done = subprocess.run(self.command(recipe, "--out", out, "--tiers", "install"),
                              env=support.PLAIN, stdout=subprocess.PIPE, text=True, check=False)
        result = json.loads((out / "results.json").read_text())
        self.assertTrue(result["flags"]["clean_teardown"], done.stdout)
        self.assertIn(done.returncode, [0, 1, 142], done.stdout)
        self.assertEqual(self.traces(), [])

    def test_links_in_a_volume(self):
        # Between backup and restore a directory becomes a link to one of the host's.
        target = support.PLACE / "target-of-links"
        target.mkdir(exist_ok=True)
        victim = target / "x"
        victim.write_text("of the host\n")
        recipe = self.recipe()
        labels = ('        - "backupbot.backup=true"\n'
                  '        - "backupbot.backup.volumes.data.path=d/x"\n'
                  '        - "backupbot.backup.pre-hook=mkdir -p /data/d; echo evil >/data/d/x"\n'
                  '        - "backupbot.backup.post-hook=rm -r /data/d; busybox ln -s '
                  f'{target} /data/d"\n')
        recipe.release("1.0.0+1", labels=labels, service='    volumes: ["data:/data"]\n',
                       more="volumes: {data: {}}\n")
        result, printed = self.outcome(recipe, "--tiers", "install,backup,restore", status=1)
        self.assertEqual(victim.read_text(), "of the host\n")
        self.assertEqual(self.rungs(result)["restore"], "fail", printed)

    def test_words_of_a_service(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", command="printf '\\033[2J<script>\\n'; "
                       "head -c 3000000 /dev/zero | tr '\\000' x; echo; echo the end; exit 3")
        result, printed = self.outcome(recipe, "--tiers", "install", status=1)
        self.assertIn("the end", printed.splitlines()[-1])
        self.assertLess(len(printed), 20000)
        self.assertIn("crash loop, exit status 3", self.reason(result, "install"))

    # What a recipe may make as large or as long as it likes.

    def bounded(self, recipe, *words, status):
        result, printed = self.outcome(recipe, *words, status=status)
        self.assertLess(len(printed), 50000)
        self.assertEqual(self.traces(), [])
        # Of cc-ci and of what it waited for, so far: no engine and no container is among them.
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 400_000)
        return result, printed

    def test_sparse_file(self):
        for name, path in [("whole", ""), ("path", '        - "backupbot.backup.volumes.data.path=d"\n')]:
            with self.subTest(name):
                recipe = self.recipe(name)
                recipe.release("1.0.0+1", labels='        - "backupbot.backup=true"\n' + path,
                               command="dd if=/dev/zero of=/data/d bs=1 count=1 seek=1099511627775; " + support.SERVE,
                               service='    volumes: ["data:/data"]\n', more="volumes: {data: {}}\n")
                result, printed = self.bounded(recipe, "--tiers", "install,backup,restore", status=4)
                self.assertIn("d is a sparse file of 1.1 TB", self.reason(result, "backup"), printed)
                self.assertEqual(self.rungs(result)["restore"], "unverified")

    def test_page_that_never_ends(self):
        for name, script in [("fast", "exec cat /dev/zero"),
                             ("slow", "while sleep 1; do echo x; done")]:
            with self.subTest(name):
                support.image(self.image, ["demo/app:1"], self.busybox, {
                    "www/cgi-bin/page": "#!/bin/sh\nprintf 'Content-Type: text/html\\r\\n\\r\\n"
                                        "<title>endless</title>'\n" + script + "\n"})
                self.declare(f'[recipes.{name}]\nsource = "{name}"\npath = "/cgi-bin/page"\n'
                             f'[recipes.{name}.checks.page]\npath = "/cgi-bin/page"\n'
                             'title = "endless"\n')
                self.recipe(name).release("1.0.0+1")
                result, printed = self.bounded(name, "--tiers", "install,custom", status=0)
                self.assertEqual(self.rungs(result)["install"], "pass", printed)

    def test_hook_with_endless_output(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", labels='        - "backupbot.backup=true"\n'
                       '        - "backupbot.backup.pre-hook=while :; do cat /bin/busybox; done"\n',
                       service='    volumes: ["data:/data"]\n', more="volumes: {data: {}}\n")
        self.declare('[recipes.demo]\nsource = "demo"\ntimeout = "20s"\n')
        result, printed = self.bounded("demo", "--tiers", "install,backup", status=1)
        self.assertIn("did not end in time", self.reason(result, "backup"), printed)

    def test_tests_with_endless_output(self):
        recipe = self.recipe()
        recipe.write("tests/test_it.py", "import subprocess\n\ndef test_it():\n"
                     "    subprocess.run(['/usr/bin/yes'])\n")
        recipe.release("1.0.0+1")
        result, printed = self.bounded(recipe, "--tiers", "install,custom", status=1)
        self.assertEqual("a test wrote more than 64 MB of output", self.reason(result, "custom"), printed)

    def test_service_with_endless_output(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", command="(while :; do echo 0123456789012345678901234567890123456789; "
                       "done) & cat /dev/zero & " + support.SERVE)
        result, printed = self.bounded(recipe, "--tiers", "install,redeploy,remove", status=0)
        self.assertLess(result["peak_disk"], 150_000_000, printed)

    def test_archive_that_grows(self):
        bomb = self.dir / "bomb.tar.gz"
        header = tarfile.TarInfo("zeros")
        header.size = 1 << 43
        part = gzip.compress(bytes(64 << 20))
        bomb.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT)) + part * 100)
        self.image = bomb
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        result, printed = self.bounded(recipe, "--tiers", "install", status=3)
        self.assertIn("grows to more than", printed)
        self.assertEqual(result["verdict"], "unverified")


if __name__ == "__main__":
    support.main()

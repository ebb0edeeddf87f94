#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages in a real browser, by an unchanged pytest-playwright test and an unchanged playwright-core
script: under timers of root and of a user, in hardened units, under a runner, by hand.
"""
import json
import sys

import project
from support import HERE, HostTest, Store, main

sys.path.append(str(HERE.parent / "build"))
import picture  # noqa: E402 # pylint: disable=wrong-import-position

EXAMPLE = HERE.parents[1] / "examples" / "cc-ci"
PAGE = (EXAMPLE / "tests" / "test_page.py").read_text()

SCRIPT = """const { chromium } = require('playwright-core');
const http = require('http');
const page_text = '<button onclick="said.textContent = \\'pressed\\'">press</button><p id=said>no</p>';
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end(page_text);
});
server.listen(0, '127.0.0.1', async () => {
  const browser = await chromium.launch();
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  await page.click('button');
  if (await page.textContent('#said') !== 'pressed') process.exitCode = 1;
  await page.locator('#said').screenshot({ path: process.argv[2] });
  await browser.close();
  server.close();
});
"""
PATHS = ["entrypoint ci-run", "host PATH", "runner worker", "timer of-ci", "timer of-root"]
JOB = """set -e
mkdir -p "$1"
cd /srv/ci
python3 -m pytest -q -p no:cacheprovider --browser chromium --junit-xml="$1/report.xml" tests/test_page.py
node script.js "$1/script.png"
touch "$1/done"
"""

DECLARATION = """[runtime]
tools    = ["bash", "coreutils", "python3", "nodejs", "playwright-core"]
python   = ["pytest", "playwright", "pytest-playwright"]
browsers = ["chromium"]

[packages.playwright]
pypi = "playwright"

[packages.playwright-core]
npm      = "playwright-core"
version  = "<1.62"               # the last that Debian's Node runs
commands = []

[entrypoints.ci-run]

[timers.of-root]
schedule = "Sun *-*-* 04:00"
exec = ["ci-run", "sh", "/srv/ci/job", "/srv/w/of-root"]

[timers.of-ci]
schedule = "Sun *-*-* 05:00"
exec = ["ci-run", "sh", "/srv/ci/job", "/srv/w/of-ci"]
user = "ci"

[runners.worker]
kind = "unit"
unit = "worker.service"
trigger = ["sh", "-c", "echo '99 sh /var/lib/cc-ci/witness/runner-worker/probe' >/run/worker/jobs"]

[hosts.ci-1]

[witness]
exec = ["ci-run", "python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_page.py"]
"""

# What the service manager sets up before the environment is entered.
HARDENED = ["ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "NoNewPrivileges=yes",
            "ProtectControlGroups=yes", "ReadWritePaths=/srv/w"]
# And with system call filters. Nothing can be mounted there any more, so the environment is attached.
SEALED = [*HARDENED, "PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectKernelModules=yes",
          "ProtectClock=yes", "RestrictSUIDSGID=yes", "RestrictRealtime=yes", "LockPersonality=yes",
          "RestrictNamespaces=yes", "CapabilityBoundingSet=", "User=ci"]


class Pages(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(DECLARATION, files=[("tests/test_page.py", PAGE), ("script.js", SCRIPT),
                                              ("job", JOB)])

    def setUp(self):
        self.ci = self.host("ci-1", "bookworm", [self.store.layer])
        self.ci.sh("useradd --create-home ci; mkdir -p /srv/w; chmod 1777 /srv/w")
        project.settle_in(self.ci, project.WORKER_UNIT.replace(
            "[Service]\n", "[Service]\n" + "\n".join(SEALED) + "\n"))
        project.good(self.ci, "switch", "ci-1")

    def seen(self, name):
        self.assertTrue(self.ci.path(f"/srv/w/{name}/done").exists(), name)
        for file in ("page.png", "script.png"):
            data = self.ci.path(f"/srv/w/{name}/{file}").read_bytes()
            self.assertGreater(picture.shades(data), 8, (name, file))

    def test_a_test_and_a_script_by_every_door(self):
        run = "/usr/local/lib/cc-ci/current/bin/ci-run"
        for timer in ("of-root", "of-ci"):
            with self.subTest(timer):
                self.ci.good("systemctl", "start", f"{timer}.service")
                self.seen(timer)
        for user in ("root", "ci"):
            with self.subTest(hardened=user):
                self.ci.good("systemd-run", "--wait", "--pipe", "--quiet", f"--property=User={user}",
                             *(f"--property={one}" for one in HARDENED), run, "sh", "/srv/ci/job",
                             f"/srv/w/hardened-{user}")
                self.seen(f"hardened-{user}")
        with self.subTest("a runner, sealed off"):
            project.by_runner(self.ci, "sh /srv/ci/job /srv/w/runner >/srv/w/log 2>&1")
            self.seen("runner")
        with self.subTest("the witness"):
            done = self.ci.run("cc-ci", "-C", "/srv/ci", "--offline", "witness", "--json", timeout=300)
            seen = {row["path"]: row["state"] for row in json.loads(done.stdout)["paths"]}
            self.assertEqual(seen, dict.fromkeys(PATHS, "pass"), done.stdout)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/start.md on a booted host: its sh blocks as they stand, in their order."""
import json
import pathlib
import re

from support import HostTest, Store, main

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "start.md"
# The lock and the packages are on the host already.
OFFLINE = 'set -eu\ncc-ci() { command cc-ci --offline "$@"; }\n'


class Start(HostTest):
    def test_the_page_works_as_it_stands(self):
        blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
        self.assertGreaterEqual(len(blocks), 4)
        declaration = re.search(r"<<'EOF'\n(.*?)^EOF$", blocks[0], re.M | re.S)[1]
        store = Store(declaration)
        for release in ("bookworm", "trixie"):
            with self.subTest(release):
                host = self.host("ci-1", release, [store.layer])
                # The page writes the declaration; the lock that is there names the archives.
                host.sh("rm /srv/ci/cc-ci.toml")
                done = host.run("bash", "-c", OFFLINE + "\n".join(blocks))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                for secret in ("example-token", "example-key"):
                    found = host.run("grep", "-rl", secret, "/var/lib/cc-ci", "/usr/local/lib")
                    self.assertEqual(found.stdout, "")
                host.destroy()

    def test_a_runner_that_does_not_exist_is_refused(self):
        text = ('[runtime]\ntools = ["bash", "coreutils", "jq"]\n[entrypoints.ci-run]\n'
                '[hosts.ci-1]\n')
        store = Store(text)
        host = self.host("ci-1", "bookworm", [store.layer])
        cc_ci = ("cc-ci", "-C", "/srv/ci", "--offline")
        host.good(*cc_ci, "switch", "ci-1")
        roots = host.good(*cc_ci, "store", "roots")
        self.assertRegex(roots, r"root generation-1 +system .* this host's generation, active\n")
        host.write("/srv/ci/cc-ci.toml", text + '[runners.ghost]\nkind = "drone-exec"\n')
        refused = host.run(*cc_ci, "switch", "ci-1")
        self.assertEqual(refused.returncode, 3, refused.stdout + refused.stderr)
        self.assertIn("[activate.no-runner]", refused.stderr)
        self.assertIn("drone-runner-exec.service", refused.stderr)
        self.assertEqual(host.run(*cc_ci, "doctor").returncode, 1)
        # Installed, then removed: status names it.
        unit = "[Service]\nUser=root\nExecStart=/bin/sleep infinity\n"
        host.write("/etc/systemd/system/drone-runner-exec.service", unit)
        host.sh("systemctl daemon-reload")
        host.good(*cc_ci, "switch", "ci-1")
        host.sh("rm /etc/systemd/system/drone-runner-exec.service; systemctl daemon-reload")
        status = host.run(*cc_ci, "status")
        self.assertEqual(status.returncode, 1)
        self.assertIn("drone-runner-exec.service", status.stdout)
        host.write("/etc/systemd/system/drone-runner-exec.service", unit)
        host.sh("systemctl daemon-reload")
        host.good(*cc_ci, "switch", "ci-1")
        self.refuses_what_the_declaration_cannot_know(host, text, cc_ci)

    def refuses_what_the_declaration_cannot_know(self, host, text, cc_ci):
        """Of this host: files of variables, and which names are one unit."""
        more = text + ('[runtime.variables]\nDECLARED = "1"\n[runners.drone]\nkind = "drone-exec"\n')
        unit = "/etc/systemd/system/drone-runner-exec.service"
        service = "[Service]\nUser=root\nExecStart=/bin/sleep infinity\n{}[Install]\nAlias=other.service\n"

        def refused(section, code, *words):
            host.write(unit, service.format(section))
            host.sh("systemctl daemon-reload; systemctl enable --quiet drone-runner-exec.service")
            before = host.good("readlink", "/usr/local/lib/cc-ci/current")
            done = host.run(*cc_ci, "switch", "ci-1")
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            for part in (code, *words):
                self.assertIn(part, done.stderr)
            self.assertEqual(host.good("readlink", "/usr/local/lib/cc-ci/current"), before)

        host.write("/srv/ci/cc-ci.toml", more)
        host.write("/etc/drone.env", "DECLARED=2\n")
        refused("EnvironmentFile=/etc/drone.env\n", "[doctor.unfit]", "/etc/drone.env sets DECLARED")
        refused("EnvironmentFile=/etc/absent.env\n", "[doctor.unfit]",
                "EnvironmentFile= names /etc/absent.env, which does not exist")
        host.write("/srv/ci/cc-ci.toml", more + '[runners.other]\nkind = "unit"\nunit = "other.service"\n')
        refused("", "[activate.one-unit]", "other.service")

    def test_a_host_deploys_to_itself_without_ssh(self):
        text = '[runtime]\ntools = ["bash", "coreutils", "jq"]\n[entrypoints.ci-run]\n[hosts.ci-1]\n'
        host = self.host("ci-1", "trixie", [Store(text).layer])
        deployed = host.good("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "--all", "--json")
        self.assertEqual(json.loads(deployed)["hosts"][0]["state"], "switched")
        checked = host.run("cc-ci", "-q", "-C", "/srv/ci", "doctor", "--host", "ci-1", "--json")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_drift_is_told_once(self):
        text = ('[runtime]\ntools = ["bash", "coreutils", "jq"]\n[entrypoints.ci-run]\n'
                '[hosts.ci-1]\n[notify]\nexec = ["/opt/tell", "now"]\n')
        host = self.host("ci-1", "bookworm", [Store(text).layer])
        host.write("/opt/tell", '#!/bin/sh\n{ echo "$1 $CC_CI_DRIFT"; cat; } >>/root/told\n', 0o755)
        host.good("cc-ci", "-q", "-C", "/srv/ci", "--offline", "switch", "ci-1")
        look = ("systemctl", "start", "cc-ci-notify.service")
        host.good(*look)
        self.assertFalse(host.path("/root/told").exists())
        host.sh("rm /etc/profile.d/cc-ci.sh")
        host.good(*look)
        host.good(*look)
        told = host.read("/root/told")
        self.assertEqual(told.count("now "), 1, told)
        self.assertIn("/etc/profile.d/cc-ci.sh", told)
        host.good("cc-ci", "-q", "-C", "/srv/ci", "--offline", "switch", "ci-1")
        host.good(*look)
        self.assertIn("now 0\nthe host is as declared again", host.read("/root/told"))


if __name__ == "__main__":
    main()

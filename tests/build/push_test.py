#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image is pushed to a real registry, Debian's docker-registry, which asks for a password."""
import base64
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request

import support

PORT = 5917
TAG = f"127.0.0.1:{PORT}/demo/busybox:1.35"
DECLARATION = f"""\
[runtime]
tools = ["coreutils"]
packages = ["skopeo", "docker-registry"]
[images.busybox]
tags = ["{TAG}", "127.0.0.1:{PORT}/demo/busybox:latest"]
packages = ["busybox-static"]
essential = false
[images.bare]
tags = ["web:1.0"]
packages = ["busybox-static"]
essential = false
"""
# ci:geheim
PASSWORDS = "ci:$2y$05$/kWwhAt2OQH9bL1CkBML5eUBtdHtA5Rk.wxLzDw1uUdxcaqRSl9te\n"
CONFIG = """\
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {place}/data}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{htpasswd: {{realm: demo, path: {place}/passwords}}}}
"""


class Push(support.BuildTest):
    def setUp(self):
        super().setUp()
        self.here = self.project(DECLARATION)
        self.kept = self.state(self.here)
        self.build(self.here, self.kept)
        self.home = self.dir / "home"
        (self.home / ".docker").mkdir(parents=True)

    def serve(self):
        (self.dir / "passwords").write_text(PASSWORDS)
        (self.dir / "registry.yml").write_text(CONFIG.format(place=self.dir, port=PORT))
        words = [self.program, "-q", "-C", self.here, "--state", self.kept, "--offline", "run", "--",
                 "/usr/bin/docker-registry", "serve", self.dir / "registry.yml"]
        registry = subprocess.Popen(words, env=support.environment(), stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
        self.addCleanup(registry.wait)
        self.addCleanup(registry.terminate)
        for _ in range(300):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", PORT)) == 0:
                    return
            time.sleep(0.1)
        self.fail("the registry does not answer")

    def image(self, *words):
        return self.cc_ci(self.here, self.kept, "image", "--out", self.dir / "made.tar", *words,
                          env=support.environment(HOME=str(self.home)))

    def log_in(self, password):
        login = base64.b64encode(f"ci:{password}".encode()).decode()
        (self.home / ".docker" / "config.json").write_text(
            json.dumps({"auths": {f"127.0.0.1:{PORT}": {"auth": login}}}))

    def test_the_registry_has_the_image_that_was_made(self):
        self.refused(self.image("bare", "--push"), 2, "image.no-registry", "web:1.0")
        self.refused(self.image("busybox", "--push"), 3, "image.push", "connection refused")
        bare = self.project(DECLARATION.replace('"skopeo", ', ""), "bare")
        self.refused(self.cc_ci(bare, self.kept, "image", "busybox", "--push", "--out",
                                self.dir / "bare.tar"), 2, "image.no-skopeo", "packages in [runtime]")
        self.serve()
        self.refused(self.image("busybox", "--push"), 3, "image.push", "authentication required")
        self.log_in("falsch")
        refused = self.refused(self.image("busybox", "--push"), 3, "image.push")
        self.assertNotIn("falsch", refused)
        self.log_in("geheim")
        made = json.loads(self.good(self.image("busybox", "--push", "--json")))
        digest = made["images"][0]["digest"]
        self.assertEqual([one["digest"] for one in made["pushed"]], [digest] * 2)
        for version in ["1.35", "latest"]:
            ask = urllib.request.Request(
                f"http://127.0.0.1:{PORT}/v2/demo/busybox/manifests/{version}",
                headers={"Accept": "application/vnd.oci.image.manifest.v1+json",
                         "Authorization": "Basic " + base64.b64encode(b"ci:geheim").decode()})
            with urllib.request.urlopen(ask) as answer:
                self.assertEqual(answer.headers["Docker-Content-Digest"], digest)
        # Nothing is sent twice, and the outcome is the same.
        self.assertIn(f"pushed  {TAG}", self.good(self.image("busybox", "--push")))


if __name__ == "__main__":
    support.main()

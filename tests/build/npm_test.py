#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of an npm registry that the test makes: commands, versions, hostile files."""
import base64
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading
import urllib.parse

import support

# Its packages are those that every declaration here needs, with the resolver.
GROUND = '[runtime]\ntools = ["nodejs"]\npackages = ["npm"]\n'


def tarball(name, version, files=(), extra=(), **about):
    """The bytes of a package. `extra` are members as they are."""
    content = {"package.json": json.dumps({"name": name, "version": version, **about}),
               "index.js": f"module.exports = {version!r};\n", **dict(files)}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, text in content.items():
            member = tarfile.TarInfo("package/" + path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
        for member in extra:
            archive.addfile(member)
    return gzip.compress(out.getvalue(), mtime=0)


class Registry(http.server.BaseHTTPRequestHandler):
    packages = {}  # name -> {version: (bytes, package.json)}
    token = None
    asked = []

    def do_GET(self):
        path = urllib.parse.unquote(self.path).strip("/")
        Registry.asked.append(path)
        if Registry.token and self.headers.get("Authorization") != f"Bearer {Registry.token}":
            return self.answer(b'{"error": "who are you"}', 401)
        name, _, file = path.partition("/-/")
        if name == "zz-endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b'{"name": "' * 65536)
            except OSError:
                return None
        if name not in Registry.packages:
            return self.answer(b'{"error": "Not found"}', 404)
        versions = Registry.packages[name]
        if file:
            return self.answer(versions[file.rpartition("-")[2].removesuffix(".tgz")][0])
        base = f"http://{self.headers['Host']}/{name}/-/{name.rpartition('/')[2]}-"
        known = {version: {**about, "name": name, "version": version, "dist": {
            "tarball": f"{base}{version}.tgz",
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()}}
            for version, (data, about) in versions.items()}
        return self.answer(json.dumps({"name": name, "versions": known,
                                       "dist-tags": {"latest": max(known)}}).encode())

    def answer(self, data, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Npm(support.BuildTest):
    MEMORY = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.registry = f"http://127.0.0.1:{cls.server.server_address[1]}"

    def setUp(self):
        super().setUp()
        Registry.packages, Registry.token, Registry.asked = {}, None, []
        # One state for all tests, because the resolver has 400 packages.
        if not (self.states / "all").exists():
            own, self.dir = self.dir, self.states / "all"
            self.dir.mkdir()
            self.state(self.project(GROUND, "ground"), apt=True)
            self.dir = own
        self.ground, self.place = self.states / "all" / "ground", self.states / "all" / "state"

    def offer(self, name, version, files=(), extra=(), **about):
        data = tarball(name, version, files, extra, **about)
        Registry.packages.setdefault(name, {})[version] = (data, about)
        return hashlib.sha256(data).hexdigest()

    def declare(self, rules, name="project"):
        """`rules`: name of the tool to further lines of its rule."""
        tools = ", ".join(f'"{one.rpartition("/")[2]}"' for one in rules)
        text = f'[runtime]\ntools = ["nodejs", {tools}]\n'
        text += f'[sources.npm]\nregistry = "{self.registry}"\n'
        for one, more in rules.items():
            text += f'[packages."{one.rpartition("/")[2]}"]\nnpm = "{one}"\n{more}\n'
        return self.project(text, name, locked=False)

    def lock(self, here, *words, **options):
        return self.cc_ci(here, self.place, "--offline", "lock", *words, **options)

    def rows(self, here):
        shown = json.loads(self.good(self.cc_ci(here, self.place, "show", "--json")))
        return {row["name"]: row for row in shown["locked"] if row["from"] == "npm"}

    def test_commands_and_modules(self):
        main = "#!/usr/bin/env node\nconsole.log('tool', require('helper'), require('both'));\n"
        sha256 = self.offer("@scope/tool", "1.2.0", {"cli.js": main}, bin={"tool": "./cli.js"},
                            dependencies={"helper": "^1.0.0", "both": "^1.0.0"},
                            optionalDependencies={"elsewhere": "1.0.0"},
                            scripts={"postinstall": "touch /tmp/npm-script-ran"})
        self.offer("helper", "1.1.0", {"index.js": "module.exports = require('both');\n"},
                   dependencies={"both": "^2.0.0"}, bin="./index.js")
        self.offer("both", "1.0.0")
        self.offer("both", "2.0.0")
        self.offer("elsewhere", "1.0.0", os=["aix"])
        here = self.declare({"@scope/tool": 'version = "1.*"'})
        (self.dir / ".npmrc").write_text("registry=http://127.0.0.1:1/\n")
        self.good(self.lock(here, env=support.environment(
            HOME=str(self.dir), npm_config_registry="http://127.0.0.1:1/")))
        rows = self.rows(here)
        self.assertEqual(sorted(rows), ["npm:@scope/tool", "npm:both", "npm:helper",
                                        "npm:helper/node_modules/both"])
        self.assertEqual((rows["npm:@scope/tool"]["sha256"], rows["npm:@scope/tool"]["because"]),
                         (sha256, ["tool tool"]))
        self.assertEqual(rows["npm:helper/node_modules/both"]["because"], ["package npm:helper"])
        built = self.build(here, self.place)
        self.assertEqual(self.good(self.inside(here, self.place, "tool")), "tool 2.0.0 1.0.0\n")
        self.assertNotEqual(self.inside(here, self.place, "helper").returncode, 0)
        self.assertEqual(self.good(self.inside(here, self.place, "node", "-p", "require('both')")),
                         "1.0.0\n")
        self.assertIn("tool tool -> npm:@scope/tool -> npm:helper",
                      self.good(self.cc_ci(here, self.place, "why", "helper")))
        self.verified(here, self.place)
        self.good(self.cc_ci(here, self.place, "lock", "--check"))
        # The same bytes from the kept files, without the registry.
        Registry.packages = {}
        other = self.state(name="other")
        for kept in (self.place / "archives").iterdir():
            support.link_or_copy(kept, other / "archives" / kept.name)
        again = self.build(here, other)
        self.assertEqual(again["environment"]["digest"], built["environment"]["digest"])

    def test_versions_stay_until_they_are_updated(self):
        self.offer("alpha", "1.0.0", bin="index.js", dependencies={"beta": "*"})
        self.offer("beta", "1.0.0")
        here = self.declare({"alpha": ""})
        self.good(self.lock(here))
        before = self.rows(here)
        self.offer("alpha", "1.1.0", bin="index.js", dependencies={"beta": "*"})
        self.offer("beta", "1.1.0")
        self.good(self.lock(here))
        self.assertEqual(self.rows(here), before)
        self.good(self.lock(here, "--update", "beta"))
        self.assertEqual({name: row["version"] for name, row in self.rows(here).items()},
                         {"npm:alpha": "1.0.0", "npm:beta": "1.1.0"})
        self.good(self.lock(here, "--update"))
        self.assertEqual(self.rows(here)["npm:alpha"]["version"], "1.1.0")
        # Another file under the locked version: fetched again, and locked again.
        text = (here / "cc-ci.lock").read_text()
        self.offer("beta", "1.1.0", {"more.js": ""})
        other = self.state(self.ground, name="other", apt=True)
        self.refused(self.cc_ci(here, other, "--offline", "build", "--locked"), 3,
                     "source.npm-changed", "beta")
        toml = here / "cc-ci.toml"
        toml.write_text(toml.read_text().replace('npm = "alpha"', 'npm = "alpha"\nversion = "1.*"'))
        self.refused(self.lock(here), 3, "node.replaced", "beta")
        self.assertEqual((here / "cc-ci.lock").read_text(), text)

    def test_a_private_registry(self):
        self.offer("alpha", "1.0.0", bin="index.js")
        here = self.declare({"alpha": ""})
        Registry.token = "s3cret-token"
        self.refused(self.lock(here), 3, "node.denied")
        env = support.environment(CC_CI_NPM_TOKEN="s3cret-token")
        told = self.lock(here, env=env)
        self.good(told)
        self.build(here, self.place)
        for text in (told.stderr, (here / "cc-ci.lock").read_text()):
            self.assertNotIn("s3cret", text)
        left = [path for path in self.place.rglob("*") if path.is_file() and
                path.stat().st_size < 1 << 16 and b"s3cret" in path.read_bytes()]
        self.assertEqual(left, [])

    def test_what_cannot_be_locked_is_refused_by_name(self):
        self.offer("zz-alpha", "1.0.0", bin="index.js")
        self.offer("zz-later", "1.0.0", engines={"node": ">=999"})
        self.offer("zz-git", "1.0.0", dependencies={"x": "git+ssh://git@127.0.0.1:1/x.git"})
        for number, (name, rule, code, status, parts) in enumerate([
                ("zz.alpha", "", "node.unknown", 2, ["zz-alpha", "tool zz.alpha"]),
                ("zz-alpha", 'version = "7.*"', "node.no-version", 2, ["1.0.0"]),
                ("zz-later", "", "node.wrong-node", 3, ["999"]),
                ("zz-git", "", "node.repository", 3, [])]):
            with self.subTest(code):
                here = self.declare({name: rule}, name=f"refused{number}")
                self.refused(self.lock(here), status, code, *parts)
                self.assertFalse((here / "cc-ci.lock").exists())
                self.assert_nothing_staged(self.place)

    def test_hostile_packages_are_refused_when_they_are_unpacked(self):
        # tests/unit/store/npm_tarball_test.cpp has more of them.
        link = tarfile.TarInfo("package/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        self.offer("zz-link", "1.0.0", extra=[link], bin="index.js")
        here = self.declare({"zz-link": ""})
        self.good(self.lock(here))
        self.refused(self.cc_ci(here, self.place, "--offline", "build", "--locked"), 3,
                     "store.npm-form", "npm:zz-link", "link")
        self.assert_nothing_staged(self.place)


if __name__ == "__main__":
    support.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of an npm registry that the test makes: commands, versions, hostile files."""
import base64
import functools
import gzip
import hashlib
import http.server
import io
import json
import shutil
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
            data = text if isinstance(text, bytes) else text.encode()
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in extra:
            archive.addfile(member)
    return gzip.compress(out.getvalue(), mtime=0)


def integrity(data):
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


class Registry(http.server.BaseHTTPRequestHandler):
    packages = {}  # name -> {version: (bytes, package.json)}
    allowed = None  # the only value of Authorization that opens it
    asked = []

    def do_GET(self):
        path = urllib.parse.unquote(self.path).strip("/")
        Registry.asked.append(path)
        if Registry.allowed and self.headers.get("Authorization") != Registry.allowed:
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
            "integrity": integrity(data)}}
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


class Company(Registry):
    """Another registry, on another port and under another name. Both have the same packages."""

    password = None
    seen = []

    def do_GET(self):
        Company.seen.append((urllib.parse.unquote(self.path).strip("/"),
                             self.headers.get("Authorization")))
        if Company.password and self.headers.get("Authorization") != Company.password:
            return self.answer(b'{"error": "who are you"}', 401)
        return super().do_GET()


class Npm(support.BuildTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.registry = f"http://127.0.0.1:{cls.server.server_address[1]}"
        company = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Company)
        threading.Thread(target=company.serve_forever, daemon=True).start()
        cls.addClassCleanup(company.server_close)
        cls.addClassCleanup(company.shutdown)
        cls.company = f"http://localhost:{company.server_address[1]}"

    def setUp(self):
        super().setUp()
        Registry.packages, Registry.allowed, Registry.asked = {}, None, []
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

    def repository(self, described, places, name="repository", rule="", more="", version=3):
        """A project with web/package-lock.json. `places`: place below node_modules to the package's
        name and version, or to an entry as it is."""
        packages = {"": {"name": "web", **described}}
        for place, entry in places.items():
            if isinstance(entry, tuple):
                named, release = entry
                data, about = Registry.packages[named][release]
                kept = ("dependencies", "optionalDependencies", "os", "bin", "engines")
                entry = {"version": release, **{key: about[key] for key in kept if key in about},
                         "resolved": f"https://registry.npmjs.org/{named}/-/"
                                     f"{named.rpartition('/')[2]}-{release}.tgz",
                         "integrity": integrity(data), "optional": "os" in about or None}
                if named != place.rpartition("node_modules/")[2]:
                    entry["name"] = named
                entry = {key: value for key, value in entry.items() if value is not None}
            packages["node_modules/" + place if not place.startswith("!") else place[1:]] = entry
        here = self.project(
            f'[runtime]\ntools = ["nodejs", "web"]\n{more}\n[sources.npm]\nregistry = '
            f'"{self.registry}"\n[packages.web]\nnpm = {{ lock = "web/package-lock.json" }}\n{rule}\n',
            name, locked=False)
        (here / "web").mkdir()
        (here / "web/package.json").write_text(json.dumps({"name": "web", "private": True, **described}))
        (here / "web/package-lock.json").write_text(json.dumps(
            {"name": "web", "lockfileVersion": version, "requires": True, "packages": packages}))
        return here

    def lock(self, here, *words, **options):
        return self.cc_ci(here, self.place, "--offline", "lock", *words, **options)

    def rows(self, here):
        shown = json.loads(self.good(self.cc_ci(here, self.place, "show", "--json")))
        return {row["name"]: row for row in shown["locked"] if row["from"] == "npm"}

    def test_commands_and_modules(self):
        main = "#!/usr/bin/env node\nconsole.log('tool', require('helper'), require('both'));\n"
        sha256 = self.offer("@scope/tool", "1.2.0", {"cli.js": main}, bin={"tool": "./cli.js"},
                            dependencies={"helper": "^1.0.0", "both": "^1.0.0"},
                            optionalDependencies={"elsewhere": "1.0.0", "other-libc": "1.0.0"},
                            scripts={"postinstall": "touch /tmp/npm-script-ran"})
        self.offer("helper", "1.1.0", {"index.js": "module.exports = require('both');\n"},
                   dependencies={"both": "^2.0.0"}, bin="./index.js")
        self.offer("both", "1.0.0")
        self.offer("both", "2.0.0")
        self.offer("elsewhere", "1.0.0", os=["aix"])
        self.offer("other-libc", "1.0.0", libc=["musl"], os=["linux"])
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
        # An ES module outside of the tree.
        script = self.dir / "script.mjs"
        script.write_text("import both from 'both'; import fs from 'fs'; console.log(both, typeof fs);")
        asked = self.inside(here, self.place, "node", script)
        self.assertIn("ERR_MODULE_NOT_FOUND", asked.stderr)
        option = "NODE_OPTIONS=--import=/usr/lib/cc-ci/npm/import.mjs"
        asked = self.inside(here, self.place, "env", option, "node", script)
        self.assertEqual((self.good(asked), asked.stderr), ("1.0.0 object\n", ""))
        script.write_text("import 'absent';")
        asked = self.inside(here, self.place, "env", option, "node", script)
        self.assertIn("Cannot find package 'absent'", asked.stderr)
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

    def test_a_scope_has_a_registry_of_its_own(self):
        self.offer("@company/tool", "1.0.0", bin={"tool": "index.js"}, dependencies={"alpha": "1"})
        self.offer("alpha", "1.0.0")
        text = f'[sources.npm.scopes]\n"@company" = "{self.company}"\n'
        here = self.declare({"@company/tool": ""})
        toml = here / "cc-ci.toml"
        toml.write_text(toml.read_text() + text)
        Company.password = "Bearer s3cret-token"
        self.refused(self.lock(here, env=support.environment(CC_CI_NPM_TOKEN="s3cret-token")), 3,
                     "node.denied", "@company/tool")
        Registry.asked, Company.seen = [], []
        env = support.environment(CC_CI_NPM_TOKEN_COMPANY="s3cret-token")
        self.good(self.lock(here, env=env))
        self.assertEqual({path.partition("/-/")[0] for path, _ in Company.seen}, {"@company/tool"})
        rows = self.rows(here)
        self.assertTrue(rows["npm:@company/tool"]["uri"].startswith(self.company), rows)
        self.assertTrue(rows["npm:alpha"]["uri"].startswith(self.registry), rows)
        # A build without the files fetches them from where they are.
        (self.place / "archives" / (rows["npm:@company/tool"]["sha256"] + ".tgz")).unlink()
        (unpacked,) = (self.place / "store" / "package").glob("*company*")
        shutil.rmtree(unpacked)
        self.refused(self.cc_ci(here, self.place, "--offline", "build", "--locked"), 3,
                     "source.refused", "@company/tool")
        self.good(self.cc_ci(here, self.place, "--offline", "build", "--locked", env=env))
        # Another registry for the scope makes the lock old.
        toml.write_text(toml.read_text().replace(self.company, self.registry))
        self.assertEqual(self.cc_ci(here, self.place, "lock", "--check").returncode, 1)
        Company.password = None

    def test_a_private_registry(self):
        self.offer("alpha", "1.0.0", bin="index.js")
        here = self.declare({"alpha": ""})
        home = self.dir / "home"
        home.mkdir()
        (home / ".netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
        (home / ".npmrc").write_text(f"{self.registry.removeprefix('http:')}/:_authToken=s3cret\n")
        self.refused(self.lock(here, env=support.environment(NETRC="/nowhere/netrc")), 3,
                     "source.no-netrc", "'/nowhere/netrc'")
        basic = "Basic " + base64.b64encode(b"me:s3cret").decode()
        for number, (allowed, env) in enumerate([
                ("Bearer s3cret-token", {"CC_CI_NPM_TOKEN": "s3cret-token"}),
                (basic, {"CC_CI_NPM_USER": "me", "CC_CI_NPM_PASSWORD": "s3cret"}),
                (basic, {"HOME": str(home)})]):
            with self.subTest(number=number):
                Registry.allowed = allowed
                (here / "cc-ci.lock").unlink(missing_ok=True)
                # A token in .npmrc is not read, and user and password do not stand for a token.
                stranger = {"HOME": str(home)} if number == 0 else {}
                self.refused(self.lock(here, env=support.environment(**stranger)), 3, "node.denied")
                env = support.environment(**env)
                told = self.lock(here, env=env)
                self.good(told)
                # A build without the files fetches them in the same way.
                other = self.state(self.ground, name=f"other{number}", apt=True)
                build = ["--offline", "build", "--locked"]
                self.refused(self.cc_ci(here, other, *build), 3, "source.refused", "npm:alpha")
                built = self.cc_ci(here, other, *build, env=env)
                self.good(built)
                for text in (told.stderr, built.stderr, (here / "cc-ci.lock").read_text()):
                    self.assertNotIn("s3cret", text)
                    self.assertNotIn(basic, text)
                for place in (self.place, other):
                    left = [path for path in place.rglob("*") if path.is_file() and
                            path.stat().st_size < 1 << 16 and b"s3cret" in path.read_bytes()]
                    self.assertEqual(left, [])

    def test_the_lock_of_a_project(self):
        main = "#!/usr/bin/env node\nconsole.log('tool', require('helper'), require('renamed'));\n"
        self.offer("@s/tool", "1.0.0", {"cli.js": main}, bin={"tool": "cli.js"},
                   dependencies={"helper": "^1.0.0", "renamed": "npm:both@1.0.0"})
        self.offer("lint", "2.0.0", {"cli.js": "#!/usr/bin/env node\nconsole.log(require('helper'));\n"},
                   bin={"lint": "cli.js"}, dependencies={"helper": "^2.0.0"},
                   optionalDependencies={"elsewhere": "1.0.0"})
        self.offer("helper", "1.0.0", bin="index.js")
        self.offer("helper", "1.9.0")
        self.offer("helper", "2.0.0")
        self.offer("both", "1.0.0")
        elsewhere = self.offer("elsewhere", "1.0.0", os=["aix"])
        script = ("require('fs').writeFileSync('made.js', `module.exports = '${process.env."
                  "npm_lifecycle_event} ${Object.keys(require('os').networkInterfaces())}';`);"
                  "require('fs').writeFileSync('/usr/bin/intruder', '');"
                  "require('fs').rmSync('gone.js')")
        self.offer("native", "1.0.0", {"build.js": script, "gone.js": "", "made.js": "module.exports = 'old';"},
                   scripts={"postinstall": "node build.js"})
        places = {"@s/tool": ("@s/tool", "1.0.0"), "lint": ("lint", "2.0.0"),
                  "helper": ("helper", "1.0.0"), "lint/node_modules/helper": ("helper", "2.0.0"),
                  "renamed": ("both", "1.0.0"), "elsewhere": ("elsewhere", "1.0.0"),
                  "native": ("native", "1.0.0")}
        described = {"dependencies": {"@s/tool": "^1.0.0", "native": "*"},
                     "devDependencies": {"lint": "2.0.0"},
                     "engines": {"node": ">=16", "npm": ">=999"}}
        here = self.repository(described, places)
        self.good(self.lock(here))
        self.assertTrue((here / "cc-ci.lock").read_text().startswith("cc-ci-lock 4\n"))
        rows = self.rows(here)
        place = "npm:./web/node_modules/"
        self.assertEqual({name.removeprefix(place): row["version"] for name, row in rows.items()},
                         {"@s/tool": "1.0.0", "lint": "2.0.0", "helper": "1.0.0", "renamed": "1.0.0",
                          "lint/node_modules/helper": "2.0.0", "native": "1.0.0"})
        self.assertEqual(rows[place + "helper"]["because"], [f"package {place}@s/tool"])
        self.assertEqual(rows[place + "lint"]["because"], ["tool web"])
        self.assertTrue(rows[place + "lint"]["uri"].startswith(self.registry))
        shown = json.loads(self.good(self.cc_ci(here, self.place, "show", "--json")))
        self.assertEqual([(one["name"], one["version"]) for one in shown["elsewhere"]],
                         [(place + "elsewhere", "1.0.0")])
        self.assertNotIn(elsewhere, (here / "cc-ci.lock").read_text())
        self.build(here, self.place)
        inside = functools.partial(self.inside, here, self.place)
        self.assertEqual(self.good(inside("tool")), "tool 1.0.0 1.0.0\n")
        self.assertEqual(self.good(inside("lint")), "2.0.0\n")
        self.assertNotEqual(inside("helper").returncode, 0)
        self.assertEqual(self.good(inside("node", "-p", "require('lint/node_modules/helper') + "
                                          "require('helper') + require('native/made')")),
                         "2.0.01.0.0old\n")
        modules = "/usr/lib/cc-ci/npm/project/web/node_modules"
        self.assertEqual(self.good(inside("readlink", f"{modules}/.bin/tool")), "../@s/tool/cli.js\n")
        (here / "web/job.mjs").write_text("import helper from 'helper'; console.log(helper);\n")
        (here / "web/node_modules").symlink_to(modules)
        self.assertEqual(self.good(inside("node", here / "web/job.mjs")), "1.0.0\n")
        (here / "web/node_modules").unlink()
        self.assertIn(f"tool web -> {place}lint -> {place}lint/node_modules/helper",
                      self.good(self.cc_ci(here, self.place, "why", "lint/node_modules/helper")))
        self.assertIn("because  tool web", self.good(self.cc_ci(here, self.place, "why", "web")))
        self.assertIn("web/package-lock.json", self.good(self.cc_ci(here, self.place, "show")))
        self.good(self.lock(here, "--check"))
        # A named script runs, and only what it does to the modules is kept.
        toml = here / "cc-ci.toml"
        plain = toml.read_text()
        toml.write_text(plain.replace("[packages.web]", '[packages.web]\nscripts = ["native"]'))
        built = self.build(here, self.place)
        self.assertEqual(self.good(inside("node", "-p", "require('native/made')")), "postinstall lo\n")
        self.assertNotEqual(inside("test", "-e", "/usr/bin/intruder").returncode, 0)
        self.assertNotEqual(inside("test", "-e", f"{modules}/native/gone.js").returncode, 0)
        self.verified(here, self.place)
        other = self.state(name="other")
        for kept in (self.place / "archives").iterdir():
            support.link_or_copy(kept, other / "archives" / kept.name)
        self.assertEqual(self.build(here, other)["environment"]["digest"],
                         built["environment"]["digest"])
        # One that fails, and one that does not exist.
        toml.write_text(plain.replace("[packages.web]", '[packages.web]\nscripts = ["nativ"]'))
        (here / "cc-ci.lock").unlink()
        self.refused(self.lock(here), 2, "node.no-script", "'native'")
        toml.write_text(plain.replace("[packages.web]", '[packages.web]\nscripts = ["native"]'))
        self.offer("native", "1.0.0", scripts={"install": "echo no network; exit 3"})
        again = self.repository(described, places, "again", 'scripts = ["native"]')
        self.good(self.lock(again))
        self.refused(self.cc_ci(again, self.place, "--offline", "build", "--locked"), 3,
                     "node.script-failed", "npm:native", "install", "no network")
        self.assert_nothing_staged(self.place)
        # Another lock is another resolution.
        self.good(self.lock(again, "--check"))
        (again / "web/package.json").write_text(json.dumps({**described, "scripts": {"x": "y"}}))
        self.good(self.lock(again, "--check"))
        path = again / "web/package-lock.json"
        changed = json.loads(path.read_text())
        data, _ = Registry.packages["helper"]["1.9.0"]
        changed["packages"]["node_modules/helper"].update(
            version="1.9.0", integrity=integrity(data), resolved=None)
        del changed["packages"]["node_modules/helper"]["resolved"]
        path.write_text(json.dumps(changed))
        self.assertEqual(self.lock(again, "--check").returncode, 1)
        self.refused(self.cc_ci(again, self.place, "--offline", "build", "--locked"), 1,
                     "cli.stale-lock")
        old = self.dir / "old.lock"
        old.write_text((again / "cc-ci.lock").read_text())
        self.good(self.lock(again))
        self.assertEqual(self.rows(again)[place + "helper"]["version"], "1.9.0")
        self.assertIn("1.0.0 -> 1.9.0",
                      self.good(self.cc_ci(again, self.place, "diff", old, again / "cc-ci.lock")))

    def test_a_build_fetches_one_file_for_all_of_its_places(self):
        self.offer("a", "1.0.0", bin="index.js", dependencies={"c": "1.0.0"})
        self.offer("b", "1.0.0", dependencies={"c": "1.0.0"})
        self.offer("c", "1.0.0")
        self.offer("c", "2.0.0")
        places = {"a": ("a", "1.0.0"), "b": ("b", "1.0.0"), "c": ("c", "2.0.0"),
                  "a/node_modules/c": ("c", "1.0.0"), "b/node_modules/c": ("c", "1.0.0")}
        here = self.repository({"dependencies": {"a": "*", "b": "*", "c": "2.0.0"}}, places)
        self.good(self.lock(here))
        # Another machine has the lock and no files.
        other = self.state(self.ground, name="other")
        self.build(here, other)
        self.assertEqual(self.good(self.inside(here, other, "node", "-p",
                                               "require('b/node_modules/c')")), "1.0.0\n")

    def test_locks_of_projects_that_are_refused(self):
        self.offer("a", "1.0.0", bin="index.js")
        self.offer("b", "1.0.0")
        data = Registry.packages["a"]["1.0.0"][0]
        described = {"dependencies": {"a": "*"}}
        good = {"version": "1.0.0", "resolved": f"{self.registry}/a/-/a-1.0.0.tgz",
                "integrity": integrity(data)}
        for number, (code, entry, options, parts) in enumerate([
                ("node.not-on-registry", {**good, "resolved": "git+ssh://git@h.example/a.git#1"}, {},
                 ["'a'", "git+ssh", "web/package-lock.json"]),
                ("node.not-on-registry", {**good, "resolved": "file:../a.tgz"}, {}, ["'a'", "file:"]),
                ("node.not-on-registry", {"resolved": "packages/a", "link": True}, {},
                 ["'a'", "link"]),
                ("node.no-integrity", {"version": "1.0.0", "resolved": good["resolved"]}, {}, ["'a'"]),
                ("node.lock-version", good, {"version": 1}, ["found 1"]),
                ("node.wrong-node", {**good, "engines": {"node": ">=999"}}, {}, ["999"]),
                ("node.altered", {**good, "integrity": integrity(b"other")}, {}, []),
                ("node.lock-gone", {**good, "version": "3.0.0",
                                    "resolved": f"{self.registry}/nobody/-/nobody-3.0.0.tgz"}, {},
                 ["'a'", "web/package-lock.json"])]):
            with self.subTest(code, number=number):
                here = self.repository(described, {"a": entry}, f"refused{number}", **options)
                self.refused(self.lock(here), 3, code, *parts)
                self.assertFalse((here / "cc-ci.lock").exists())
                self.assert_nothing_staged(self.place)
        here = self.repository(described, {"a": ("a", "1.0.0")}, "disagrees")
        (here / "web/package.json").write_text(json.dumps({"dependencies": {"a": "*", "b": "*"}}))
        self.refused(self.lock(here), 3, "node.lock-disagrees", "b@1.0.0", "web/package-lock.json")
        # Without a package.json the lock says itself what the project needs.
        (here / "web/package.json").unlink()
        self.good(self.lock(here))
        (here / "web/package-lock.json").unlink()
        self.refused(self.lock(here), 2, "node.missing-lock", "web/package-lock.json")

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
        self.refused(self.lock(here), 3, "store.npm-form", "npm:zz-link", "link")
        self.assert_nothing_staged(self.place)
        # A module in machine code, and one for another C library that nobody loads.
        self.offer("zz-binary", "1.0.0", {"a.node": support.needing("libasound.so.2"),
                                          "musl.node": support.needing("libc.musl.so.1")},
                   bin="index.js")
        here = self.declare({"zz-binary": ""}, name="binary")
        self.refused(self.lock(here), 3, "environment.missing-library", "libasound.so.2",
                     "add 'libasound2' to", "npm:zz-binary", "a.node")


if __name__ == "__main__":
    support.main()

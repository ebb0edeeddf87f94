# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes, images and a project for tests of `cc-ci test`."""
import fcntl
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from patience import patiently  # noqa: E402

BUILD = pathlib.Path(os.environ["CCCI_BINARY_DIR"])
CC_CI = BUILD / "bin" / "cc-ci"
PLACE = BUILD / "tests" / "recipe-cache"
STATE = PLACE / os.environ.get("CCCI_RECIPE_STATE", "state")
DECLARATION = """\
[runtime]
tools    = ["bash", "coreutils", "curl", "git", "python3"]
python   = ["pytest"]
packages = ["busybox-static", "docker.io", "haproxy", "restic", "skopeo"]
"""
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
LINKS = ["sh", "sleep", "cat", "ls", "wget", "httpd", "rm", "cp", "mv", "mkdir", "touch", "true",
         "false", "test", "echo", "grep", "printf", "dd", "head", "tail", "env", "mount", "tr"]


def build(project):
    """What `cc-ci build --json` prints; empty if it fails."""
    done = subprocess.run([CC_CI, "-q", "-C", project, "--state", STATE, "build", "--json"],
                          check=False, stdout=subprocess.PIPE, env=PLAIN)
    return done.stdout if done.returncode == 0 else b""


def prepare():
    """Builds the environment once. Returns its root and its lock's text."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with open(PLACE / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        declaration = PLACE / "cc-ci.toml"
        if not declaration.exists() or declaration.read_text() != DECLARATION:
            declaration.write_text(DECLARATION)
            (PLACE / "cc-ci.lock").unlink(missing_ok=True)
        built = patiently(lambda: build(PLACE), "the environment cannot be built")
    root = pathlib.Path(json.loads(built)["environment"]["root"])
    return root, (PLACE / "cc-ci.lock").read_text()


def image(path, names, busybox, files=None):
    """An archive as `docker save` writes it, with busybox and the files."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        def add(name, data=None, **fields):
            info = tarfile.TarInfo(name)
            info.mode = 0o755
            for field, value in fields.items():
                setattr(info, field, value)
            if data is not None:
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data) if data is not None else None)
        for name in ["bin", "etc", "tmp", "www", "data", "proc", "run"]:
            add(name, type=tarfile.DIRTYPE)
        add("bin/busybox", pathlib.Path(busybox).read_bytes())
        for name in LINKS:
            add("bin/" + name, type=tarfile.SYMTYPE, linkname="busybox")
        for name, data in (files or {}).items():
            add(name, data.encode())
    content = layer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    config = json.dumps({"architecture": "amd64", "os": "linux",
                         "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
                         "history": [{}]}).encode()
    manifest = [{"Config": "config.json", "RepoTags": names, "Layers": [digest + "/layer.tar"]}]
    with tarfile.open(path, "w") as tar:
        for name, data in [("config.json", config), (digest + "/layer.tar", content),
                           ("manifest.json", json.dumps(manifest).encode())]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


SERVE = "mkdir -p /www; echo '<title>Demo</title>hello' >/www/index.html; exec httpd -f -p 8080 -h /www"
LABELS = """\
        - "traefik.enable=true"
        - "traefik.http.services.${STACK_NAME}.loadbalancer.server.port=8080"
        - "traefik.http.routers.${STACK_NAME}.rule=Host(`${DOMAIN}`)"
        - "coop-cloud.${STACK_NAME}.version=%s"
"""


def compose(version="1.0.0+1", command=SERVE, image_name="demo/app:1", service="", labels="",
            deploy="", more="", health=""):
    health = health or ('healthcheck: {test: ["CMD", "wget", "-q", "-O", "/dev/null", '
                        '"http://127.0.0.1:8080/"], interval: 1s, timeout: 2s, retries: 3, '
                        "start_period: 3s}")
    return f"""version: "3.8"
services:
  app:
    image: {image_name}
    command: ["sh", "-c", {json.dumps(command.replace("$", "$$"))}]
    networks: [proxy]
    {health}
{service}
    deploy:
{deploy}
      labels:
{LABELS % version}{labels}
networks:
  proxy:
    external: true
{more}
"""


class Recipe:
    """A recipe with its own repository."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory)
        self.path.mkdir()
        self.write(".env.sample", "TYPE=demo\nDOMAIN=demo.example.com\nLETS_ENCRYPT_ENV=production\n")
        self.write("abra.sh", "#!/bin/bash\n")
        self.write("README.md", README)
        self.git("init", "--quiet")

    def git(self, *words):
        subprocess.run(["git", "-C", self.path, "-c", "user.name=a", "-c", "user.email=a@b.test",
                        *words], check=True, env=PLAIN, stdout=subprocess.DEVNULL)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def release(self, version, **changes):
        self.write("compose.yml", compose(version, **changes))
        self.commit(version)

    def commit(self, version=None):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", version or "change")
        if version:
            self.git("tag", "-a", version, "-m", version)


README = """# Demo

<!-- metadata -->
* **Category**: Apps
* **Status**: 3
* **Image**: demo/app
* **Healthcheck**: Yes
* **Backups**: Yes
* **Email**: No
* **Tests**: Yes
* **SSO**: No
<!-- endmetadata -->
"""


class RunTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            print("skipped: a private engine needs root")
            sys.exit(1 if os.environ.get("CCCI_NO_SKIP") else 77)
        root, cls.lock = prepare()
        cls.busybox = root / "usr/bin/busybox"
        if not cls.busybox.exists():
            cls.busybox = root / "bin/busybox"

    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="cc-ci-recipe-")
        self.addCleanup(held.cleanup)
        self.dir = pathlib.Path(held.name)
        self.declare("")
        self.image = self.dir / "demo.tar"
        image(self.image, ["demo/app:1", "demo/other:1"], self.busybox)

    def declare(self, more):
        (self.dir / "cc-ci.toml").write_text(DECLARATION + more)
        (self.dir / "cc-ci.lock").write_text(self.lock)

    def recipe(self, name="demo"):
        return Recipe(self.dir / name)

    def command(self, recipe, *words):
        return [CC_CI, "-q", "-C", self.dir, "--state", STATE, "test",
                recipe.path if isinstance(recipe, Recipe) else recipe, "--image", self.image, *words]

    def run_test(self, recipe, *words, status=0):
        """Returns results.json and what was printed."""
        out = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
        done = subprocess.run([*self.command(recipe, "--out", out, *words)], env=PLAIN,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        self.assertEqual(done.returncode, status, done.stdout)
        result = json.loads((out / "results.json").read_text())
        self.assertTrue(result["flags"]["clean_teardown"], done.stdout)
        self.assertTrue(result["flags"]["no_secret_leak"], done.stdout)
        result["out"] = out
        return result, done.stdout

    @staticmethod
    def rungs(result):
        return {rung["name"]: rung["verdict"] for rung in result["rungs"]}

    @staticmethod
    def reason(result, name):
        return next(rung["reason"] for rung in result["rungs"] if rung["name"] == name)

    def traces(self, name="run-"):
        """What the host still has of engines. Tests of engines give theirs other names."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes()
            except OSError:
                continue
            # Others may have engines of that name in another state.
            if b"--cgroup-parent=/cc-ci/" + name.encode() in words and str(STATE).encode() in words:
                found.append(str(process))
        found += [str(path) for path in (STATE / "engines").glob(name + "*") if path.name != "lock"]
        return found


def main():
    unittest.main(verbosity=2)

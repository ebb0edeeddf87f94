#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on an engine that others use too: the run's own is removed by label, lease and lock, and
nothing else is touched. A dockerd in namespaces of its own stands in for the host's."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

import support

PREPARE = """\
mount --make-rprivate / && mount -t tmpfs run /run && ip link set lo up && exec "$@"
"""
# An environment's /etc is read-only, and older engines write a key there.
BECOME = """\
for place in /etc/docker /opt; do [ ! -d $place ] || busybox mount -t tmpfs engine $place || exit; done
exec dockerd "$@"
"""


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class HostEngine:
    """The engine of a host, with its API."""
    KINDS = {"services": "ID", "containers": "Id", "networks": "Id", "secrets": "ID",
             "configs": "ID", "volumes": "Name"}

    def __init__(self, entry):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="host-", dir=support.PLACE))
        self.socket = str(self.dir / "docker.sock")
        with open(self.dir / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
                 "--mount-proc", "/bin/sh", "-c", PREPARE, "host", entry, "/usr/bin/env",
                 "PATH=" + support.PLAIN["PATH"], "/bin/sh", "-c", BECOME, "dockerd",
                 "--host=unix://" + self.socket, f"--data-root={self.dir}/data",
                 "--exec-root=/run/docker", "--pidfile=/run/docker.pid", "--bridge=none",
                 "--cgroup-parent=/cc-ci-host", "--exec-opt=native.cgroupdriver=cgroupfs"],
                env=support.PLAIN, stdout=log, stderr=log)
        for _ in range(600):
            try:
                self.call("GET", "/_ping")
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        said = (self.dir / "log").read_text()[-4000:]
        self.stop()
        raise AssertionError(said)

    def call(self, method, path, body=None, data=None, expected=(200, 201, 204)):
        connection = Connection(self.socket)
        sent = json.dumps(body) if body is not None else data
        kind = "application/json" if body is not None else "application/x-tar"
        connection.request(method, path, sent, {"Content-Type": kind} if sent else {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status not in expected:
            raise AssertionError(f"{method} {path}: {answer.status} {text}")
        return None if data or not text.startswith((b"{", b"[")) else json.loads(text)

    def labelled(self, label):
        """Names of everything with the label."""
        found = []
        for kind in self.KINDS:
            filters = urllib.parse.quote(json.dumps({"label": [label]}))
            path = "/containers/json?all=1&" if kind == "containers" else f"/{kind}?"
            answer = self.call("GET", f"{path}filters={filters}")
            for one in answer["Volumes"] or [] if kind == "volumes" else answer:
                name = one.get("Spec", {}).get("Name") or one.get("Name") or one["Names"][0]
                found.append(f"{kind} {name}")
        return sorted(found)

    def names(self, kind):
        answer = self.call("GET", "/" + kind)
        answer = answer["Volumes"] or [] if kind == "volumes" else answer
        names = {one.get("Spec", {}).get("Name") or one["Name"] for one in answer}
        return names - {"docker_gwbridge"}  # the engine makes it when it needs it

    def images(self):
        return {name for image in self.call("GET", "/images/json") for name in image["RepoTags"] or []}

    def load(self, archive):
        self.call("POST", "/images/load", data=archive.read_bytes())

    def stop(self):
        self.process.kill()
        self.process.wait()
        for _ in range(200):  # the kernel frees its mounts a moment later
            shutil.rmtree(self.dir, ignore_errors=True)
            if not self.dir.exists():
                break
            time.sleep(0.05)
        for place in pathlib.Path("/sys/fs/cgroup").glob("**/cc-ci-host"):
            subprocess.run(["find", place, "-depth", "-type", "d", "-delete"], check=False,
                           stderr=subprocess.DEVNULL)


class SharedEngine(support.RunTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root, _ = support.prepare()
        entries = (support.STATE / "store" / "entrypoint").glob("*/root/cc-ci-inside")
        entry = next(path for path in sorted(entries) if str(root) in path.read_text())
        cls.host = HostEngine(entry)
        cls.addClassCleanup(cls.host.stop)

    def setUp(self):
        super().setUp()
        self.declare_engine("unix://" + self.host.socket)

    def declare_engine(self, engine, more=""):
        self.declare(f'[recipes]\nengine = "{engine}"\n' + more)

    def make_swarm(self):
        self.host.call("POST", "/swarm/init", {"ListenAddr": "127.0.0.1:2377",
                                               "AdvertiseAddr": "127.0.0.1"}, expected=(200, 503))

    def start(self, recipe, *words, image=None):
        command = self.command(recipe, *words)
        if image:
            command[command.index("--image") + 1] = image
        return subprocess.Popen(command, env=support.PLAIN, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def ends(self, run, status):
        said = run.communicate(timeout=200)[0]
        self.assertEqual(run.returncode, status, said)
        return said

    def await_service(self, start, known=frozenset()):
        """The name of the first service that begins so and was not known."""
        for _ in range(600):
            for name in self.host.names("services") - known:
                if name.startswith(start):
                    return name
            time.sleep(0.05)
        raise AssertionError(self.host.names("services"))

    def test_3_measured(self):
        self.make_swarm()
        recipe = self.recipe("measured")
        recipe.release("1.0.0+1", service="    volumes: [\"data:/data\"]\n", more="volumes:\n  data:\n",
                       command="head -c 3000000 /dev/zero >/data/file; " + support.SERVE)
        # Only its name says that it is a Traefik, so nobody goes through it.
        named = self.dir / "named.tar"
        support.image(named, ["traefik:v3.1"], self.busybox)
        self.host.load(named)
        self.host.call("POST", "/services/create", {"Name": "front", "TaskTemplate": {
            "ContainerSpec": {"Image": "traefik:v3.1", "Command": ["sleep", "10000"]}}})
        result, said = self.run_test(recipe, "--tiers", "install")
        self.host.call("DELETE", "/services/front")
        self.assertIn("the Traefik of the engine, service front, is not used: its settings do not name "
                      "the provider for a swarm", [one["what"] for one in result["deviations"]])
        self.assertGreater(result["peak_memory"], 100_000, said)
        self.assertGreater(result["peak_disk"], 3_000_000, said)
        self.assertLess(result["peak_disk"], 50_000_000, said)

    def refused(self, recipe, status, *texts):
        said = self.ends(self.start(recipe, "--tiers", "install"), status)
        for text in texts:
            self.assertIn(text, said)

    def test_1_errors(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        self.refused(recipe, 3, "'inactive'", "docker swarm init")
        for address, why in [("tcp://127.0.0.1:2375", "Unix socket only"),
                             ("/var/run/docker.sock", "begins with '/'"),
                             ("unix://docker.sock", "no absolute path"), ("unix:///a/../b", "..")]:
            self.declare_engine(address)
            self.refused(recipe, 2, why)
        self.declare_engine(f"unix://{self.dir}/none.sock")
        self.refused(recipe, 3, "none.sock: the declared engine cannot be reached: ")
        # The engine of a recipe wins over that of all.
        self.declare_engine(f"unix://{self.dir}/none.sock",
                            '[recipes.demo]\nsource = "demo"\nengine = "private"\n')
        plan = json.loads(self.ends(self.start("demo", "--dry-run", "--json"), 0))
        self.assertEqual((plan["engine"], plan["stack"]), ("private", "demo_cc-ci_test"))

    def foreign(self):
        """What looks like a run's, but is not. Returns the names."""
        other = {"cc-ci.run": "run-000001", "cc-ci.lease": "0" * 32}
        self.host.call("POST", "/volumes/create", {"Name": "demo_000001_data"})
        self.host.call("POST", "/volumes/create", {"Name": "other_data", "Labels": other})
        self.host.call("POST", "/networks/create", {"Name": "proxy", "Driver": "overlay"})
        self.host.call("POST", "/secrets/create", {"Name": "demo_000001_key_v1", "Data": "eA=="})
        self.host.load(self.image)
        labels = {"com.docker.stack.namespace": "demo_000001"}
        self.host.call("POST", "/services/create", {
            "Name": "demo_000001_app", "Labels": labels, "TaskTemplate": {"ContainerSpec": {
                "Image": "demo/other:1", "Command": ["sleep", "10000"], "Labels": labels}}})

    def test_2_life(self):
        self.make_swarm()
        self.foreign()
        before = {kind: self.host.names(kind) for kind in ["services", "volumes", "networks", "secrets"]}
        images = self.host.images()
        slow = self.recipe("slow")
        slow.release("1.0.0+1", health='healthcheck: {test: ["CMD", "true"], interval: 1s}',
                     service='    volumes: ["data:/data"]\n', more="volumes:\n  data:\n",
                     command="until test -e /data/go; do sleep 1; done; " + support.SERVE)
        # Another image under the name that the other runs and the engine use.
        special = self.dir / "special.tar"
        support.image(special, ["demo/app:1"], self.busybox, {"www/special": "only here"})
        alive = self.start(slow, "--tiers", "install", image=special)
        alive_name = self.await_service("slow_")
        demo = self.recipe()
        dump = ('        - "backupbot.backup=true"\n'
                '        - "backupbot.backup.volumes.data.path=dump"\n'
                '        - "backupbot.backup.pre-hook=cp /data/store /data/dump"\n'
                '        - "backupbot.restore.post-hook=cp /data/dump /data/store"\n')
        good = {"command": "test -e /data/store || echo first >/data/store; " + support.SERVE,
                "service": '    volumes: ["data:/data"]\n    secrets: [key]\n    ports: ["80:8080"]\n'
                           "    stop_grace_period: 1s\n",
                "more": "volumes:\n  data:\n    name: fixed_data\nsecrets:\n  key:\n"
                        "    external: true\n    name: ${STACK_NAME}_key_v1\n", "labels": dump}
        demo.write(".env.sample", "TYPE=demo\nDOMAIN=x\nSECRET_KEY_VERSION=v1 # length=24\n")
        demo.release("0.9.0+1", **good)
        demo.write("tests/test_front.py",
                   "def test_front(live_app):\n    assert 'hello' in live_app.get('/').text\n")
        demo.release("1.0.0+1", **good)
        killed = self.start(demo, "--tiers", "install")
        killed_name = self.await_service("demo_", before["services"])
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        result, said = self.run_test(demo)
        self.assertEqual(set(self.rungs(result).values()), {"pass"}, said)
        self.assertEqual(result["engine"], "unix://" + self.host.socket)
        deviations = {(d["service"], d["key"]) for d in result["deviations"]}
        for wanted in [("", "engine"), ("", "volumes.data"), ("app", "ports"), ("app", "labels")]:
            self.assertIn(wanted, deviations)
        self.assertIn("ended what a killed run left: run-" + killed_name.split("_")[1],
                      (result["out"] / "log.txt").read_text())
        # The run that lives still has its service, and the others' is as it was.
        self.assertEqual(self.host.names("services"), before["services"] | {alive_name})
        volume = alive_name.replace("_app", "_data")
        self.assertEqual(self.host.names("volumes"), before["volumes"] | {volume})
        (self.host.dir / "data/volumes" / volume / "_data/go").touch()
        self.ends(alive, 0)
        for kind, names in before.items():
            self.assertEqual(self.host.names(kind), names)
        self.assertEqual(self.host.images(), images)
        self.assertEqual(self.host.labelled("cc-ci.lease"), ["volumes other_data"])
        self.assertEqual(self.traces(), [])

    def test_3_kept(self):
        self.make_swarm()
        recipe = self.recipe("kept")
        recipe.release("1.0.0+1", command="exit 1", service='    volumes: ["data:/data"]\n',
                       more="volumes:\n  data:\n")
        said = self.ends(self.start(recipe, "--tiers", "install", "--keep"), 1)
        name = next(line.split()[-1] for line in said.splitlines() if "remove:" in line)
        self.assertIn("look:   docker --host unix://" + self.host.socket, said)
        kept = f"cc-ci.run={name}"
        # A run whose record is lost: only its labels tell of it. Those of others prove nothing.
        lease = (support.STATE / "engines" / ".lease").read_text()
        lost = {"cc-ci.lease": lease, "cc-ci.run": "run-10571a"}
        self.host.call("POST", "/volumes/create", {"Name": "lost", "Labels": lost})
        self.host.call("POST", "/volumes/create", {"Name": "run-10571a", "Labels": {
            "cc-ci.run": "run-10571a"}})
        self.host.load(self.image)
        mark = f"cc-ci.invalid/{lease}/run-10571b"
        self.host.call("POST", f"/images/demo/app:1/tag?repo={mark}&tag=0", expected=(201,))
        # A later run leaves it alone, and takes away what is lost.
        good = self.recipe()
        good.release("1.0.0+1")
        self.run_test(good, "--tiers", "install")
        self.assertIn(f"services kept_{name[4:]}_app", self.host.labelled(kept))
        self.assertNotIn("lost", self.host.names("volumes"))
        self.assertIn("run-10571a", self.host.names("volumes"))
        self.assertIn("demo/app:1", self.host.images())
        self.assertNotIn(mark + ":0", self.host.images())
        # An engine that has left its swarm still has volumes.
        self.host.call("POST", "/swarm/leave?force=1")
        subprocess.run([support.CC_CI, "-q", "--state", support.STATE, "test", "--remove", name],
                       env=support.PLAIN, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.host.names("volumes") & {f"kept_{name[4:]}_data"}, set())
        self.assertEqual(self.traces(), [])

    def test_9_lost(self):
        # The last one: the engine of the host ends in the middle of a run, and all its objects with it.
        self.make_swarm()
        recipe = self.recipe("lost")
        recipe.release("1.0.0+1", command="sleep 1000")
        out = self.dir / "out"
        run = self.start(recipe, "--tiers", "install,remove", "--out", out)
        self.await_service("lost_")
        self.host.process.kill()
        begin = time.monotonic()
        said = self.ends(run, 3)
        self.assertLess(time.monotonic() - begin, 30, said)
        result = json.loads((out / "results.json").read_text())
        self.assertEqual(set(self.rungs(result).values()) & {"pass", "fail"}, set(), said)
        self.assertIn("unix://" + self.host.socket, result["engine"])
        # What it has there cannot be seen to go, so the record stays until somebody says so.
        self.assertFalse(result["flags"]["clean_teardown"], said)
        name, = (path.stem for path in (support.STATE / "engines").glob("run-*.json"))
        gone = subprocess.run([support.CC_CI, "-q", "--state", support.STATE, "test", "--remove", name],
                              env=support.PLAIN, check=True, stdout=subprocess.PIPE, text=True)
        self.assertIn(f"the engine of {self.host.socket} does not answer", gone.stdout)
        self.assertEqual(self.traces(), [])


if __name__ == "__main__":
    support.main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A good recipe passes every tier. Each canary is red at its tier, and the message names the cause."""
import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import support
from support import SERVE

QUICK = "healthcheck: {test: [\"CMD\", \"true\"], interval: 1s}"
VOLUME = "    volumes: [\"data:/data\"]\n"
VOLUMES = "volumes:\n  data:\n"
# What recipes want of their hosts, and an engine of a test does not have.
WANTS = """\
    volumes: ["data:/data", "/etc/localtime:/etc/localtime:ro", "/dev/null:/tmp/.none"]
    logging: {driver: syslog, options: {syslog-address: "tcp://192.0.2.1:514"}}
    ulimits: {nofile: 262144}
"""
DUMP = """\
        - "backupbot.backup=true"
        - "backupbot.backup.volumes.data.path=dump"
        - "backupbot.backup.pre-hook=%s"
        - "backupbot.backup.post-hook=rm -f /data/dump"
        - "backupbot.restore.post-hook=%s"
"""


class Canary(support.RunTest):
    def red(self, tier, reason, *words, setup=None, tiers=None, **changes):
        recipe = self.recipe()
        if setup:
            setup(recipe)
        recipe.release("1.0.0+1", **changes)
        result, printed = self.run_test(recipe, "--tiers", tiers or "install," + tier, *words, status=1)
        self.assertEqual(self.rungs(result)[tier], "fail", printed)
        self.assertIn(reason, self.reason(result, tier))
        return result, printed

    def test_good(self):
        recipe = self.recipe()
        labels = DUMP % ("cp /data/store /data/dump", "cp /data/dump /data/store")
        command = "test -e /data/store || echo first >/data/store; " + SERVE
        good = {"command": command, "service": WANTS, "more": VOLUMES, "labels": labels}
        recipe.release("0.9.0+1", **good)
        recipe.write("tests/test_front.py", """
def test_front(live_app, meta):
    page = live_app.get("/")
    assert page.status == 200
    assert "hello" in page.text
    assert meta.recipe == "demo"
""")
        recipe.write("release/1.0.0+1", "read this before the upgrade\n")
        recipe.release("1.0.0+1", **good)
        seeds = "".join(f"[recipes.demo.hooks.{point}]\nrun = '{line}'\n" for point, line in [
            ("before-upgrade", "echo seed >/data/seed"), ("after-upgrade", "grep seed /data/seed"),
            ("before-backup", "echo kept >/data/store"), ("after-restore", "grep kept /data/store")])
        self.declare(seeds + '[recipes.demo]\nsource = "demo"\nimages = ["demo.tar"]\n'
                     '[recipes.demo.checks.front]\nstatus = 200\ntitle = "Demo"\ntext = "hello"\n')
        result, printed = self.run_test("demo")
        self.assertEqual(set(self.rungs(result).values()), {"pass"}, printed)
        self.assertEqual((result["verdict"], result["level"]), ("pass", 5), printed)
        self.assertEqual(self.reason(result, "upgrade"), "from 0.9.0+1")
        self.assertEqual(self.reason(result, "custom"), "1 test")
        self.assertEqual(result["release_notes"],
                         [{"version": "1.0.0+1", "text": "read this before the upgrade\n"}])
        self.assertLessEqual({"volumes", "logging"}, {one["key"] for one in result["deviations"]})
        self.assertGreater(result["peak_disk"], 0)
        for name in ["junit.xml", "summary.html", "badge.svg", "log.txt"]:
            self.assertTrue((result["out"] / name).stat().st_size > 0, name)
        self.assertEqual(self.traces(), [])

    def test_crash_loop(self):
        result, printed = self.red("install", "crash loop, exit status 7",
                                   command="echo the database is on fire; exit 7")
        self.assertIn("the database is on fire", printed.splitlines()[-1])
        self.assertEqual(self.rungs(result)["redeploy"], "skip")

    def test_missing_image(self):
        self.red("install", "no such image: demo/none:1 (the archives have demo/app:1, demo/other:1)",
                 image_name="demo/none:1")

    def test_bad_health(self):
        # Where it listens is seen while the container lives: the engine ends it.
        self.red("install", "the check is: wget -q -O /dev/null http://127.0.0.1:8080/; the service "
                 "listens on port 8081 and not on port 8080: correct the check",
                 command="mkdir -p /www; exec httpd -f -p 8081 -h /www")

    def test_bad_health_of_a_program_that_ends_well(self):
        _, printed = self.red("install", "health check failed",
                              command="trap 'exit 0' TERM; echo no port; while :; do sleep 1; done")
        self.assertIn("no port", printed.splitlines()[-1])

    def migration(self, deploy, seconds):
        # The app is served long before the migration fails.
        return {"health": QUICK, "more": "", "labels": "  migrate:\n    image: demo/other:1\n    command: "
                f"[\"sh\", \"-c\", \"sleep {seconds}; echo no such table; exit 3\"]\n    deploy: {deploy}\n"}

    def test_late_one_shot(self):
        # The default of restarts is a server; `none` is waited for.
        _, printed = self.red("install", "does not start it again, exit status 3", tiers="install",
                              **self.migration("{restart_policy: {condition: none}}", 12))
        self.assertIn("no such table", printed.splitlines()[-1])

    def test_late_failure_that_is_started_again(self):
        # With the default of restarts, after the time of the tiers that are tested.
        _, printed = self.red("install", "it ended after it had been well, exit status 3",
                              tiers="install,redeploy", **self.migration("{}", 22))
        self.assertIn("no such table", printed.splitlines()[-1])

    def test_failure_during_another_tier(self):
        # A health check, so nothing waits for it.
        recipe = self.recipe()
        recipe.write("tests/test_slow.py", "import time\n\n\ndef test_it():\n    time.sleep(9)\n")
        late = self.migration("{restart_policy: {condition: on-failure}}", 8)
        late["labels"] += "    " + QUICK + "\n"
        recipe.release("1.0.0+1", **late)
        result, printed = self.run_test(recipe, "--tiers", "install,custom", status=1)
        self.assertEqual(self.rungs(result)["install"], "pass", printed)
        self.assertIn("it ended after it had been well, exit status 3", self.reason(result, "custom"))
        self.assertIn("no such table", printed.splitlines()[-1])

    def test_servers_are_not_waited_for(self):
        # Whatever their policy: one listens, one is checked.
        servers = "".join(f"  {name}:\n    image: demo/other:1\n    command: [\"httpd\", \"-f\", \"-p\", "
                          f"\"{port}\"]\n    deploy: {{restart_policy: {{condition: {policy}}}}}\n{more}"
                          for name, port, policy, more in [("a", 8081, "none", ""), ("b", 8082, "on-failure", ""),
                                                           ("c", 8083, "none", f"    {QUICK}\n")])
        recipe = self.recipe()
        # One that is off needs no image.
        servers += "  off:\n    image: demo/none:1\n    deploy: {replicas: 0}\n"
        recipe.release("1.0.0+1", labels=servers)
        result, printed = self.run_test(recipe, "--tiers", "install")
        self.assertLess(result["seconds"]["all"], 40, printed)

    def test_update_of_a_short_job(self):
        # It ends well within the engine's `monitor` of five seconds, which then pauses the update.
        job = ("  migrate:\n    image: demo/other:1\n    command: [\"sh\", \"-c\", \"sleep 2; echo %s\"]\n"
               "    deploy: {restart_policy: {condition: none}}\n")
        recipe = self.recipe()
        recipe.release("0.9.0+1", labels=job % "old")
        recipe.release("1.0.0+1", labels=job % "new")
        self.run_test(recipe, "--tiers", "install,upgrade")

    def test_late_job(self):
        self.red("install", "exit status 3", tiers="install", **self.migration(
            "{mode: replicated-job, restart_policy: {condition: none}}", 5))

    def test_memory(self):
        self.red("install", "its limit is 21 MB, from the recipe: raise deploy.resources", command="x=$(head -c 200m /dev/zero | tr '\\0' x); " + SERVE,
                 deploy="      resources: {limits: {memory: 20M}}\n")

    def test_no_node(self):
        self.red("install", "no suitable node",
                 deploy="      placement: {constraints: [\"node.labels.disk == ssd\"]}\n")

    def test_page(self):
        self.red("install", "answers with status 404", command="exec httpd -f -p 8080 -h /data",
                 health="healthcheck: {test: [\"CMD\", \"true\"], interval: 1s}")

    def test_secret_without_a_version(self):
        self.red("install", "the engine refused secret 'demo_cc-ci_test_key_': a variable", tiers="install",
                 service="    secrets: [\"key\"]\n",
                 more="secrets:\n  key: {external: true, name: \"${STACK_NAME}_key_${SECRET_KEY_VERSION}\"}\n")

    def test_name_that_a_swarm_refuses(self):
        self.red("install", "the engine refused network 'demo_cc-ci_test_a.b': ", tiers="install", more="  a.b:\n",
                 labels="  other:\n    image: demo/other:1\n    command: [\"sleep\", \"1000\"]\n    networks: [a.b]\n")

    def test_redirects_in_a_circle(self):
        self.red("install", "redirects in a circle", tiers="install", labels=(
            "        - \"traefik.http.routers.${STACK_NAME}.middlewares=circle\"\n"
            "        - \"traefik.http.middlewares.circle.redirectregex.regex=^https://([^/]*)/(.*)\"\n"
            "        - \"traefik.http.middlewares.circle.redirectregex.replacement=https://$${1}/x$${2}\"\n"))

    def test_page_of_the_health_check(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", command="mkdir -p /www/api; echo good >/www/api/health; "
                       "exec httpd -f -p 8080 -h /www", health="healthcheck: {test: [\"CMD\", \"wget\", "
                       "\"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:8080/api/health\"], interval: 1s}")
        self.run_test(recipe, "--tiers", "install")

    def test_wrong_port(self):
        # Long before the timeout of five minutes.
        self.red("install", "nothing listens on port 8080; it listens on port 8081: correct the label "
                 "traefik.http.services.demo_cc-ci_test.loadbalancer.server.port to 8081",
                 tiers="install", command="exec httpd -f -p 8081 -h /www", health=QUICK)

    def test_redeploy_changes(self):
        # It answers the request while it settles and the one after, and ends: the app that was served
        # is not the same one later.
        recipe = self.recipe()
        answer = "HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi"
        one = f"printf '{answer}' | busybox nc -l -p 8080; "
        recipe.release("1.0.0+1", health=QUICK, command=f"{one}{one}sleep 4; exit 4")
        result, printed = self.run_test(recipe, "--tiers", "install,redeploy", status=1)
        self.assertEqual(self.rungs(result)["install"], "pass", printed)
        self.assertIn("it ended after it had been well, exit status 4", self.reason(result, "redeploy"))

    def test_app_that_ends_after_one_request(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", health=QUICK, command="echo hi | busybox nc -l -p 8080; exit 4")
        result, printed = self.run_test(recipe, "--tiers", "install", status=1)
        self.assertIn("exit status 4", self.reason(result, "install"), printed)

    def lose_containerd(self, tiers, sign, ends):
        # The app goes on, and the engine starts another containerd: only who asks knows. The
        # recipe's own test waits until it is gone.
        recipe = self.recipe("lost")  # a name that no test beside this one has
        recipe.write("tests/test_wait.py", "import time\n\n\ndef test_it(live_app):\n"
                     f"    while live_app.get('/gone').status != 200:\n        time.sleep(0.1)\n    {ends}\n")
        recipe.release("1.0.0+1", service="    volumes: [\"data:/www\"]\n", more=VOLUMES)
        out = self.dir / "out"
        with subprocess.Popen(self.command(recipe, "--out", out, "--tiers", tiers), text=True,
                              env=support.PLAIN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
            try:
                self.end_containerd(run, out / "log.txt", sign)
                printed, _ = run.communicate(timeout=60)
            finally:
                run.terminate()
        self.assertEqual(run.returncode, 3, printed)
        result = json.loads((out / "results.json").read_text())
        self.assertNotIn("fail", self.rungs(result).values())
        self.assertTrue(result["flags"]["clean_teardown"], printed)
        return result, printed

    def test_lost_containerd(self):
        _, printed = self.lose_containerd("install,custom", signal.SIGKILL, "assert False")
        self.assertIn("containerd has ended, so a failure says nothing of the recipe", printed)

    def test_removal_with_a_stopped_containerd(self):
        # A removal has two minutes, and nobody waits them out for an engine that cannot remove.
        result, printed = self.lose_containerd("install,custom,remove", signal.SIGSTOP, "assert True")
        self.assertIn("containerd is stopped", printed)
        self.assertEqual(self.rungs(result)["custom"], "pass", printed)
        self.assertLess(next(rung["seconds"] for rung in result["rungs"] if rung["name"] == "remove"), 30)

    def end_containerd(self, run, log, sign):
        while not log.exists() or "begin custom" not in log.read_text():
            self.assertIsNone(run.poll())
            time.sleep(0.05)
        page = next(support.STATE.glob("engines/run-*/data/volumes/lost_*_data/_data/index.html"))
        os.kill(self.containerd_of(page.parts[len(support.STATE.parts) + 1]), sign)
        (page.parent / "gone").write_text("now")

    @staticmethod
    def containerd_of(name):
        engines, found = set(), []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                parent = (process / "stat").read_text().rsplit(")", 1)[1].split()[1]
                program = (process / "comm").read_text()
            except OSError:
                continue
            if b"--cgroup-parent=/cc-ci/" + name.encode() + b"/containers" in words:
                engines.add(process.name)
            if program == "containerd\n":
                found.append((parent, int(process.name)))
        return next(number for parent, number in found if parent in engines)

    def test_archive_that_cannot_be_used(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        (self.dir / "bad.tar").write_text("no tar")
        _, printed = self.run_test(recipe, "--image", self.dir / "bad.tar", status=3)
        self.assertIn(f"the archive is {self.dir}/bad.tar", printed)

    def test_remove_once_only(self):
        place = self.dir / "host"
        place.mkdir()
        self.declare('[recipes.demo]\nsource = "demo"\nallow = ["host-paths"]\n')
        self.red("remove", "crash loop", service=f"    volumes: [\"{place}:/data\"]\n",
                 command="test -e /data/x && { echo installed before; exit 5; }; touch /data/x; "
                 + SERVE)

    def test_dependencies(self):
        back = self.recipe("back")
        back.write(".env.sample", "TYPE=back\nDOMAIN=x\n")
        back.release("2.0.0+1", command=SERVE.replace("hello", "from the back"))
        front = self.recipe("front")
        front.write("tests/test_it.py", """
def test_it(live_app, deps):
    assert deps["back"].domain == "back.cc-ci.test" and deps["back"].version == "2.0.0+1"
    assert "from the back" in deps["back"].get("/").text
    assert "from the back" in live_app.get("/").text
""")
        # The container reaches the other app by its public name.
        front.release("1.0.0+1", command="mkdir -p /www; wget -q -O "
                      "/www/index.html http://back.cc-ci.test/ || exit 9; "
                      "exec httpd -f -p 8080 -h /www")
        hook = '[recipes.front.hooks.after-install]\nrun = "grep -q back /www/index.html"\n'
        self.declare('[recipes.back]\nsource = "back"\n'
                     '[recipes.front]\nsource = "front"\ndependencies = ["back"]\n' + hook)
        result, printed = self.run_test("front", "--tiers", "install,custom")
        self.assertEqual(result["dependencies"], ["back 2.0.0+1"], printed)
        self.declare('[recipes.back]\nsource = "back"\n'
                     '[recipes.front]\nsource = "front"\ndependencies = ["back"]\n' +
                     hook.replace("-q back", "-q nothing"))
        result, printed = self.run_test("front", "--tiers", "install", status=1)
        self.assertIn("hook after-install of service front_cc-ci_test_app ended with status 1",
                      self.reason(result, "install"), printed)
        back.release("3.0.0+1", image_name="demo/gone:1")
        result, printed = self.run_test("front", "--tiers", "install", status=4)
        self.assertIn("dependency back: service back_cc-ci_test_app: no such image",
                      self.reason(result, "install"), printed)

    def test_clear_password(self):
        self.red("lint", "C001", tiers="lint", service="    environment: {DB_PASSWORD: hunter2}\n")

    def test_upgrade_loses_data(self):
        def older(recipe):
            recipe.release("0.9.0+1", service=VOLUME, more=VOLUMES)
        result, printed = self.red("upgrade", "a file from before the upgrade is gone", setup=older,
                                   service=VOLUME, more=VOLUMES,
                                   command="rm -rf /data/.[!.]* /data/*; " + SERVE)
        self.assertIn("from 0.9.0+1", self.reason(result, "upgrade"), printed)

    def test_upgrade_mounts_another_volume(self):
        recipe = self.recipe()
        recipe.release("0.9.0+1", service=VOLUME, more=VOLUMES)
        recipe.release("1.0.0+1", service="    volumes: [\"store:/data\"]\n", more="volumes:\n  store:\n")
        result, printed = self.run_test(recipe, "--tiers", "install,upgrade")
        self.assertIn("volume demo_cc-ci_test_data: no service of the new version mounts it",
                      result["notes"][0], printed)

    def test_base_broken(self):
        recipe = self.recipe()
        recipe.release("0.8.0+1", command=SERVE + " #old")
        recipe.release("0.9.0+1", image_name="demo/gone:1")
        recipe.release("1.0.0+1")
        result, printed = self.run_test(recipe, "--tiers", "install,upgrade")
        self.assertEqual(self.reason(result, "upgrade"), "from 0.8.0+1", printed)
        self.assertIn("base broken: 0.9.0+1", result["notes"][0])
        recipe.git("tag", "-d", "0.8.0+1")
        result, printed = self.run_test(recipe, "--tiers", "install,upgrade", status=4)
        self.assertEqual(self.rungs(result)["upgrade"], "unverified", printed)
        self.assertIn("base broken: 0.9.0+1: service demo_cc-ci_test_app: no such image",
                      self.reason(result, "upgrade"))

    def backup(self, tier, reason, pre, post="true"):
        return self.red(tier, reason, tiers="install,backup,restore", service=VOLUME, more=VOLUMES,
                        labels=DUMP % (pre, post))

    def test_failed_hook(self):
        result, _ = self.backup("backup", "ended with status 5", "echo no such database >&2; exit 5")
        self.assertEqual(self.rungs(result)["restore"], "unverified")

    def test_empty_dump(self):
        self.backup("backup", "it is empty (0 bytes)", ": >/data/dump")

    def test_missing_dump(self):
        self.backup("backup", "it is missing", "true")

    def test_path_that_leads_out_of_its_volume(self):
        self.red("backup", "label backupbot.backup.volumes.data.path: '../../etc' leads out of the volume",
                 service=VOLUME, more=VOLUMES, labels=(
                     "        - \"backupbot.backup=true\"\n"
                     "        - \"backupbot.backup.volumes.data.path=../../etc\"\n"))

    def test_failed_restore(self):
        self.backup("restore", "restore.post-hook of service demo_cc-ci_test_app ended with status 1",
                    "echo x >/data/dump", "false")

    def test_custom(self):
        self.declare('[recipes.demo]\nsource = "demo"\n[recipes.demo.checks.front]\ntext = "goodbye"\n')
        self.red("custom", "expected the text 'goodbye'")

    def test_own_tests(self):
        recipe = self.recipe()
        recipe.write("tests/test_front.py", "def test_it(live_app):\n    assert False, 'as designed'\n")
        recipe.release("1.0.0+1")
        result, _ = self.run_test(recipe, "--tiers", "install,custom", status=1)
        self.assertEqual(self.reason(result, "custom"),
                         "tests/test_front.py::test_it - AssertionError: as designed")

    def test_socket_of_the_engine(self):
        # Only if the declaration allows it, and then it is that of the test's own engine: its data has the
        # volume of this stack.
        recipe = self.recipe()
        recipe.release("1.0.0+1", more=VOLUMES, service='    volumes: ["data:/data", '
                       '"/var/run/docker.sock:/s.sock:ro", "/var/lib/docker/volumes/:/volumes:ro"]\n',
                       command="test -S /s.sock || exit 7; test -d /volumes/demo_cc-ci_test_data/_data || exit 8; "
                       + SERVE)
        self.declare('[recipes.demo]\nsource = "demo"\nallow = ["engine-socket", "host-paths"]\n')
        result, printed = self.run_test("demo", "--tiers", "install")
        self.assertIn("/var/run/docker.sock is that of the engine of the test",
                      [one["what"] for one in result["deviations"]], printed)

    def test_unknown_router(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", labels="        - \"traefik.http.routers.x.rule=HostRegexp(`.*`)\"\n")
        result, printed = self.run_test(recipe, "--tiers", "install", status=4)
        self.assertEqual(self.rungs(result)["install"], "unverified", printed)
        self.assertIn("traefik.http.routers.x.rule", self.reason(result, "install"), printed)

    def test_router_of_another_protocol(self):
        # The pages are shown; what no tier shows has a rung of its own, until the declaration says why not.
        recipe = self.recipe()
        ssh = "        - \"traefik.tcp.routers.ssh.rule=HostSNI(`*`)\"\n"
        recipe.release("1.0.0+1", labels=ssh)
        result, printed = self.run_test(recipe, "--tiers", "install,redeploy,remove", status=4)
        self.assertEqual([self.rungs(result)[name] for name in ["install", "redeploy", "remove", "routers"]],
                         ["pass", "pass", "pass", "unverified"], printed)
        self.assertEqual((result["verdict"], result["level"]), ("unverified", 1), printed)
        for rung in ["routers", "install"]:
            self.assertIn("traefik.tcp.routers.ssh.rule", self.reason(result, rung))
        self.declare('[recipes.demo]\nsource = "demo"\n[recipes.demo.skip]\nrouters = "ssh is tried by hand"\n')
        result, printed = self.run_test("demo", "--tiers", "install")
        self.assertEqual(self.reason(result, "routers"), "ssh is tried by hand")

    def test_path_of_a_web_socket(self):
        # An exact path that refuses every plain request, and switches for a WebSocket, whose key is
        # always the same.
        recipe = self.recipe()
        server = ("while :; do busybox nc -l -p 9000 -e sh -c 'r=; while read -r l; do r=\"$r $l\"; "
                  "[ ${#l} -le 1 ] && break; done; case \"$r\" in *pgrade:*websocket*) "
                  "printf \"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n"
                  "Connection: Upgrade\\r\\nSec-WebSocket-Accept: 1I+W9fDFRAYsGqRS97gY48sDd3w=\\r\\n\\r\\n\";; *) printf \"HTTP/1.1 400 Bad Request\\r\\n"
                  "Content-Length: 0\\r\\n\\r\\n\";; esac'; done & ")
        labels = ("        - \"traefik.http.routers.${STACK_NAME}.service=${STACK_NAME}\"\n"
                  "        - \"traefik.http.routers.hub.rule=Host(`${DOMAIN}`) && Path(`/hub`)\"\n"
                  "        - \"traefik.http.routers.hub.service=hub\"\n"
                  "        - \"traefik.http.services.hub.loadbalancer.server.port=9000\"\n")
        recipe.release("1.0.0+1", command=server + SERVE, labels=labels)
        self.run_test(recipe, "--tiers", "install")

    def test_users_that_cannot_be_checked(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", labels=(
            "        - \"traefik.http.routers.${STACK_NAME}.middlewares=users\"\n"
            "        - \"traefik.http.middlewares.users.basicauth.users="
            "admin:$$apr1$$9y5VLmvN$$JJ3skuIaJecV2Nc7xJrK9/\"\n"))
        result, printed = self.run_test(recipe, "--tiers", "install", status=4)
        self.assertIn("the hash of user 'admin' is neither bcrypt", self.reason(result, "install"), printed)


if __name__ == "__main__":
    support.main()

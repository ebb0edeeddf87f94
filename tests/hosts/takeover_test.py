#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's buildbot carries out a sweep's plan; a worker's machine that is lost has its recipe taken over."""
import concurrent.futures
import itertools
import json

import buildbot
import database
from recipes import PROJECT, Recipes, remains
from support import HostTest, call, main, roots, wait_for

NAMES = ["board", "notes", "wiki"]
WORKERS = ["one", "two"]
SETTINGS = f"""\
[hosts.ci-master]
[hosts.one]
[hosts.two]

[sweep]
results = "{database.address('ci-master')}"
"""
MASTER = f"""\
import importlib
from buildbot.plugins import worker
import cc_ci_sweep

c = BuildmasterConfig = {{
    "workers": [worker.Worker(name, "secret") for name in {WORKERS!r}],
    "protocols": {{"pb": {{"port": 9989}}}},
    "builders": [],
    "schedulers": [],
    "www": {{"port": {buildbot.PORT}, "plugins": {{}}}},
    "db": {{"db_url": "sqlite:///state.sqlite"}},
    "buildbotNetUsageData": None,
}}
importlib.reload(cc_ci_sweep).add(c, workers={WORKERS!r}, at_once=1)
"""
PLACE = "/var/lib/buildbot/masters/ci"
PASS, RETRY = 0, 5
# What docs/sweep.md says of machines that lose power, with seconds instead of minutes.
KEEPALIVE = {"time": 2, "intvl": 1, "probes": 3}


class Takeover(HostTest):
    def setUp(self):
        self.store = Recipes({name: {} for name in NAMES}, SETTINGS)
        roots()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            hosts = dict(zip(["ci-master", *WORKERS], pool.map(self.ready, ["ci-master", *WORKERS])))
        self.master = hosts.pop("ci-master")
        self.workers = hosts
        for host in (self.master, *hosts.values()):
            host.append("/etc/hosts", f"{self.master.address} ci-master\n")
        for name, value in KEEPALIVE.items():
            call("ip", "netns", "exec", self.master.link, "sh", "-c",
                 f"echo {value} >/proc/sys/net/ipv4/tcp_keepalive_{name}")
        database.start(self.master)
        self.write_plan()
        buildbot.start_master(self.master, MASTER)
        for host in self.workers.values():
            buildbot.start_worker(host)
        for name in WORKERS:
            wait_for(lambda name=name: buildbot.connected(self.master, name), 30, f"worker {name}")

    def ready(self, name):
        host = self.host(name, "master", engines=self.store)
        host.good("cc-ci", "-C", PROJECT, "--offline", "switch", name)
        return host

    def cc_ci(self, *words):
        return self.master.good("cc-ci", "-C", PROJECT, "--offline", *words)

    def write_plan(self):
        self.master.write(f"{PLACE}/cc_ci_sweep.py",
                          self.cc_ci("sweep", "--plan", "--format", "buildbot"))

    def verdicts(self):
        rows = json.loads(self.cc_ci("results", "export"))["verdicts"]
        return sorted((row["night"], row["recipe"], row["verdict"]) for row in rows)

    def builders(self):
        return [one["name"].removeprefix("sweep-")
                for one in buildbot.api(self.master, "builders")["builders"] if one["masterids"]]

    def builds(self):
        """(recipe, worker, result) of each build in the order of their begin; no result: it runs."""
        workers = {one["workerid"]: one["name"]
                   for one in buildbot.api(self.master, "workers")["workers"]}
        builders = {one["builderid"]: one["name"].removeprefix("sweep-")
                    for one in buildbot.api(self.master, "builders")["builders"]}
        return [(builders[one["builderid"]], workers[one["workerid"]], one["results"])
                for one in self.raw_builds()]

    def raw_builds(self):
        return sorted(buildbot.api(self.master, "builds")["builds"], key=lambda one: one["buildid"])

    def test_another_worker_takes_over(self):
        buildbot.force(self.master, "sweep-now")
        lost = self.workers["two"]
        wait_for(lambda: "dockerd" in remains(lost), 60, "an engine on the second host")
        # The power fails: its network says nothing any more.
        lost.unplug()
        lost.kill()
        running = [recipe for recipe, worker, result in self.builds()
                   if worker == "two" and result is None]
        self.assertEqual(len(running), 1)
        self.assertNotIn(running[0], [recipe for _, recipe, _ in self.verdicts()])

        def ended():
            builds = self.builds()
            good = {recipe for recipe, _, result in builds if result == PASS}
            return builds if good == set(NAMES) else None
        builds = wait_for(ended, 90, "the sweep", every=0.5)
        self.assertIn((running[0], "two", RETRY), builds)
        self.assertIn((running[0], "one", PASS), builds)
        verdicts = self.verdicts()
        self.assertEqual([row[1:] for row in verdicts], [(name, "pass") for name in NAMES])
        self.assertEqual(len({night for night, _, _ in verdicts}), 1)
        # One recipe at a time, as master.cfg wants it.
        times = [(one["started_at"], one["complete_at"])
                 for one, (_, worker, _) in zip(self.raw_builds(), builds) if worker == "one"]
        for (_, end), (begin, _) in itertools.pairwise(sorted(times)):
            self.assertGreaterEqual(begin, end)
        self.assertEqual(remains(self.workers["one"]), "")
        for name in NAMES:
            self.assertIn("canonical: 1.0.0+1", self.cc_ci("results", "show", name))
        # The next night has nothing to do. The running master takes over its plan.
        self.write_plan()
        self.master.sh("systemctl reload buildbot@ci.service")
        wait_for(lambda: self.builders() == ["nothing"], 30, "the plan of the second night")
        buildbot.force(self.master, "sweep-now")
        wait_for(lambda: ("nothing", "one", PASS) in self.builds(), 30, "the second night")
        self.assertEqual(self.verdicts(), verdicts)


if __name__ == "__main__":
    main()

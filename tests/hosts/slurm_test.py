#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Slurm runs the array job of a sweep's plan on two nodes, and again after one is lost."""
import concurrent.futures
import json
import re

import database
from recipes import PROJECT, Recipes, remains
from support import HostTest, main, roots, wait_for

NAMES = ["board", "notes"]
NODES = ["one", "two"]
SETTINGS = f"""\
[hosts.one]
[hosts.two]

[sweep]
results = "{database.address('one')}"
"""
# The timeouts are those of a test: a node is given up after seconds.
SLURM = """\
ClusterName=ci
SlurmctldHost=one
SlurmUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
StateSaveLocation=/var/lib/slurm/slurmctld
SlurmdSpoolDir=/var/lib/slurm/slurmd
SlurmdTimeout=10
AuthInfo=cred_expire=5
SchedulerParameters=bf_interval=1
JobRequeue=0
ReturnToService=2
MpiDefault=none
SlurmdParameters=config_overrides
NodeName=one,two CPUs=1 RealMemory=4000
PartitionName=ci Nodes=ALL Default=YES MaxTime=INFINITE
"""


class Slurm(HostTest):
    def setUp(self):
        self.store = Recipes({name: {} for name in NAMES}, SETTINGS)
        roots()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            self.nodes = dict(zip(NODES, pool.map(self.ready, NODES)))
        self.first = self.nodes["one"]
        for host in self.nodes.values():
            for name, other in self.nodes.items():
                host.append("/etc/hosts", f"{other.address} {name}\n")
            host.write("/etc/slurm/slurm.conf", SLURM)
            # Nothing uses groups, but the plugin that is chosen by itself refuses some machines.
            host.write("/etc/slurm/cgroup.conf", "CgroupPlugin=cgroup/v1\n")
        database.start(self.first)
        self.first.sh("systemctl start munge.service slurmctld.service")
        for host in self.nodes.values():
            host.sh("systemctl start munge.service slurmd.service")
        wait_for(lambda: self.first.sh("sinfo --noheader --format='%T %D'") == "idle 2\n", 30,
                 "the nodes", every=0.2)

    def ready(self, name):
        host = self.host(name, "master", engines=self.store)
        host.write("/etc/hosts", "127.0.0.1 localhost\n")
        host.good("cc-ci", "-C", PROJECT, "--offline", "switch", name)
        return host

    def cc_ci(self, *words):
        return self.first.good("cc-ci", "-C", PROJECT, "--offline", *words)

    def tasks(self):
        """The fields of each task of the array, by its number."""
        shown = self.first.sh("scontrol --oneliner show job")
        rows = [dict(re.findall(r"(\w+)=(\S*)", line)) for line in shown.splitlines()]
        return {row["ArrayTaskId"]: row for row in rows}

    def test_node_is_lost(self):
        plan = self.cc_ci("sweep", "--plan", "--format", "slurm")
        self.first.sh("cd /root; sbatch", data=plan)
        lost = self.nodes["two"]
        wait_for(lambda: "dockerd" in remains(lost), 60, "an engine on the second node")
        begun = self.tasks()
        self.assertEqual(sorted((task["JobState"], task["NodeList"]) for task in begun.values()),
                         [("RUNNING", "one"), ("RUNNING", "two")])
        lost.unplug()
        lost.kill()

        def ended():
            tasks = self.tasks()
            return tasks if {task["JobState"] for task in tasks.values()} == {"COMPLETED"} else None
        done = wait_for(ended, 90, "the array job", every=0.5)
        for number, task in done.items():
            self.assertEqual(task["NodeList"], "one")
            self.assertEqual(task["Restarts"], "1" if begun[number]["NodeList"] == "two" else "0")
        rows = json.loads(self.cc_ci("results", "export"))["verdicts"]
        self.assertEqual(sorted((row["recipe"], row["verdict"], row["promoted"]) for row in rows),
                         [(name, "pass", True) for name in NAMES])
        self.assertEqual(len({row["night"] for row in rows}), 1)
        self.assertEqual(remains(self.first), "")


if __name__ == "__main__":
    main()

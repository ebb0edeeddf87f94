# SPDX-License-Identifier: GPL-3.0-or-later
"""A real CI engine: Debian's buildbot as the master on one host, Debian's worker on any other.

The worker's program is not on its host: it is a package of the environment, and the unit that
Debian gives it is attached to that environment by cc-ci.
"""
import json
import textwrap

from support import wait_for

PORT = 8010

# Debian's unit for a worker, as its package has it.
WORKER_UNIT = """\
[Unit]
Description=Buildbot worker %I
ConditionDirectoryNotEmpty=/var/lib/buildbot/workers/%i
ConditionFileNotEmpty=/var/lib/buildbot/workers/%i/buildbot.tac

[Service]
Type=simple
WorkingDirectory=/var/lib/buildbot/workers/%i
PrivateTmp=true
User=buildbot
Group=buildbot
ExecStart=/usr/bin/buildbot-worker start --nodaemon

[Install]
WantedBy=multi-user.target
"""

MASTER = """\
from buildbot.plugins import schedulers, steps, util, worker

NAMES = {names!r}
BuildmasterConfig = {{
    "workers": [worker.Worker(name, "secret") for name in NAMES],
    "protocols": {{"pb": {{"port": 9989}}}},
    "builders": [
        util.BuilderConfig(name=name, workernames=[name], factory=util.BuildFactory(
            [steps.ShellCommand(command=["sh", "{probe}"], haltOnFailure=True)]))
        for name in NAMES],
    "schedulers": [schedulers.ForceScheduler(name=name, builderNames=[name]) for name in NAMES],
    "www": {{"port": {port}, "plugins": {{}}}},
    "db": {{"db_url": "sqlite:///state.sqlite"}},
    "buildbotNetUsageData": None,
}}
"""

# Debian has the web API but not the pages; the API serves only with pages of that name installed.
PAGES = "/var/lib/buildbot/pages"

# What makes a build start: one POST to the API, from the host whose name is the builder's.
TRIGGER = textwrap.dedent("""\
    curl --silent --show-error --fail --header "Content-Type: application/json" \
    --data '{"jsonrpc":"2.0","id":1,"method":"force","params":{}}' \
    "http://ci-master:8010/api/v2/forceschedulers/$(hostname)" """).strip()


def witnessed(names, probe):
    """A master's configuration with one builder for each host named."""
    return MASTER.format(names=names, probe=probe, port=PORT)


def start_master(host, config):
    """The master on a host of release "master"."""
    host.sh(f"mkdir -p {PAGES}/ci_pages/static {PAGES}/ci_pages-1.dist-info")
    host.write(f"{PAGES}/ci_pages/__init__.py",
               "from buildbot.www.plugin import Application\n"
               "pages = Application(__name__, 'no pages', ui=False)\n")
    host.write(f"{PAGES}/ci_pages/VERSION", "1")
    host.write(f"{PAGES}/ci_pages/static/index.html", "no pages")
    host.write(f"{PAGES}/ci_pages-1.dist-info/METADATA",
               "Metadata-Version: 2.1\nName: ci-pages\nVersion: 1\n")
    host.write(f"{PAGES}/ci_pages-1.dist-info/entry_points.txt",
               "[buildbot.www]\nbase = ci_pages:pages\n")
    place = "/var/lib/buildbot/masters/ci"
    host.sh(f"install -d -o buildbot -g buildbot {place}; "
            f"su -s /bin/sh buildbot -c 'buildbot create-master --relocatable {place}'")
    host.write(f"{place}/master.cfg", config)
    host.write("/etc/systemd/system/buildbot@ci.service.d/pages.conf",
               f"[Service]\nEnvironment=PYTHONPATH={PAGES}\n")
    host.sh("systemctl daemon-reload; systemctl start buildbot@ci.service")
    wait_for(lambda: api(host, "builders").get("builders"), 60, "the master's web API")


def api(host, path):
    """What the master's web API says, asked on its own host; nothing where it says nothing."""
    ask = ("import sys, urllib.request;"
           f"sys.stdout.write(urllib.request.urlopen('http://127.0.0.1:{PORT}/api/v2/{path}')"
           ".read().decode())")
    done = host.run("python3", "-c", ask)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def install_worker(host, master):
    """The worker's user, unit and directory; its program comes with the environment."""
    host.append("/etc/hosts", f"{master.address} ci-master\n")
    host.sh("useradd --system --create-home --home-dir /var/lib/buildbot buildbot; "
            "mkdir /var/lib/buildbot/workers")
    host.write("/etc/systemd/system/buildbot-worker@.service", WORKER_UNIT)
    place = "/var/lib/buildbot/workers/ci"
    host.good("cc-ci", "-q", "-C", "/srv/ci", "--offline", "run", "--", "/usr/bin/buildbot-worker",
              "create-worker", "--relocatable", place, "ci-master", host.name, "secret")
    host.sh(f"chown -R buildbot: {place}; systemctl daemon-reload; "
            "systemctl --quiet enable buildbot-worker@ci.service")


def start_worker(host):
    """Debian's worker as root, on a host of release "master" that knows ci-master by its name."""
    place = "/var/lib/buildbot/workers/ci"
    host.good("buildbot-worker", "create-worker", "--relocatable", place, "ci-master", host.name,
              "secret")
    host.write("/etc/systemd/system/buildbot-worker@ci.service.d/root.conf", "[Service]\nUser=root\n")
    host.sh("systemctl daemon-reload; systemctl start buildbot-worker@ci.service")


def force(master, scheduler):
    """Triggers a ForceScheduler, with all of its builders."""
    ask = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "force", "params": {}})
    return master.good("python3", "-c",
                       "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], "
                       "sys.argv[2].encode(), {'Content-Type': 'application/json'}))",
                       f"http://127.0.0.1:{PORT}/api/v2/forceschedulers/{scheduler}", ask)


def connected(master, name):
    workers = api(master, "workers").get("workers", [])
    return any(one["name"] == name and one["connected_to"] for one in workers)

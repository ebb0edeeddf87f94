# SPDX-License-Identifier: GPL-3.0-or-later
"""The project that the tests activate: an entrypoint, a timer, a runner, two hosts; and its runner,
a service of the host that runs jobs by the literal /bin/sh -e, as an exec runner does.
"""
from support import wait_for


def declaration(tools=("jq",), more="", health=""):
    listed = ", ".join(f'"{tool}"' for tool in tools)
    return f"""[runtime]
tools = [{listed}]

[entrypoints.cc-ci-run]

[timers.nightly]
schedule = "Sun *-*-* 03:00"
exec = ["cc-ci-run", "sh", "/srv/ci/job", "timer"]

[runners.worker]
kind = "unit"
unit = "worker.service"

[hosts.a]

[hosts.b]

{more}
{health}"""


# What a job sees: the environment's hash and where each of these names leads.
JOB = """echo "environment $CC_CI_ENVIRONMENT"
for name in jq hello git; do echo "$name $(command -v "$name" || echo none)"; done
"""

TIMER_JOB = f"""set -e
{{
{JOB}}} >"$STATE_DIRECTORY/seen.new"
mv "$STATE_DIRECTORY/seen.new" "$STATE_DIRECTORY/seen"
"""

# Takes jobs from a pipe: "NUMBER SCRIPT", runs each by /bin/sh -e and leaves its output and status.
WORKER = """set -u
cd /run/worker
rm -f jobs
mkfifo jobs
exec 3<>jobs
while read -r number script <&3; do
  /bin/sh -ec "$script" >".$number" 2>&1
  echo "status $?" >>".$number"
  mv ".$number" "$number"
done
"""

WORKER_UNIT = """[Unit]
Description=Runs jobs
[Service]
ExecStart=/bin/sh /opt/worker
RuntimeDirectory=worker
[Install]
WantedBy=multi-user.target
"""

FILES = (("job", TIMER_JOB),)


def settle_in(host, unit=WORKER_UNIT):
    """The runner's service as the administrator set it up, before cc-ci comes."""
    host.write("/opt/worker", WORKER)
    host.write("/etc/systemd/system/worker.service", unit)
    host.sh("systemctl daemon-reload; systemctl enable --quiet --now worker.service")
    return host


def cc_ci(host, *words, **options):
    return host.run("cc-ci", "-q", "-C", "/srv/ci", "--offline", *words, **options)


def good(host, *words, **options):
    done = cc_ci(host, *words, **options)
    if done.returncode != 0:
        raise AssertionError(f"{host.name}: cc-ci {words}: status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


def switch(host, *words):
    return good(host, "switch", host.name, *words)


def declare(host, store, text):
    """The project in the host gets another declaration, with the lock that was made here."""
    host.write("/srv/ci/cc-ci.toml", text)
    host.write("/srv/ci/cc-ci.lock", store.locks[text])


def rows(text):
    return dict(row.split(" ", 1) for row in text.splitlines())


def by_timer(host):
    """What a job sees that the timer's unit runs."""
    host.sh("rm -f /var/lib/cc-ci-jobs/nightly/seen; systemctl start nightly.service")
    return rows(host.good("cat", "/var/lib/cc-ci-jobs/nightly/seen"))


by_runner_jobs = 0


def by_runner(host, script="; ".join(JOB.strip().splitlines())):
    """What a job sees that the runner runs."""
    global by_runner_jobs
    by_runner_jobs += 1
    wait_for(lambda: host.run("test", "-p", "/run/worker/jobs").returncode == 0, 20,
             "the runner takes jobs")
    host.good("sh", "-c", 'printf "%s %s\\n" "$1" "$2" >/run/worker/jobs', "sh", by_runner_jobs,
              script)
    done = f"/run/worker/{by_runner_jobs}"
    wait_for(lambda: host.run("test", "-e", done).returncode == 0, 20, "the runner's job ends")
    return rows(host.good("cat", done))


def by_shell(host):
    """What a person's login shell finds."""
    return rows(host.good("env", "-i", "HOME=/root", "/bin/sh", "-lc", JOB))


def generation(host):
    """The number of the current generation; 0: none."""
    link = host.run("readlink", "/usr/local/lib/cc-ci/current").stdout.strip()
    return int(link.rsplit("/", 1)[-1]) if link else 0

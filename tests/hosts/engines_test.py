#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each kind of runner: a hardened service that starts its jobs exactly as that engine does.

The engines themselves are not in Debian (buildbot is: witness_test.py). What matters of them is how
they make a job's environment and which program they start it with; docs/runners.md has the facts.
"""
import json

from support import HostTest, Store, main

PROBE = "/var/lib/cc-ci/witness/runner-{kind}/probe"

HARDENED = """\
NoNewPrivileges=yes
RestrictNamespaces=yes
SystemCallFilter=~@mount
ProtectSystem=strict
ReadWritePaths=/srv/jobs
PrivateTmp=yes
PrivateDevices=yes
"""

# The daemon: waits for a job, then does JOB. It finds its programs in its own PATH, as daemons do. It
# waits without a child: a child that is younger than the daemon is a job, and a switch waits for it.
DAEMON = """\
#!/bin/bash
[ -z "{config}" ] || . "{config}/config" || exit 3
exec 9<> <(:)
while :; do
  if rm /srv/jobs/{kind} 2>/dev/null; then
    printf 'sh %s\\n' {probe} >/srv/jobs/step-{kind}
    {job}
  fi
  read -r -t 0.1 -u 9 || :
done
"""

JOBS = {
    # From nothing, DRONE_RUNNER_PATH before PATH, a list of variables whose pairs are split at every
    # ':', a file of variables, a HOME of its own, /bin/sh -e.
    "drone-exec": """
    set -- "PATH=${DRONE_RUNNER_PATH:-$PATH}" "USER=root" "HOME=$(mktemp -d)" CI=true
    IFS=,
    for pair in $DRONE_RUNNER_ENVIRON; do
      case $pair in *:*:*) echo "invalid map item" >&2; exit 1;; esac
      set -- "$@" "${pair%%:*}=${pair#*:}"
    done
    unset IFS
    if [ -n "$DRONE_RUNNER_ENVFILE" ]; then
      while IFS= read -r line; do
        value=${line#*=\\'}
        set -- "$@" "${line%%=*}=${value%\\'}"
      done <"$DRONE_RUNNER_ENVFILE"
    fi
    env -i "$@" /bin/sh -e /srv/jobs/step-drone-exec""",
    # The daemon's environment, whole; the image is a shell's name, looked up in the daemon's PATH.
    "woodpecker-local": """
    image=bash
    HOME=/tmp/woodpecker-local-1/home CI=woodpecker "$image" -e /srv/jobs/step-woodpecker-local""",
    # The daemon's PATH, on a terminal.
    "act-runner": """
    script --quiet --return --command "bash --noprofile --norc -e -o pipefail /srv/jobs/step-act-runner" \\
      /dev/null""",
    # .path beside its program is PATH, the lines of .env are variables.
    "github-runner": """
    ( PATH=$(cat /opt/actions-runner/.path); export PATH
      while IFS= read -r line; do export "$line"; done </opt/actions-runner/.env
      bash --noprofile --norc -e -o pipefail /srv/jobs/step-github-runner )""",
    # A login shell, with the script on its standard input.
    "gitlab-shell": """
    bash --login </srv/jobs/step-gitlab-shell""",
    # Whatever the service makes of its own.
    "unit": """
    /bin/sh -c '. /srv/jobs/step-unit'""",
}

# Where the daemons read their own configuration.
CONFIGURATIONS = {"drone-exec": "/etc/drone-runner-exec", "woodpecker-local": "/etc/woodpecker",
                  "act-runner": "/etc/act_runner", "gitlab-shell": "/etc/gitlab-runner"}

PROGRAMS = {
    "drone-exec": "/usr/local/bin/drone-runner-exec",
    "woodpecker-local": "/usr/local/bin/woodpecker-agent",
    "act-runner": "/usr/local/bin/act_runner",
    "github-runner": "/opt/actions-runner/runsvc.sh",
    "gitlab-shell": "/usr/bin/gitlab-runner",
    "unit": "/srv/daemons/own",
}

DECLARATION = """\
[runtime]
tools = ["bash", "coreutils", "jq"]

[runtime.variables]
MODE = "ci"
PROXYURL = "http://proxy:3128"

[entrypoints.cc-ci-run]

[witness]
exec = ["cc-ci-run", "jq", "--null-input", "1 + 1"]
"""


def unit(kind):
    return f"engine-{kind}.service"


def declaration():
    text = DECLARATION
    for kind, program in PROGRAMS.items():
        text += f'\n[runners.{kind}]\nkind = "{kind}"\nunit = "{unit(kind)}"\n'
        text += f'trigger = ["touch", "/srv/jobs/{kind}"]\n'
        if not program.startswith("/srv/"):
            text += f'program = "{program}"\n'
    return text + "\n[hosts.engines]\n"


class Engines(HostTest):
    def install(self, host):
        host.sh("mkdir -p /srv/jobs /opt/actions-runner")
        # Frozen when the runner was configured: the PATH of whoever did that.
        host.write("/opt/actions-runner/.path", "/usr/local/bin:/usr/bin:/bin\n")
        host.write("/opt/actions-runner/.env", "LANG=C.UTF-8\n")
        for kind, job in JOBS.items():
            config = CONFIGURATIONS.get(kind, "")
            if config:
                host.write(f"{config}/config", "READ=1\n")
            text = DAEMON.format(kind=kind, probe=PROBE.format(kind=kind), job=job.strip(),
                                 config=config)
            host.write(PROGRAMS[kind], text, 0o755)
            host.write(f"/etc/systemd/system/{unit(kind)}",
                       # Without User= systemd sets no HOME, also for root, and a step has none.
                       f"[Service]\nUser=root\nExecStart={PROGRAMS[kind]}\n{HARDENED}\n"
                       "[Install]\nWantedBy=multi-user.target\n")
            host.sh(f"systemctl daemon-reload; systemctl --quiet enable --now {unit(kind)}")

    def witness(self, host):
        done = host.run("cc-ci", "-C", "/srv/ci", "--offline", "witness", "--deadline", "20", "--json")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return {row["path"].removeprefix("runner "): row
                for row in json.loads(done.stdout)["paths"]}

    def test_every_kind_of_runner_starts_its_jobs_inside(self):
        store = Store(declaration())
        for release in ("bookworm", "trixie"):
            with self.subTest(release):
                host = self.host("engines", release, [store.layer])
                self.install(host)
                host.good("cc-ci", "-C", "/srv/ci", "--offline", "switch", "engines")
                rows = self.witness(host)
                for kind in JOBS:
                    self.assertEqual(rows[kind]["state"], "pass", json.dumps(rows[kind], indent=1))
                    self.assertEqual(rows[kind]["tools"]["jq"]["version"], "jq-1.6")
                # The store is as it was: no mount point was made in it.
                host.good("cc-ci", "store", "verify")
                host.destroy()


if __name__ == "__main__":
    main()

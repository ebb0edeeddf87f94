#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of bad units and unhealthy services: each switch goes back by the deadline and says so.

Generation 1 is healthy. What is switched to is the same with one tool less ("hello") and one more
("tree"): the runner's service starts anew in that environment and, by kind, does not bear it; or a
unit, a command or a timer that the new declaration names is not well.
"""
import concurrent.futures
import dataclasses
import os
import re
import time

import project
from project import cc_ci, good
from support import HostTest, Store, main, wait_for

DEADLINE = 4  # seconds
SLACK = 10    # the way back: what it restarts must stay up for half its deadline; and a loaded machine
HOSTS = int(os.environ.get("CCCI_BAD_HOSTS", "4"))


def declared(tools, more="", units=(), commands=()):
    health = "[health]\ndeadline = \"{}s\"\nunits = {}\ncommands = {}\n".format(
        DEADLINE, list(("bystander.service", *units)), [list(row) for row in commands])
    return project.declaration(tools, more, health.replace("'", '"'))


GOOD = declared(["jq", "hello"])
NEW = ["jq", "tree"]


def service(bad="", section="", **keys):
    """The runner's service; `bad` is what it does in the new environment."""
    rows = {"ExecStart": f"/bin/sh -c 'if test -e /usr/bin/tree; then {bad or ':'}; fi; "
                         "exec sleep infinity'",
            "TimeoutStopSec": "2", **keys}
    body = "".join(f"{key}={value}\n" for key, value in rows.items())
    return f"[Unit]\nDescription=The runner\n{section}\n[Service]\n{body}"


def in_new(then):
    return f"/bin/sh -c 'if test -e /usr/bin/tree; then {then}; fi'"


@dataclasses.dataclass
class Kind:
    worker: str = service()      # worker.service, as the host has it before and after
    units: tuple = ()            # of [health]
    commands: tuple = ()         # of [health]
    more: str = ""               # of the declaration
    before: str = ""             # script in the host, before the switch
    files: tuple = ()            # of the host: name, content
    says: str = "worker.service"


def named(text, start=True, **options):
    """A unit of the host that [health] names and that somebody started, if `start`."""
    ask = "systemctl daemon-reload; " + (
        "systemctl start --no-block named.service 2>/dev/null || true" if start else "true")
    return Kind(units=("named.service",), files=(("/etc/systemd/system/named.service", text),),
                before=ask, says="named.service", **options)


def command(*words, says="command"):
    return Kind(commands=(words,), says=says)


def timer(override):
    """A timer of the new declaration that the administrator has his own word on."""
    return Kind(more='[timers.second]\nschedule = "daily"\nexec = ["cc-ci-run", "true"]\n',
                files=(("/etc/systemd/system/second.timer.d/local.conf", override),),
                says="second.timer")


FOREVER = "ExecStart=/bin/sleep infinity\n"
KINDS = {
    # A service that does not bear the new environment.
    "fails at once": Kind(service("exit 1")),
    "ends at once, successfully": Kind(service("exit 0")),
    "ends after a second": Kind(service("sleep 1; exit 3")),
    "dies of a signal": Kind(service("kill -SEGV $$$$")),
    "is killed": Kind(service("kill -KILL $$$$")),
    "flaps": Kind(service("exit 1", Restart="always", RestartSec="100ms",
                          section="StartLimitIntervalSec=0")),
    "flaps slowly": Kind(service("sleep 0.5; exit 1", Restart="always", RestartSec="1",
                                 section="StartLimitIntervalSec=0")),
    "flaps successfully": Kind(service("sleep 0.3; exit 0", Restart="always", RestartSec="100ms",
                                       section="StartLimitIntervalSec=0")),
    "restarts until systemd will not": Kind(service("exit 1", Restart="always", RestartSec="50ms")),
    "never forks": Kind(service(Type="forking", ExecStart=(
        "/bin/sh -c 'test -e /usr/bin/tree || { sleep infinity & exit 0; }; exec sleep infinity'"))),
    "forks and leaves nobody": Kind(service(Type="forking", ExecStart=(
        "/bin/sh -c 'test -e /usr/bin/tree || sleep infinity & exit 0'"))),
    "misses its deadline to start": Kind(service(TimeoutStartSec="1", ExecStartPre=in_new(
        "sleep infinity"))),
    "hangs before its start": Kind(service(ExecStartPre=in_new("sleep infinity"))),
    "fails before its start": Kind(service(ExecStartPre=in_new("exit 7"))),
    "hangs after its start": Kind(service(ExecStartPost=in_new("sleep infinity"))),
    "fails after its start": Kind(service(ExecStartPost=in_new("exit 7"))),
    "finds a condition not met": Kind(service(ExecCondition=(
        "/bin/sh -c 'test ! -e /usr/bin/tree'"))),
    "needs a program that is gone": Kind(service(ExecStartPre="/bin/sh -c /usr/bin/hello")),
    "needs a directory that is gone": Kind(service(ExecStart=(
        "/bin/sh -c 'cd /usr/share/doc/hello 2>/dev/null || test -x /usr/bin/hello || exit 20; "
        "exec sleep infinity'"))),
    "is of an interpreter that is gone": Kind(service(ExecStartPre="/opt/script"), files=(
        ("/opt/script", "#!/usr/bin/hello\n"),)),
    # Before its start, which then cannot end: a loaded machine gives it that time late.
    "uses up its time": Kind(service(ExecStartPre=in_new("while :; do :; done"), LimitCPU="1")),
    "writes too large a file": Kind(service(
        "dd if=/dev/zero of=/tmp/large bs=1M count=8 2>/dev/null; exit 25", LimitFSIZE="1M")),
    "opens too many files": Kind(service(
        "exec 3</ 4</ 5</ 6</ 7</ 8</ 9</", LimitNOFILE="8")),
    "floods the journal and fails": Kind(service(
        "yes flood | head -c 4000000; exit 1")),
    "does not obey and fails": Kind(service(
        "trap : TERM; sleep 1; exit 1", Restart="always", RestartSec="100ms")),
    "does not end when it is told to": Kind(service(
        "trap : TERM; (sleep 1; kill -KILL $$$$) & while :; do sleep 1; done")),
    "takes a service along that fails": Kind(
        service(section="BindsTo=helper.service\nAfter=helper.service"),
        more='[runners.helper]\nkind = "unit"\nunit = "helper.service"\n',
        files=(("/etc/systemd/system/helper.service", service("exit 1")),),
        says="helper.service"),

    # A unit that the declaration asks for.
    "is not there": Kind(units=("absent.service",), says="absent.service"),
    "is masked": Kind(units=("named.service",), before="systemctl mask --quiet named.service",
                      says="named.service"),
    "nobody started it": named(f"[Service]\n{FOREVER}", start=False),
    "of a missing user": named(f"[Service]\n{FOREVER}User=nobody-of-that-name\n"),
    "of a missing group": named(f"[Service]\n{FOREVER}Group=nobody-of-that-name\n"),
    "without a program": named("[Service]\nType=simple\n"),
    "of a program that is not there": named("[Service]\nExecStart=/usr/bin/absent\n"),
    "of a type that is none": named("[Service]\nType=oneshot\nRestart=always\n" + FOREVER),
    "of a missing working directory": named(f"[Service]\n{FOREVER}WorkingDirectory=/absent\n"),
    "of a missing file of variables": named(f"[Service]\n{FOREVER}EnvironmentFile=/absent\n"),
    "of a missing mount": named(f"[Service]\n{FOREVER}BindPaths=/absent\n"),
    "of a false assertion": named(f"[Unit]\nAssertPathExists=/absent\n[Service]\n{FOREVER}"),
    "of a false condition": named(f"[Unit]\nConditionPathExists=/absent\n[Service]\n{FOREVER}"),
    "of a forbidden system call": named(
        f"[Service]\n{FOREVER}SystemCallFilter=~clock_nanosleep nanosleep pause\n"),
    "of a requirement that fails": named(
        f"[Unit]\nRequires=required.service\nAfter=required.service\n[Service]\n{FOREVER}"),
    "not ready for ever": named(f"[Service]\nType=notify\n{FOREVER}"),
    "without its name on the bus": named(
        f"[Service]\nType=dbus\nBusName=org.example.absent\n{FOREVER}"),
    "longer than it may run": named(
        f"[Service]\n{FOREVER}RuntimeMaxSec=1\n"),
    "watched and silent": named(
        "[Service]\nType=simple\nWatchdogSec=1\nNotifyAccess=all\n" + FOREVER),
    "waiting to be restarted": named(
        "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/false\nRestart=always\n"
        "RestartSec=30\n"),
    "a socket nobody can bind": Kind(
        units=("named.socket",), says="named.socket",
        files=(("/etc/systemd/system/named.socket", "[Socket]\nListenStream=192.0.2.1:80\n"),
               ("/etc/systemd/system/named.service", f"[Service]\n{FOREVER}")),
        before="systemctl daemon-reload; systemctl start named.socket 2>/dev/null || true"),
    "a mount of nothing": Kind(
        units=("absent.mount",), says="absent.mount",
        files=(("/etc/systemd/system/absent.mount",
                "[Mount]\nWhat=/dev/absent\nWhere=/absent\nType=ext4\n[Unit]\n"
                "DefaultDependencies=no\n"),),
        before="systemctl daemon-reload; systemctl start --no-block absent.mount || true"),

    # A command that the declaration asks for.
    "a command that fails": command("/bin/false"),
    "a command that hangs": command("/bin/sleep", "infinity"),
    "a command that is not there": command("/usr/bin/absent"),
    "a tool that is gone": command("hello"),
    "a command that is killed": command("/bin/sh", "-c", "kill -KILL $$"),
    "a command that floods": command("/bin/sh", "-c", "yes | head -c 30000000; exit 1"),
    "a command that leaves a child": command("/bin/sh", "-c", "sleep 30 & exit 1"),

    # A timer that the administrator overrides.
    "a timer that nobody may start": timer("[Unit]\nRefuseManualStart=yes\n"),
    "a timer of a false condition": timer("[Unit]\nConditionPathExists=/absent\n"),
    "a timer of a false assertion": timer("[Unit]\nAssertPathExists=/absent\n"),
    "a timer of no time": timer("[Timer]\nOnCalendar=\n"),
    "a timer of no service": timer("[Timer]\nUnit=absent.service\n"),
}

CLEAN = """systemctl stop named.service named.socket absent.mount helper.service 2>/dev/null || true
systemctl unmask --quiet named.service
rm -rf /etc/systemd/system/named.* /etc/systemd/system/absent.* /etc/systemd/system/second.* \
  /etc/systemd/system/helper.service /opt/script
systemctl daemon-reload
systemctl reset-failed
"""


class Bad(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(GOOD, also=[declared(NEW)], files=project.FILES)
        cls.lock = cls.store.locks[declared(NEW)]

    def test_every_kind_is_gone_back_from(self):
        wanted = os.environ.get("CCCI_BAD_KIND")
        kinds = [name for name in KINDS if not wanted or re.search(wanted, name)]
        self.assertTrue(wanted or len(kinds) >= 60)
        with concurrent.futures.ThreadPoolExecutor(HOSTS) as threads:
            shares = [kinds[n::HOSTS] for n in range(HOSTS)]
            results = list(threads.map(self.share, range(HOSTS), shares))
        for name, complaint in (row for rows in results for row in rows):
            with self.subTest(name):
                if complaint:
                    raise complaint

    def refused(self, host, code, words):
        """A switch to the new declaration that changes nothing."""
        before = self.facts(host)
        host.write("/srv/ci/cc-ci.lock", self.lock)
        done = cc_ci(host, "switch", "a")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn(code, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(self.facts(host), before)

    def test_what_cannot_work_is_refused_before_anything_changes(self):
        host = self.host("a", "bookworm", [self.store.layer])
        host.write("/etc/systemd/system/bystander.service", f"[Service]\n{FOREVER}")
        host.write("/etc/systemd/system/worker.service", service())
        host.sh("systemctl daemon-reload; systemctl start bystander.service worker.service")
        good(host, "switch", "a")
        host.write("/etc/systemd/system/worker.service", service(ExecStartPre="/usr/bin/hello"))
        host.sh("systemctl daemon-reload; systemctl restart worker.service")
        host.write("/srv/ci/cc-ci.toml", declared(NEW))
        self.refused(host, "[doctor.unfit]", "ExecStartPre= runs /usr/bin/hello")
        host.write("/etc/systemd/system/worker.service", service())
        host.sh("systemctl daemon-reload; systemctl restart worker.service; "
                "ln -s /dev/null /etc/systemd/system/second.timer; systemctl daemon-reload")
        host.write("/srv/ci/cc-ci.toml", declared(NEW, timer("").more))
        self.refused(host, "[activate.masked]", "systemctl unmask second.timer")
        host.sh("systemctl unmask --quiet second.timer")
        good(host, "switch", "a")

    def share(self, number, kinds):
        """What went wrong with each of these kinds, on a host of their own."""
        if not kinds:
            return []
        try:
            host = self.host("a", ("bookworm", "trixie")[number % 2], [self.store.layer])
            host.write("/etc/systemd/system/bystander.service", f"[Service]\n{FOREVER}")
            host.write("/etc/systemd/system/worker.service", service())
            host.sh("systemctl daemon-reload; systemctl start bystander.service worker.service")
            good(host, "switch", "a")
        except Exception as error:  # pylint: disable=broad-except
            return [("the host", error)]
        rows = []
        for name in kinds:
            try:
                self.one(host, KINDS[name])
                rows.append((name, None))
            except Exception as error:  # pylint: disable=broad-except
                rows.append((name, error))
            finally:
                host.sh(CLEAN)
            self.restore(host)
        return rows

    def restore(self, host):
        """A kind that was not gone back from is one failure; it does not make those after it fail."""
        if project.generation(host) != 1:
            good(host, "rollback", "1")

    def one(self, host, kind):
        for name, text in kind.files:
            host.write(name, text, 0o755)
        host.write("/etc/systemd/system/worker.service", kind.worker)
        if kind.more.startswith("[runners.helper]"):
            # Runs outside of any environment until the new generation attaches it.
            host.sh("systemctl daemon-reload; systemctl start helper.service")
        host.sh("systemctl daemon-reload; systemctl restart worker.service")
        host.sh(kind.before or "true")
        before = self.facts(host)
        kept = set(host.run("ls", "/var/lib/cc-ci/evidence").stdout.split())
        host.write("/srv/ci/cc-ci.toml", declared(NEW, kind.more, kind.units, kind.commands))
        host.write("/srv/ci/cc-ci.lock", self.lock)  # asks for the same tools
        good(host, "build", "--locked")

        start = time.monotonic()
        done = cc_ci(host, "switch", "a")
        took = time.monotonic() - start
        text = f"status {done.returncode} after {took:.1f} s\n{done.stdout}{done.stderr}"
        self.assertEqual(done.returncode, 1, text)
        self.assertIn("[activate.unhealthy]", done.stderr, text)
        self.assertIn(kind.says, done.stderr, text)
        self.assertLess(took, 2 * DEADLINE + SLACK, text)
        new = set(host.run("ls", "/var/lib/cc-ci/evidence").stdout.split()) - kept
        self.assertEqual(len(new), 1, text)
        complaints = host.good("cat", f"/var/lib/cc-ci/evidence/{new.pop()}/complaints.txt")
        self.assertIn(kind.says, complaints, text)

        self.assertEqual(self.facts(host), before, text)
        wait_for(lambda: host.show("worker.service", "ActiveState")["ActiveState"] == "active",
                 DEADLINE, "the runner is back")
        pid = host.show("worker.service", "MainPID")["MainPID"]
        if pid != "0":
            self.assertEqual(host.run("test", "-e", f"/proc/{pid}/root/usr/bin/hello").returncode,
                             0, "the runner does not live in the environment of before")

    def facts(self, host):
        """What must be as it was."""
        links = host.sh("find /usr/local/lib/systemd /etc/systemd/system/timers.target.wants "
                        "/etc/profile.d -type l -printf '%p %l\\n' | sort")
        return (project.generation(host), links,
                host.show("bystander.service", "MainPID", "NRestarts", "ActiveState"),
                host.show("nightly.timer", "ActiveState", "UnitFileState"),
                host.good("sha256sum", "/usr/local/lib/cc-ci/current/bin/cc-ci-run"))


if __name__ == "__main__":
    main()

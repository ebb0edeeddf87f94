#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the launcher refuses, and that it says which setting or file is why."""
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import threading

from support import HASH, EnterTest, deny, main, require


X86 = os.uname().machine == "x86_64"
UNSHARE = 272 if X86 else 97
MOUNT_CALLS = [165, 428, 429, 442] if X86 else [40, 428, 429, 442]
NAMES = "RestrictNamespaces= or SystemCallFilter= of the unit, or a container's seccomp profile"


class Refusal(EnterTest):
    def test_usage(self):
        self.refuse(self.enter(), "expected an entrypoint file [enter.usage]")
        self.refuse(self.enter("--colour", self.entrypoint), "unknown option '--colour'")
        self.refuse(self.enter("--command", self.entrypoint), "--command: expected a command")
        self.refuse(
            self.run_command(self.entrypoint),
            "this entrypoint has no 'exec' of its own",
            f"hint: {self.entrypoint} COMMAND",
        )
        self.refuse(
            self.enter("/nowhere"),
            "'/nowhere': expected a readable entrypoint file: no such file or directory [enter.entrypoint]",
        )
        self.refuse(
            self.enter("/tmp"), "'/tmp': expected a readable entrypoint file: is a directory"
        )
        os.mkfifo(self.dir / "fifo")
        self.refuse(self.enter(self.dir / "fifo", "true"), "line 1: expected 'end'")
        self.assertIn("Exit status:", self.expect(self.enter("--help")))
        self.assertIn("LD_*", self.expect(self.enter("--list-variables")))

    def test_every_damaged_line_is_named(self):
        lines = self.entrypoint.read_text().split("\n", 1)[1].splitlines()
        for at in range(len(lines)):
            for damaged in (
                lines[:at] + ["x" + lines[at]] + lines[at + 1 :],
                lines[: at + 1] + ["\x01"] + lines[at + 1 :],
            ):
                result = self.run_command(
                    self.write("run", lines="\n".join(damaged) + "\n"), "true"
                )
                self.refuse(
                    result,
                    f"'{self.dir}/run': line ",
                    "[enter.damaged]",
                    "hint: cc-ci store verify",
                )
        self.refuse(
            self.run_command(self.write("run", lines="entrypoint 3\n"), "true"),
            "line 2: expected entrypoint format 2 [enter.newer]",
        )
        self.refuse(
            self.run_command(self.write("run", lines="x\n" * 200000), "true"), "[enter.damaged]"
        )

    def test_environment_that_is_not_there(self):
        self.refuse(
            self.run_command(self.write("run", root="/nowhere/root"), "true"),
            f"environment {HASH} is not in the store: expected '/nowhere/root', found no such file or directory",
            "hint: cc-ci build",
        )
        result = self.run_command(self.write("run", hash_="f" * 32), "true")
        self.refuse(
            result,
            f"'{self.root}': expected the marker of environment {'f' * 32}, found {HASH} [enter.marker]",
        )
        root = self.other_root()
        (root / "usr/lib/cc-ci/environment").unlink()
        self.refuse(
            self.run_command(self.write("run", root=root), "true"),
            "found no such file or directory [enter.marker]",
        )
        result = self.run_command(self.write("run", extra="place var/absent\n"), "true")
        self.refuse(
            result,
            f"environment {HASH}: 'var/absent' is missing: no such file or directory [enter.incomplete]",
        )

    def test_planted_links_lead_nowhere(self):
        elsewhere = self.dir / "elsewhere"
        (elsewhere / "lib/cc-ci").mkdir(parents=True)
        (elsewhere / "lib/cc-ci/environment").write_text(HASH + "\n")
        root = self.dir / "planted" / "root"
        root.mkdir(parents=True)
        (root / "usr").symlink_to(elsewhere)
        planted = self.write("run", root=root)
        for how in ([], self.as_user()):
            self.refuse(
                self.run_command(*how, planted, "true"), "forbidden symbolic links [enter.marker]"
            )
        (root / "usr").unlink()
        (root / "usr").symlink_to("/proc/self/root/usr")
        self.refuse(self.run_command(planted, "true"), "[enter.marker]")
        (self.dir / "host").symlink_to("/")
        self.refuse(
            self.run_command(self.write("run", root=self.dir / "host"), "true"), "[enter.marker]"
        )
        self.refuse(
            self.run_command(self.write("run", root="/proc/1/root/tmp"), "true"),
            "[enter.environment]",
        )

    def test_a_linked_state_directory_is_fine(self):
        (self.dir / "state").symlink_to(self.root.parent)
        self.expect(
            self.run_command(
                self.write("run", root=self.dir / "state" / "root"), "cat", "/etc/ssl/marker"
            ),
            stdout="from-the-environment\n",
        )

    def test_a_link_in_place_of_a_directory_is_not_followed(self):
        root = self.other_root(HASH)
        (root / "var/lib/planted").symlink_to("/root")
        self.refuse(
            self.run_command(self.write("run", root=root, extra="place var/lib/planted\n"), "ls"),
            "[enter.incomplete]",
        )
        (root / "etc").rename(root / "other")
        (root / "etc").symlink_to("/etc")
        self.refuse(self.run_command(self.write("run", root=root), "ls"), "[enter.incomplete]")

    def test_an_older_file_that_names_this_launcher_is_damaged(self):
        run = self.write("run")
        run.write_text(
            run.read_text().replace("entrypoint 2", "entrypoint 1").replace("place var/lib/cc-ci-place", "etc ssl")
        )
        self.refuse(
            self.run_command(run, "true"),
            "expected the launcher of an older cc-ci [enter.damaged]",
            "hint: cc-ci store verify",
        )

    def test_an_older_generations_file_starts_its_own_launcher(self):
        older = self.dir / "older"
        older.write_text('#!/bin/sh\necho "older launcher: $*"\n')
        older.chmod(0o755)
        run = self.write("run")
        text = run.read_text().replace("entrypoint 2", "entrypoint 1")
        run.write_text(
            text.replace(str(self.launcher), str(older)).replace(
                "place var/lib/cc-ci-place", "etc ssl"
            )
        )
        self.expect(
            self.enter("--command", run, "ls"), stdout=f"older launcher: --command {run} ls\n"
        )

    def test_what_is_exchanged_while_it_is_looked_at(self):
        """Whoever loses the race: the environment or a refusal, never the other directory."""
        root = self.other_root(HASH)
        libc = ctypes.CDLL(None)
        (root / "decoy").symlink_to("/")
        stop = threading.Event()

        def exchange():
            while not stop.is_set():
                libc.renameat2(
                    -100, str(root / "usr").encode(), -100, str(root / "decoy").encode(), 2
                )

        thread = threading.Thread(target=exchange)
        thread.start()
        try:
            for how in ([], self.as_user()):
                for _ in range(100):
                    result = self.run_command(
                        *how, self.write("run", root=root), "cat", "/usr/lib/cc-ci/environment"
                    )
                    self.assertIn(
                        (result.returncode, result.stdout),
                        ((0, HASH + "\n"), (125, "")),
                        result.stderr,
                    )
        finally:
            stop.set()
            thread.join()

    def test_filtered_namespaces(self):
        self.refuse(
            self.run_command(*self.as_user(), self.entrypoint, "true", preexec_fn=deny(UNSHARE)),
            "creating a user namespace is denied by a system call filter [enter.namespaces]",
            f"note: the cause is {NAMES}",
            f"hint: attach the environment in the unit: BindReadOnlyPaths={self.root}/usr:/usr",
        )
        self.refuse(
            self.enter("--no-cache", self.entrypoint, "true", preexec_fn=deny(UNSHARE)),
            "denied by a system call filter",
            NAMES,
        )

    def test_root_without_capabilities(self):
        self.refuse(
            self.run_command("setpriv", "--bounding-set=-all", self.entrypoint, "true"),
            "root has neither CAP_SYS_ADMIN nor CAP_SETFCAP here [enter.namespaces]",
            "hint: give it one of them: CapabilityBoundingSet= of the unit",
        )

    def test_filtered_mounts(self):
        self.refuse(
            self.enter("--no-cache", self.entrypoint, "true", preexec_fn=deny(*MOUNT_CALLS)),
            "mounting is denied by a system call filter",
        )
        self.refuse(
            self.run_command(
                *self.as_user(), self.entrypoint, "true", preexec_fn=deny(*MOUNT_CALLS)
            ),
            "mounting is denied by a system call filter",
        )

    def test_attached_by_the_unit_nothing_needs_to_be_granted(self):
        script = f"mount --bind -o ro {self.root}/usr /usr && exec {self.dir}/wrapper"
        wrapper = self.dir / "wrapper"
        wrapper.write_text(f"#!/usr/bin/sh\nexec {self.entrypoint} readlink /proc/self/exe\n")
        wrapper.chmod(0o755)
        result = self.run_command("unshare", "--mount", "sh", "-c", script, preexec_fn=None)
        self.expect(result, stdout="/usr/bin/readlink\n")

    def test_no_namespaces_left(self):
        script = f"echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin {self.entrypoint} true"
        self.refuse(
            self.run_command("unshare", "--user", "--map-root-user", "sh", "-c", script),
            "no further namespace is allowed: user.max_user_namespaces is 0 [enter.namespaces]",
            "hint: sudo sysctl user.max_user_namespaces=15000",
        )

    @require("strace")
    def test_settings_of_other_kernels(self):
        """Debian's and Ubuntu's switches, which this kernel may lack, shown to the launcher as files."""
        for name, call, parts in (
            (
                "unprivileged_userns_clone",
                "unshare:error=EPERM:when=2",
                [
                    "kernel.unprivileged_userns_clone is 0, expected 1",
                    "hint: sudo sysctl kernel.unprivileged_userns_clone=1",
                ],
            ),
            (
                "apparmor_restrict_unprivileged_userns",
                "open_tree:error=EACCES",
                ["kernel.apparmor_restrict_unprivileged_userns is 1", "AppArmor profile"],
            ),
            (
                "apparmor_restrict_unprivileged_userns",
                "mount:error=EACCES",
                ["kernel.apparmor_restrict_unprivileged_userns is 1"],
            ),
        ):
            value = 0 if "clone" in name else 1
            script = (
                f"mount -t tmpfs -o mode=755 x /proc/sys/kernel; echo {value} > /proc/sys/kernel/{name}\n"
                f"exec setpriv --reuid=4321 --regid=4321 --clear-groups strace -o /dev/null -e inject={call} {self.entrypoint} true"
            )
            with self.subTest(name, call=call):
                self.refuse(self.run_command("unshare", "--mount", "sh", "-ec", script), *parts)

    @require("strace")
    def test_a_kernel_without_mount_setattr_still_gets_a_read_only_usr(self):
        for how in ([], self.as_user()):
            trace = self.dir / f"trace{len(how)}"
            trace.touch(mode=0o666)
            trace.chmod(0o666)
            out = self.expect(
                self.run_command(
                    *how,
                    "strace",
                    "-o",
                    trace,
                    "-e",
                    "inject=mount_setattr:error=ENOSYS",
                    self.launcher,
                    "--no-cache",
                    self.entrypoint,
                    "cat",
                    "/proc/self/mountinfo",
                )
            )
            self.assertIn("INJECTED", trace.read_text())
            options = [line.split()[5] for line in out.splitlines() if line.split()[4] == "/usr"]
            self.assertIn("ro", options[-1].split(","))

    def test_a_setuid_launcher_refuses(self):
        launcher = self.dir / "setuid"
        shutil.copy(self.launcher, launcher)
        launcher.chmod(0o4755)
        self.refuse(
            self.run_command(*self.as_user(), launcher, self.entrypoint, "true"), "[enter.setuid]"
        )

    def test_probe(self):
        self.assertIn('"works":true', self.expect(self.enter("--probe", self.entrypoint)))
        self.assertIn(
            '"how":"user"',
            self.expect(
                self.run_command(*self.as_user(), self.launcher, "--probe", self.entrypoint)
            ),
        )
        result = self.run_command(
            *self.as_user(), self.launcher, "--probe", self.entrypoint, preexec_fn=deny(UNSHARE)
        )
        self.assertEqual((result.returncode, result.stderr), (125, ""))
        answer = json.loads(result.stdout)
        self.assertEqual(
            (answer["schema"], answer["works"], answer["code"]), (1, False, "enter.namespaces")
        )
        self.assertEqual(
            json.loads(self.expect(self.enter("--probe-host"))),
            {"schema": 1, "works": True, "how": "root"},
        )
        self.assertIn(
            '"how":"user"',
            self.expect(self.run_command(*self.as_user(), self.launcher, "--probe-host")),
        )
        result = self.run_command(
            *self.as_user(), self.launcher, "--probe-host", preexec_fn=deny(*MOUNT_CALLS)
        )
        self.assertEqual(
            (result.returncode, json.loads(result.stdout)["code"]), (125, "enter.namespaces")
        )


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespace that root keeps for an environment: who joins it, when it is made anew."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess

from support import HASH, EnterTest, main, require, shared_apart

KEPT = "/run/cc-ci/ns"


class Kept(EnterTest):
    def held(self):
        """The names under which a namespace is held in this mount namespace."""
        lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
        return [
            line.split()[4][len(KEPT) + 1 :] for line in lines if " nsfs " in line and KEPT in line
        ]

    def shell(self, script, *prefix):
        return self.expect(self.run_command(*prefix, "sh", "-ec", script))

    def test_is_made_once_and_joined_afterwards(self):
        first = self.namespace(self.entrypoint)
        self.assertEqual(self.namespace(self.entrypoint), first)
        self.assertEqual(len(self.held()), 1)
        self.assertNotEqual(self.namespace(self.launcher, "--no-cache", self.entrypoint), first)
        self.assertNotEqual(self.namespace("env", "CC_CI_NO_CACHE=1", self.entrypoint), first)

    def test_belongs_to_root_alone(self):
        self.namespace(self.entrypoint)
        self.assertEqual(os.stat(KEPT).st_mode & 0o777, 0o700)
        self.namespace(*self.as_user(self.entrypoint))
        self.assertEqual(len(self.held()), 1)

    def test_a_directory_that_others_may_write_is_not_used(self):
        self.enter("--release-all")
        os.makedirs(KEPT, exist_ok=True)
        os.chmod(KEPT, 0o777)
        self.addCleanup(os.chmod, KEPT, 0o700)
        self.namespace(self.entrypoint)
        self.assertEqual(self.held(), [])

    def test_a_caller_with_mounts_of_its_own_keeps_them(self):
        self.expect(self.run_command(self.entrypoint, "true"))
        for change in ("true", "mount --make-rprivate /", "mount --make-rshared /"):
            script = (
                f"{change}; mount -t tmpfs x {self.dir}; echo > {self.dir}/private; ls {self.dir}"
            )
            with self.subTest(change):
                shutil.copy(self.entrypoint, self.base / "run")
                inside = f"{self.base}/run ls {self.dir}; {self.base}/run ls {self.dir}"
                out = self.shell(
                    f"{script}; {inside}", "unshare", "--mount", "--propagation", "slave"
                )
                self.assertEqual(out, "private\n" * 3)
                self.assertEqual(self.namespace(self.entrypoint), self.namespace(self.entrypoint))

    def test_a_later_mount_of_the_host_is_seen_and_an_unmount_too(self):
        for change in ("true", "mount --make-rprivate /"):
            script = (
                f"{change}; mkdir -p {self.dir}/m; {self.entrypoint} true; mount -t tmpfs x {self.dir}/m; echo > {self.dir}/m/later\n"
                f"{self.entrypoint} ls {self.dir}/m; umount {self.dir}/m; {self.entrypoint} ls {self.dir}/m"
            )
            with self.subTest(change):
                out = self.expect(self.run_command(*shared_apart(script)))
                self.assertEqual(out, "later\n")

    def test_a_running_command_sees_a_later_shared_mount(self):
        (self.dir / "m").mkdir()
        words = [self.entrypoint, "sh", "-c", f"echo ready; read line; ls {self.dir}/m"]
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            self.assertEqual(child.stdout.readline(), "ready\n")
            self.shell(f"mount -t tmpfs x {self.dir}/m; touch {self.dir}/m/later")
            out, _ = child.communicate("go\n")
        self.shell(f"umount {self.dir}/m")
        self.assertEqual(out, "later\n")

    def test_a_private_file_system_is_never_kept_busy(self):
        image = self.dir / "image"
        script = (
            f"truncate -s 8M {image}; mkfs.ext4 -q {image}; mkdir {self.dir}/m; device=$(losetup --find --show {image})\n"
            f"mount $device {self.dir}/m; {self.entrypoint} true; umount {self.dir}/m; losetup --detach $device\n"
            f"losetup $device >&2 && echo busy || echo free"
        )
        if not os.path.exists("/dev/loop-control"):
            self.skipTest("no loop devices here")
        result = self.run_command(
            "unshare", "--mount", "--propagation", "private", "sh", "-ec", script
        )
        self.assertEqual(result.stdout, "free\n", result.stderr)

    def test_a_host_that_replaces_a_file_of_etc(self):
        # By a rename, as ldconfig and useradd do.
        script = (
            f"cp -a /etc {self.dir}/etc; mount -t tmpfs etc /etc; cp -a {self.dir}/etc/. /etc\n"
            f"{self.entrypoint} true; cp -a /etc/ld.so.cache /etc/ld.so.cache~; mv /etc/ld.so.cache~ /etc/ld.so.cache\n"
            f"cp /etc/passwd /etc/passwd~; echo new:x:77:77:::/bin/sh >> /etc/passwd~; mv /etc/passwd~ /etc/passwd\n"
            f"{self.entrypoint} stat -c %i /etc/ld.so.cache; {self.entrypoint} cat /etc/passwd | tail -n 1"
        )
        out = self.shell(script, "unshare", "--mount", "--propagation", "private")
        inode = os.stat(self.root / "etc/ld.so.cache").st_ino
        self.assertEqual(out, f"{inode}\nnew:x:77:77:::/bin/sh\n")

    def test_a_job_that_covers_a_callers_directory_harms_no_other(self):
        (self.dir / "m").mkdir()
        (self.dir / "m/file").touch()
        self.expect(self.run_command(self.entrypoint, "mount", "-t", "tmpfs", "x", self.dir / "m"))
        out = self.expect(self.run_command(self.entrypoint, "ls", cwd=self.dir / "m"))
        self.assertEqual(out, "file\n")

    def test_a_job_that_unmounts_something_harms_no_other(self):
        usr = f"{os.stat(self.root / 'usr').st_ino}\n"
        for point in ("/usr", "/etc", "/var/lib/cc-ci-place", "/etc/.cc-ci/host/etc"):
            umount = f"umount --lazy {point}"
            self.run_command(self.entrypoint, "sh", "-c", umount)
            script = "cat /etc/ssl/marker /var/lib/cc-ci-place/marker; test -e /etc/passwd; stat -c %i /usr"
            out = self.expect(self.run_command(self.entrypoint, "sh", "-c", script))
            self.assertEqual(out, "from-the-environment\n" * 2 + usr, point)

    def mounted(self):
        """The mount table of a job, without the numbers of the mounts.

        The kernel also numbers file systems without a device. A new one may get the number that
        another test has just freed.
        """
        table = self.shell("cat /proc/self/mountinfo", self.entrypoint)
        return [re.sub(r"^0:\d+ ", "0:N ", line.split(" ", 2)[2]) for line in table.splitlines()]

    def test_a_job_that_mounts_something_harms_no_other(self):
        (self.dir / "m").mkdir()
        for change in (
            "mount -t tmpfs x /usr/src && touch /usr/src/planted",
            f"mount -t tmpfs x {self.dir}/m",
            f"mount --bind /usr/share {self.dir}/m",
            f"mount --bind / {self.dir}/m",
            f"mount --bind {self.dir} {self.dir}",
            "mount --make-shared /usr",
            "mount -o remount,bind,rw /usr",
            "mount -o remount,bind,rw /etc",
            "mount -o remount,bind,rw /var/lib/cc-ci-place",
            "umount /proc && mount -t proc proc /proc",
            f"mount --move /etc/.cc-ci/host/etc {self.dir}/m 2>/dev/null || umount /etc/.cc-ci/host/etc",
        ):
            with self.subTest(change):
                before = self.mounted()
                self.shell(change, self.entrypoint)
                self.assertEqual(self.mounted(), before)
                self.assertEqual(len(self.held()), 1)
                self.assertEqual(len(os.listdir(KEPT)), 2, "the namespace and its record")

    def test_a_job_cannot_leave_the_store_writable(self):
        self.run_command(self.entrypoint, "mount", "-o", "remount,bind,rw", "/usr")
        done = self.run_command(self.entrypoint, "touch", "/usr/planted")
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse((self.root / "usr/planted").exists())

    def test_a_host_that_mounts_keeps_it(self):
        (self.dir / "m").mkdir()
        first = self.namespace(self.entrypoint)
        self.shell(f"mount -t tmpfs x {self.dir}/m")
        self.assertEqual(self.namespace(self.entrypoint), first)
        self.shell(f"mount -o remount,ro {self.dir}/m")
        self.assertEqual(self.namespace(self.entrypoint), first)
        self.shell(f"umount {self.dir}/m")
        self.assertEqual(self.namespace(self.entrypoint), first)

    def test_the_stale_one_is_dropped(self):
        self.namespace(self.entrypoint)
        changed = self.write("changed", extra="place var/lib/dpkg\n")
        self.namespace(changed)
        self.assertEqual(len(self.held()), 1)
        self.assertEqual(len(os.listdir(KEPT)), 2, "the namespace and its record")

    def test_release(self):
        self.namespace(self.entrypoint)
        self.expect(self.enter("--release", "f" * 32))
        self.assertEqual(len(self.held()), 1)
        self.expect(self.enter("--release", HASH))
        self.assertEqual((self.held(), os.listdir(KEPT)), ([], []))
        self.assertEqual(self.enter("--release", "../x").returncode, 125)

    def test_an_environment_that_is_gone_is_forgotten(self):
        hash_ = "fedcba9876543210fedcba9876543210"
        other = self.write("other-run", root=self.other_root(hash_), hash_=hash_)
        self.namespace(other)
        self.assertTrue(self.held()[0].startswith(hash_))
        shutil.rmtree(self.dir / "other")
        self.namespace(self.entrypoint)
        self.assertEqual([name[:32] for name in self.held()], [HASH])

    def test_a_root_made_again_at_the_same_path_is_entered_anew(self):
        hash_ = "fedcba9876543210fedcba9876543210"
        root = self.other_root(hash_)
        other = self.write("other-run", root=root, hash_=hash_)
        self.namespace(other)
        shutil.rmtree(self.dir / "other")
        (self.other_root(hash_) / "usr/new").write_text("new\n")
        self.expect(self.run_command(other, "cat", "/usr/new"), stdout="new\n")

    def test_many_first_callers_at_once(self):
        for _ in range(5):
            self.enter("--release-all")
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                calls = [
                    pool.submit(self.run_command, self.entrypoint, "cat", "/etc/ssl/marker")
                    for _ in range(32)
                ]
            for call in calls:
                self.expect(call.result(), stdout="from-the-environment\n")
            self.assertLessEqual(len(self.held()), 1)

    @require("strace")
    def test_a_namespace_that_cannot_be_held_is_used_once(self):
        bare = self.run_command("strace", "-o", self.dir / "trace", self.entrypoint, "true")
        moves = (self.dir / "trace").read_text().count("move_mount(")
        self.expect(bare)
        self.enter("--release-all")
        refused = f"inject=move_mount:error=EINVAL:when={moves}"  # the last one holds
        out = self.expect(
            self.run_command(
                "strace",
                "-o",
                "/dev/null",
                "-e",
                refused,
                self.entrypoint,
                "cat",
                "/etc/ssl/marker",
            )
        )
        self.assertEqual((out, self.held(), os.listdir(KEPT)), ("from-the-environment\n", [], []))

    def test_a_chroot_is_not_left(self):
        inside = self.dir / "inside"
        script = (
            f"mkdir -p {inside}{self.base}; mount -t tmpfs x {inside}; cp -a {self.root}/. {inside}; rm -rf {inside}/usr/lib/cc-ci\n"
            f"mkdir -p {inside}{self.base}; mount --rbind {self.base} {inside}{self.base}; mount --rbind /proc {inside}/proc; touch {inside}/dev/null; mount --bind /dev/null {inside}/dev/null\n"
            f"touch {inside}/here; {self.entrypoint} true; chroot {inside} {self.entrypoint} ls /here; chroot {inside} {self.entrypoint} ls /here"
        )
        self.assertEqual(self.expect(self.run_command(*shared_apart(script))), "/here\n/here\n")
        script = script.replace("mount -t tmpfs x", "true")  # a plain directory: '/' is no mount
        self.assertEqual(self.expect(self.run_command(*shared_apart(script))), "/here\n/here\n")

    @require("strace")
    def test_killed_at_any_call_nothing_half_made_is_joined(self):
        trace = self.dir / "trace"
        self.expect(self.run_command("strace", "-f", "-o", trace, self.entrypoint, "true"))
        text = trace.read_text()
        calls = text[: text.index('execve("/usr/lib/cc-ci')].count("\n")
        self.assertGreater(calls, 60)
        before = len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())
        for call in range(2, calls + 1):
            self.enter("--release-all")
            self.run_command(
                "strace",
                "-o",
                "/dev/null",
                "-e",
                f"inject=all:signal=SIGKILL:when={call}",
                self.entrypoint,
                "true",
            )
            out = self.expect(self.run_command(self.entrypoint, "cat", "/etc/ssl/marker"))
            self.assertEqual(out, "from-the-environment\n", call)
            self.assertEqual(len(self.held()), 1, call)
        after = len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())
        self.assertLessEqual(after, before + 1)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of another shape: a chroot, /bin beside /usr, a bare /var, a container."""
import shutil
import subprocess

from support import EnterTest, main, require


class Hosts(EnterTest):
    def test_user_in_a_chroot(self):
        inside = self.dir / "inside"
        script = (
            f"mkdir -p {inside}{self.base}; cp -al {self.root}/. {inside}; mount --rbind {self.base} {inside}{self.base}; mount --rbind /proc {inside}/proc\n"
            f"exec chroot --userspec=4321:4321 {inside} {self.entrypoint} true"
        )
        self.refuse(
            self.run_command(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                script.replace(
                    f"{inside}; mount",
                    f"{inside}; rm -rf {inside}/usr/lib/cc-ci/environment; echo no > {inside}/usr/lib/cc-ci/other; mount",
                ),
            ),
            "user namespaces are denied inside a chroot [enter.namespaces]",
        )

    def test_a_host_that_did_not_merge_usr(self):
        for how in ("true", "ln -s elsewhere {inside}/sbin"):
            inside = self.dir / f"inside-{len(how)}"
            script = (
                f"mkdir -p {inside}{self.base} {inside}/proc {inside}/dev; cp -al {self.root}/. {inside}; rm -rf {inside}/usr/lib/cc-ci; cd {inside}\n"
                f"rm bin sbin; mkdir bin; cp usr/bin/true bin/host-only; {how.format(inside=inside)}\n"
                f"mount --bind {inside} {inside}; mount --rbind {self.base} {inside}{self.base}; mount --rbind /proc {inside}/proc; touch {inside}/dev/null; mount --bind /dev/null {inside}/dev/null\n"
                f"exec chroot {inside} {self.entrypoint} sh -c '/bin/true && ! test -e /bin/host-only'"
            )
            result = self.run_command("unshare", "--mount", "sh", "-ec", script)
            if how == "true":
                self.expect(result)
            else:
                self.refuse(
                    result,
                    "'/sbin': expected a directory or a link to 'usr/sbin' on this host, found 'elsewhere' [enter.layout]",
                )

    def test_a_host_without_the_mount_point(self):
        inside = self.dir / "inside"
        script = (
            f"mkdir -p {inside}{self.base} {inside}/proc {inside}/dev; cp -al {self.root}/. {inside}; rm -rf {inside}/usr/lib/cc-ci {inside}/var/lib/*; cd {inside}\n"
            f"mkdir var/lib/hosts; echo host > var/lib/hosts/file; ln -s hosts/file var/lib/relative; echo host > var/lib/plain; mount --bind {inside} {inside}\n"
            f"mount --rbind {self.base} {inside}{self.base}; mount --rbind /proc {inside}/proc; touch {inside}/dev/null; mount --bind /dev/null {inside}/dev/null\n"
            f"chroot {inside} {self.entrypoint} sh -c 'cd /var/lib; cat cc-ci-place/marker hosts/file relative plain; ! touch x 2>/dev/null; echo changed > hosts/file'\n"
            f"mkdir var/lib/later; chroot {inside} {self.entrypoint} sh -c 'cat /var/lib/hosts/file; ls /var/lib'; ls var/lib"
        )
        result = self.run_command("unshare", "--mount", "sh", "-ec", script)
        self.expect(
            result,
            stdout="from-the-environment\nhost\nhost\nhost\nchanged\ncc-ci-place\nhosts\nlater\nplain\nrelative\n"
            "hosts\nlater\nplain\nrelative\n",
        )

    def test_preloaded_libraries_of_the_host(self):
        script = (
            f"cp -a /etc {self.dir}/etc; mount -t tmpfs etc /etc; cp -a {self.dir}/etc/. /etc\n"
            f"{self.entrypoint} true; echo {self.dir}/absent.so > /etc/ld.so.preload; exec {self.entrypoint} sh -c true"
        )
        result = self.run_command(
            "unshare", "--mount", "--propagation", "private", "sh", "-ec", script
        )
        self.expect(result)

    @require("systemd-nspawn")
    def test_in_a_container_of_systemd(self):
        machine = self.dir / "machine"
        subprocess.run(["cp", "-al", self.root, machine], check=True)
        shutil.rmtree(machine / "usr/lib/cc-ci")
        shutil.rmtree(machine / "etc/ssl")
        (machine / "usr/lib/os-release").unlink(missing_ok=True)
        (machine / "usr/lib/os-release").write_text("ID=debian\n")
        script = f"for i in 1 2; do {self.entrypoint} cat /etc/ssl/marker; done; test -e /usr/lib/cc-ci || echo hidden"
        result = self.run_command(
            "systemd-nspawn",
            "-q",
            "--register=no",
            "--keep-unit",
            f"--bind-ro={self.base}",
            "-D",
            machine,
            "/usr/bin/sh",
            "-c",
            script,
        )
        self.assertEqual(
            (result.returncode, result.stdout),
            (0, "from-the-environment\n" * 2 + "hidden\n"),
            result.stderr,
        )


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command sees inside, as root (kept and fresh namespace) and as an ordinary user."""
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import unittest

from support import HASH, PATH, USER, EnterTest, main


class Entry:
    """The same promises, whoever calls; subclasses say how."""

    def how(self, *command):
        raise NotImplementedError

    def inside(self, *words, entrypoint=None, **options):
        return self.run_command(*self.how(str(entrypoint or self.entrypoint), *words), **options)

    def test_shows_the_environment_and_nothing_else(self):
        self.expect(
            self.inside("sh", "-c", "echo $PATH $CC_CI_ENVIRONMENT; echo $DECLARED"),
            stdout=f"{PATH} {HASH}\na b\n",
        )
        self.expect(self.inside("cat", "/etc/ssl/marker"), stdout="from-the-environment\n")
        self.expect(self.inside("sh", "-c", "test -e /usr/bin/strace"), 1)
        self.assertTrue(os.path.exists("/usr/bin/strace"), "the test wants a program of the host's")
        self.expect(
            self.inside("stat", "-c", "%i", "/usr"), stdout=f"{os.stat(self.root / 'usr').st_ino}\n"
        )

    def test_the_store_cannot_be_written_through_usr_or_etc(self):
        table = self.inside("cat", "/proc/self/mountinfo").stdout.splitlines()
        for point in ("/usr", "/etc", "/etc/.cc-ci/host/etc", "/var/lib/cc-ci-place"):
            options = [line.split()[5] for line in table if line.split()[4] == point]
            self.assertIn("ro", options[-1].split(","), point)
            self.assertNotEqual(self.inside("touch", f"{point}/x").returncode, 0)

    def test_a_host_without_a_machine_id_gets_one(self):
        copy = f"cp -a /etc {self.dir}/etc; mount -t tmpfs etc /etc; cp -a {self.dir}/etc/. /etc; "
        words = " ".join(map(str, self.how(self.entrypoint, "cat", "/etc/machine-id")))
        boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().replace("-", "")
        own = "0123456789abcdef0123456789abcdef"
        for make, expected in (("rm -f /etc/machine-id", boot),
                               ("echo uninitialized >/etc/machine-id", boot),
                               (f"rm -f /etc/machine-id; echo {own} >/etc/machine-id", own + "\n")):
            with self.subTest(make):
                script = f"{copy} {make}; ls -l /etc/machine-id >{self.dir}/before; {words}"
                out = self.run_command("unshare", "--mount", "--propagation", "slave", "sh", "-c", script)
                self.assertEqual((out.returncode, out.stdout), (0, expected), out.stderr)
                shutil.rmtree(self.dir / "etc")
        # A host that gets its id later is seen.
        script = (f"{copy} rm -f /etc/machine-id; {words} >/dev/null; echo {own} >/etc/machine-id; {words}; "
                  f"rm /etc/machine-id; {words}")
        out = self.run_command("unshare", "--mount", "--propagation", "slave", "sh", "-c", script)
        self.assertEqual(out.stdout, f"{own}\n{boot}", out.stderr)
        shutil.rmtree(self.dir / "etc")

    def test_keeps_the_rest_of_the_host(self):
        (self.dir / "file").write_text("here")
        self.expect(self.inside("cat", self.dir / "file"), stdout="here")
        self.expect(
            self.inside("cat", "/etc/passwd"), stdout=pathlib.Path("/etc/passwd").read_text()
        )
        listed = self.expect(self.inside("ls", "/var/lib")).split()
        self.assertLessEqual(set(os.listdir("/var/lib")), set(listed))

    def test_the_environments_part_of_var_is_seen(self):
        self.assertFalse(os.path.exists("/var/lib/cc-ci-place"), "the host lacks the mount point")
        self.expect(
            self.inside("cat", "/var/lib/cc-ci-place/marker"), stdout="from-the-environment\n"
        )
        self.assertFalse(os.path.exists("/var/lib/cc-ci-place"), "nothing is made on the host")

    def test_a_host_packages_configuration_is_not_seen(self):
        present = self.expect(self.inside("ls", "-A", "/etc")).split()
        self.assertNotIn("ld.so.preload", present)
        own = os.listdir(self.root / "etc")
        self.assertEqual(sorted(present), sorted(own))

    def test_runs_in_place(self):
        words = self.how(str(self.entrypoint), "sh", "-c", "echo $$; umask; cat")
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, umask=0o037
        ) as child:
            out, _ = child.communicate("from a pipe\n")
            # The umask is that of a job started by a service.
            self.assertEqual(out, f"{child.pid}\n0022\nfrom a pipe\n")

    def test_a_job_that_enters_again_keeps_its_umask(self):
        script = f"umask 077; exec {self.entrypoint} sh -c umask"
        self.assertEqual(self.expect(self.inside("sh", "-c", script)), "0077\n")

    def test_status_and_signals_are_the_commands_own(self):
        self.assertEqual(self.inside("sh", "-c", "exit 42").returncode, 42)
        self.assertEqual(self.inside("sh", "-c", "kill -9 $$").returncode, -signal.SIGKILL)
        ignoring = lambda: (
            signal.signal(signal.SIGUSR1, signal.SIG_IGN),
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2]),
        )
        lines = self.inside("cat", "/proc/self/status", preexec_fn=ignoring).stdout.splitlines()
        masks = dict(line.split(":\t") for line in lines if line.startswith("Sig"))
        self.assertTrue(int(masks["SigIgn"], 16) & 1 << (signal.SIGUSR1 - 1))
        self.assertTrue(int(masks["SigBlk"], 16) & 1 << (signal.SIGUSR2 - 1))

    def test_terminal(self):
        master, slave = pty.openpty()
        os.fchmod(slave, 0o666)
        words = self.how(str(self.entrypoint), "sh", "-c", "test -t 0 && readlink /proc/self/fd/0")
        result = subprocess.run(
            words, stdin=slave, stdout=subprocess.PIPE, text=True, check=False, timeout=60
        )
        self.assertEqual((result.returncode, result.stdout.strip()), (0, os.ttyname(slave)))
        os.close(master), os.close(slave)

    def test_inherited_descriptors_pass_untouched_and_none_is_added(self):
        pipes = [os.pipe() for _ in range(100)]
        descriptors = sorted(fd for pair in pipes for fd in pair)
        script = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)))"
        out = self.expect(self.inside("python3", "-c", script, pass_fds=descriptors))
        self.assertEqual(out.strip(), str([0, 1, 2] + descriptors))
        for fd in descriptors:
            os.close(fd)

    def test_called_by_another_name_runs_that_command(self):
        (self.dir / "readlink").symlink_to("run")
        self.expect(
            self.run_command(*self.how(str(self.dir / "readlink"), "/proc/self/exe")),
            stdout="/usr/bin/readlink\n",
        )

    def test_exec_words_come_first(self):
        entrypoint = self.write(
            "py", extra="exec python3\nexec -c\nexec import sys; print(sys.argv)\\x0aprint(7)\n"
        )
        self.expect(
            self.inside("a", "b c", entrypoint=entrypoint), stdout="['-c', 'a', 'b c']\n7\n"
        )
        self.expect(self.inside(entrypoint=entrypoint), stdout="['-c']\n7\n")
        self.expect(
            self.run_command(
                *self.how(
                    str(self.launcher), "--command", str(entrypoint), "cat", "/etc/ssl/marker"
                )
            ),
            stdout="from-the-environment\n",
        )

    def test_scripts_find_their_interpreter_inside(self):
        script = self.dir / "script"
        script.write_text("#!/usr/bin/env python3\nimport sys\nprint(sys.executable)\n")
        script.chmod(0o755)
        self.assertIn(
            self.expect(self.inside(script)).strip(),
            ("/usr/lib/cc-ci/path/python3/python3", "/usr/bin/python3.11"),
        )

    def test_variables_that_let_the_host_in_are_dropped(self):
        hostile = {
            name: "/nowhere"
            for name in (
                "LD_LIBRARY_PATH PYTHONPATH PYTHONHOME PERL5LIB PERL5OPT NODE_PATH NODE_OPTIONS GIT_EXEC_PATH BASH_ENV ENV "
                "SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO NODE_EXTRA_CA_CERTS "
                "RUBYLIB GCONV_PATH OPENSSL_CONF CDPATH CLASSPATH XDG_DATA_DIRS TERMINFO GEM_HOME CC_CI_ENVIRONMENT "
                "MAKEFILES ZDOTDIR GOFLAGS GOENV PYTHONWARNINGS PERLDB_OPTS RUBYGEMS_GEMDEPS IRBRC R_PROFILE_USER "
                "ERL_FLAGS JULIA_LOAD_PATH OCTAVE_PATH TCL8_6_TM_PATH MAVEN_OPTS ANT_ARGS JAVA_OPTS MONO_PATH "
                "DOTNET_STARTUP_HOOKS OCAMLPATH GHC_PACKAGE_PATH RUSTC_WRAPPER PLTCOLLECTS VIMINIT EMACSLOADPATH "
                "GTK_MODULES GST_PLUGIN_PATH MAGICK_CODER_MODULE_PATH TEXMFCNF CONFIG_SITE LESSOPEN TAR_OPTIONS "
                "CMAKE_TOOLCHAIN_FILE APT_CONFIG DPKG_ROOT VALGRIND_LIB npm_config_node_options M4PATH "
                "GNUMAKEFLAGS JDK_JAVAC_OPTIONS HARNESS_PERL_SWITCHES CMAKE_C_COMPILER_LAUNCHER CCACHE_PREFIX_CPP "
                "GUILE_EXTENSIONS_PATH R_TESTS ERL_OTP25_FLAGS JRUBY_OPTS BUNDLE_APP_CONFIG COREPACK_HOME "
                "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER LIBMYSQL_PLUGIN_DIR HDF5_PLUGIN_PATH ANSIBLE_CONFIG "
                "ANSIBLE_CALLBACK_PLUGINS"
            ).split()
        }
        rows = self.expect(self.run_command(self.launcher, "--list-variables")).splitlines()
        names = [row.split("\t")[1] for row in rows if row.startswith("dropped\t")]
        self.assertGreater(len(names), 250)
        hostile.update({name.replace("*", "ANY"): "/nowhere" for name in names if name != "PATH"})
        hostile["BASH_FUNC_cat%%"] = "() { echo forged; }"
        hostile["DECLARED"] = "forged"
        kept = {
            "HOME": "/h",
            "LANG": "C.UTF-8",
            "MAKEFLAGS": "-j",
            "CARGO_TARGET_DIR": "/t",
            "CMAKE_LAUNCHER": "l",
            "ANSIBLE_PLUGINS": "p",
            "ERL_OTP_FLAGSX": "f",
            "LDX": "1",
            "ENVX": "2",
            "EMPTY": "",
        }
        out = self.expect(
            self.inside("env", "-0", env={**hostile, **kept, "PATH": os.environ["PATH"]})
        )
        variables = dict(item.split("=", 1) for item in out.split("\0") if item)
        self.assertEqual(
            variables, {**kept, "PATH": PATH, "CC_CI_ENVIRONMENT": HASH, "DECLARED": "a b"}
        )

    def test_pure_keeps_a_short_list(self):
        given = {
            "HOME": "/h",
            "LC_ALL": "C",
            "https_proxy": "p",
            "MAKEFLAGS": "-j",
            "FOO": "1",
            "PATH": os.environ["PATH"],
        }
        out = self.expect(
            self.run_command(
                *self.how(str(self.launcher), "--pure", str(self.entrypoint), "env", "-0"),
                env=given,
            )
        )
        variables = dict(item.split("=", 1) for item in out.split("\0") if item)
        self.assertEqual(
            variables,
            {
                "HOME": "/h",
                "https_proxy": "p",
                "PATH": PATH,
                "CC_CI_ENVIRONMENT": HASH,
                "DECLARED": "a b",
            },
        )

    def test_working_directory_stays(self):
        self.expect(self.inside("readlink", "/proc/self/cwd", cwd=self.dir), stdout=f"{self.dir}\n")

    def test_working_directory_below_usr_is_the_environments(self):
        out = self.expect(self.inside("sh", "-c", "stat -c %i . /usr/share", cwd="/usr/share"))
        self.assertEqual(out.split(), [str(os.stat(self.root / "usr/share").st_ino)] * 2)

    def test_working_directory_that_the_environment_lacks(self):
        own = {entry.name for entry in (self.root / "usr/lib").iterdir()}
        absent = next(
            d for d in pathlib.Path("/usr/lib").iterdir() if d.is_dir() and d.name not in own
        )
        result = self.inside("true", cwd=absent)
        self.refuse(
            result,
            f"working directory '{absent}' is not in the environment: no such file or directory "
            "[enter.directory]",
        )

    def test_removed_working_directory(self):
        gone = self.dir / "gone"
        gone.mkdir()
        remove = lambda: (os.chdir(gone), gone.rmdir())
        self.expect(
            self.inside("readlink", "/proc/self/cwd", preexec_fn=remove),
            stdout=f"{gone} (deleted)\n",
        )

    def test_unknown_command(self):
        self.expect(
            self.inside("git-lsf"),
            127,
            "",
            (
                f"cc-ci-enter: error: 'git-lsf': not a command of environment {HASH} [enter.command]\n"
                "hint: 'cc-ci why git-lsf', or add the tool to [runtime] tools and run 'cc-ci lock && cc-ci build'\n"
            ),
        )
        self.assertEqual(self.inside("/usr/bin/strace").returncode, 127)
        self.assertIn("not a command of environment", self.inside("/usr/bin/strace").stderr)
        self.assertEqual(self.inside("").returncode, 127)
        self.assertEqual(self.inside("../bin/true", cwd=self.dir).returncode, 127)

    def test_a_script_that_is_missing_is_no_missing_tool(self):
        self.expect(
            self.inside("./nightly.sh"),
            127,
            "",
            (
                "cc-ci-enter: error: './nightly.sh': no such file [enter.command]\n"
                "note: a relative path starts at the working directory\n"
                "hint: ls -l ./nightly.sh\n"
            ),
        )

    def test_what_cannot_be_executed(self):
        def file(name, text, mode=0o755):
            path = self.dir / name
            path.write_text(text)
            path.chmod(mode)
            return path

        self.expect(
            self.inside(file("a", "#!/usr/bin/strace -f\n")),
            126,
            "",
            (
                f"cc-ci-enter: error: '{self.dir}/a': its interpreter '/usr/bin/strace' is not in the environment [enter.interpreter]\n"
                "hint: cc-ci why /usr/bin/strace\n"
            ),
        )
        self.assertIn(
            "expected a program for this machine or a '#!' line [enter.format]",
            self.inside(file("b", "echo hi\n")).stderr,
        )
        self.assertEqual(self.inside(file("b", "echo hi\n")).returncode, 126)
        self.expect(
            self.inside(file("c", "x", 0o644)),
            126,
            "",
            f"cc-ci-enter: error: '{self.dir}/c': not executable: permission denied [enter.denied]\n",
        )
        self.expect(
            self.inside(self.dir),
            126,
            "",
            f"cc-ci-enter: error: '{self.dir}': not executable: is a directory [enter.denied]\n",
        )

    def test_a_name_on_path_in_the_working_directory_is_not_looked_at(self):
        (self.dir / "strace").write_text("#!/bin/sh\n")
        self.assertEqual(self.inside("strace", cwd=self.dir).returncode, 127)

    def test_no_second_entry_inside(self):
        script = f"readlink /proc/self/ns/mnt; {self.entrypoint} readlink /proc/self/ns/mnt"
        first, second = self.expect(self.inside("sh", "-c", script)).split()
        self.assertEqual(first, second)

    def test_another_environment_inside(self):
        hash_ = "fedcba9876543210fedcba9876543210"
        other = self.write("other-run", root=self.other_root(hash_), hash_=hash_)
        script = f"{other} sh -c 'echo $CC_CI_ENVIRONMENT; cat /usr/lib/cc-ci/environment'; cat /usr/lib/cc-ci/environment"
        self.expect(self.inside("sh", "-c", script), stdout=f"{hash_}\n{hash_}\n{HASH}\n")

    def test_no_mount_leaks_to_the_caller(self):
        self.inside("true")
        before = pathlib.Path("/proc/self/mountinfo").read_text()
        self.expect(self.inside("true"))
        self.assertEqual(pathlib.Path("/proc/self/mountinfo").read_text(), before)

    def test_forgery_of_the_marker_variable_enters_all_the_same(self):
        self.expect(
            self.inside(
                "cat",
                "/etc/ssl/marker",
                env={"CC_CI_ENVIRONMENT": HASH, "PATH": os.environ["PATH"]},
            ),
            stdout="from-the-environment\n",
        )


class RootJoins(Entry, EnterTest):
    def how(self, *command):
        return list(command)


class RootMakes(Entry, EnterTest):
    def how(self, *command):
        return ["env", "CC_CI_NO_CACHE=1", *command]

    # The wish for no cache is a variable of the caller's, and kept as such.
    def expect(self, result, *rest, **more):
        result.stdout = result.stdout.replace("CC_CI_NO_CACHE=1\0", "")
        return super().expect(result, *rest, **more)


class OrdinaryUser(Entry, EnterTest):
    def how(self, *command):
        return self.as_user(*command)

    def test_stays_who_it_is(self):
        self.expect(self.inside("sh", "-c", "id -u; id -g"), stdout=f"{USER}\n{USER}\n")
        self.assertIn("NoNewPrivs:\t0", self.inside("cat", "/proc/self/status").stdout)

    def test_in_a_directory_that_it_may_not_read(self):
        closed = self.dir / "closed"
        closed.mkdir(mode=0o700)
        self.expect(self.inside("readlink", "/proc/self/cwd", cwd=closed), stdout=f"{closed}\n")

    def test_store_out_of_reach(self):
        closed = self.dir / "closed"
        closed.mkdir(mode=0o700)
        result = self.inside("true", entrypoint=self.write("run", root=closed / "root"))
        self.assertEqual(result.returncode, 125)
        self.assertIn(
            f"environment {HASH} cannot be accessed: '{closed}/root': permission denied [enter.environment]",
            result.stderr,
        )


if __name__ == "__main__":
    main()

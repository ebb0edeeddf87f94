# SPDX-License-Identifier: GPL-3.0-or-later
"""`cc-ci prove` on the example: green as it stands, and red at the right proof, with the reason,
where one thing is broken on purpose."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "build"))
import support  # noqa: E402

NAMES = ["builds", "single-source", "superset", "parity", "divergence", "propagation", "closed",
         "appeared"]


def git(directory, *words):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
                   cwd=directory, check=True, capture_output=True, env=support.environment())


class ProveTest(support.BuildTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dir = cls.base  # where state() puts it: one state for all, unpacked and composed once
        cls.whole = cls.base / "whole"
        support.example(cls.whole)
        (cls.whole / ".gitignore").unlink()  # the lock is committed
        text = (cls.whole / "cc-ci.toml").read_text()
        shutil.copy(support.prepared(text) / "cc-ci.lock", cls.whole)
        git(cls.whole, "init", "--quiet")
        git(cls.whole, "add", "--all")
        git(cls.whole, "commit", "--quiet", "-m", "the example")
        git(cls.whole, "tag", "v1")
        cls.state_dir = cls.state(cls, cls.whole, apt=True)

    def setUp(self):
        super().setUp()
        self.here = self.dir / "project"
        shutil.copytree(self.whole, self.here)

    def edit(self, *changes):
        file = self.here / "cc-ci.toml"
        text = file.read_text()
        for before, after in changes:
            self.assertIn(before, text)
            text = text.replace(before, after, 1)
        file.write_text(text)

    def write(self, path, text):
        file = self.here / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def lock(self):
        self.good(self.cc_ci(self.here, self.state_dir, "--offline", "lock"))

    def prove(self, *words):
        result = self.cc_ci(self.here, self.state_dir, "--offline", "prove", "--json", *words)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual([proof["name"] for proof in found["proofs"]], NAMES)
        self.assertEqual(result.returncode == 0, found["verdict"] == "pass", result.stdout)
        return {proof["name"]: proof for proof in found["proofs"]}

    def broken(self, proofs, **verdicts):
        """These proofs have these verdicts, and all others passed."""
        expected = {name: verdicts.get(name.replace("-", "_"), "pass") for name in NAMES}
        told = "\n".join(f"{name}: {proof['evidence']}" for name, proof in proofs.items())
        self.assertEqual({name: proof["verdict"] for name, proof in proofs.items()}, expected, told)

    def system(self, host):
        built = self.build(self.here, self.state_dir)
        return pathlib.Path(built["hosts"][host]["path"]) / "root"

    def replace(self, file, content):
        """Another file in its place, until the test ends: the store's own is linked elsewhere."""
        before = file.read_bytes() if file.exists() else None
        link = os.readlink(file) if file.is_symlink() else None

        def restore():
            file.unlink()
            if link:
                file.symlink_to(link)
            elif before is not None:
                file.write_bytes(before)

        self.addCleanup(restore)
        if link or before is not None:
            file.unlink()
        if isinstance(content, pathlib.Path):
            file.symlink_to(content)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(content)

    def test_the_example_where_it_stands(self):
        """README's own call: lists elsewhere in this repository are not the example's, and it says so."""
        top = self.dir / "repository"
        for name in ("examples", "scripts", "src"):
            shutil.copytree(support.SOURCE / name, top / name, symlinks=True)
        self.here = top / "examples" / "cc-ci"
        shutil.rmtree(self.here)
        shutil.copytree(self.whole, self.here, ignore=shutil.ignore_patterns(".git"))
        git(top, "init", "--quiet")
        git(top, "add", "--all")
        self.addCleanup(shutil.rmtree, top)
        proofs = self.prove()
        self.assertEqual(proofs["single-source"]["verdict"], "pass", proofs["single-source"])

    def test_green_as_it_stands(self):
        proofs = self.prove()
        self.broken(proofs)
        self.assertIn("nothing dropped but waived abra, playwright; additions: git-lfs, openssl",
                      proofs["superset"]["evidence"])
        self.assertIn("8 consumers on 2 hosts", proofs["parity"]["evidence"])
        self.assertIn("planned once, reaches all 8 consumers", proofs["propagation"]["evidence"])
        self.assertEqual({probe["kind"] for probe in proofs["closed"]["facts"]["probes"]},
                         {"by name", "by absolute path", "through LD_PRELOAD",
                          "through an inherited PATH", "through env -i"})
        gained = {fact["host"]: fact for fact in
                  proofs["divergence"]["facts"]["against_baselines"]}
        self.assertLessEqual({"git-lfs", "openssl"}, set(gained["cc-ci"]["gains"]))
        table = self.cc_ci(self.here, self.state_dir, "--offline", "prove")
        self.assertEqual([line.split()[:2] for line in self.good(table).splitlines()[1:]],
                         [[name, "pass"] for name in NAMES])
        whole = self.good(self.cc_ci(self.here, self.state_dir, "--offline", "prove", "--explain",
                                     "superset"))
        self.assertIn("waived: 'abra': Debian does not have it", whole)
        self.assertEqual(self.good(self.call("git", "status", "--porcelain", cwd=self.here)), "")

    def test_nothing_is_built_where_that_was_asked(self):
        empty = self.state(name="empty")
        result = self.cc_ci(self.here, empty, "--offline", "prove", "--no-build", "--json")
        self.assertEqual(result.returncode, 1, result.stderr)
        verdicts = {p["name"]: p["verdict"] for p in json.loads(result.stdout)["proofs"]}
        self.assertNotIn("pass", [verdicts[name] for name in ("builds", "single-source", "parity",
                                                              "divergence", "closed")])
        self.assertEqual(support.objects(empty, "environment"), [])

    @unittest.skipUnless(support.ROOT, "needs root: what is built is to be another's")
    def test_an_ordinary_user_on_what_root_built(self):
        self.system("cc-ci")
        before = support.objects(self.state_dir)
        self.good(self.call("chown", "-R", f"{support.USER}:{support.USER}", self.here))

        def prove(*before):
            result = self.cc_ci(self.here, self.state_dir, "--offline", "prove", "--json",
                                before=before)
            self.assertEqual(result.returncode, 1, result.stderr)
            return {proof["name"]: proof for proof in json.loads(result.stdout)["proofs"]}

        # Only planning needs to write, for a lock in the state directory.
        proofs = prove(*support.as_user())
        self.broken(proofs, propagation="unproven")
        self.assertRegex(proofs["propagation"]["evidence"], "permission denied")
        self.assertIn("5 probes refused", proofs["closed"]["evidence"])
        # And entering needs a namespace.
        script = ('echo 0 >/proc/sys/user/max_user_namespaces; '
                  'exec setpriv --bounding-set=-all --inh-caps=-all "$@"')
        proofs = prove(*support.as_user("unshare", "--user", f"--map-user={support.USER}",
                                        f"--map-group={support.USER}", "--keep-caps",
                                        "sh", "-c", script, "sh"))
        self.broken(proofs, propagation="unproven", closed="unproven")
        self.assertIn("could not be entered: no further namespace is allowed: "
                      "user.max_user_namespaces is 0", proofs["closed"]["evidence"])
        self.assertIn("hint: sudo sysctl user.max_user_namespaces",
                      proofs["closed"]["evidence"])
        self.assertEqual(support.objects(self.state_dir), before)

    @unittest.skipUnless(support.ROOT, "needs root: it mounts over /opt and dpkg's lists")
    def test_a_file_of_a_host_package(self):
        script = ('mount -t tmpfs none /opt && mkdir /opt/toy && echo x >/opt/toy/file && '
                  'mount -t tmpfs none /var/lib/dpkg/info && '
                  'echo /opt/toy/file >/var/lib/dpkg/info/toy.list && exec "$@"')
        host = ("unshare", "--mount", "sh", "-c", script, "sh")

        def closed():
            result = self.cc_ci(self.here, self.state_dir, "--offline", "prove", "--json",
                                before=host)
            return {proof["name"]: proof for proof in json.loads(result.stdout)["proofs"]}["closed"]

        self.assertEqual((closed()["verdict"], closed()["evidence"]), (
            "fail", "/opt/toy/file: a job sees this file of the host's package toy; declare the "
                    "package, or /opt/toy under [runtime] host_files"))
        self.edit(("[runtime]", '[runtime]\nhost_files = ["/opt/toy"]'))
        self.lock()
        self.assertEqual(closed()["verdict"], "pass")

    def test_a_dropped_tool(self):
        self.edit(('"jq", ', ""))
        self.lock()
        proofs = self.prove()
        self.broken(proofs, superset="fail", appeared="fail")
        self.assertIn("baseline 'sweep': 'jq' is dropped", "\n".join(proofs["superset"]["details"]))
        self.assertIn("'jq' (jq) was on PATH at HEAD", "\n".join(proofs["appeared"]["details"]))
        # Waived by name it passes, and the reason is shown.
        self.edit(("[waivers]\n", '[waivers]\njq = "no suite reads JSON any more"\n'))
        proofs = self.prove()
        self.broken(proofs)
        self.assertIn("waived: 'jq': no suite reads JSON any more",
                      "\n".join(proofs["superset"]["details"]))

    def test_a_waiver_that_is_no_longer_needed(self):
        program = "#!/bin/sh\n"
        self.write("archives/abra", program)
        self.edit(('tools = [\n', 'tools = [\n  "abra",\n'),
                  ("[entrypoints.cc-ci-run]\n",
                   '[packages.abra]\nfile = "archives/abra"\n'
                   f'sha256 = "{hashlib.sha256(program.encode()).hexdigest()}"\n'
                   'commands = { abra = "abra" }\n\n[entrypoints.cc-ci-run]\n'))
        self.lock()
        proofs = self.prove()
        self.broken(proofs)
        told = "\n".join(proofs["superset"]["details"])
        self.assertIn("waiver 'abra' is stale: the environment has it; remove it", told)
        self.assertIn("waived: 'playwright'", told)
        self.assertIn("appeared abra", proofs["appeared"]["evidence"])

    def test_second_lists(self):
        self.write("nix/sweep.nix", "{ pkgs, ... }: {\n  # git-lfs was here\n"
                   "  environment.systemPackages = with pkgs; [ git tree ];\n}\n")
        self.write(".github/workflows/test.yml",
                   "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n"
                   "      - run: sudo apt-get install -y jq cowsay\n")
        self.write("units/sweep.service",
                   "[Service]\nEnvironment=PATH=/run/current-system/sw/bin:/usr/bin\n")
        proofs = self.prove()
        self.broken(proofs, single_source="fail")
        told = "\n".join(proofs["single-source"]["details"])
        self.assertRegex(told, r"nix/sweep\.nix:3:\d+: .* repeats git; adds tree")
        self.assertRegex(told, r"\.github/workflows/test\.yml:6:\d+: apt-get install repeats jq; "
                               r"adds cowsay")
        self.assertRegex(told, r"units/sweep\.service:2:\d+: Environment=PATH is replaced by")
        self.edit(("[prove.ignore]\n", '[prove.ignore]\n"nix" = "kept for the old host"\n'
                   '".github" = "tests this declaration itself"\n"units/sweep.service" = "a sample"'
                   "\n"))
        proofs = self.prove()
        self.broken(proofs)
        self.assertIn("excused: nix: kept for the old host (1 finding)",
                      proofs["single-source"]["details"])

    def test_a_path_patched_in_a_unit(self):
        root = self.system("cc-ci-hetzner")
        drop_ins = root / "systemd" / "nightly-sweep.service.d"
        self.addCleanup(drop_ins.rmdir)  # the last of them
        self.replace(drop_ins / "path.conf",
                     "[Service]\nEnvironment=PATH=/usr/local/bin:/usr/bin\n")
        proofs = self.prove()
        self.broken(proofs, single_source="fail")
        self.assertRegex(proofs["single-source"]["evidence"],
                         r"host 'cc-ci-hetzner': timer nightly-sweep: .*path\.conf:2")

    def test_another_entrypoint_on_one_host(self):
        root = self.system("cc-ci")
        service = root / "systemd" / "nightly-sweep.service"
        program = self.dir / "cc-ci-run"
        program.write_text((root / "bin" / "cc-ci-run").read_text()
                           .replace("exec python3", "exec python3\nexec -I"))
        program.chmod(0o755)
        lines = [f'ExecStart=:"{program}" "runner/sweep.py"' if line.startswith("ExecStart=")
                 else line for line in service.read_text().splitlines()]
        self.replace(service, "\n".join(lines) + "\n")
        proofs = self.prove()
        self.broken(proofs, parity="fail")
        self.assertRegex(proofs["parity"]["evidence"],
                         r"host 'cc-ci': timer nightly-sweep: cc-ci-run [0-9a-f]{12}, where 5 other")

    def test_a_host_with_a_list_of_its_own(self):
        self.replace(self.system("cc-ci-hetzner") / "bin" / "apt", pathlib.Path("/usr/bin/apt"))
        proofs = self.prove()
        self.broken(proofs, single_source="fail")
        self.assertIn("host 'cc-ci-hetzner': PATH: bin/apt:1:1: the host's PATH lists apt",
                      proofs["single-source"]["details"])

    def test_a_baseline_where_it_stood(self):
        self.write("nix/old.nix", "{ pkgs }: pkgs.writeShellApplication {\n  name = \"sweep\";\n"
                   "  runtimeInputs = [ pkgs.git pkgs.gnused pkgs.cowsay ];\n}\n")
        git(self.here, "add", "--all")
        git(self.here, "commit", "--quiet", "-m", "the old list")
        git(self.here, "tag", "old")
        git(self.here, "rm", "--quiet", "nix/old.nix")
        self.edit(("[baselines]\n", '[baselines]\nnix = { from = "nix/old.nix@old" }\n'
                   'gone = { from = "nix/old.nix@v1" }\n'))
        proofs = self.prove()
        self.broken(proofs, superset="fail")
        told = "\n".join(proofs["superset"]["details"])
        self.assertIn("baseline 'nix': 'cowsay' is dropped (nix/old.nix@old)", told)
        self.assertIn("baseline 'gone': ", told)
        self.edit(('gone = { from = "nix/old.nix@v1" }\n', ""),
                  ("[waivers]\n", '[waivers]\ncowsay = "it only ever spoke"\n'))
        self.broken(self.prove())

    def test_no_repository_is_no_proof(self):
        shutil.rmtree(self.here / ".git")
        proofs = self.prove()
        self.broken(proofs, single_source="unproven", appeared="unproven")


if __name__ == "__main__":
    support.main()

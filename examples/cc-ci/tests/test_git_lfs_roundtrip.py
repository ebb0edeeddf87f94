# SPDX-License-Identifier: GPL-3.0-or-later
"""The witness: one real test, a git-lfs round trip. All its tools come from the environment.

Start it through the entrypoint, in the example's directory:

    cc-ci-run -m pytest tests

This test was green under the runner and red under the timer when each had its own tool list. So it first
checks that it runs in the environment. If it does not, the test fails; it is not skipped.
"""

import hashlib
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MARKER = Path("/usr/lib/cc-ci/environment")
EXPOSED = Path("/usr/lib/cc-ci/path")  # a directory for each declared tool
ESSENTIAL = Path("/usr/lib/cc-ci/essential")
SIZE = 1 << 20


def run(*argv, cwd):
    """Runs a command and returns its stdout; a failure shows both streams."""
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 0, (
        f"{' '.join(map(str, argv))}: status {done.returncode}\n"
        f"{done.stdout.decode(errors='replace')}{done.stderr.decode(errors='replace')}"
    )
    return done.stdout


@pytest.fixture(autouse=True)
def nobody_else_is_configured(tmp_path, monkeypatch):
    """Uses an empty home, so that no git configuration of a person or the host changes the result."""
    home = tmp_path / "home"
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "witness")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "witness@example.org")


def test_this_is_the_environment():
    inside = os.environ.get("CC_CI_ENVIRONMENT")
    assert inside, "not started through an entrypoint: CC_CI_ENVIRONMENT is not set"
    assert MARKER.read_text(encoding="ascii") == inside + "\n"


def test_path_is_the_declared_tools_and_nothing_else():
    *tools, last = os.environ["PATH"].split(":")
    assert sorted(tools) == sorted(str(directory) for directory in EXPOSED.iterdir())
    assert last == str(ESSENTIAL)


@pytest.mark.parametrize("tool", ["git", "git-lfs", "pytest", "python3"])
def test_the_tool_is_the_environments(tool):
    found = shutil.which(tool)
    assert found, f"{tool}: not on PATH"
    assert EXPOSED in Path(found).parents
    program = Path(found).resolve()
    assert Path("/usr") in program.parents
    # All of /usr is the environment's: nothing of the host is mounted over a part of it.
    assert program.stat().st_dev == MARKER.stat().st_dev


def test_this_python_and_this_pytest_are_the_environments():
    loaded = [sys.executable, os.__file__, pytest.__file__]
    loaded += [p for p in sys.path if p.startswith("/usr/") and Path(p).exists()]
    for path in map(Path, loaded):
        assert path.resolve().is_relative_to("/usr"), path
        assert path.resolve().stat().st_dev == MARKER.stat().st_dev, path


# Every Debian host has the first. A machine that built cc-ci has the others. None is declared.
@pytest.mark.parametrize("tool", ["apt-get", "cmake", "g++"])
def test_a_tool_of_the_host_is_out_of_reach(tool):
    assert shutil.which(tool) is None
    for directory in ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        assert not Path(directory, tool).exists()


def test_git_lfs_round_trip(tmp_path):
    content = random.Random(3).randbytes(SIZE)
    digest = hashlib.sha256(content).hexdigest()
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n" f"oid sha256:{digest}\n" f"size {SIZE}\n"
    ).encode()

    run("git", "lfs", "install", "--skip-repo", cwd=tmp_path)
    run("git", "init", "--quiet", "--bare", "remote.git", cwd=tmp_path)
    remote = (tmp_path / "remote.git").as_uri()

    run("git", "init", "--quiet", "--initial-branch=main", "work", cwd=tmp_path)
    work = tmp_path / "work"
    run("git", "lfs", "track", "*.bin", cwd=work)
    (work / "asset.bin").write_bytes(content)
    (work / "notes.txt").write_text("kept as it is\n", encoding="ascii")
    run("git", "add", "--all", cwd=work)
    run("git", "commit", "--quiet", "--message=add an asset", cwd=work)
    assert run("git", "cat-file", "blob", "HEAD:asset.bin", cwd=work) == pointer
    assert run("git", "cat-file", "blob", "HEAD:notes.txt", cwd=work) == b"kept as it is\n"
    run("git", "remote", "add", "origin", remote, cwd=work)
    run("git", "push", "--quiet", "origin", "main", cwd=work)

    # The remote holds the pointer as a git object, and the content as a separate file.
    assert run("git", "cat-file", "blob", "main:asset.bin", cwd=tmp_path / "remote.git") == pointer
    stored = tmp_path / "remote.git" / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
    assert stored.read_bytes() == content

    # The clone must get the content from the remote, so remove the other copy.
    shutil.rmtree(work)
    run("git", "clone", "--quiet", "--branch=main", remote, "clone", cwd=tmp_path)
    clone = tmp_path / "clone"
    assert run("git", "cat-file", "blob", "HEAD:asset.bin", cwd=clone) == pointer
    assert (clone / "asset.bin").read_bytes() == content
    assert run("git", "lfs", "ls-files", "--long", cwd=clone).decode() == f"{digest} * asset.bin\n"
    run("git", "lfs", "fsck", cwd=clone)
    assert run("git", "status", "--porcelain", cwd=clone) == b""

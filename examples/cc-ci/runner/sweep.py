# SPDX-License-Identifier: GPL-3.0-or-later
"""The sweep: runs every test file of this directory, one after another, and gives one verdict.

    cc-ci-run runner/sweep.py [--results DIR] [TEST...]

The timer `nightly-sweep` of cc-ci.toml starts this program. It has no tool list and no PATH of its own:
it uses the environment of `cc-ci-run`. Each test file gets a JUnit report in DIR (default: results/ in
the directory of the declaration). A test file that pytest cannot load counts as a failure. A sweep
without test files fails too.

Exit status: 0 if all are green, 1 if a file is red or there was nothing to test.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def sweep(tests, results):
    """Runs each file in its own process, so that a crash of the interpreter ends only one of them."""
    red = 0
    for test in tests:
        report = results / f"{test.stem}.xml"
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
             f"--junit-xml={report}", str(test)],
            cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
        )  # fmt: skip
        took = time.monotonic() - began
        print(f"{'green' if done.returncode == 0 else 'red':5}  {test.stem}  {took:.1f} s", flush=True)
        if done.returncode != 0:
            red += 1
            print(done.stdout, flush=True)
    return red


def main():
    parser = argparse.ArgumentParser(description="run every test and give one verdict")
    parser.add_argument("--results", type=Path, default=HERE / "results", metavar="DIR")
    parser.add_argument("tests", type=Path, nargs="*", metavar="TEST")
    options = parser.parse_args()

    tests = [t.resolve() for t in options.tests] or sorted((HERE / "tests").glob("test_*.py"))
    options.results.mkdir(parents=True, exist_ok=True)
    print(f"environment {os.environ.get('CC_CI_ENVIRONMENT', 'none: started outside')}", flush=True)
    red = sweep(tests, options.results.resolve())
    print(f"{len(tests) - red} of {len(tests)} green", flush=True)
    return 0 if tests and red == 0 else 1


if __name__ == "__main__":
    sys.exit(main())

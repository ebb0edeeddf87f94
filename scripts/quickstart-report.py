# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the report at the end of ./quickstart: quickstart-report.py WORK BIN EXAMPLE, started by cc-ci-run.

WORK contains the results of the steps: build.json and show.json (the output of cc-ci), steps and outside
(lines of tab-separated fields).
"""

import json
import os
import shutil
import sys
from pathlib import Path


def human(size):
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def table(rows, indent="  "):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)] + [row[-1]]
        print((indent + "  ".join(cells)).rstrip())


def commands(exposed):
    names = [command["name"] for command in exposed["commands"]]
    if len(names) > 5:
        names = names[:4] + [f"and {len(names) - 4} more"]
    return " ".join(names)


def tabbed(path):
    return [line.split("\t") for line in path.read_text().splitlines()]


def main():
    work, binaries, example = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    build = json.loads((work / "build.json").read_text())
    show = json.loads((work / "show.json").read_text())
    environment = build["environment"]
    packed = sum(package["size"] for package in show["locked"])

    print("\nEnvironment")
    rows = [
        ("hash", environment["hash"]),
        ("digest", environment["digest"]),
        ("root", environment["root"]),
        ("size", f"{len(show['locked'])} packages, {human(packed)} packed, "
                 f"{human(environment['bytes'])} in {environment['entries']:,} entries"),
    ]  # fmt: skip
    for name, entrypoint in build["entrypoints"].items():
        rows.append((name, entrypoint["path"]))
    table(rows)

    print("\nCommands on PATH")
    table([("tool", "version", "commands"),
           *((e["tool"], e["version"], commands(e)) for e in show["exposed"])])  # fmt: skip

    print("\nHosts: the shared environment, and extra tools for people")
    hosts = [("host", "system", "extra tools")]
    for name, host in build["hosts"].items():
        own = [Path(p).name for p in host["paths"] if p not in environment["paths"]]
        hosts.append((name, host["digest"][:12], " ".join(own) or "nothing"))
    table(hosts)

    print("\nWhere a command is found, on this machine and in the environment")
    names = [("name", "on your PATH", "inside")]
    for name, outside in tabbed(work / "outside"):
        inside = shutil.which(name)
        names.append((name, outside or "not found", os.path.realpath(inside) if inside else "not found"))
    table(names)

    print("\nSteps")
    steps = [("step", "seconds", "result")]
    for name, began, ended, note in tabbed(work / "steps"):
        steps.append((name, f"{float(ended) - float(began):7.1f}", note))
    table(steps)

    print(f"""
Next
  cd {example} && PATH=$PWD/../../{binaries}:$PATH
  cc-ci run -- git lfs version           run a command in the environment
  cc-ci shell                            open a shell in it
  cc-ci why libcurl3-gnutls              show which line of cc-ci.toml brings a package
  $EDITOR cc-ci.toml && cc-ci build      add a tool for every entrypoint
  cc-ci --help""")


if __name__ == "__main__":
    main()

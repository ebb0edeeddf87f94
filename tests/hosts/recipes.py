# SPDX-License-Identifier: GPL-3.0-or-later
"""Small recipes for sweeps on hosts: those of the tests of recipes, in a project at /srv/ci."""
import functools
import importlib.util

from support import HERE, Store

PROJECT = "/srv/ci"
IMAGE = "demo.tar"
# What a sweep needs; hosts of tests have no git.
RUNTIME = """\
[runtime]
tools    = ["bash", "coreutils", "git"]
packages = ["busybox-static", "docker.io", "haproxy", "restic"]
"""
QUICK = {"redeploy": "short", "backup": "short", "restore": "short", "remove": "short"}


@functools.cache
def of_recipe_tests():
    """tests/recipe/support.py, whose name is that of the module of these tests."""
    place = HERE.parent / "recipe" / "support.py"
    spec = importlib.util.spec_from_file_location("recipe_support", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def declaration(names, more=""):
    skip = ", ".join(f'{tier} = "{reason}"' for tier, reason in QUICK.items())
    return RUNTIME + "".join(f'\n[recipes.{name}]\nsource = "recipes/{name}"\nimages = ["{IMAGE}"]\n'
                             f"skip = {{ {skip} }}\n" for name in names) + "\n" + more


class Recipes(Store):
    """A built project with recipes. `releases` has the arguments of each one's first release."""

    def __init__(self, releases, more=""):
        super().__init__(declaration(releases, more), alike=declaration(["any"]))
        busybox = next(self.state.glob("store/environment/*/root/usr/bin/busybox"))
        of_recipe_tests().image(self.project / IMAGE, ["demo/app:1"], busybox)
        (self.project / "recipes").mkdir()
        for name, changes in releases.items():
            of_recipe_tests().Recipe(self.project / "recipes" / name).release("1.0.0+1", **changes)

    @staticmethod
    def release(name, version, on, **changes):
        """A further release, in the repository that a host has."""
        recipe = of_recipe_tests().Recipe.__new__(of_recipe_tests().Recipe)
        recipe.path = on.path(f"{PROJECT}/recipes/{name}")
        recipe.release(version, **changes)


def remains(host):
    """What a host has of engines: their files, processes, mounts, groups and network devices."""
    return host.sh(
        "cd /var/lib/cc-ci; for place in engines runs; do "
        "if [ -d $place ]; then find $place -mindepth 1 -maxdepth 1 ! -name lock; fi; done; "
        "cat /proc/[0-9]*/comm 2>/dev/null | grep -E 'dockerd|containerd|haproxy' || true; "
        "grep -E 'engines|docker|/runs/' /proc/self/mountinfo || true; "
        "ls -d /sys/fs/cgroup/cc-ci 2>/dev/null || true; "
        "ip -o link | grep -vE ' (lo|host0)[:@]' || true")

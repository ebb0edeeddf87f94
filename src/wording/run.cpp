// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> run_wording() {
  static constexpr std::array rows{
      Row{.code = "run.keep-backup",
          .message = "{path}: the backup of the test cannot be copied there: {problem}",
          .hint = "free space there, or give another --out"},
      Row{.code = "run.no-declaration",
          .exit = Exit::usage,
          .message = "{option} {path}: expected another cc-ci.toml, found no such file",
          .hint = "give its path: {option} OTHER/cc-ci.toml"},
      Row{.code = "run.unknown-recipe",
          .exit = Exit::usage,
          .message = "recipe '{name}': expected a name in [recipes], a directory or a git URL",
          .hint = "cc-ci test {likely}",
          .notes = {},
          .other_hint = "declare it: [recipes.NAME] with source = \"DIRECTORY or URL\""},
      Row{.code = "run.unknown-ref",
          .exit = Exit::usage,
          .message = "{source}: has no commit, branch or tag '{ref}'",
          .hint = "git ls-remote {source}"},
      Row{.code = "run.no-head",
          .exit = Exit::usage,
          .message = "{source}: expected a branch as the repository's HEAD, found the name of one "
                     "that is not there",
          .hint = "branch = \"{branch}\" in [recipes.NAME], or --ref {branch}",
          .notes = {"in the repository: git symbolic-ref HEAD refs/heads/{branch}"}},
      Row{.code = "run.unknown-tier",
          .exit = Exit::usage,
          .message = "tier '{name}': expected one of {known}",
          .hint = "--tiers {likely}"},
      Row{.code = "run.clone",
          .message = "{source}: git cannot read it",
          .hint = "git ls-remote {source}",
          .notes = {"{problem}"}},
      Row{.code = "run.out-in-use",
          .message = "{path}: expected a directory for the results of one test, found one that "
                     "another test writes to",
          .hint = "--out ANOTHER-DIRECTORY"},
      Row{.code = "run.others",
          .message = "'{path}': expected a directory of user {user} that nobody else can write, "
                     "found one of user {owner} or with wider rights",
          .hint = "chown {user} {path} && chmod go-w {path}"},
      Row{.code = "run.large-recipe",
          .exit = Exit::usage,
          .message = "{path}: expected at most {files} files and {limit}",
          .hint = "keep images and data outside of the recipe"},
      Row{.code = "run.disk-full",
          .message = "{path}: less than {reserve} of the disk are free, so the test was stopped",
          .hint = "free space on the file system of {path}, or give --state on a larger one",
          .notes = {"the app may have filled the disk; results.json has its size"}},
      Row{.code = "run.archive-disk",
          .message = "{archive}: its images fill the disk of {path}, so the test was stopped",
          .hint = "free space there, or give --state on a larger one",
          .notes = {"unpacked, the images are larger than the archive"}},
      Row{.code = "run.stopped", .message = "the test was stopped"},
      Row{.code = "run.no-archive",
          .exit = Exit::usage,
          .message = "{path}: cannot be read as an image archive: {cause}",
          .hint = "docker save --output {path} IMAGE"},
      Row{.code = "run.pull",
          .message = "image '{image}': cannot be pulled: {problem}",
          .hint = "give an archive with it: --image FILE"},
      Row{.code = "run.no-program",
          .exit = Exit::usage,
          .message = "the environment has no {program}, which testing a recipe needs",
          .hint = "declare packages = [\"{package}\"] in [runtime], then cc-ci lock"},
  };
  return rows;
}

}  // namespace ccci::wording

// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> node_wording() {
  static constexpr std::array rows{
      Row{.code = "node.offline",
          .message = "'{name}': the npm registry was not asked, because of --offline",
          .hint = "cc-ci lock without --offline"},
      Row{.code = "node.missing-lock",
          .exit = Exit::usage,
          .message = "lock of npm '{path}': not found in the project",
          .hint = "npm install --package-lock-only"},
      Row{.code = "node.unknown",
          .exit = Exit::usage,
          .message = "'{name}': the npm registry has no package of that name",
          .hint = "did you mean '{likely}'?",
          .notes = {"it is wanted by: {because}"},
          .other_hint = "declare its package: [packages.{name}] npm = \"…\""},
      Row{.code = "node.no-version",
          .exit = Exit::usage,
          .message = "'{name}': the npm registry has no version that fits",
          .hint = "declare one of the versions that exist: version = \"…\"",
          .notes = {"the newest versions: {versions}", "{output}"}},
      Row{.code = "node.conflict",
          .message = "'{name}': no versions of these packages of npm fit together",
          .hint = "loosen one of the versions that the notes name",
          .notes = {"{output}"}},
      Row{.code = "node.wrong-node",
          .message = "a package of npm needs another version of Node than the environment has",
          .hint = "declare an older version of it: version = \"<…\"",
          .notes = {"{output}"}},
      Row{.code = "node.altered",
          .message = "the npm registry sent a file whose digest is not the one that it announced",
          .notes = {"{output}"}},
      Row{.code = "node.denied",
          .message = "'{name}': the npm registry refuses access",
          .hint = "put the token for [sources.npm] registry into CC_CI_NPM_TOKEN",
          .notes = {"{output}"}},
      Row{.code = "node.repository",
          .message = "a package of npm is in a git repository, and cc-ci locks packages of the "
                     "registry only",
          .hint = "publish it on a registry of your own",
          .notes = {"{output}"}},
      Row{.code = "node.not-on-registry",
          .message = "'{name}': expected a package of the npm registry, found {found}",
          .hint = "publish it on a registry of your own"},
      Row{.code = "node.unreachable",
          .message = "'{name}': the npm registry cannot be reached",
          .notes = {"{output}"}},
      Row{.code = "node.slow",
          .message = "npm was stopped, because the registry sends next to nothing"},
      Row{.code = "node.failed",
          .message = "npm could not resolve the packages",
          .notes = {"{output}"}},
      Row{.code = "node.replaced",
          .message = "{name} {version}: the npm registry has another file under the locked version",
          .hint = "if the new file is right: cc-ci lock --update {name}",
          .notes = {"locked: sha256 {expected}", "found: sha256 {found}"}},
  };
  return rows;
}

}  // namespace ccci::wording

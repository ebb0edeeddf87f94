// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> engine_wording() {
  static constexpr std::array rows{
      Row{.code = "engine.not-root",
          .message = "testing a recipe needs root: it takes namespaces, mounts and control groups",
          .hint = "run cc-ci as root"},
      Row{.code = "engine.no-engine",
          .message = "{socket}: the declared engine cannot be reached: {cause}",
          .hint = "start it, or correct engine in [recipes]"},
      Row{.code = "engine.no-swarm",
          .message = "{socket}: expected an engine that manages a swarm, found the swarm state "
                     "'{state}'",
          .hint = "run 'docker swarm init' on that engine"},
      Row{.code = "engine.elsewhere",
          .message =
              "{socket}: the engine keeps its data in {path}, which is not here: cc-ci reads "
              "and writes the volumes of a test itself",
          .hint = "declare an engine that runs on this machine, outside of containers"},
      Row{.code = "engine.foreign",
          .message = "{kind} '{name}' is in the engine already and does not belong to this test",
          .hint = "if nobody needs it: docker {kind} rm {name}"},
      Row{.code = "engine.denied",
          .message = "a private engine cannot be started: {step} is denied: {cause}",
          .hint = "'cc-ci doctor' shows what this host allows"},
      Row{.code = "engine.ended",
          .message = "the engine ended with status {status}",
          .hint = "'cc-ci doctor' shows what this host allows",
          .notes = {"{log}"}},
      Row{.code = "engine.parts",
          .message = "the engine cannot start containers any more: {problem}",
          .hint = "run the test again"},
      Row{.code = "engine.lost",
          .message =
              "the engine is not as it was when the test began: {daemon} {what}, so a failure "
              "says nothing of the recipe",
          .hint = "run the test again; 'dmesg' says whether the memory was used up"},
      Row{.code = "engine.slow",
          .message = "the engine did not answer within {limit}",
          .hint = "run fewer tests at once",
          .notes = {"{log}"}},
      Row{.code = "engine.name",
          .message = "engine '{name}': expected a name of at most 40 lower-case letters, digits "
                     "and '-'"},
      Row{.code = "engine.exists",
          .message = "{path}: an engine of this name exists",
          .hint = "choose another name"},
      Row{.code = "engine.unknown",
          .message = "engine '{name}': does not exist",
          .hint = "cc-ci test --remove takes a name of {directory}"},
      Row{.code = "engine.in-use",
          .message = "engine '{name}': process {process} still uses it",
          .hint = "end that process first"},
      Row{.code = "engine.record",
          .message = "{path}: the record of an engine cannot be read: {problem}"},
      Row{.code = "engine.unreachable",
          .message = "{socket}: the engine cannot be reached: {cause}"},
      Row{.code = "engine.silent", .message = "{call}: the engine did not answer within {limit}"},
      Row{.code = "engine.broken",
          .message = "{call}: the connection to {socket} failed: {problem}"},
      Row{.code = "engine.too-large", .message = "{call}: the answer is longer than {limit}"},
      Row{.code = "engine.not-json", .message = "{call}: the answer is not JSON"},
      Row{.code = "engine.refused",
          .message = "{call}: the engine refused with status {status}: {problem}"},
      Row{.code = "engine.load",
          .message = "the image archive cannot be loaded: {problem}",
          .hint = "make the archive anew with 'docker save' or as an OCI archive",
          .notes = {"the archive is {archive}"}},
      Row{.code = "engine.archive",
          .message = "the image archive cannot be used: {problem}",
          .hint = "make it with 'docker save' or as an OCI archive",
          .notes = {"the archive is {archive}"}},
      Row{.code = "engine.archive-nameless",
          .message =
              "the image archive cannot be used: expected the name of an image, found {found}",
          .hint =
              "'skopeo copy oci-archive:{archive} oci-archive:NEW.tar:NAME:TAG' writes its name "
              "into another one",
          .notes = {"the archive is {archive}"},
          .other_hint = "save it by its name: docker save NAME:TAG"},
      Row{.code = "engine.seed",
          .message = "{path}: cannot be used as images for an engine: {problem}"},
      Row{.code = "engine.driver",
          .message = "the engine cannot use prepared images: expected the storage driver overlay2, "
                     "found {driver}",
          .hint = "--state on a file system that overlayfs can use, as ext4 or xfs"},
      Row{.code = "engine.missing",
          .message = "{kind} '{name}': declared as external, but the engine does not have it"},
      Row{.code = "engine.content",
          .message =
              "{kind} '{name}': exists with another content, and the engine cannot change it",
          .hint = "give the new content another name",
          .notes = {"{problem}"}},
      Row{.code = "engine.version",
          .message = "expected an engine with an API version from {oldest} to {newest}, found one "
                     "with {offered}",
          .hint = "use Docker 20.10 or newer",
          .notes = {"the oldest version that it accepts is {least}"}},
  };
  return rows;
}

}  // namespace ccci::wording

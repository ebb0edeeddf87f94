// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> host_wording() {
  static constexpr std::array rows{
      Row{.code = "host.no-proc",
          .message = "/proc/self/exe: cannot be read: {cause}",
          .hint = "mount -t proc proc /proc"},
      Row{.code = "host.no-launcher",
          .message = "cc-ci-enter: expected at {first} or {second}, found at neither path",
          .hint = "install both programs of the package cc-ci: cc-ci and cc-ci-enter"},
      Row{.code = "host.entrypoint",
          .message = "entrypoint '{name}': cannot be executed: {problem}",
          .hint = "use a state directory with a short path and without blanks (--state)"},
      Row{.code = "host.release",
          .message = "environment {environment}: its namespace could not be released: "
                     "cc-ci-enter ended with status {status}",
          .notes = {"{output}"}},
      Row{.code = "host.unit",
          .message = "'{value}': expected plain words of a unit file, found {found}"},
      Row{.code = "host.object", .message = "{path}: cannot be written into the store: {cause}"},
  };
  return rows;
}

}  // namespace ccci::wording

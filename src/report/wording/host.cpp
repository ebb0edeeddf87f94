// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> host_wording() {
  static constexpr std::array rows{
      Wording{.code = "host.no-launcher",
              .message = "cc-ci-enter: expected at {first} or {second}, found at neither path",
              .hint = "install both programs of the package cc-ci: cc-ci and cc-ci-enter"},
      Wording{.code = "host.entrypoint",
              .message = "entrypoint '{name}': cannot be executed: {problem}",
              .hint = "use a shorter state directory (--state)"},
      Wording{.code = "host.release",
              .message = "environment {environment}: its namespace could not be released: "
                         "cc-ci-enter ended with status {status}",
              .notes = {"{output}"}},
      Wording{.code = "host.unit",
              .message = "'{value}': expected plain words of a unit file, found {found}"},
      Wording{.code = "host.object",
              .message = "{path}: cannot be written into the store: {cause}"},
  };
  return rows;
}

}  // namespace ccci::report

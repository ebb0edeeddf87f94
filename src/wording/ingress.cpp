// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> ingress_wording() {
  static constexpr std::array rows{
      Row{.code = "ingress.refused",
          .message = "haproxy does not start with the routes of the stack",
          .hint = "the environment must have the package haproxy",
          .notes = {"{log}"}},
      Row{.code = "ingress.slow",
          .message = "haproxy did not answer within {limit}",
          .hint = "run fewer tests at once",
          .notes = {"{log}"}},
      Row{.code = "ingress.certificate",
          .message = "a certificate for the names of the stack cannot be made: {problem}"},
      Row{.code = "ingress.too-many",
          .message = "expected at most {limit} {what} in the routes of a stack, found {found}"},
      Row{.code = "ingress.silent", .message = "{address}: no complete answer within {limit}"},
      Row{.code = "ingress.broken", .message = "{address}: the connection failed: {problem}"},
  };
  return rows;
}

}  // namespace ccci::wording

// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/unreachable.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "deploy/remote.hpp"

namespace ccci::deploy {

namespace {

struct Sign {
  int status;
  std::string_view text;  // found anywhere in the output
  std::string_view code;
};

// The first match counts. ssh exits with 255 if it cannot connect, a shell with 127 if there is no
// such program, sudo with 1, and cc-ci with 2 if it does not know the arguments.
constexpr std::array signs{
    Sign{no_connection, "HOST IDENTIFICATION HAS CHANGED", "deploy.host-key-changed"},
    Sign{no_connection, "REVOKED HOST KEY", "deploy.host-key-changed"},
    Sign{no_connection, "Host key verification failed", "deploy.host-key"},
    Sign{no_connection, "Permission denied", "deploy.login"},
    Sign{no_connection, "Too many authentication failures", "deploy.login"},
    Sign{no_connection, "", "deploy.unreachable"},
    Sign{1, "sudo: cc-ci: command not found", "deploy.absent"},
    Sign{1, "sudo", "deploy.sudo"},
    Sign{1, "is not allowed to execute", "deploy.sudo"},
    Sign{127, "sudo: ", "deploy.sudo"},
    Sign{127, "", "deploy.absent"},
    Sign{2, "'receive'", "deploy.old"},
};

}  // namespace

std::string said(const base::Outcome& outcome) {
  const std::string_view text = base::trim(outcome.err);
  return text.empty() ? "exit status " + std::to_string(outcome.status) : std::string(text);
}

base::Error unreachable_error(const std::string& host, const std::string& destination,
                              const base::Outcome& outcome) {
  const auto sign = std::ranges::find_if(signs, [&](const Sign& one) {
    return one.status == outcome.status && outcome.err.find(one.text) != std::string::npos;
  });
  return base::fail(sign == signs.end() ? "deploy.cut" : sign->code)
      .with("host", host)
      .with("destination", destination)
      .with("output", said(outcome));
}

}  // namespace ccci::deploy

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
  bool sudo = false;  // sudo did not let the user run the command
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
    Sign{1, "sudo", "deploy.sudo", true},
    Sign{1, "is not allowed to execute", "deploy.sudo", true},
    Sign{127, "sudo: ", "deploy.sudo"},  // there is no sudo
    Sign{127, "", "deploy.absent"},
    Sign{2, "'receive'", "deploy.old"},
};

const Sign* sign_of(const base::Outcome& outcome) {
  const auto* const sign = std::ranges::find_if(signs, [&](const Sign& one) {
    return one.status == outcome.status && outcome.err.find(one.text) != std::string::npos;
  });
  return sign == signs.end() ? nullptr : sign;
}

}  // namespace

bool forbidden_by_sudo(const base::Outcome& outcome) {
  const Sign* const sign = sign_of(outcome);
  return sign != nullptr && sign->sudo;
}

base::Error undelivered(const std::string& host, const std::string& destination, base::Error error,
                        const base::Outcome& outcome) {
  if (error.is(base::Condition::interrupted)) return std::move(error).with("host", host);
  if (error.is(base::Condition::mute)) return unreachable_error(host, destination, outcome);
  if (error.is(base::Condition::silent)) {
    return base::fail("deploy.silent")
        .with("host", host)
        .with("seconds", error.field("seconds"))
        .with("waiting", error.field("waiting"));
  }
  if (!error.field("host").empty()) return error;
  const bool ended = error.is(base::Condition::ended) || error.is(base::Condition::disconnected);
  const bool printed = !base::trim(outcome.err).empty();
  base::Error whole = base::fail(ended ? "deploy.cut" : "deploy.undelivered").with("host", host);
  if (printed) whole = std::move(whole).with("output", said(outcome));
  if (!ended || !printed) whole.also = {std::move(error)};
  return whole;
}

std::string said(const base::Outcome& outcome) {
  const std::string_view text = base::trim(outcome.err);
  return text.empty() ? "exit status " + std::to_string(outcome.status) : std::string(text);
}

base::Error unreachable_error(const std::string& host, const std::string& destination,
                              const base::Outcome& outcome) {
  const Sign* const sign = sign_of(outcome);
  return base::fail(sign == nullptr ? "deploy.cut" : sign->code)
      .with("host", host)
      .with("destination", destination)
      .with("output", said(outcome));
}

}  // namespace ccci::deploy

// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/remote.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/shell.hpp"
#include "deploy/destination.hpp"

namespace ccci::deploy {

namespace {

constexpr std::size_t most_answered = 16U << 20U;
constexpr std::size_t largest_block = 64U << 10U;
// A constant text: the words of the command are its arguments.
constexpr const char* as_root =
    R"sh(if [ "$(id -u)" = 0 ]; then exec "$@"; fi; exec sudo -n -- "$@")sh";
// Many times longer than the receiver's interval between two signs of life.
constexpr std::chrono::seconds silence{60};

base::Result<base::Outcome> run_to_end(const std::vector<std::string>& argv,
                                       std::chrono::seconds limit,
                                       const std::function<bool()>& interrupted) {
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto over = [&interrupted, end] {
    return std::chrono::steady_clock::now() >= end || (interrupted && interrupted());
  };
  CCCI_TRY(const auto talk, converse_with(argv, {{}, over, false}));
  return listen_to_end(*talk);
}

}  // namespace

base::Outcome listen_to_end(Conversation& talk) {
  std::string out;
  std::string block(largest_block, '\0');
  bool whole = false;
  for (;;) {
    const auto count = talk.read(block.data(), block.size());
    if (!count) break;
    whole = *count == 0;
    if (whole) break;
    out.append(block, 0, std::min(*count, most_answered - std::min(most_answered, out.size())));
  }
  base::Outcome outcome = talk.finish();
  outcome.out = std::move(out);
  outcome.timed_out = outcome.timed_out || !whole;
  if (outcome.timed_out) outcome.status = no_connection;
  return outcome;
}

base::Result<Ssh> Ssh::open(const std::string& destination, std::function<bool()> interrupted) {
  CCCI_CHECK(check_destination(destination));
  return Ssh(destination, std::move(interrupted));
}

std::vector<std::string> Ssh::argv(const std::vector<std::string>& words) const {
  std::vector<std::string> there{"/bin/sh", "-c", as_root, "sh"};
  there.insert(there.end(), words.begin(), words.end());
  // No password, no prompt, no terminal, no forwarding and no shared older connection. The host key
  // must be known, whatever the user's settings say; a RemoteCommand of theirs would make ssh
  // refuse the command. A cut link is noticed within 15 seconds. LC_ALL=C: unreachable.hpp reads
  // untranslated messages.
  return {"ssh",
          "-T",
          "-a",
          "-x",
          "-oBatchMode=yes",
          "-oStrictHostKeyChecking=yes",
          "-oClearAllForwardings=yes",
          "-oRemoteCommand=none",
          "-oPermitLocalCommand=no",
          "-oRequestTTY=no",
          "-oControlMaster=no",
          "-oControlPath=none",
          "-oConnectTimeout=10",
          "-oServerAliveInterval=5",
          "-oServerAliveCountMax=3",
          "-oSetEnv=LC_ALL=C",
          "--",
          destination_,
          base::shell_line(there)};
}

base::Result<std::unique_ptr<Conversation>> Ssh::start(const std::vector<std::string>& words) {
  return converse_with(argv(words), {silence, interrupted_, true});
}

base::Result<base::Outcome> Ssh::run(const std::vector<std::string>& words,
                                     std::chrono::seconds limit) {
  return run_to_end(argv(words), limit, interrupted_);
}

std::vector<std::string> Here::argv(const std::vector<std::string>& words) {
  std::vector<std::string> here = words;
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!here.empty() && here.front() == "cc-ci" && !error) here.front() = program.native();
  if (geteuid() != 0) here.insert(here.begin(), {"sudo", "-n", "--"});
  return here;
}

base::Result<std::unique_ptr<Conversation>> Here::start(const std::vector<std::string>& words) {
  return converse_with(argv(words), {silence, interrupted_, true});
}

base::Result<base::Outcome> Here::run(const std::vector<std::string>& words,
                                      std::chrono::seconds limit) {
  return run_to_end(argv(words), limit, interrupted_);
}

}  // namespace ccci::deploy

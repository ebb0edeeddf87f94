// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/fire.hpp"

#include "host/unit_text.hpp"

namespace ccci::witness {

namespace {

constexpr const char* origin = "# Written by cc-ci witness, for a moment only.\n";

}  // namespace

base::Result<std::string> service_drop_in(const std::vector<std::string>& commands,
                                          const std::string& probe) {
  if (commands.size() != 1) {
    return base::unexpected(
        base::fail("witness.exec").with("count", static_cast<long long>(commands.size())));
  }
  const std::string& command = commands.front();
  const std::size_t begin = command.find_first_not_of("@-:+!|");
  const std::string prefix = command.substr(0, begin);
  // With '@' the second word is the program's argv[0], so the probe cannot be inserted before it.
  if (begin == std::string::npos || prefix.find('@') != std::string::npos) {
    return base::unexpected(base::fail("witness.exec").with("count", 0LL));
  }
  std::string text = origin;
  text += "[Service]\nExecStart=\nExecStart=" + prefix + "/bin/sh " + host::unit_word(probe) + " " +
          command.substr(begin) + "\n";
  return text;
}

std::string timer_drop_in() {
  // Persistent=no: in the meantime systemd neither reads nor writes the time of the last real run.
  return std::string(origin) +
         "[Timer]\nOnActiveSec=0\nAccuracySec=1us\nRandomizedDelaySec=0\nPersistent=no\n";
}

}  // namespace ccci::witness

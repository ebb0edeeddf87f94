// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a maintainer script, as a systemd unit, as a crontab and as nsswitch.conf: no path
// that leads out of the root, and words that are written come back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "configure/shell_commands.hpp"
#include "doctor/cron_checkup.hpp"
#include "doctor/runner_observation.hpp"
#include "doctor/view_checkup.hpp"
#include "environment/alternatives.hpp"
#include "environment/script_reader.hpp"
#include "host/unit_text.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_inside(const std::string& path) {
  require(!path.empty() && path.front() != '/');
  require(("/" + path + "/").find("/../") == std::string::npos);
}

void script(const std::string& text) {
  require(environment::invocations(text, "dpkg-divert").size() <= 4096);
  const auto candidates = environment::read_alternatives(text, "p");
  for (const auto& candidate : candidates.found) {
    require_inside(candidate.link);
    require_inside(candidate.target);
    for (const auto& slave : candidate.slaves) {
      require_inside(slave.link);
      require_inside(slave.target);
    }
  }
  static_cast<void>(
      environment::choose(candidates.found, [](const std::string& path) { return !path.empty(); }));
}

void shell(const std::string& text) {
  const configure::ShellScript read = configure::read_shell(text);
  for (const configure::SimpleCommand& command : read.commands)
    require(!command.words.empty() || command.writes);
  // A comment changes nothing.
  const configure::ShellScript again = configure::read_shell("# comment\n" + text);
  require(again.certain == read.certain);
  if (read.certain) require(again.commands == read.commands);
}

void tables(const std::string& text) {
  for (const char* user : {"", "ci"}) {
    for (const doctor::CronJob& job : doctor::read_crontab(text, "/etc/cron.d/a", user)) {
      require(!job.command.empty() && job.command.find('\n') == std::string::npos);
      static_cast<void>(job.is_inside());
    }
  }
  static_cast<void>(doctor::read_nsswitch(text));
}

void unit(const std::string& text) {
  for (const char* key : {"ExecStart", "Environment", "User"}) {
    for (const std::string& value : host::settings({text, text}, "Service", key)) {
      const auto words = host::unit_words(value);
      if (!words) continue;
      for (const std::string& word : *words) {
        const auto back = host::unit_words(host::unit_word(word));
        require(back && back->size() == 1 && back->front() == word);
      }
    }
  }
  doctor::ObservedUnit observed{"a.service", "loaded", {{"/etc/a", text}}};
  static_cast<void>(doctor::environment_files(observed));
  static_cast<void>(doctor::file_variables(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  script(text);
  shell(text);
  unit(text);
  tables(text);
  return 0;
}

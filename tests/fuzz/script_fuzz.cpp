// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a maintainer script and as a systemd unit: no path that leads out of the root, and
// words that are written come back the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "doctor/runner_observation.hpp"
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
  host::ObservedUnit observed{"a.service", "loaded", {{"/etc/a", text}}};
  static_cast<void>(host::environment_files(observed));
  static_cast<void>(host::file_variables(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  script(text);
  unit(text);
  return 0;
}

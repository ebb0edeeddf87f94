// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/gate_service.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/text.hpp"

namespace ccci::cli {

namespace fs = std::filesystem;

namespace {

// The XDG base directory specification says that relative values are ignored.
fs::path base_directory(const char* variable, const char* below_home) {
  const char* value = std::getenv(variable);
  if (value != nullptr && value[0] == '/') return value;
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return fs::path(home) / below_home;
  return {};
}

}  // namespace

Option key_option() {
  return {.name = "key",
          .value = "NAME",
          .help = "the key that signs: its name, or a file",
          .shown = "your only key"};
}

Option remote_option() {
  return {.name = "remote",
          .value = "NAME",
          .help = "the git remote that must have the commit",
          .shown = "the branch's, or origin"};
}

base::Result<fs::path> key_directory() {
  const fs::path config = base_directory("XDG_CONFIG_HOME", ".config");
  if (config.empty()) return base::unexpected(base::fail("gate.no-key-home"));
  return config / "cc-ci" / "keys";
}

base::Result<gate::Service> open_gate(Invocation& invocation) {
  return open_gate(invocation, fs::current_path());
}

base::Result<gate::Service> open_gate(Invocation& invocation, const fs::path& directory) {
  const fs::path state = base_directory("XDG_STATE_HOME", ".local/state");
  if (state.empty()) return base::unexpected(base::fail("gate.no-key-home"));
  return gate::Service::open(directory, state / "cc-ci" / "checkpoints", base::real_processes(),
                             invocation.progress());
}

base::Result<gate::PrivateKey> chosen_key(const Invocation& invocation) {
  const auto given = invocation.value("key");
  if (given && given->find('/') != std::string::npos) return gate::load_key(*given);
  CCCI_TRY(const fs::path directory, key_directory());
  if (given) return gate::load_key(directory / *given);
  std::vector<std::string> names;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, none)) {
    names.push_back(entry.path().filename().native());
  }
  std::sort(names.begin(), names.end());
  if (names.size() == 1) return gate::load_key(directory / names.front());
  return base::unexpected(base::fail("gate.which-key")
                              .with("directory", directory.native())
                              .with("count", base::counted(names.size(), "key"))
                              .with("names", base::join(names, ", ")));
}

gate::Time wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Option override_option() {
  return {.name = "override",
          .value = "REASON",
          .help =
              "go on although a gate of [gates] has no fresh PASS, and record REASON in the "
              "generation",
          .group = "Gates"};
}

base::Result<std::string> require_gates(Invocation& invocation, const project::Project& project,
                                        const std::string& command) {
  std::vector<std::string> wanted;
  for (const auto& [gate, blocks] : project.declaration.gates) {
    if (std::find(blocks.begin(), blocks.end(), command) != blocks.end()) wanted.push_back(gate);
  }
  const std::string reason = invocation.value("override").value_or("");
  if (wanted.empty() || !reason.empty()) return wanted.empty() ? std::string() : reason;
  CCCI_TRY(gate::Service service, open_gate(invocation, project.directory()));
  CCCI_TRY(const std::vector<gate::Status> all, service.status(wall_clock()));
  std::vector<base::Error> errors;
  for (const std::string& name : wanted) {
    CCCI_CHECK(service.phase_of(name));
    const gate::GateStatus* gate = nullptr;
    for (const gate::Status& status : all) {
      if (const gate::GateStatus* found = status.find(name)) gate = found;
    }
    if (gate == nullptr) continue;
    if (gate->state != gate::State::passed) {
      errors.push_back(base::fail("gate.blocks")
                           .with("gate", name)
                           .with("command", command)
                           .with("state", gate::state_name(gate->state))
                           .with("why", gate->reason));
      continue;
    }
    CCCI_TRY(const std::vector<std::string> changed, service.differs_from(gate->claim->text));
    if (changed.empty()) continue;
    constexpr std::size_t shown = 10;
    std::vector<std::string> first(
        changed.begin(),
        changed.begin() + static_cast<std::ptrdiff_t>(std::min(shown, changed.size())));
    errors.push_back(base::fail("gate.blocks-changed")
                         .with("gate", name)
                         .with("command", command)
                         .with("commit", gate->claim->text.substr(0, 12))
                         .with("files", base::join(first, "\n")));
  }
  if (errors.empty()) return std::string();
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::cli

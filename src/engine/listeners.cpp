// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/listeners.hpp"

#include "base/text.hpp"
#include "engine/containers.hpp"

namespace ccci::engine {

namespace {

constexpr std::string_view listening = "0A";
constexpr std::string_view name_server = "0B00007F:";  // 127.0.0.11
constexpr std::chrono::milliseconds patience_with_cat{5'000};

}  // namespace

// "  0: 00000000:1F90 00000000:0000 0A …": the number, both ends, the state.
bool has_listener(std::string_view table) {
  for (const std::string_view line : base::split(table, '\n')) {
    std::vector<std::string_view> words;
    for (const std::string_view word : base::split(line, ' ')) {
      if (!word.empty()) words.push_back(word);
      if (words.size() == 4) break;
    }
    if (words.size() == 4 && words[3] == listening && !words[1].starts_with(name_server))
      return true;
  }
  return false;
}

// The container itself is asked: its process has another number on the host, if it has one there.
bool listens(const Api& api, const std::string& container) {
  ExecCommand command;
  command.argv = {"cat", "/proc/net/tcp", "/proc/net/tcp6"};
  command.deadline = patience_with_cat;
  const auto said = exec_in(api, container, command);
  return said && has_listener(said->output.out);
}

}  // namespace ccci::engine

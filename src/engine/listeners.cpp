// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/listeners.hpp"

#include <algorithm>
#include <charconv>

#include "base/files.hpp"
#include "base/text.hpp"
#include "engine/containers.hpp"

namespace ccci::engine {

namespace {

constexpr std::string_view listening = "0A";
constexpr std::string_view name_server = "0B00007F";  // 127.0.0.11
constexpr std::chrono::milliseconds patience_with_cat{5'000};
constexpr std::uint64_t largest_table = 4U << 20U;

// The kernel prints each word of an address in the machine's order of bytes: 127.0.0.1 is 0100007F.
bool is_loopback(std::string_view address) {
  constexpr std::string_view mapped = "0000000000000000FFFF0000";  // ::ffff:127.0.0.1
  if (address == "00000000000000000000000001000000") return true;
  if (address.size() == 32 && !address.starts_with(mapped)) return false;
  return address.ends_with("7F");
}

// "00000000:1F90"
std::optional<Listener> read_end(std::string_view end) {
  const std::size_t colon = end.rfind(':');
  if (colon == std::string_view::npos || end.substr(0, colon) == name_server) return std::nullopt;
  const std::string_view digits = end.substr(colon + 1);
  Listener found;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), found.port, 16);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  found.own_only = is_loopback(end.substr(0, colon));
  return found;
}

}  // namespace

// "  0: 00000000:1F90 00000000:0000 0A …": the number, both ends, the state.
std::vector<Listener> listeners_in(std::string_view table) {
  std::vector<Listener> found;
  for (const std::string_view line : base::split(table, '\n')) {
    std::vector<std::string_view> words;
    for (const std::string_view word : base::split(line, ' ')) {
      if (!word.empty()) words.push_back(word);
      if (words.size() == 4) break;
    }
    if (words.size() != 4 || words[3] != listening) continue;
    if (const auto end = read_end(words[1])) found.push_back(*end);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

// From outside where that is possible: many images have no `cat`.
std::optional<std::vector<Listener>> listeners_of(const Engine& engine,
                                                  const std::string& container) {
  if (const pid_t process = engine.process_of(container); process > 0) {
    const std::string net = "/proc/" + std::to_string(process) + "/net/";
    const auto tcp = base::read_file(net + "tcp", largest_table);
    const auto tcp6 = base::read_file(net + "tcp6", largest_table);  // absent without IPv6
    if (tcp) return listeners_in(*tcp + (tcp6 ? *tcp6 : std::string()));
  }
  ExecCommand command;
  command.argv = {"cat", "/proc/net/tcp", "/proc/net/tcp6"};
  command.deadline = patience_with_cat;
  const auto said = exec_in(engine.api(), container, command);
  if (!said || said->output.out.empty()) return std::nullopt;
  return listeners_in(said->output.out);
}

bool listens(const Engine& engine, const std::string& container) {
  const auto found = listeners_of(engine, container);
  return found && !found->empty();
}

}  // namespace ccci::engine

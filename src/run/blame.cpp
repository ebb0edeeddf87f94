// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/blame.hpp"

#include <sys/sysinfo.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "recipe/health_page.hpp"

namespace ccci::run {

namespace {

constexpr std::size_t longest_command = 200;
constexpr std::size_t most_ports = 5;

// The command of a check as one line.
std::string command_of(const recipe::Healthcheck& check) {
  std::vector<std::string> words = check.test;
  if (!words.empty() && (words.front() == "CMD" || words.front() == "CMD-SHELL"))
    words.erase(words.begin());
  std::string text = base::join(words, " ");
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() <= longest_command) return text;
  std::size_t end = longest_command;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + " …";
}

// A check runs inside of the container, so it reaches a port of the container's own too.
std::string ports_of(const std::vector<engine::Listener>& listeners) {
  std::vector<std::string> ports;
  for (const engine::Listener& one : listeners) {
    const std::string port = std::to_string(one.port);
    if (ports.size() < most_ports && std::find(ports.begin(), ports.end(), port) == ports.end())
      ports.push_back(port);
  }
  if (ports.empty()) return "the service listens on no port";
  return std::string("the service listens on ") + (ports.size() == 1 ? "port " : "ports ") +
         base::join(ports, ", ");
}

std::string about_check(const Circumstances& circumstances) {
  const recipe::Service* service = circumstances.service;
  const bool own =
      service != nullptr && service->healthcheck && !service->healthcheck->test.empty();
  std::string text = own ? "; the check is: " + command_of(*service->healthcheck)
                         : std::string("; the check is that of the image");
  // Docker runs the words of a text, and only a list with this word turns a check off.
  if (own && command_of(*service->healthcheck) == "NONE")
    return text + R"(; to have none, write test: ["NONE"])";
  if (!circumstances.listeners) return text;
  const auto page = own ? recipe::health_page(*service->healthcheck) : std::nullopt;
  const bool asked =
      page && std::any_of(circumstances.listeners->begin(), circumstances.listeners->end(),
                          [&](const engine::Listener& one) { return one.port == page->port; });
  if (asked) return text;
  text += "; " + ports_of(*circumstances.listeners);
  if (page && !circumstances.listeners->empty())
    text += " and not on port " + std::to_string(page->port) + ": correct the check";
  return text;
}

// A check that does not pass while its start_period lasts counts as no failure for the engine.
std::string about_slowness(const Circumstances& circumstances) {
  const recipe::Service* service = circumstances.service;
  const bool checked = service != nullptr && service->healthcheck &&
                       !service->healthcheck->test.empty() &&
                       service->healthcheck->test.front() != "NONE";
  if (checked)
    return about_check(circumstances) + "; if it needs longer, raise timeout in [recipes.NAME]";
  return "; raise timeout in [recipes.NAME], or give the app a health check with a start_period";
}

std::string about_memory(const Circumstances& circumstances) {
  const recipe::Service* service = circumstances.service;
  const auto limit = service != nullptr ? service->deploy.limits.memory : std::nullopt;
  if (limit && *limit > 0)
    return "; its limit is " + base::human_bytes(static_cast<std::uint64_t>(*limit)) +
           ", from the recipe: raise deploy.resources.limits.memory of the service";
  std::string text = "; the recipe sets no limit, so the machine's memory was used up";
  if (circumstances.memory > 0) text += " (" + base::human_bytes(circumstances.memory) + " in all)";
  return text + ": set deploy.resources.limits.memory of the service, or test on a larger machine";
}

// Whether the line names the file, and not only one whose name ends or begins so.
bool names_env_file(std::string_view line) {
  constexpr std::string_view file = ".env";
  const auto of_a_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  for (std::size_t at = line.find(file); at != std::string_view::npos;
       at = line.find(file, at + 1)) {
    const std::string_view after = line.substr(at + file.size());
    const bool longer =
        !after.empty() &&
        (of_a_name(after[0]) || (after[0] == '.' && after.size() > 1 && of_a_name(after[1])));
    if ((at == 0 || !of_a_name(line[at - 1])) && !longer) return true;
  }
  return false;
}

bool misses_env_file(std::string_view line) {
  constexpr std::array<std::string_view, 14> absent{
      "no such file", "No such file",   "not found",      "missing",        "Missing",
      "Cannot find",  "failed to open", "Failed to open", "does not exist", "ENOENT",
      "cannot open",  "Cannot open",    "unable to read", "Unable to read"};
  return names_env_file(line) &&
         std::any_of(absent.begin(), absent.end(), [&](std::string_view words) {
           return line.find(words) != std::string_view::npos;
         });
}

}  // namespace

std::string blame(engine::Cause cause, const Circumstances& circumstances) {
  switch (cause) {
    case engine::Cause::unhealthy:
      return about_check(circumstances);
    case engine::Cause::memory:
      return about_memory(circumstances);
    case engine::Cause::no_node:
      return "; a test has one node without labels of its own: look at deploy.placement and "
             "deploy.resources";
    case engine::Cause::slow:
      return about_slowness(circumstances);
    default:
      return {};
  }
}

std::string about_env_file(std::string_view words) {
  const std::vector<std::string_view> lines = base::split(words, '\n');
  if (std::none_of(lines.begin(), lines.end(), misses_env_file)) return {};
  return "; a container has no file .env: write its values into .env.sample, and the service gets "
         "them as variables";
}

std::uint64_t memory_of_machine() {
  struct sysinfo about {};
  if (sysinfo(&about) != 0) return 0;
  return static_cast<std::uint64_t>(about.totalram) * about.mem_unit;
}

}  // namespace ccci::run

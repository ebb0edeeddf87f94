// SPDX-License-Identifier: GPL-3.0-or-later
// The first byte picks a reader, the rest is what a recipe's author wrote: it is refused with a
// place, or read to a value within the bounds. Reading twice gives the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "recipe/draft.hpp"
#include "recipe/env_file.hpp"
#include "recipe/route.hpp"
#include "recipe/version.hpp"

namespace {

using namespace ccci;
using namespace ccci::recipe;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t nodes_of(const Node& node, int depth) {
  require(depth <= deepest_node + 1);
  std::size_t count = 1;
  for (const Node& item : node.items) count += nodes_of(item, depth + 1);
  for (const Member& member : node.members) count += nodes_of(member.value, depth + 1);
  return count;
}

void compose(const std::string& text) {
  Sources sources;
  const int file = sources.add("compose.yml", text);
  auto document = read_tree(text, file, sources);
  require(document.has_value() == read_tree(text, file, sources).has_value());
  if (!document) {
    require(!document.error().code.empty() && !document.error().where.empty());
    return;
  }
  require(nodes_of(document->root, 0) <= most_nodes);
  std::set<std::string> unset;
  const Variables variables{{"STACK_NAME", "demo"}, {"DOMAIN", "demo.example"}, {"EMPTY", ""}};
  if (!interpolate(document->root, variables, sources, unset)) return;
  std::vector<Deviation> deviations;
  Reading reading(sources, deviations);
  Draft draft = read_draft(reading, document->root);
  for (const base::Error& error : reading.errors())
    require(!error.code.empty() && error.where.size() == 1);
  Draft again = draft;
  merge(again, std::move(draft));
  Stack stack;
  for (auto& [key, service] : again.services) stack.services.push_back(std::move(service.service));
  for (const Route& route : routing_of(stack).routes) require(!route.matches.empty());
}

void env_file(const std::string& text) {
  Sources sources;
  const int file = sources.add(".env.sample", text);
  const auto read = read_env_file(text, file, sources);
  if (read) {
    for (const EnvEntry& entry : read->entries) require(!entry.key.empty());
    const auto again = read_env_file(text, file, sources);
    require(again.has_value() && again->entries == read->entries);
  } else {
    require(!read.error().where.empty());
  }
  const auto docker = read_docker_env(text, file, sources, {});
  require(docker.has_value() || !docker.error().where.empty());
}

void words(const std::string& text) {
  std::set<std::string> unset;
  interpolate(text, Variables{{"X", "x"}}, unset);
  variables_in(text);
  read_exports(text);
  const Rule rule = read_rule(text);
  require(!rule.matches.empty() || !rule.why.empty());
  const auto version = read_version(text);
  if (const auto* good = std::get_if<Version>(&version)) require(good->text == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      compose(text);
      break;
    case 1:
      env_file(text);
      break;
    default:
      words(text);
  }
  return 0;
}

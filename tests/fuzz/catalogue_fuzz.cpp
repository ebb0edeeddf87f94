// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a catalogue of recipes, as the refs of a repository, and as an exported verdict:
// each name can be a file, and an imported verdict is the same when it is written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"
#include "git/remote.hpp"
#include "history/record.hpp"
#include "sweep/enrolment.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

void catalogue(const std::string& text) {
  const auto read = sweep::read_catalogue(text, "recipes.json", sweep::Repositories::remote);
  if (!read) return;
  for (const auto& [name, recipe] : read->recipes) {
    require(!name.empty() && name.find('/') == std::string::npos && name.front() != '.' &&
            name.front() != '-');
    require(read->unusable.contains(name) || recipe.source.find(':') != std::string::npos);
    require(recipe.source.empty() || recipe.source.front() != '-');
  }
}

void verdict(const std::string& text) {
  const auto json = base::Json::parse(text);
  if (!json) return;
  std::string why;
  const auto record = history::record_of(*json, why);
  require(record.has_value() || !why.empty());
  if (!record) return;
  const auto again = history::record_of(history::to_json(*record), why);
  require(again && *again == *record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  catalogue(text);
  verdict(text);
  static_cast<void>(git::read_remote_refs(text, "main"));
  return 0;
}

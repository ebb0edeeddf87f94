// SPDX-License-Identifier: GPL-3.0-or-later
// Takes typed values out of a tree. A value of the wrong type is reported and reads as absent, so
// one pass finds all mistakes. `null` reads as absent without a report.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recipe/stack.hpp"
#include "recipe/trail.hpp"
#include "recipe/tree.hpp"

namespace ccci::recipe {

using OptionalValues = std::map<std::string, std::optional<std::string>>;

class Reading {
 public:
  Reading(const Sources& sources, std::vector<Deviation>& deviations)
      : sources_(sources), deviations_(deviations) {}

  const Sources& sources() const { return sources_; }
  std::vector<base::Error>& errors() { return errors_; }

  // "[recipe.type] KEY: expected EXPECTED, found …"
  void wrong_type(const Node& node, const Trail& trail, std::string_view expected);
  // "[recipe.value] KEY: expected EXPECTED, found 'TEXT'"
  void wrong_value(const Node& node, const Trail& trail, std::string_view expected);
  void unknown_key(const Member& member, const Trail& trail,
                   std::span<const std::string_view> known);
  void report(base::Error error, const Place& at);
  void deviates(std::string_view service, std::string_view key, std::string_view what);

  bool is_map(const Node& node, const Trail& trail);
  std::optional<std::string> text(const Node& node, const Trail& trail);
  // Also takes a number or a boolean where Docker prints it.
  std::optional<std::string> word(const Node& node, const Trail& trail);
  std::optional<bool> boolean(const Node& node, const Trail& trail);
  std::optional<std::int64_t> integer(const Node& node, const Trail& trail);
  std::optional<std::uint64_t> count(const Node& node, const Trail& trail);
  std::optional<double> real(const Node& node, const Trail& trail);
  std::optional<Duration> duration(const Node& node, const Trail& trail);
  std::optional<std::int64_t> bytes(const Node& node, const Trail& trail);
  std::vector<std::string> texts(const Node& node, const Trail& trail);  // a list
  std::vector<std::string> text_or_texts(const Node& node, const Trail& trail);
  // A list of "KEY=VALUE" or a map; what has no value maps to nothing.
  OptionalValues values(const Node& node, const Trail& trail);
  // The same; what has no value maps to an empty text.
  Labels labels(const Node& node, const Trail& trail);
  // "CMD ARG" or a list.
  std::vector<std::string> command(const Node& node, const Trail& trail);

 private:
  const Sources& sources_;
  std::vector<Deviation>& deviations_;
  std::vector<base::Error> errors_;
};

}  // namespace ccci::recipe

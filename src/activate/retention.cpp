// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/retention.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view root_prefix = "generation-";
constexpr std::string_view root_kind = "root ";  // the prefix of explicit roots in store::roots()

base::Result<void> drop_roots(store::Store& store, const std::vector<std::uint64_t>& present) {
  CCCI_TRY(const std::vector<store::Root> roots, store::roots(store));
  for (const store::Root& root : roots) {
    const std::uint64_t number = generation_of(root);
    if (number == 0 || std::binary_search(present.begin(), present.end(), number)) continue;
    auto removed = store::remove_root(store, root_of(number));
    if (!removed && !removed.error().is(base::Condition::not_found)) return removed;
  }
  return {};
}

}  // namespace

std::uint64_t generation_of(const store::Root& root) {
  std::string_view name = root.name;
  for (const std::string_view prefix : {root_kind, root_prefix}) {
    if (!name.starts_with(prefix)) return 0;
    name.remove_prefix(prefix.size());
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

base::Result<std::vector<std::string>> generation_roots(const store::Store& store) {
  CCCI_TRY(const std::vector<store::Root> roots, store::roots(store));
  std::vector<std::string> names;
  for (const store::Root& root : roots) {
    const std::uint64_t number = generation_of(root);
    if (number != 0) names.push_back(root_of(number));
  }
  return names;
}

std::string root_of(std::uint64_t number) {
  return std::string(root_prefix) + std::to_string(number);
}

fs::path stamp_of(const Layout& layout, const std::string& timer) {
  return layout.at("/var/lib/systemd/timers") / ("stamp-" + timer);
}

std::vector<std::uint64_t> superfluous(std::vector<std::uint64_t> numbers, std::uint64_t current,
                                       std::uint64_t confirmed, std::size_t keep) {
  std::sort(numbers.begin(), numbers.end(), std::greater<>());
  const auto bound = [&](std::uint64_t number) { return number == current || number == confirmed; };
  const auto bounds =
      static_cast<std::size_t>(std::count_if(numbers.begin(), numbers.end(), bound));
  std::size_t others = keep > bounds ? keep - bounds : 0;
  std::vector<std::uint64_t> rest;
  for (const std::uint64_t number : numbers) {
    if (bound(number)) continue;
    if (others > 0) {
      --others;
    } else {
      rest.push_back(number);
    }
  }
  std::reverse(rest.begin(), rest.end());
  return rest;
}

base::Result<std::vector<std::uint64_t>> drop_generations(const Generations& generations,
                                                          store::Store& store, std::size_t keep) {
  CCCI_TRY(const std::uint64_t current, generations.current());
  CCCI_TRY(const std::vector<std::uint64_t> before, generations.numbers());
  const std::vector<std::uint64_t> dropped =
      superfluous(before, current, generations.confirmed(), keep);
  std::set<std::string> timers;
  for (const std::uint64_t number : dropped) {
    if (const auto generation = generations.read(number)) {
      for (const std::string& timer : timers_of(*generation)) timers.insert(timer);
    }
    CCCI_CHECK(generations.remove(number));
  }
  CCCI_TRY(const std::vector<std::uint64_t> present, generations.numbers());
  for (const std::uint64_t number : present) {
    if (timers.empty()) break;
    if (const auto generation = generations.read(number)) {
      for (const std::string& timer : timers_of(*generation)) timers.erase(timer);
    }
  }
  std::error_code error;
  for (const std::string& timer : timers) fs::remove(stamp_of(generations.layout(), timer), error);
  CCCI_CHECK(drop_roots(store, present));
  return dropped;
}

}  // namespace ccci::activate

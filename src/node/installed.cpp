// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/installed.hpp"

#include <algorithm>
#include <deque>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "source/debian/entries.hpp"
#include "source/mirror_path.hpp"

namespace ccci::node {

namespace {

constexpr std::string_view modules = "node_modules/";

struct Item {
  Installed installed;
  std::vector<std::string> depends;  // places
};

using Items = std::map<std::string, Item>;  // by place

base::Error not_on_registry(std::string_view place, std::string_view found) {
  return base::fail("node.not-on-registry")
      .with("name", base::printable(place.substr(0, 200)))
      .with("found", base::printable(found.substr(0, 200)));
}

// Node searches a module next to the one that needs it, then further up.
std::string find_dependency(const base::Json& packages, std::string_view from,
                            std::string_view name) {
  for (std::string base(from);;) {
    const std::string candidate =
        (base.empty() ? "" : base + "/") + std::string(modules) + std::string(name);
    if (packages.contains(candidate)) return candidate;
    if (base.empty()) return {};
    const std::size_t up = base.rfind("/node_modules/");
    base = up == std::string::npos ? "" : base.substr(0, up);
  }
}

base::Result<Item> read_item(const base::Json& answer, std::string_view where,
                             const base::Json& entry, const std::string& prefix) {
  const std::string_view place = where.substr(where.starts_with(modules) ? modules.size() : 0);
  const std::string url = source::debian::without_password(entry["resolved"].text_or_empty());
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  if (!where.starts_with(modules) || !source::is_npm_place(place) || !web ||
      entry["link"].boolean().value_or(false)) {
    return base::unexpected(not_on_registry(place, url.empty() ? "a directory" : url));
  }
  const base::Json& file = answer["files"][where];
  const std::string sha256 = file["sha256"].text_or_empty();
  if (!base::Digest::from_hex(sha256)) {
    return base::unexpected(not_on_registry(place, "no digest of its file"));
  }
  Item item;
  const std::string name = "npm:" + prefix + std::string(place);
  item.installed = {.package = {.name = name,
                                .version = entry["version"].text_or_empty(),
                                .architecture = "any",
                                .origin = source::Origin::npm,
                                .sha256 = sha256,
                                .size = file["size"].number().value_or(0),
                                .uri = url,
                                .suite = {},
                                .component = {},
                                .source_package = name,
                                .essential = false,
                                .depends = {},
                                .provides = {},
                                .because = {},
                                .sets = {}},
                    .file = file["file"].text_or_empty()};
  for (const char* kind : {"dependencies", "optionalDependencies", "peerDependencies"}) {
    for (const auto& [needed, range] : entry[kind].items()) {
      std::string found = find_dependency(answer["tree"]["packages"], where, needed);
      if (!found.empty()) item.depends.push_back(found.substr(modules.size()));
    }
  }
  return item;
}

// Gives the set to the package and to all that it depends on.
void spread(Items& items, const std::string& from, const std::string& set) {
  std::deque<std::string> open{from};
  while (!open.empty()) {
    const auto found = items.find(open.front());
    open.pop_front();
    if (found == items.end()) continue;
    std::vector<std::string>& sets = found->second.installed.package.sets;
    const bool shared = !sets.empty() && sets.front() == "shared";
    if (shared || std::find(sets.begin(), sets.end(), set) != sets.end()) continue;
    if (set == "shared") sets.clear();
    sets.push_back(set);
    open.insert(open.end(), found->second.depends.begin(), found->second.depends.end());
  }
}

void finish(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

base::Result<std::vector<Installed>> read_installed(const base::Json& answer,
                                                    const std::vector<Wanted>& wanted,
                                                    const std::string& prefix) {
  Items items;
  for (const auto& [where, entry] : answer["tree"]["packages"].items()) {
    if (where.empty() || entry["inBundle"].boolean().value_or(false)) continue;
    CCCI_TRY(Item item, read_item(answer, where, entry, prefix));
    items.emplace(where.substr(modules.size()), std::move(item));
  }
  for (const Wanted& one : wanted) {
    const auto found = items.find(one.name);
    if (found != items.end()) found->second.installed.package.because.push_back(one.because);
  }
  for (const auto& [place, item] : items) {
    for (const std::string& need : item.depends) {
      const auto found = items.find(need);
      if (found == items.end() || need == place) continue;
      found->second.installed.package.because.push_back("package npm:" + prefix + place);
    }
  }
  for (const bool shared : {true, false}) {
    for (const Wanted& one : wanted) {
      if ((one.set == "shared") == shared) spread(items, one.name, one.set);
    }
  }
  std::vector<Installed> all;
  for (auto& [place, item] : items) {
    source::Package& package = item.installed.package;
    // What is in the archive of another package may need it.
    if (package.because.empty()) package.because.push_back(wanted.front().because);
    if (package.sets.empty()) package.sets.emplace_back("shared");
    finish(package.because);
    finish(package.sets);
    all.push_back(std::move(item.installed));
  }
  return all;
}

}  // namespace ccci::node

// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/report.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <set>

#include "base/hash.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "source/debian/entries.hpp"

namespace ccci::python {

namespace {

struct Item {
  source::Package package;
  std::vector<std::string> depends;  // "pypi:NAME"
};

base::Error bad_report(std::string_view cause, std::string_view name = {}) {
  return base::fail("python.report").with("cause", cause).with("name", base::printable(name));
}

// The project that a dependency of a wheel names. Empty if only an extra wants it.
std::string dependency(const std::string& text) {
  const std::size_t marker = text.find(';');
  if (marker != std::string::npos && text.find("extra", marker) != std::string::npos) return {};
  std::size_t end = 0;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
                               text[end] == '-' || text[end] == '_' || text[end] == '.')) {
    ++end;
  }
  return end == 0 ? std::string() : declare::pypi_package(text.substr(0, end));
}

base::Result<Item> read_item(const base::Json& json) {
  base::JsonReader members(json);
  base::JsonReader download(members.object("download_info"));
  base::JsonReader metadata(members.object("metadata"));
  const std::string name = metadata.text("name");
  const std::string version = metadata.text("version");
  std::string url = download.text("url");
  url = source::debian::without_password(url.substr(0, url.find('#')));
  const base::Json& archive = download.object("archive_info");
  const std::string sha256 = archive["hashes"]["sha256"].text_or_empty();
  if (!members.good() || !metadata.good() || !download.good()) {
    return base::unexpected(bad_report("a member is missing", name));
  }
  if (json["is_direct"].boolean().value_or(false)) {
    return base::unexpected(base::fail("python.direct")
                                .with("name", base::printable(name))
                                .with("address", base::printable(url)));
  }
  if (!url.ends_with(".whl") || !(url.starts_with("https://") || url.starts_with("http://"))) {
    return base::unexpected(bad_report("'" + url + "' is no wheel of an index", name));
  }
  if (!base::Digest::from_hex(sha256)) {
    return base::unexpected(bad_report("it has no sha256", name));
  }
  Item item;
  item.package = {.name = declare::pypi_package(name),
                  .version = version,
                  .architecture = "any",
                  .origin = source::Origin::pypi,
                  .sha256 = sha256,
                  .size = 0,
                  .uri = url,
                  .suite = {},
                  .component = {},
                  .source_package = declare::pypi_package(name),
                  .essential = false,
                  .depends = {},
                  .provides = {},
                  .because = {},
                  .sets = {}};
  const base::Json* needs = json["metadata"].find("requires_dist");
  if (needs != nullptr) {
    for (const base::Json& one : *needs) item.depends.push_back(dependency(one.text_or_empty()));
  }
  std::erase(item.depends, std::string());
  return item;
}

using Items = std::map<std::string, Item>;

// Gives the set to the package and to all that it depends on.
void spread(Items& items, const std::string& from, const std::string& set) {
  std::deque<std::string> open{from};
  while (!open.empty()) {
    const auto found = items.find(open.front());
    open.pop_front();
    if (found == items.end()) continue;
    std::vector<std::string>& sets = found->second.package.sets;
    const bool shared = !sets.empty() && sets.front() == "shared";
    if (shared || std::find(sets.begin(), sets.end(), set) != sets.end()) continue;
    if (set == "shared") sets.clear();
    sets.push_back(set);
    open.insert(open.end(), found->second.depends.begin(), found->second.depends.end());
  }
}

void add_sets(Items& items, const std::vector<Wanted>& wanted) {
  for (const bool shared : {true, false}) {
    for (const Wanted& one : wanted) {
      for (const std::string& set : one.sets) {
        if ((set == "shared") == shared) spread(items, one.package, set);
      }
    }
  }
}

void finish(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

base::Result<Chosen> read_report(const base::Json& report, const std::vector<Wanted>& wanted) {
  if (report["version"].text_or_empty() != "1") {
    return base::unexpected(bad_report("its version is not 1"));
  }
  Items items;
  for (const base::Json& json : report["install"]) {
    CCCI_TRY(Item item, read_item(json));
    const std::string name = item.package.name;
    items.emplace(name, std::move(item));
  }
  Chosen chosen;
  const auto because = [&](const std::string& name, const std::string& reason) {
    const auto found = items.find(name);
    if (found != items.end()) {
      found->second.package.because.push_back(reason);
    } else {
      chosen.supplied[name].push_back(reason);
    }
  };
  for (const Wanted& one : wanted) because(one.package, one.because);
  for (const auto& [name, item] : items) {
    for (const std::string& need : item.depends) {
      if (need != name) because(need, "package " + name);
    }
  }
  add_sets(items, wanted);
  // What only an extra wants is needed by what asks for extras; pip does not say which that is.
  for (auto& [name, item] : items) {
    if (item.package.because.empty()) item.package.because.push_back(wanted.front().because);
    if (item.package.sets.empty()) spread(items, name, "shared");
  }
  for (auto& [name, item] : items) {
    finish(item.package.because);
    finish(item.package.sets);
    chosen.packages.push_back(std::move(item.package));
  }
  for (auto& [name, reasons] : chosen.supplied) finish(reasons);
  return chosen;
}

}  // namespace ccci::python

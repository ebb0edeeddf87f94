// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/root_owners.hpp"

#include <fcntl.h>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

std::map<std::string, std::string> declarations_of_roots(const store::Store& store) {
  constexpr std::uint64_t largest_record = 16U << 20U;
  std::map<std::string, std::string> declarations;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(store.state() / "builds", error)) {
    std::error_code unreadable;
    if (!entry.is_regular_file(unreadable)) continue;
    const auto text = base::read_file(entry.path(), largest_record);
    if (!text) continue;
    const base::Json json = base::Json::parse(*text).value_or(base::Json());
    const std::string declaration = json["declaration"].text_or_empty();
    const base::Json* const roots = json.find("roots");
    if (declaration.empty() || roots == nullptr) continue;
    for (const auto& [name, object] : roots->items())
      declarations.insert_or_assign(name, base::printable(declaration));
  }
  return declarations;
}

}  // namespace ccci::project

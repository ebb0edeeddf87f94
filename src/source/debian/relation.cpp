// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/relation.hpp"

#include <apt-pkg/deblistparser.h>
#include <apt-pkg/debversion.h>
#include <apt-pkg/pkgcache.h>
#include <fnmatch.h>

namespace ccci::source::debian {

bool Relation::is_met_by(const std::string& version_there) const {
  return version.empty() ||
         debVS.CheckDep(version_there.c_str(), static_cast<int>(comparison), version.c_str());
}

std::string Relation::text() const {
  if (version.empty()) return name;
  return name + " (" + pkgCache::CompTypeDeb(static_cast<unsigned char>(comparison)) + " " +
         version + ")";
}

std::vector<Alternatives> read_relations(std::string_view field) {
  const std::string text(field);
  std::vector<Alternatives> groups;
  const char* at = text.data();
  const char* const end = at + text.size();
  bool joins = false;
  while (at != end) {
    Relation relation;
    unsigned comparison = 0;
    at = debListParser::ParseDepends(at, end, relation.name, relation.version, comparison, false,
                                     true, false);
    if (at == nullptr) break;
    if (relation.name.empty()) continue;
    relation.comparison = comparison & 0x0FU;
    if (!joins) groups.emplace_back();
    groups.back().push_back(std::move(relation));
    joins = (comparison & pkgCache::Dep::Or) != 0;
  }
  return groups;
}

std::string write_relations(const std::vector<Alternatives>& groups) {
  std::string text;
  for (const Alternatives& group : groups) {
    if (!text.empty()) text += ", ";
    std::string one;
    for (const Relation& relation : group) {
      if (!one.empty()) one += " | ";
      one += relation.text();
    }
    text += one;
  }
  return text;
}

bool fits(const std::string& pattern, const std::string& version) {
  if (pattern.empty()) return true;
  if (fnmatch(pattern.c_str(), version.c_str(), 0) == 0) return true;
  const std::size_t epoch = version.find(':');
  if (epoch == std::string::npos || pattern.find(':') != std::string::npos) return false;
  return fnmatch(pattern.c_str(), version.c_str() + epoch + 1, 0) == 0;
}

}  // namespace ccci::source::debian

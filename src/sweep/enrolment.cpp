// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/enrolment.hpp"

#include <algorithm>
#include <set>

#include "base/json.hpp"
#include "base/json_fault.hpp"
#include "base/text.hpp"
#include "declare/forms.hpp"

namespace ccci::sweep {

namespace {

constexpr std::size_t longest_shown = 100;  // of a wrong value

// "https://HOST/…", "ssh://…", or "USER@HOST:PATH" as ssh is written for git.
bool is_remote(std::string_view source) {
  for (const std::string_view scheme : {"https://", "http://", "ssh://", "git://"})
    if (source.starts_with(scheme)) return true;
  const std::size_t colon = source.find(':');
  return colon != std::string_view::npos && colon < source.find('/') &&
         !source.substr(colon).starts_with("::") && source.find("://") == std::string_view::npos;
}

// Empty if the entry is good; else why it cannot be used.
std::string read_entry(const base::Json& entry, Repositories allowed,
                       declare::EnrolledRecipe& recipe) {
  if (!entry.is_object()) return "its entry in the catalogue is no object";
  for (const char* member : {"repository", "default_branch"}) {
    const base::Json* value = entry.find(member);
    const bool is_text = value == nullptr || value->is_null() || value->text() != nullptr;
    if (!is_text)
      return "'" + std::string(member) + "' of the catalogue: expected a text, found " +
             value->dump().substr(0, longest_shown);
  }
  recipe.source = entry["repository"].text_or_empty();
  if (recipe.source.empty()) return "the catalogue has no 'repository' for it";
  const std::string source = declare::objection(declare::forms::recipe_source, recipe.source);
  if (!source.empty()) return "'repository' of the catalogue: " + source;
  if (allowed == Repositories::remote && !is_remote(recipe.source))
    return "'repository' of the catalogue: expected a URL of http, https, ssh or git, found '" +
           recipe.source + "'";
  recipe.branch = entry["default_branch"].text_or_empty();
  if (recipe.branch.empty()) return {};
  const std::string branch = declare::objection(declare::forms::branch, recipe.branch);
  return branch.empty() ? std::string() : "'default_branch' of the catalogue: " + branch;
}

// The names that an object has more than once. Of these, a parser keeps the last one without a
// word. The text is JSON.
std::set<std::string> named_twice(std::string_view text) {
  std::set<std::string> seen;
  std::set<std::string> twice;
  int depth = 0;
  bool before_name = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '{' || c == '[') {
      before_name = ++depth == 1;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 1) {
      before_name = true;
    } else if (c == '"') {
      const std::size_t begin = at++;
      for (; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
      if (!before_name || depth != 1) continue;
      before_name = false;
      const auto name = base::Json::parse(text.substr(begin, at + 1 - begin));
      if (name && !seen.insert(name->text_or_empty()).second) twice.insert(name->text_or_empty());
    }
  }
  return twice;
}

}  // namespace

Repositories allowed_to(std::string_view catalogue) {
  const std::size_t scheme = catalogue.find("://");
  if (scheme == std::string_view::npos || catalogue.starts_with("file:")) return Repositories::any;
  std::string_view host = catalogue.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  for (const std::string_view own : {"127.0.0.1", "[::1]", "localhost"}) {
    if (host == own || (host.starts_with(own) && host.substr(own.size()).starts_with(':')))
      return Repositories::any;
  }
  return Repositories::remote;
}

base::Result<Enrolment> read_catalogue(std::string_view text, const std::string& path,
                                       Repositories allowed) {
  const auto wrong = [&](const std::string& why) {
    return base::unexpected(base::fail("sweep.catalogue").with("path", path).with("why", why));
  };
  const auto json = base::Json::parse(text);
  if (!json) return wrong(base::json_fault(text));
  if (!json->is_object()) return wrong("expected an object with a member for each recipe");
  Enrolment found;
  for (const std::string& name : named_twice(text))
    found.notes.push_back(path + ": recipe '" + base::printable(name) +
                          "' is there more than once: the last one counts");
  for (const auto& [name, entry] : json->items()) {
    const std::string objection = declare::objection(declare::forms::recipe, name);
    if (!objection.empty()) {
      found.notes.push_back(path + ": recipe '" + base::printable(name) +
                            "' is left out: " + objection + "; expected " +
                            std::string(declare::forms::recipe.expected));
      continue;
    }
    declare::EnrolledRecipe recipe;
    recipe.name.text = name;
    std::string why = read_entry(entry, allowed, recipe);
    if (!why.empty()) {
      recipe.source.clear();
      found.unusable.emplace(name, base::printable(why));
    }
    found.recipes.emplace(name, std::move(recipe));
  }
  return found;
}

base::Result<Enrolment> enrolled(const declare::Declaration& declaration,
                                 const Enrolment& catalogue) {
  Enrolment all{.recipes = declaration.recipes, .unusable = {}, .notes = catalogue.notes};
  const std::vector<std::string>& excluded = declaration.catalogue.exclude;
  for (const auto& [name, recipe] : catalogue.recipes) {
    if (std::find(excluded.begin(), excluded.end(), name) != excluded.end()) continue;
    const auto [place, is_new] = all.recipes.emplace(name, recipe);
    if (!is_new && place->second.source.empty()) {
      place->second.source = recipe.source;
      if (place->second.branch.empty()) place->second.branch = recipe.branch;
    }
  }
  for (const std::string& name : excluded) {
    if (catalogue.recipes.contains(name) || catalogue.unusable.contains(name)) continue;
    all.notes.push_back("[recipes] exclude names '" + name + "', which is not in the catalogue");
  }
  for (const auto& [name, recipe] : all.recipes) {
    if (!recipe.source.empty()) continue;
    const auto known = catalogue.unusable.find(name);
    all.unusable[name] = known != catalogue.unusable.end()
                             ? known->second
                             : "it has no source in the declaration and none in the catalogue";
  }
  if (all.recipes.empty() && !declaration.catalogue.place.empty()) {
    return base::unexpected(
        base::fail("sweep.empty-catalogue").with("path", declaration.catalogue.place));
  }
  if (all.recipes.empty()) {
    return base::unexpected(base::fail("sweep.nothing").with("path", declaration.file));
  }
  return all;
}

}  // namespace ccci::sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/images_now.hpp"

#include <algorithm>

#include "declare/recipe.hpp"
#include "engine/images.hpp"
#include "image/kept.hpp"
#include "run/image_cache.hpp"
#include "wording/message.hpp"

namespace ccci::job {

namespace {

namespace fs = std::filesystem;

// Whether only archives and the declaration can give this recipe an image.
bool is_closed(const declare::EnrolledRecipe& recipe, const declare::Declaration& declaration) {
  const std::string& engine = recipe.engine.empty() ? declaration.recipe_engine : recipe.engine;
  return declare::engine_socket(engine).empty() &&
         std::find(recipe.allow.begin(), recipe.allow.end(), "pull") == recipe.allow.end();
}

// An archive does not keep digests, so an image with one is taken by its name and tag.
std::string without_digest(const std::string& image) {
  return engine::familiar_name(image.substr(0, image.find('@')));
}

std::string without_tag(const std::string& image) {
  return engine::split_image_name(without_digest(image)).repository;
}

}  // namespace

bool is_used(const declare::Image& image, const std::set<std::string>& names) {
  return std::any_of(image.tags.begin(), image.tags.end(), [&](const std::string& tag) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& wanted) {
      return without_tag(wanted) == without_tag(tag);
    });
  });
}

ImagesNow::ImagesNow(const project::Project& project, const sweep::Enrolled& recipes,
                     const Caller& caller, const lock::Lock* lock, bool makes)
    : project_(project), recipes_(recipes), caller_(caller), lock_(lock), makes_(makes) {
  setup_.state = caller.state();
}

const base::Result<ImagesNow::Ids>& ImagesNow::ids_of(const fs::path& archive) {
  const auto known = known_.find(archive);
  if (known != known_.end()) return known->second;
  return known_.emplace(archive, run::image_ids(setup_, archive)).first->second;
}

const base::Result<std::optional<fs::path>>& ImagesNow::made(const std::string& image) {
  const auto known = made_.find(image);
  if (known != made_.end()) return known->second;
  return made_.emplace(image, make(image)).first->second;
}

base::Result<std::optional<fs::path>> ImagesNow::make(const std::string& image) {
  if (makes_) {
    CCCI_TRY(store::Store store, store::Store::open(caller_.context.state));
    store.report_to(caller_.context.progress);
    CCCI_TRY(fs::path file, ccci::image::keep(project_, caller_.context, store, *lock_, image));
    return std::optional<fs::path>(std::move(file));
  }
  CCCI_TRY(fs::path file, ccci::image::kept_place(project_, caller_.state(), *lock_, image));
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  return std::optional<fs::path>(std::move(file));
}

// Only those that the verdict names: to make an image takes time.
void ImagesNow::add_declared(const history::Record& last, Ids& ids, sweep::ImagesNow& now) {
  if (lock_ == nullptr) return;
  for (const auto& [name, declared] : project_.declaration.images) {
    const declare::Image& image = declared;  // clang 14 captures no structured binding
    for (const auto& [used, id] : last.images) {
      const std::string wanted = without_digest(used);
      const bool has_it =
          std::any_of(image.tags.begin(), image.tags.end(),
                      [&](const std::string& tag) { return engine::familiar_name(tag) == wanted; });
      if (!has_it) continue;
      const auto& file = made(name);
      if (!file) {
        now.problem = wording::one_line(file.error());
        return;
      }
      if (!*file) {
        now.not_made.insert(used);
        continue;
      }
      const auto& found = ids_of(**file);
      if (!found) {
        now.problem = wording::one_line(found.error());
        return;
      }
      if (found->contains(wanted)) ids[wanted] = found->at(wanted);
    }
  }
}

// Those of the dependencies too: their images are in the verdict.
void ImagesNow::add_archives(const std::string& recipe, Ids& ids, sweep::ImagesNow& now,
                             std::set<std::string>& seen) {
  const auto enrolled = recipes_.find(recipe);
  if (enrolled == recipes_.end() || !seen.insert(recipe).second) return;
  for (const std::string& archive : enrolled->second.images) {
    const auto& found = ids_of(project_.directory() / archive);
    if (!found) {
      // What is wrong inside of an archive does not name it.
      const std::string words = wording::one_line(found.error());
      const bool named = words.find(archive) != std::string::npos;
      if (now.problem.empty()) now.problem = named ? words : archive + ": " + words;
      continue;
    }
    for (const auto& [name, id] : *found) ids.insert_or_assign(name, id);
  }
  for (const declare::Name& other : enrolled->second.dependencies)
    add_archives(other.text, ids, now, seen);
}

sweep::ImagesNow ImagesNow::of(const std::string& recipe, const history::Record& last) {
  sweep::ImagesNow now;
  Ids ids;
  std::set<std::string> seen;
  add_declared(last, ids, now);
  add_archives(recipe, ids, now, seen);
  const auto enrolled = recipes_.find(recipe);
  const bool closed =
      enrolled != recipes_.end() && is_closed(enrolled->second, project_.declaration);
  for (const auto& [used, id] : last.images) {
    const auto found = ids.find(without_digest(used));
    if (found != ids.end()) {
      now.ids[used] = found->second;
      now.not_made.erase(used);
    } else if (closed && lock_ != nullptr && !now.not_made.contains(used)) {
      now.gone.insert(used);
    }
  }
  return now;
}

}  // namespace ccci::job

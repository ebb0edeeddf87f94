// SPDX-License-Identifier: GPL-3.0-or-later
// Which images a test would take now, so that a sweep sees that they changed.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.hpp"
#include "job/caller.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "run/setup.hpp"
#include "sweep/decision.hpp"
#include "sweep/enrolment.hpp"

namespace ccci::job {

// Whether a recipe that uses the images of these names takes the declared one, perhaps with another
// tag in an older version. "docker.io/library/redis:7@sha256:…" and "redis" name the same one.
bool is_used(const declare::Image& image, const std::set<std::string>& names);

class ImagesNow {
 public:
  // `lock` may be null: then nothing is said of declared images. Only if `makes`, images of the
  // declaration that are missing are made. All of them must outlive the object.
  ImagesNow(const project::Project& project, const sweep::Enrolled& recipes, const Caller& caller,
            const lock::Lock* lock, bool makes);

  // What a test of the recipe would take for the images of the verdict.
  sweep::ImagesNow of(const std::string& recipe, const history::Record& last);

 private:
  using Ids = std::map<std::string, std::string>;

  // An archive is read once, whichever recipes have it.
  const base::Result<Ids>& ids_of(const std::filesystem::path& archive);
  // Nothing: it is not made. [image.*], [store.*], [source.*]
  base::Result<std::optional<std::filesystem::path>> make(const std::string& image);
  // The same, once for each image, whichever recipes use it.
  const base::Result<std::optional<std::filesystem::path>>& made(const std::string& image);
  void add_declared(const history::Record& last, Ids& ids, sweep::ImagesNow& now);
  void add_archives(const std::string& recipe, Ids& ids, sweep::ImagesNow& now,
                    std::set<std::string>& seen);

  const project::Project& project_;
  const sweep::Enrolled& recipes_;
  const Caller& caller_;
  const lock::Lock* lock_;
  bool makes_;
  run::Setup setup_;
  std::map<std::filesystem::path, base::Result<Ids>> known_;
  std::map<std::string, base::Result<std::optional<std::filesystem::path>>> made_;
};

}  // namespace ccci::job

// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/eviction.hpp"

#include "base/url.hpp"
#include "engine/deployment.hpp"

namespace ccci::engine {

namespace {

using base::Json;

std::string why(const base::Error& error) {
  const std::string_view problem = error.field("problem");
  if (!problem.empty()) return std::string(problem);
  return error.number != 0 ? base::describe_errno(error.number) : error.code;
}

// The names of images below `repository`, which may end with "/*".
base::Result<std::vector<std::string>> names_below(const Api& api, const std::string& repository) {
  const Query query{{"filters", filters({{"reference", {repository}}})}};
  CCCI_TRY(const Json images, api.get("/images/json", query));
  const std::string start = repository.substr(0, repository.find('*'));
  std::vector<std::string> names;
  for (const Json& image : images.elements()) {
    for (const Json& name : image["RepoTags"].elements()) {
      // An image is listed with all its names, also those that others gave it.
      if (name.text_or_empty().starts_with(start)) names.push_back(name.text_or_empty());
    }
  }
  return names;
}

// The engine refuses to remove the last name of an image that a container has.
base::Result<void> remove_images(const Api& api, const Tenant& tenant) {
  CCCI_TRY(const std::vector<std::string> names, names_below(api, tenant.images()));
  for (const std::string& name : names) {
    const auto removed = api.remove("/images/" + base::percent_encoded(name));
    const bool gone = removed || removed.error().is(base::Condition::not_found);
    if (!gone && !removed.error().is(base::Condition::refused))
      return base::unexpected(removed.error());
  }
  return {};
}

}  // namespace

std::vector<std::string> evict(const std::string& socket, const Tenant& tenant,
                               std::chrono::milliseconds deadline) {
  const auto failed = [&](const base::Error& error) -> Leftovers {
    return {"what the run has in the engine of " + socket + ": " + why(error)};
  };
  const auto api = Api::connect(socket, std::chrono::seconds(5));
  if (!api) return failed(api.error());
  const auto info = api->info();
  if (!info) return failed(info.error());
  Removal removal;
  removal.at_once = true;
  // Also a swarm that is locked or has no leader answers nothing, but it still has its objects.
  removal.swarm = (*info)["Swarm"]["LocalNodeState"].text_or_empty() != "inactive";
  removal.deadline = deadline;
  auto left = remove_labelled(*api, tenant.marks(), removal);
  if (!left) return failed(left.error());
  if (!left->empty()) return std::move(*left);
  if (const auto removed = remove_images(*api, tenant); !removed) return failed(removed.error());
  return {};
}

base::Result<std::set<std::string>> tenants(const Api& api, const std::string& lease) {
  CCCI_TRY(std::set<std::string> runs, label_values(api, {{lease_label, lease}}, run_label));
  const std::string all = Tenant{lease, "*"}.images();
  CCCI_TRY(const std::vector<std::string> images, names_below(api, all));
  const std::size_t start = all.size() - 1;
  for (const std::string& name : images)
    runs.insert(name.substr(start, name.find(':', start) - start));
  return runs;
}

}  // namespace ccci::engine

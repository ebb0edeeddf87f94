// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/cause.hpp"

#include <vector>

#include "base/text.hpp"
#include "declare/recipe_settings.hpp"

namespace ccci::sweep {

namespace {

constexpr std::size_t shown_digits = 12;

// "sha256:0123456789ab…" -> "0123456789ab"
std::string short_digest(std::string_view digest) {
  const std::size_t colon = digest.find(':');
  if (colon != std::string_view::npos) digest.remove_prefix(colon + 1);
  return std::string(digest.substr(0, shown_digits));
}

}  // namespace

std::string likely_cause(const history::Record& green, const history::Record& red, const Need& need,
                         const Free& free) {
  if (red.commit.empty()) return {};  // it could not be fetched, as its reason says
  std::vector<std::string> causes;
  if (green.version != red.version) {
    causes.push_back("the recipe moved from " + green.version + " to " + red.version);
  } else if (green.commit != red.commit) {
    causes.push_back("the recipe moved from commit " + green.commit.substr(0, shown_digits) +
                     " to " + red.commit.substr(0, shown_digits));
  }
  for (const auto& [image, digest] : red.images) {
    const auto before = green.images.find(image);
    if (before == green.images.end() || before->second == digest) continue;
    causes.push_back("the image " + image + " moved from " + short_digest(before->second) + " to " +
                     short_digest(digest));
  }
  for (const auto& [recipe, version] : red.dependencies) {
    const auto before = green.dependencies.find(recipe);
    if (before == green.dependencies.end() || before->second == version) continue;
    causes.push_back("its dependency " + recipe + " moved from " + before->second + " to " +
                     version);
  }
  if (green.environment != red.environment) {
    causes.push_back("the environment moved: cc-ci diff " + short_digest(green.environment) + " " +
                     short_digest(red.environment));
  }
  const bool settings_known = green.settings && red.settings;
  if (settings_known) {
    const auto changed = declare::changed_settings(*green.settings, *red.settings);
    if (!changed.empty())
      causes.push_back("its settings in the declaration changed: " + base::join(changed, ", "));
  }
  if (free.memory < need.memory)
    causes.push_back("the host had only " + base::human_bytes(free.memory) + " of memory free");
  if (free.disk < need.disk)
    causes.push_back("the host had only " + base::human_bytes(free.disk) + " of disk free");
  if (causes.empty() && settings_known)
    return "neither recipe, images, environment nor settings changed";
  if (causes.empty())
    return "neither recipe, images nor environment moved; the settings of the green run are not "
           "known";
  return base::join(causes, "; ");
}

}  // namespace ccci::sweep

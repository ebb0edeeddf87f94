// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/moved_volumes.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// One service with a volume "demo_KEY" at each path.
recipe::Stack stack(const std::vector<std::pair<std::string, std::string>>& mounts) {
  recipe::Stack made;
  recipe::Service service;
  for (const auto& [key, path] : mounts) {
    made.volumes[key].name = "demo_" + key;
    recipe::Mount mount;
    mount.source = key;
    mount.target = path;
    service.mounts.push_back(mount);
  }
  made.services.push_back(service);
  return made;
}

TEST(MovedVolumes, AreTold) {
  const recipe::Stack before = stack({{"data", "/data"}, {"kept", "/kept"}});
  EXPECT_THAT(moved_volumes(before, before), IsEmpty());
  EXPECT_THAT(moved_volumes(before, stack({{"store", "/data"}, {"kept", "/kept"}})),
              ElementsAre("volume demo_data: no service of the new version mounts it"));
  EXPECT_THAT(moved_volumes(before, stack({{"data", "/srv"}, {"kept", "/kept"}})),
              ElementsAre("volume demo_data: it was mounted at /data, now at /srv"));
}

TEST(MovedVolumes, AnotherKeyOfTheSameVolumeIsTheSame) {
  recipe::Stack after = stack({{"store", "/data"}});
  after.volumes["store"].name = "demo_data";
  EXPECT_THAT(moved_volumes(stack({{"data", "/data"}}), after), IsEmpty());
}

}  // namespace
}  // namespace ccci::run

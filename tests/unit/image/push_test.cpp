// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/push.hpp"

#include <gmock/gmock.h>

namespace ccci::image {
namespace {

using testing::Contains;
using testing::Not;

TEST(PushTest, a_tag_names_a_registry_as_docker_reads_it) {
  EXPECT_EQ(registry_of("registry.example.org/web:1.0"), "registry.example.org");
  EXPECT_EQ(registry_of("127.0.0.1:5000/team/web"), "127.0.0.1:5000");
  EXPECT_EQ(registry_of("localhost/web"), "localhost");
  EXPECT_EQ(registry_of("web:1.0"), "");
  EXPECT_EQ(registry_of("team/web:1.0"), "");
}

TEST(PushTest, only_a_registry_of_this_machine_may_be_without_tls) {
  const Made made{"web", "/srv/web.tar", {}, "sha256:aa", "sha256:bb", 1};
  const std::string plain = "--dest-tls-verify=false";
  for (const char* tag : {"localhost:5000/web", "127.0.0.1/web", "[::1]:5000/web"})
    EXPECT_THAT(push_command("/entry", made, tag), Contains(plain)) << tag;
  for (const char* tag : {"registry.example.org/web", "localhost.example.org:5000/web"})
    EXPECT_THAT(push_command("/entry", made, tag), Not(Contains(plain))) << tag;
  EXPECT_THAT(push_command("/entry", made, "r.example.org/web:1"),
              Contains("oci-archive:/srv/web.tar:r.example.org/web:1"));
}

TEST(PushTest, a_file_of_credentials_that_is_not_there_is_named) {
  EXPECT_TRUE(check_credentials(""));
  EXPECT_TRUE(check_credentials("/proc/self/status"));
  const auto refused = check_credentials("/nowhere/auth.json");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "image.no-credentials");
  EXPECT_EQ(refused.error().field("path"), "/nowhere/auth.json");
}

}  // namespace
}  // namespace ccci::image

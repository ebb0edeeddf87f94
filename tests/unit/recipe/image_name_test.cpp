// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/image_name.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::recipe {
namespace {

TEST(ImageName, TakesWhatRegistriesTake) {
  const std::string digest(64, 'a');
  for (const std::string& name :
       {std::string("nginx"), std::string("nginx:1.27.0"), std::string("library/nginx:"),
        std::string("docker.io/decentral1se/app:1.0_b-2"), std::string("localhost:5000/a/b__c:x"),
        std::string("[::1]:5000/a:1"), "ghcr.io/a/b:1@sha256:" + digest, "a@sha256:" + digest,
        std::string("Registry/app:1")}) {
    EXPECT_TRUE(is_image_name(name)) << name;
  }
}

TEST(ImageName, RefusesWhatNoRegistryHas) {
  for (const char* name :
       {"UPPER/Case:1", "Case:1", "a b:1", "-h:1", "--help", "a/-b", "a//b",
        "docker-archive:/etc/passwd:1", "a@sha256:00", "a/../x:1", "a:t/g:b c", "/a", "a/"}) {
    EXPECT_FALSE(is_image_name(name)) << name;
  }
}

}  // namespace
}  // namespace ccci::recipe

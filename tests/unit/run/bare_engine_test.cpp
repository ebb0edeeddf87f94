// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/bare_engine.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

recipe::Mount bind(const std::string& path) {
  recipe::Mount mount;
  mount.type = recipe::Mount::Type::bind;
  mount.source = path;
  mount.target = path;
  return mount;
}

recipe::Stack stack_with(recipe::Service service) {
  recipe::Stack stack;
  service.key = "app";
  stack.services.push_back(std::move(service));
  return stack;
}

TEST(BareEngine, keeps_the_logs_itself) {
  for (const char* driver : {"syslog", "loki", "journald", "gelf", "none"}) {
    recipe::Service service;
    service.logging = recipe::Logging{driver, {{"address", "tcp://192.0.2.1"}}};
    recipe::Stack stack = stack_with(service);
    const auto changes = fit_bare_engine(stack, {});
    ASSERT_EQ(changes.size(), 1U) << driver;
    EXPECT_EQ(changes[0].key, "logging");
    EXPECT_THAT(changes[0].what, HasSubstr(driver));
    EXPECT_EQ(stack.services[0].logging, std::nullopt);
  }
  for (const char* driver : {"json-file", "local", ""}) {
    recipe::Service service;
    service.logging = recipe::Logging{driver, {{"max-size", "10m"}}};
    recipe::Stack stack = stack_with(service);
    const recipe::Stack before = stack;
    EXPECT_THAT(fit_bare_engine(stack, {}), IsEmpty()) << driver;
    EXPECT_EQ(stack, before);
  }
}

TEST(BareEngine, keeps_the_time_zone_of_the_image) {
  recipe::Service service;
  service.mounts = {bind("/etc/localtime"), bind("/dev/null"), bind("/etc/timezone")};
  recipe::Stack stack = stack_with(service);
  const recipe::Stack before = stack;
  EXPECT_EQ(fit_bare_engine(stack, {}).size(), 2U);
  ASSERT_EQ(stack.services[0].mounts.size(), 1U);
  EXPECT_EQ(stack.services[0].mounts[0].source, "/dev/null");
  recipe::Stack allowed = before;
  EXPECT_THAT(fit_bare_engine(allowed, {true, {}}), IsEmpty());
  EXPECT_EQ(allowed, before);
}

TEST(BareEngine, keeps_limits_within_those_of_the_machine) {
  recipe::Service service;
  service.ulimits = {{"nofile", {262144, 262144}},
                     {"memlock", {-1, -1}},
                     {"nproc", {10, 5000}},
                     {"core", {-1, -1}}};
  recipe::Stack stack = stack_with(service);
  const auto changes =
      fit_bare_engine(stack, {false, {{"nofile", 20000}, {"memlock", 8192}, {"nproc", 4096}}});
  const std::map<std::string, recipe::Ulimit> wanted{{"nofile", {20000, 20000}},
                                                     {"memlock", {8192, 8192}},
                                                     {"nproc", {10, 4096}},
                                                     {"core", {-1, -1}}};
  EXPECT_EQ(stack.services[0].ulimits, wanted);
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[1].key, "ulimits.nofile");
  EXPECT_THAT(changes[1].what, HasSubstr("20000"));
  stack = stack_with(service);
  EXPECT_THAT(fit_bare_engine(stack, {false, {{"nofile", 1 << 20}}}), IsEmpty());
}

TEST(BareEngine, has_plain_volumes_only) {
  recipe::Stack stack;
  stack.volumes["plain"].driver = "local";
  stack.volumes["memory"].driver_options = {{"type", "tmpfs"}, {"device", "tmpfs"}};
  const recipe::Stack before = stack;
  EXPECT_THAT(fit_bare_engine(stack, {}), IsEmpty());
  EXPECT_EQ(stack, before);
  stack.volumes["plugin"].driver = "local-persist";
  stack.volumes["plugin"].driver_options = {{"mountpoint", "/srv"}};
  stack.volumes["share"].driver_options = {{"type", "nfs"}, {"device", ":/x"}, {"o", "addr=a"}};
  const auto changes = fit_bare_engine(stack, {});
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].key, "volumes.plugin");
  EXPECT_THAT(changes[1].what, HasSubstr("'nfs'"));
  EXPECT_EQ(stack.volumes["plugin"], recipe::Volume{});
  EXPECT_EQ(stack.volumes["share"], recipe::Volume{});
  EXPECT_EQ(stack.volumes["memory"], before.volumes.at("memory"));
}

}  // namespace
}  // namespace ccci::run

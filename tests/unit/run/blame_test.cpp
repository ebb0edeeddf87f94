// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/blame.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using engine::Cause;
using testing::HasSubstr;

recipe::Service checked(std::vector<std::string> test) {
  recipe::Service service;
  service.healthcheck.emplace().test = std::move(test);
  return service;
}

TEST(Blame, NamesTheCheckAndWhereTheServiceListens) {
  const recipe::Service service =
      checked({"CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9999/"});
  EXPECT_EQ(blame(Cause::unhealthy, {&service}),
            "; the check is: wget -q -O /dev/null http://127.0.0.1:9999/");
  EXPECT_EQ(blame(Cause::unhealthy, {&service, {{{8080, false}, {8080, true}}}}),
            "; the check is: wget -q -O /dev/null http://127.0.0.1:9999/; the service listens on "
            "port 8080 and not on port 9999: correct the check");
  EXPECT_THAT(blame(Cause::unhealthy, {&service, std::vector<engine::Listener>{}}),
              testing::EndsWith("; the service listens on no port"));
  // The port is right, so it is something else.
  EXPECT_EQ(blame(Cause::unhealthy, {&service, {{{9999, true}}}}),
            "; the check is: wget -q -O /dev/null http://127.0.0.1:9999/");
}

TEST(Blame, SaysWhereTheValuesOfAMissingEnvFileBelong) {
  for (const char* words :
       {"starting\nfile_get_contents(/var/www/html/.env): failed to open stream: No such file",
        "Error: Cannot find '.env': missing", ".env file not found.", "open .env: no such file",
        "ENOENT: open '/app/.env'"})
    EXPECT_THAT(about_env_file(words), HasSubstr("write its values into .env.sample")) << words;
  for (const char* words : {"", "cp .env.example .env\nno such file: /data", "app.env not found",
                            "x/.env.local missing", "ReferenceError: process.env.KEY not found",
                            ".environment missing"})
    EXPECT_EQ(about_env_file(words), "") << words;
}

TEST(Blame, OfACheckThatDoesNotPassInTime) {
  const recipe::Service service = checked({"CMD-SHELL", "test -e /ready"});
  EXPECT_EQ(blame(Cause::slow, {&service, {{{9000, false}}}}),
            "; the check is: test -e /ready; the service listens on port 9000; if it needs longer, "
            "raise timeout in [recipes.NAME]");
  const recipe::Service off = checked({"NONE"});
  EXPECT_THAT(blame(Cause::slow, {&off}), HasSubstr("give the app a health check"));
}

TEST(Blame, OfACheckThatAsksForNoPage) {
  const recipe::Service shell = checked({"CMD-SHELL", "pg_isready -U x\n|| exit 1"});
  EXPECT_EQ(blame(Cause::unhealthy, {&shell, {{{5432, false}, {5433, false}}}}),
            "; the check is: pg_isready -U x || exit 1; the service listens on ports 5432, 5433");
  const recipe::Service long_one = checked({"CMD-SHELL", std::string(199, 'x') + "ü and more"});
  EXPECT_THAT(blame(Cause::unhealthy, {&long_one}), testing::EndsWith("x …"));
  const recipe::Service off = checked({"CMD-SHELL", "NONE"});
  EXPECT_THAT(blame(Cause::unhealthy, {&off}), HasSubstr(R"(write test: ["NONE"])"));
  const recipe::Service none;
  EXPECT_EQ(blame(Cause::unhealthy, {&none}), "; the check is that of the image");
  EXPECT_EQ(blame(Cause::unhealthy, {}), "; the check is that of the image");
}

TEST(Blame, NamesTheLimitAndWhoSetsIt) {
  recipe::Service service;
  service.deploy.limits.memory = 20'000'000;
  EXPECT_EQ(blame(Cause::memory, {&service, {}, 8'000'000'000}),
            "; its limit is 20 MB, from the recipe: raise deploy.resources.limits.memory of the "
            "service");
  service.deploy.limits.memory.reset();
  EXPECT_THAT(blame(Cause::memory, {&service, {}, 8'000'000'000}),
              HasSubstr("the recipe sets no limit, so the machine's memory was used up (8.0 GB"));
  EXPECT_GT(memory_of_machine(), 1'000'000U);
}

TEST(Blame, SaysNothingOfWhatExplainsItself) { EXPECT_EQ(blame(Cause::crash, {}), ""); }

}  // namespace
}  // namespace ccci::run

// SPDX-License-Identifier: GPL-3.0-or-later
// [sources.NAME] of further archives, and what [packages] says about archives.
#include <gtest/gtest.h>

#include "tests/unit/declare/mistakes.hpp"

namespace ccci::declare {
namespace {

using testing::ElementsAre;

const std::string vendor =
    "[sources.vendor]\nuri = \"https://apt.example.com\"\nsuite = \"bookworm\"\n"
    "components = [\"main\"]\nsigned-by = \"keys/vendor.asc\"\n";

std::string tools(const std::string& names) { return "[runtime]\ntools = [" + names + "]\n"; }

std::vector<std::string> codes(const std::string& text) {
  std::vector<std::string> result;
  for (const base::Error& error : mistakes(text)) result.push_back(error.code);
  return result;
}

TEST(Sources, AFurtherArchiveIsRead) {
  const auto parsed = parse(tools("\"terraform\", \"git\"") + vendor +
                                "packages = [\"libvendor1\"]\nsnapshot = \"20260901T000000Z\"\n"
                                "[sources.flat]\nuri = \"file:/srv/flat\"\nsuite = \"./\"\n"
                                "signed-by = \"/etc/flat.gpg\"\n"
                                "[sources.debian]\nsuite = [\"bookworm\", \"bookworm-backports\"]\n"
                                "[packages.terraform]\nsource = \"vendor\"\nversion = \"1.9.*\"\n"
                                "[packages.git]\nsuite = \"bookworm-backports\"\n",
                            test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  ASSERT_EQ(parsed->apt_sources.size(), 2U);
  const AptSource& source = parsed->apt_sources.at("vendor");
  EXPECT_EQ(source.uri, "https://apt.example.com");
  EXPECT_THAT(source.suites, ElementsAre("bookworm"));
  EXPECT_THAT(source.components, ElementsAre("main"));
  EXPECT_EQ(source.signed_by, "keys/vendor.asc");
  EXPECT_EQ(source.snapshot, "20260901T000000Z");
  EXPECT_THAT(parsed->apt_sources.at("flat").suites, ElementsAre("./"));
  EXPECT_EQ(parsed->debian.suite, "bookworm");
  EXPECT_THAT(parsed->debian.further_suites, ElementsAre("bookworm-backports"));
  const auto chosen = parsed->chosen_packages();
  ASSERT_EQ(chosen.size(), 3U);
  EXPECT_EQ(chosen.at("terraform").source.text, "vendor");
  EXPECT_EQ(chosen.at("terraform").version.text, "1.9.*");
  EXPECT_EQ(chosen.at("libvendor1").source.text, "vendor");
  EXPECT_EQ(chosen.at("git").suite.text, "bookworm-backports");
}

TEST(Sources, AChoiceHoldsForThePackageOfTheToolOrModule) {
  const auto parsed =
      parse(tools("\"python3\", \"node\"") +
                "python = [\"Some_Module\"]\npackages = [\"libvendor1\"]\n" + vendor +
                "[packages.node]\ndebian = \"nodejs\"\nsource = \"vendor\"\n"
                "[packages.Some_Module]\nversion = \"2*\"\n"
                "[packages.libvendor1]\nsource = \"vendor\"\n",
            test_file);
  ASSERT_TRUE(parsed) << testing::PrintToString(parsed.error());
  const auto chosen = parsed->chosen_packages();
  EXPECT_EQ(chosen.at("nodejs").source.text, "vendor");
  EXPECT_EQ(chosen.at("python3-some-module").version.text, "2*");
  EXPECT_EQ(chosen.at("libvendor1").source.text, "vendor");
}

TEST(Sources, MistakesAreNamed) {
  const std::string git = tools("\"git\"");
  const std::string rule = "[packages.git]\n";
  EXPECT_THAT(codes(git + "[sources.vendor]\nuri = \"https://apt.example.com\"\n"),
              ElementsAre("declare.missing-key", "declare.missing-key"));
  EXPECT_THAT(codes(git + vendor + rule + "source = \"vendro\"\n"),
              ElementsAre("declare.no-source"));
  EXPECT_THAT(codes(git + rule + "source = \"pypi\"\n"), ElementsAre("declare.no-source"));
  EXPECT_THAT(codes(git + rule + "source = \"debian\"\n"), ElementsAre());
  EXPECT_THAT(codes(git + vendor + rule + "source = \"vendor\"\nsuite = \"trixie\"\n"),
              ElementsAre("declare.no-suite"));
  EXPECT_THAT(
      codes(git + "[sources.debian]\nsuite = [\"a1\", \"b1\"]\n" + rule + "suite = \"c1\"\n"),
      ElementsAre("declare.no-suite"));
  EXPECT_THAT(codes(git + rule + "version = \">=1\"\n"), ElementsAre("declare.value"));
  EXPECT_THAT(codes(git + rule + "url = \"https://example.org/x.tar\"\nsha256 = \"" +
                    std::string(64, 'a') + "\"\nsource = \"debian\"\nversion = \"1\"\n"),
              ElementsAre("declare.no-archive", "declare.version"));
  EXPECT_THAT(codes(git + "[sources.debian]\nsnapshot = \"20260901T000000Z\"\n"),
              ElementsAre("declare.snapshot"));
  EXPECT_THAT(codes(git + "[sources.debian]\nuri = \"http://x.example\"\nsnapshot = \"2026\"\n"),
              ElementsAre("declare.value"));
  EXPECT_THAT(codes(git + vendor +
                    "[sources.other]\nuri = \"https://apt.example.com/\"\n"
                    "suite = \"bookworm\"\nsigned-by = \"x.asc\"\n"),
              ElementsAre("declare.same-archive"));
  EXPECT_THAT(codes(git + "[sources.flat]\nuri = \"https://apt.example.com\"\nsuite = \"./\"\n"
                          "components = [\"main\"]\nsigned-by = \"x.asc\"\n"),
              ElementsAre("declare.flat"));
  EXPECT_THAT(codes(git + vendor + "packages = [\"git\"]\n" + rule + "version = \"1\"\n"),
              ElementsAre("declare.two-choices"));
  EXPECT_THAT(codes(git + vendor + "packages = [\"git\"]\n" + rule +
                    "source = \"vendor\"\nversion = \"1\"\n"),
              ElementsAre());
  EXPECT_THAT(codes(git + vendor + "[packages.unused]\nsource = \"vendor\"\n"),
              ElementsAre("declare.unused-package"));
  for (const char* suite : {"../x/", "a b", "-x"}) {
    EXPECT_THAT(codes(git + "[sources.x]\nuri = \"https://apt.example.com\"\nsuite = \"" + suite +
                      "\"\nsigned-by = \"x.asc\"\n"),
                ElementsAre("declare.value"))
        << suite;
  }
  EXPECT_THAT(codes(git + "[sources.Vendor_1]\nuri = \"https://apt.example.com\"\nsuite = \"a\"\n"
                          "signed-by = \"x.asc\"\n"),
              ElementsAre("declare.value"));
}

}  // namespace
}  // namespace ccci::declare

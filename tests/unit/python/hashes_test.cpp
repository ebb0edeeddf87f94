// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/hashes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ccci::python {
namespace {

using testing::ElementsAre;

const std::string good(64, 'a');
const std::string other(64, 'b');

Wanted wanted_line(const std::string& project, const std::string& line) {
  return {line, "pypi:" + project, "requirements r.txt", {"shared"}, {}};
}

std::vector<source::Package> chosen(const std::string& sha256) {
  source::Package package;
  package.name = "pypi:idna";
  package.sha256 = sha256;
  package.uri = "https://index.example.com/idna-3.7-py3-none-any.whl";
  return {package};
}

TEST(Hashes, PipGetsAllOfThemOrNone) {
  const Wanted hashed = wanted_line("idna", "idna==3.7 --hash=sha256:" + good);
  EXPECT_THAT(lines_for_pip({hashed}), ElementsAre(hashed.line));
  EXPECT_THAT(lines_for_pip({hashed, wanted_line("six", "six>=1")}),
              ElementsAre("idna==3.7", "six>=1"));
}

TEST(Hashes, OnesThatOnlyPipCanCheckStay) {
  const Wanted strange = wanted_line("idna", "idna==3.7 --hash=sha512:" + good + good);
  EXPECT_THAT(lines_for_pip({strange, wanted_line("six", "six>=1")}),
              ElementsAre(strange.line, "six>=1"));
}

TEST(Hashes, OneOfTheLineIsEnough) {
  const std::string line = "idna==3.7 ; python_version > '3' --hash=sha256:" + other +
                           "   --hash sha256:" + std::string(64, 'A');
  EXPECT_TRUE(check_hashes(chosen(good), {wanted_line("idna", line)}));
}

TEST(Hashes, AnotherDigestIsRefusedByName) {
  const auto checked =
      check_hashes(chosen(good), {wanted_line("idna", "idna==3.7 --hash=sha256:" + other)});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, "python.hash");
  EXPECT_EQ(checked.error().field("name"), "idna");
  EXPECT_EQ(checked.error().field("file"), "idna-3.7-py3-none-any.whl");
}

TEST(Hashes, LinesWithoutThemAndOfOtherProjectsAllowEverything) {
  EXPECT_TRUE(check_hashes(chosen(good), {wanted_line("idna", "idna==3.7"),
                                          wanted_line("six", "six --hash=sha256:" + other)}));
}

}  // namespace
}  // namespace ccci::python

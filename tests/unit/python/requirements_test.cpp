// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/requirements.hpp"

#include <gtest/gtest.h>

namespace ccci::python {
namespace {

std::vector<std::string> lines_of(const std::vector<Requirement>& requirements) {
  std::vector<std::string> lines;
  for (const Requirement& one : requirements) lines.push_back(one.line);
  return lines;
}

using Texts = std::vector<std::string>;

TEST(Requirements, ReadsWhatPeopleWrite) {
  const auto read = read_requirements(
      "\xEF\xBB\xBF# a comment\r\n"
      "requests>=2.31  # with a reason\r\n"
      "\n"
      "PyYAML\n"
      "uvicorn[standard] ~= 0.30 ; python_version >= '3.9'\n"
      "idna==3.7 \\\n"
      "    --hash=sha256:82fee1fc78add43492d3a1898bfa6d8a904cc97d8427f683ed8e798d07761aa0\n"
      "-r more.txt\n"
      "-cpins.txt\n"
      "--requirement=third.txt\n"
      "--only-binary :all:",
      "requirements.txt");
  ASSERT_TRUE(read) << read.error().code;
  EXPECT_EQ(
      lines_of(read->requirements),
      (Texts{"requests>=2.31", "PyYAML", "uvicorn[standard] ~= 0.30 ; python_version >= '3.9'",
             "idna==3.7      --hash=sha256:"
             "82fee1fc78add43492d3a1898bfa6d8a904cc97d8427f683ed8e798d07761aa0"}));
  EXPECT_EQ(read->requirements[1].project, "PyYAML");
  EXPECT_EQ(read->requirements[1].at.line, 4);
  ASSERT_EQ(read->included.size(), 2U);
  EXPECT_EQ(read->included[0].text, "more.txt");
  EXPECT_EQ(read->included[1].text, "third.txt");
  ASSERT_EQ(read->constraints.size(), 1U);
  EXPECT_EQ(read->constraints[0].text, "pins.txt");
}

TEST(Requirements, RefusesAllThatCannotBeLockedAtOnce) {
  const auto read = read_requirements(
      "-e .\n"
      "git+https://user:secret@git.example.org/x.git\n"
      "name @ https://example.org/x.whl\n"
      "./local\n"
      "--index-url https://pypi.example.org\n"
      "--extra-index-url https://me:secret@pypi.example.org\n"
      "= 3\n",
      "requirements.txt");
  ASSERT_FALSE(read);
  std::vector<base::Error> all{read.error()};
  all.insert(all.end(), read.error().also.begin(), read.error().also.end());
  Texts codes;
  for (const base::Error& error : all) {
    codes.push_back(error.code);
    EXPECT_EQ(error.field("line").find("secret"), std::string_view::npos);
    EXPECT_EQ(error.where.at(0).excerpt.find("secret"), std::string::npos);
  }
  EXPECT_EQ(codes,
            (Texts{"python.not-on-index", "python.not-on-index", "python.not-on-index",
                   "python.not-on-index", "python.option", "python.option", "python.requirement"}));
  EXPECT_EQ(all[4].where.at(0).line, 5);
}

TEST(Requirements, GathersIncludedFilesOnce) {
  const std::map<std::string, std::string> files{
      {"ci/base.txt", "-r more.txt\n-c ../pins.txt\nrequests\n"},
      {"ci/more.txt", "-r base.txt\npytest\n"},
      {"pins.txt", "idna<4\n"}};
  const auto read = gather_requirements(files, {"ci/base.txt", {}});
  ASSERT_TRUE(read) << read.error().code;
  EXPECT_EQ(lines_of(read->requirements), (Texts{"requests", "pytest"}));
  EXPECT_EQ(lines_of(read->constraints), (Texts{"idna<4"}));
}

TEST(Requirements, StayInTheProject) {
  const auto named = files_named_in("-r ../../etc/passwd\n", "ci/base.txt");
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, "python.missing-file");
  EXPECT_FALSE(files_named_in("-r /etc/passwd\n", "base.txt"));
  EXPECT_FALSE(files_named_in("-c https://example.org/pins.txt\n", "base.txt"));
  const auto good = files_named_in("-r ../other.txt\n", "ci/base.txt");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->at(0).text, "other.txt");
}

// Of two backslashes at the end one would be left, and join the next line in the file for pip.
TEST(Requirements, RefusesALineThatGoesOnOnlyForPip) {
  const auto read = read_requirements("flask==3 \\\\\n\nsix", "requirements.txt");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "python.requirement");
}

// pip would take the rest for a line of its own.
TEST(Requirements, RefusesALineThatEndsOnlyForPip) {
  for (const char* end : {"\r", "\v", "\f", "\x1E", "\xC2\x85", "\xE2\x80\xA8"}) {
    const auto read = read_requirements(
        "requests" + std::string(end) + "--index-url https://example.org\n", "requirements.txt");
    ASSERT_FALSE(read) << end;
    EXPECT_EQ(read.error().code, "python.requirement");
  }
  EXPECT_TRUE(read_requirements("requests\r\n\tyaml\r\n", "requirements.txt"));
}

}  // namespace
}  // namespace ccci::python

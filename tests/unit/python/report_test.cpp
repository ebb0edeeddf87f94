// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/report.hpp"

#include <gtest/gtest.h>

namespace ccci::python {
namespace {

using base::Json;
using Texts = std::vector<std::string>;

const std::string digest(64, 'a');

Json item(const std::string& name, std::vector<std::string> needs = {},
          const std::string& url = "https://user:secret@files.example.org/x-1-py3-none-any.whl#x") {
  return Json{
      {"download_info", {{"url", url}, {"archive_info", {{"hashes", {{"sha256", digest}}}}}}},
      {"metadata", {{"name", name}, {"version", "1"}, {"requires_dist", Json(needs)}}}};
}

Json report(std::vector<Json> items) { return Json{{"version", "1"}, {"install", Json(items)}}; }

Wanted want(const std::string& name, const std::string& set = "shared") {
  return {name, declare::pypi_package(name), "python " + name, {set}, {}};
}

TEST(Report, BecomesPackagesWithReasons) {
  const auto chosen = read_report(
      report({item("PyTest_Playwright", {"playwright >=1.18", "pytest; extra == 'x'", "greenlet"}),
              item("playwright")}),
      {want("pytest-playwright"), want("Flask")});
  ASSERT_TRUE(chosen) << chosen.error().field("cause");
  ASSERT_EQ(chosen->packages.size(), 2U);
  EXPECT_EQ(chosen->packages[0].name, "pypi:playwright");
  EXPECT_EQ(chosen->packages[0].because, Texts{"package pypi:pytest-playwright"});
  EXPECT_EQ(chosen->packages[0].sets, Texts{"shared"});
  EXPECT_EQ(chosen->packages[0].uri, "https://files.example.org/x-1-py3-none-any.whl");
  EXPECT_EQ(chosen->packages[0].sha256, digest);
  EXPECT_EQ(chosen->packages[1].because, Texts{"python pytest-playwright"});
  // Debian supplies these.
  EXPECT_EQ(chosen->supplied.at("pypi:flask"), Texts{"python Flask"});
  EXPECT_EQ(chosen->supplied.at("pypi:greenlet"), Texts{"package pypi:pytest-playwright"});
}

TEST(Report, GivesAHostWhatOnlyItWants) {
  const auto chosen = read_report(report({item("a", {"b", "c"}), item("b"), item("c")}),
                                  {want("a", "host1"), want("b")});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->packages[0].sets, Texts{"host1"});
  EXPECT_EQ(chosen->packages[1].sets, Texts{"shared"});
  EXPECT_EQ(chosen->packages[2].sets, Texts{"host1"});
}

TEST(Report, RefusesWhatCannotBeLocked) {
  EXPECT_EQ(read_report(report({item("a", {}, "https://x.example.org/a-1.tar.gz")}), {want("a")})
                .error()
                .code,
            "python.report");
  EXPECT_FALSE(
      read_report(report({item("a", {}, "file:///etc/a-1-py3-none-any.whl")}), {want("a")}));
  Json direct = item("a");
  direct["is_direct"] = true;
  EXPECT_EQ(read_report(report({direct}), {want("a")}).error().code, "python.direct");
  Json unhashed = item("a");
  unhashed["download_info"]["archive_info"] = Json::object();
  EXPECT_FALSE(read_report(report({unhashed}), {want("a")}));
  EXPECT_FALSE(read_report(Json{{"version", "2"}}, {want("a")}));
  EXPECT_FALSE(read_report(report({Json::object()}), {want("a")}));
}

}  // namespace
}  // namespace ccci::python

// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/diagnosis.hpp"

#include <gtest/gtest.h>

namespace ccci::node {
namespace {

using base::Json;

base::Error told(const std::string& code, const std::string& summary, const Json& more = {}) {
  Json answer{{"tree", nullptr}, {"error", {{"code", code}, {"summary", summary}}}};
  answer.update(more);
  declare::Position at;
  at.line = 2;
  return explain(answer, {{"prettier", "9.*", "tool prettier", "shared", at}});
}

TEST(Diagnosis, SaysWhatNpmFound) {
  const base::Error unknown = told("E404", "Not Found", {{"name", "prettier"}, {"near", "pretty"}});
  EXPECT_EQ(unknown.code, "node.unknown");
  EXPECT_EQ(unknown.field("likely"), "pretty");
  EXPECT_EQ(unknown.field("because"), "tool prettier");
  EXPECT_EQ(unknown.where.at(0).line, 2);
  const base::Error version = told("ETARGET", "No matching version",
                                   {{"name", "prettier"}, {"versions", {"1.0.0", "2.0.0"}}});
  EXPECT_EQ(version.code, "node.no-version");
  EXPECT_EQ(version.field("versions"), "2.0.0, 1.0.0");
  EXPECT_EQ(told("EBADENGINE", "Unsupported engine").code, "node.wrong-node");
  EXPECT_EQ(told("ERESOLVE", "unable to resolve").code, "node.conflict");
  EXPECT_EQ(told("ENOENT", "syscall spawn git").code, "node.repository");
  EXPECT_EQ(told("E401", "Unable to authenticate").code, "node.denied");
  EXPECT_EQ(told("ECONNREFUSED", "connect").code, "node.unreachable");
  EXPECT_EQ(told("EUNHEARDOF", "x").code, "node.failed");
  EXPECT_EQ(told("", "", {{"slow", true}}).code, "node.slow");
}

TEST(Diagnosis, ShowsTheCauseWithoutUsageAndStackTrace) {
  EXPECT_EQ(
      told("EUSAGE",
           "`npm ci` can only install packages when your package.json and package-lock.json "
           "are in sync. Please update your lock file with `npm install` before continuing.\n"
           "\nMissing: semver@7.3.0 from lock file\n\nClean install a project\n\nUsage:\nnpm ci\n"
           "\nOptions:\n[--install-strategy <hoisted|nested>]\n")
          .field("output"),
      "`npm ci` can only install packages when your package.json and package-lock.json are in "
      "sync. Please update your lock file with `npm install` before continuing.\n"
      "Missing: semver@7.3.0 from lock file");
  EXPECT_EQ(told("", "",
                 {{"output",
                   "npm ERR! Cannot read properties of null (reading 'edgesOut')\n"
                   "npm ERR!     at Node.reload (/usr/share/nodejs/x.js:1:2)\n\n"
                   "npm ERR! A complete log of this run can be found in:\n"}})
                .field("output"),
            "Cannot read properties of null (reading 'edgesOut')");
  EXPECT_EQ(cause_of("/var/lib/driver.js:4\nnode:internal/x:1\n  ^\nTypeError: no\n    at f (x)\n"
                     "\nNode.js v18.20.4\n"),
            "/var/lib/driver.js:4\nTypeError: no");
}

}  // namespace
}  // namespace ccci::node

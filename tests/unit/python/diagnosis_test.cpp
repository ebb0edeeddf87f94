// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/diagnosis.hpp"

#include <gtest/gtest.h>

namespace ccci::python {
namespace {

using base::Json;

const std::vector<Wanted> wanted{{"Docopt", "pypi:docopt", "python docopt", {"shared"}, {}}};

Json file(const std::string& name, const std::string& needs = "", bool yanked = false) {
  return Json{{"file", name}, {"requires", needs}, {"yanked", yanked}};
}

base::Error explained(std::vector<Json> files, const std::string& versions = "none",
                      std::uint64_t status = 200, std::vector<std::string> near = {}) {
  const std::string output =
      "ERROR: Could not find a version that satisfies the requirement docopt==3 (from versions: " +
      versions + ")\nERROR: No matching distribution found for docopt==3\n";
  return explain(
      Json{
          {"output", output},
          {"probe",
           {{"name", "docopt"}, {"status", status}, {"files", Json(files)}, {"near", Json(near)}}}},
      wanted, Target{11, "amd64"});
}

TEST(Diagnosis, NamesTheCause) {
  EXPECT_EQ(explained({}, "none", 404).code, "python.unknown");
  EXPECT_EQ(explained({}, "none", 404, {"python-docopt"}).field("likely"), "python-docopt");
  EXPECT_EQ(explained({}, "none", 401).code, "python.denied");
  EXPECT_EQ(explained({}, "none", 0).code, "python.unreachable");
  EXPECT_EQ(explained({file("docopt-0.6.2.tar.gz")}).code, "python.sdist");
  EXPECT_EQ(explained({file("docopt-0.6.2.tar.gz")}).field("because"), "python docopt");
  const base::Error other = explained({file("docopt-3-cp313-cp313-manylinux_2_28_aarch64.whl")});
  EXPECT_EQ(other.code, "python.no-wheel");
  EXPECT_EQ(other.field("tags"), "cp313-cp313-manylinux_2_28_aarch64");
  EXPECT_EQ(explained({file("docopt-3-py3-none-any.whl", "", true)}).code, "python.yanked");
  const base::Error old = explained({file("docopt-3-py3-none-any.whl", ">=3.13")});
  EXPECT_EQ(old.code, "python.wrong-python");
  EXPECT_EQ(old.field("requires"), ">=3.13");
  const base::Error version =
      explained({file("docopt-1-py3-none-any.whl"), file("docopt-2-py3-none-any.whl")}, "1, 2");
  EXPECT_EQ(version.code, "python.no-version");
  EXPECT_EQ(version.field("line"), "docopt==3");
  EXPECT_EQ(version.field("versions"), "1, 2");
}

TEST(Diagnosis, NamesBothRequirersOfAConflict) {
  const std::string output =
      "ERROR: Cannot install flask==2.3.0 and werkzeug<2 because these package versions have "
      "conflicting dependencies.\n"
      "The conflict is caused by:\n"
      "    The user requested werkzeug<2\n"
      "    flask 2.3.0 depends on Werkzeug>=2.3.0\n"
      "\n"
      "To fix this you could try to:\n"
      "ERROR: ResolutionImpossible: for help visit …\n";
  const base::Error error =
      explain(Json{{"output", output}, {"probe", nullptr}}, wanted, Target{11, "amd64"});
  EXPECT_EQ(error.code, "python.conflict");
  EXPECT_EQ(error.field("names"), "flask==2.3.0 and werkzeug<2");
  EXPECT_EQ(error.field("reasons"),
            "The user requested werkzeug<2\nflask 2.3.0 depends on Werkzeug>=2.3.0");
}

TEST(Diagnosis, KnowsAWheelForAnotherPython) {
  const std::string output =
      "ERROR: Package 'docopt' requires a different Python: 3.11.2 not in '>=3.99'\n";
  const base::Error error =
      explain(Json{{"output", output}, {"probe", nullptr}}, wanted, Target{11, "amd64"});
  EXPECT_EQ(error.code, "python.wrong-python");
  EXPECT_EQ(error.field("name"), "docopt");
  EXPECT_EQ(error.field("requires"), ">=3.99");
}

TEST(Diagnosis, KnowsAnIndexWithoutEnd) {
  const auto code = [](const std::string& output, bool slow) {
    return explain(Json{{"output", output}, {"slow", slow}, {"probe", nullptr}}, wanted,
                   Target{11, "amd64"})
        .code;
  };
  EXPECT_EQ(code("Collecting x\nMemoryError\n", false), "python.endless");
  EXPECT_EQ(code("OSError: [Errno 27] File too large\n", false), "python.endless");
  EXPECT_EQ(code("Collecting x\n", true), "python.slow");
}

TEST(Diagnosis, KnowsADependencyOnARepository) {
  const std::string output =
      "Collecting beta@ git+https://me:secret@git.example.org/beta.git (from docopt==1.0->gamma)\n"
      "  Cloning https://git.example.org/beta.git to /tmp/x\n"
      "ERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?\n";
  const base::Error error = explain(Json{{"output", output}}, wanted, Target{11, "amd64"});
  EXPECT_EQ(error.code, "python.direct");
  EXPECT_EQ(error.field("name"), "beta");
  EXPECT_EQ(error.field("because"), "package docopt==1.0");
  EXPECT_NE(error.field("address").find("git.example.org/beta.git"), std::string::npos);
  EXPECT_EQ(error.field("address").find("secret"), std::string::npos);
}

TEST(Diagnosis, KnowsAWithdrawnVersion) {
  const std::string output =
      "WARNING: The candidate selected for download or install is a yanked version: 'docopt' "
      "candidate (version 0.7 at https://example.org/docopt-0.7-py3-none-any.whl)\n"
      "Reason for being yanked: broken\n"
      "Would install docopt-0.7\n";
  const auto refused = refuse_yanked(output, wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field("version"), "0.7");
  EXPECT_EQ(refused.error().field("reason"), "broken");
  EXPECT_TRUE(refuse_yanked("Would install docopt-0.7\n", wanted));
}

TEST(Diagnosis, NeverRepeatsControlCharacters) {
  const base::Error error = explain(Json{{"output", "boom \x1b[31m red\n"}, {"probe", nullptr}},
                                    wanted, Target{11, "amd64"});
  EXPECT_EQ(error.code, "python.failed");
  EXPECT_EQ(error.field("output").find('\x1b'), std::string_view::npos);
}

}  // namespace
}  // namespace ccci::python

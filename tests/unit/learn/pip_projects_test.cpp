// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/pip_projects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::learn {
namespace {

using testing::ElementsAre;

TEST(PipProjects, AreReadFromTheRecordsOfPip) {
  const test::Scratch scratch;
  const std::filesystem::path modules = scratch / "lib/python3.11/site-packages";
  const auto put = [&](const std::string& file, const std::string& text) {
    std::filesystem::create_directories((modules / file).parent_path());
    test::write_text(modules / file, text);
  };
  put("PyYAML-6.0.dist-info/METADATA",
      "Metadata-Version: 2.1\nName: PyYAML\n\nRequires-Dist: no\n");
  put("PyYAML-6.0.dist-info/RECORD",
      "PyYAML-6.0.dist-info/METADATA,sha256=x,1\nyaml/__init__.py,sha256=x,1\n"
      "../../../bin/y,,\n__pycache__/one.cpython-311.pyc,,\n_yaml.so,,\n");
  put("requests-2.dist-info/METADATA",
      "Name: requests\nRequires-Dist: certifi>=2017\nRequires-Dist: Char_Set.Normalizer (<4)\n"
      "Requires-Dist: PySocks!=1.5 ; extra == 'socks'\nRequires-Dist: idna ; python_version > "
      "'3'\n");
  put("requests-2.dist-info/RECORD", "requests/__init__.py,,\n");
  put("company-1.dist-info/METADATA", "Name: company\n");
  put("company-1.dist-info/RECORD", "company/__init__.py,,\n");
  put("company-1.dist-info/direct_url.json", "{}");
  put("damaged-1.dist-info/METADATA", "Name: damaged\n");
  const PipProjects all = read_pip_projects({modules.native(), (scratch / "absent").native()});
  EXPECT_EQ(all.project_of(modules.native() + "/yaml/__init__.py"), "pyyaml");
  EXPECT_EQ(all.project_of(modules.native() + "/__pycache__/one.cpython-311.pyc"), "pyyaml");
  EXPECT_EQ(all.project_of(modules.native() + "/other/x.py"), "");
  EXPECT_EQ(all.project_of("/usr/bin/x"), "");
  EXPECT_THAT(all.elsewhere, ElementsAre("company"));
  EXPECT_THAT(all.closure({"requests"}),
              ElementsAre("certifi", "char-set-normalizer", "idna", "requests"));
}

TEST(PipProjects, ADirectoryOfModulesIsToldByItsName) {
  EXPECT_EQ(module_directory("/v/lib/python3.11/site-packages/x/y.py"),
            "/v/lib/python3.11/site-packages");
  EXPECT_EQ(module_directory("/usr/local/lib/python3.11/dist-packages/x.py"),
            "/usr/local/lib/python3.11/dist-packages");
  EXPECT_EQ(module_directory("/usr/lib/python3/dist-packages/x.py"), "");
  EXPECT_EQ(module_directory("/usr/bin/x"), "");
}

}  // namespace
}  // namespace ccci::learn

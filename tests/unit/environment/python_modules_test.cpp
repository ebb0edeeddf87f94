// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/python_modules.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

using test::part;

Part wheel(const std::string& name, const std::vector<std::string>& files) {
  return part("pypi:" + name, files, {.origin = source::Origin::pypi});
}

TEST(PythonModules, AreFoundThroughOneFile) {
  auto tree = Tree::merge({wheel("x", {"usr/lib/cc-ci/python/lib/x.py"})});
  ASSERT_TRUE(tree);
  add_python_modules(*tree, {part("a", {})});
  EXPECT_EQ(tree->find(python_path_file), nullptr);
  add_python_modules(*tree, {wheel("x", {})});
  ASSERT_NE(tree->find(python_path_file), nullptr);
  EXPECT_NE(tree->find(python_path_file)->content.find("/usr/lib/cc-ci/python/lib"),
            std::string::npos);
}

TEST(PythonModules, OnlyWheelsLieInTheirDirectory) {
  EXPECT_FALSE(Tree::merge({part("deb", {"usr/lib/cc-ci/python/lib/x.py"})}));
  EXPECT_FALSE(Tree::merge({wheel("x", {"usr/lib/cc-ci/path/python3/x"})}));
}

TEST(PythonModules, WheelsShareOnlyEqualFiles) {
  Part a = wheel("a", {"usr/lib/cc-ci/python/lib/space/__init__.py"});
  Part b = wheel("b", {"usr/lib/cc-ci/python/lib/space/__init__.py"});
  EXPECT_TRUE(Tree::merge({a, b}));
  b.manifest.entries.back().content = base::sha256("other");
  const auto tree = Tree::merge({a, b});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, "environment.collision");
  // A wheel and a package of Debian never share.
  EXPECT_FALSE(Tree::merge({wheel("c", {"usr/share/x"}), part("deb", {"usr/share/x"})}));
}

}  // namespace
}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/python_modules.hpp"

#include <algorithm>

#include "store/wheel.hpp"

namespace ccci::environment {

namespace {

// addsitedir() also reads the .pth files of wheels. It appends the directory to sys.path, after
// Debian's modules. But the index supplies only what Debian does not, or not in the right version,
// so the directory moves in front of Debian's.
std::string path_line() {
  const std::string directory = std::string("/") + store::python_modules;
  return "import site, sys; p = '" + directory +
         "'; site.addsitedir(p); sys.path.remove(p); sys.path.insert(next((i for i, d in "
         "enumerate(sys.path) if d.endswith('/dist-packages')), len(sys.path)), p)\n";
}

}  // namespace

void add_python_modules(Tree& tree, const std::vector<Part>& parts) {
  const bool any = std::any_of(parts.begin(), parts.end(), [](const Part& part) {
    return part.package.origin == source::Origin::pypi;
  });
  if (any) tree.add_file(python_path_file, path_line());
}

}  // namespace ccci::environment

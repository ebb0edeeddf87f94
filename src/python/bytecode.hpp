// SPDX-License-Identifier: GPL-3.0-or-later
// Compiles the Python modules of an environment with wheels, so that no start of Python has to. The
// environment's own interpreter does it, sealed off.
#pragma once

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "environment/part.hpp"
#include "store/store.hpp"

namespace ccci::python {

// The byte code as parts that come after all others in a root: of Debian's modules, and of the
// wheels. Both are objects of their own in the store, so that a new wheel compiles no module of
// Debian again. Empty if no part is a wheel. A module that does not compile has no byte code.
// [python.bytecode], [seal.*], [store.*]
base::Result<std::vector<environment::Part>> bytecode(store::Store& store,
                                                      const std::vector<environment::Part>& parts,
                                                      base::Progress& progress);

// Where Python looks for the byte code of a module: "a/__pycache__/b.cpython-311.pyc" for "a/b.py".
std::string bytecode_path(const std::string& module, int minor);

}  // namespace ccci::python

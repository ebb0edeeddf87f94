// SPDX-License-Identifier: GPL-3.0-or-later
// Says why pip found no set of modules, in terms of the declaration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "python/report.hpp"
#include "python/tags.hpp"

namespace ccci::python {

// `answer`: that of the driver, without a report. [python.unknown], [python.sdist],
// [python.no-version], [python.no-wheel], [python.wrong-python], [python.yanked],
// [python.conflict], [python.direct], [python.unreachable], [python.slow], [python.endless],
// [python.failed]
base::Error explain(const base::Json& answer, const std::vector<Wanted>& wanted,
                    const Target& target);

// A chosen file that its project has withdrawn, as pip's output says. [python.yanked]
base::Result<void> refuse_yanked(const std::string& output, const std::vector<Wanted>& wanted);

// The project that people mean by the name of a module: "pyyaml" for "yaml". By the module in lower
// case.
const std::map<std::string, std::string>& known_projects();

}  // namespace ccci::python

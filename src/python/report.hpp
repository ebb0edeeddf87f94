// SPDX-License-Identifier: GPL-3.0-or-later
// pip's report of an installation (format 1), as locked packages.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::python {

// Something that the declaration asks of the index.
struct Wanted {
  std::string line;     // for pip: "playwright>=1.50"
  std::string package;  // "pypi:playwright"
  std::string because;  // "python playwright", "tool x", "requirements requirements.txt"
  std::vector<std::string> sets;
  declare::Position at;

  bool operator==(const Wanted&) const = default;
};

struct Chosen {
  std::vector<source::Package> packages;
  // What is wanted, or what a chosen package depends on, and the report does not have: the name in
  // the form of the index ("pypi:greenlet") to the reasons. A package of Debian supplies it.
  std::map<std::string, std::vector<std::string>> supplied;
};

// [python.report] for a report that is not in the known form, or with a file that cc-ci does not
// lock: a source distribution, another scheme than http and https, no sha256. [python.direct] for a
// file from an address instead of the index, which a wheel may name as its dependency.
base::Result<Chosen> read_report(const base::Json& report, const std::vector<Wanted>& wanted);

}  // namespace ccci::python

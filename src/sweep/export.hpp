// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts as files for other programs, and back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "history/record.hpp"

namespace ccci::sweep {

base::Json export_json(const std::vector<history::Record>& records);
std::string export_junit(const std::vector<history::Record>& records);
// RFC 4180, with a header line. A cell that a spreadsheet would take for a formula gets a quote.
std::string export_csv(const std::vector<history::Record>& records);

// Reads a results.json of `cc-ci test`, or what export_json() wrote. A results.json does not know
// its night: it gets `night`, or else the day on which it was begun. [history.import]
base::Result<std::vector<history::Record>> import_json(const std::string& text,
                                                       const std::string& path,
                                                       const std::string& night);

// A delivery of an older run does not replace the canonical that a later one made: it is taken as
// not promoted.
void keep_later_canonicals(std::vector<history::Record>& records,
                           const std::map<std::string, history::Canonical>& canonicals);

}  // namespace ccci::sweep

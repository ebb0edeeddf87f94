// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of the results and the steps from an older layout to the present one.
#pragma once

#include "base/result.hpp"
#include "history/database.hpp"

namespace ccci::history {

enum class Access { read, write };

// The first layouts that have these columns. A reader of an older one does without them.
constexpr int layout_with_snapshots = 2;       // canonicals.snapshot
constexpr int layout_with_partial_nights = 3;  // nights.partial
constexpr int layout_with_settings = 4;        // verdicts.settings and .dependencies

// Returns the number of the layout. `write` makes the tables or brings them to the present layout
// before, in one transaction. `read` leaves an older layout as it is. [history.newer] if a later
// cc-ci made it, [history.none] for `read` if there are no tables,
// [history.foreign], [history.sql]
base::Result<int> prepare_layout(Database& database, Access access);

}  // namespace ccci::history

// SPDX-License-Identifier: GPL-3.0-or-later
// Says why npm found no set of packages, in terms of the declaration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "node/installed.hpp"

namespace ccci::node {

// What npm or Node printed, without usage, advice for npm's own options, and stack trace: some
// printable lines.
std::string cause_of(std::string_view output);

// `answer`: that of the driver, without a tree. `lock`: the project's lock that was asked for, or
// empty. [node.unknown], [node.no-version],
// [node.conflict], [node.lock-disagrees], [node.lock-gone],
// [node.wrong-node], [node.altered], [node.denied], [node.repository],
// [node.unreachable], [node.slow], [node.failed]
base::Error explain(const base::Json& answer, const std::vector<Wanted>& wanted,
                    const std::string& lock = {});

}  // namespace ccci::node

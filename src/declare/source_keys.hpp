// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of [sources] in the table of keys, and what they mean as values.
#pragma once

#include <span>

#include "declare/document.hpp"
#include "declare/keys.hpp"
#include "declare/package_rule.hpp"
#include "declare/source.hpp"

namespace ccci::declare {

// How `source = "…"` names the Debian archive.
inline constexpr std::string_view debian_name = "debian";

std::span<const Key> source_keys();

// The nodes have the forms that the rows demand.
DebianSource read_debian_source(const Node& node);
AptSource read_apt_source(const Entry& entry, const Lines& lines);
// [packages.NAME] of a package of an archive.
DebianPackage read_debian_package(const Node& rule, const Lines& lines);

}  // namespace ccci::declare

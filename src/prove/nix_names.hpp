// SPDX-License-Identifier: GPL-3.0-or-later
// Names with a special meaning in Nix files that list tools.
#pragma once

#include <string_view>

namespace ccci::prove {

// Attributes whose lists contain the tools that something needs.
inline constexpr std::string_view tool_attributes =
    "runtimeInputs buildInputs nativeBuildInputs propagatedBuildInputs checkInputs "
    "nativeCheckInputs systemPackages packages paths path extraPackages contents copyToRoot "
    "defaultPackages runtimePackages";
inline constexpr std::string_view list_functions = "makeBinPath makeSearchPath makeLibraryPath";
// Parts of an attribute path after a package that do not change which package it is.
inline constexpr std::string_view package_parts =
    "override overrideAttrs overrideDerivation out bin dev lib man doc";

inline bool is_python_set(std::string_view name) {
  return name.starts_with("python") && name.ends_with("Packages");
}

}  // namespace ccci::prove

// SPDX-License-Identifier: GPL-3.0-or-later
// What a file belongs to, told by its path: a module of pip, a package of npm, a module of
// Debian's.
#pragma once

#include <string>
#include <string_view>

namespace ccci::learn {

inline constexpr std::string_view python_directory = "/usr/lib/python3/dist-packages/";

// The top module of a file that pip has installed: "yaml" of
// "/usr/local/lib/python3.11/dist-packages/yaml/__init__.py". Empty for all other files.
std::string module_of_pip(std::string_view path);

// The package of npm that has the file, if it was installed for all: "@s/x" of
// "/usr/local/lib/node_modules/@s/x/index.js". Empty for all other files.
std::string package_of_npm(std::string_view path);

// True for the files of a Python module. False for start-up hooks (.pth files and what they load),
// because every script reads them, even if it does not need them.
bool is_module_file(std::string_view path);

}  // namespace ccci::learn

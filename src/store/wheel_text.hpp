// SPDX-License-Identifier: GPL-3.0-or-later
// The texts in a wheel: its list of digests, its header and its list of commands. All of them come
// from outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"

namespace ccci::store {

// Lower case, with one '-' for each run of '-', '_' and '.' (PEP 503).
std::string normal_project(std::string_view name);
// A version as a file name has it: "1.0+local.1" and "1.0_local-1" are equal.
std::string normal_version(std::string_view version);

// The value of "NAME: value". Empty if the header does not have it.
std::string_view header_field(std::string_view text, std::string_view name);

struct RecordLine {
  std::string path;
  std::optional<base::Digest> digest;  // unset: of another kind than sha256, or none
};

// The lines of RECORD, which is CSV. [store.wheel-record]
base::Result<std::vector<RecordLine>> read_record_lines(std::string_view text);

struct ConsoleScript {
  std::string name;
  std::string module;
  std::string function;  // "main", "cli.run"
};

// A name that can be a file in a directory on PATH.
bool is_command_name(std::string_view name);
// The commands in entry_points.txt, in the order of the file. [store.wheel-script]
base::Result<std::vector<ConsoleScript>> console_scripts(std::string_view text);
// The program of a command, as pip writes it.
std::string script_text(const ConsoleScript& script);

}  // namespace ccci::store

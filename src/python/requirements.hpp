// SPDX-License-Identifier: GPL-3.0-or-later
// requirements.txt and constraints.txt, in pip's form.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"

namespace ccci::python {

struct Requirement {
  std::string project;  // as written: "PyYAML"
  std::string line;     // with versions, markers and digests, for pip
  declare::Position at;

  bool operator==(const Requirement&) const = default;
};

struct RequirementsFile {
  std::vector<Requirement> requirements;
  std::vector<declare::Name> included;     // -r FILE, relative to this file
  std::vector<declare::Name> constraints;  // -c FILE
};

// Comments are removed and continued lines are joined. Reports everything at once that cc-ci does
// not lock: a directory or repository [python.not-on-index], an option of pip that the declaration
// decides [python.option], and what is no requirement [python.requirement].
base::Result<RequirementsFile> read_requirements(std::string_view text, const std::string& file);

// A file of [sources.pypi] with the files that it includes, each once, in their order.
struct Requirements {
  std::vector<Requirement> requirements;
  std::vector<Requirement> constraints;  // of its lines -c

  bool operator==(const Requirements&) const = default;
};

// Reads from `files`, by path. [python.missing-file] with the first path that `files` lacks.
base::Result<Requirements> gather_requirements(const std::map<std::string, std::string>& files,
                                               const declare::Name& first);

// The files that `text` names, as paths relative to the declaration. [python.missing-file] for a
// path that leads out of the project.
base::Result<std::vector<declare::Name>> files_named_in(std::string_view text,
                                                        const std::string& file);

}  // namespace ccci::python

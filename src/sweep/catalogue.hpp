// SPDX-License-Identifier: GPL-3.0-or-later
// Gets the catalogue of the declaration, and asks the repositories of recipes what they have.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/process.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "sweep/decision.hpp"
#include "sweep/enrolment.hpp"

namespace ccci::sweep {

// What is done with a catalogue at a URL.
enum class Refresh {
  never,  // the copy of the last time is read
  look,   // it is fetched, and the copy stays as it is
  keep,   // it is fetched and becomes the copy
};

// The enrolled recipes of a declaration in `directory`. A catalogue at a URL is fetched by apt's
// own methods; its copy is in `state`. If it cannot be fetched, the copy is read, with a note.
// [sweep.*]
base::Result<Enrolment> load_enrolled(const declare::Declaration& declaration,
                                      const std::filesystem::path& directory,
                                      const std::filesystem::path& state, Refresh refresh,
                                      base::ProcessRunner& processes, base::Progress& progress);

// Asks each repository for its releases, several at once. The recipes of `declaration` are those of
// `enrolment`. `work` is an empty directory. A repository that cannot be asked is no error: its
// candidate has the problem. Offline, those on other machines are not asked.
std::map<std::string, Candidate> look(const declare::Declaration& declaration,
                                      const Enrolment& enrolment,
                                      const std::filesystem::path& directory,
                                      const std::filesystem::path& work, bool offline,
                                      base::ProcessRunner& processes, base::Progress& progress);

// The line of what git and ssh print that says why they cannot ask.
std::string telling_line(std::string_view said);

// Asks the repository of the recipe whether the tag leads to a commit. True if nobody can tell: the
// test then says what is wrong. `work` as above.
bool is_a_release(const declare::Declaration& declaration, const std::filesystem::path& directory,
                  const std::string& recipe, const std::string& tag,
                  const std::filesystem::path& work, base::ProcessRunner& processes);

}  // namespace ccci::sweep

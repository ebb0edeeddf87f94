// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/catalogue.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <mutex>

#include "base/checkout.hpp"
#include "base/date.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "recipe/version.hpp"
#include "run/source.hpp"
#include "run/work.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_catalogue = 32U << 20U;  // bytes
constexpr std::chrono::minutes patience{2};
constexpr std::size_t at_once = 8;  // repositories: each mostly waits for its network

// apt-helper's first error line, without the URL that it repeats.
std::string problem_of(const base::Outcome& outcome) {
  if (outcome.timed_out) return "no answer within " + std::to_string(patience.count()) + " minutes";
  for (std::string_view line : base::split(outcome.err, '\n')) {
    if (!line.starts_with("E: ")) continue;
    line.remove_prefix(3);
    const std::size_t blanks = line.find("  ");
    if (line.starts_with("Failed to fetch ") && blanks != std::string_view::npos)
      line.remove_prefix(blanks + 2);
    return base::printable(line);
  }
  return "apt-helper ended with status " + std::to_string(outcome.status);
}

// The content of `url`; `part` is a file that may be written and is removed.
base::Result<std::string> download(const std::string& url, const fs::path& part,
                                   base::ProcessRunner& processes) {
  CCCI_CHECK(base::remove_tree(part));
  base::Command command;
  // prlimit, because apt's methods have no limit of their own for a file of unknown size.
  command.argv = {"prlimit",
                  "--fsize=" + std::to_string(largest_catalogue),
                  "/usr/lib/apt/apt-helper",
                  "-o",
                  "Acquire::http::Timeout=20",
                  "-o",
                  "Acquire::https::Timeout=20",
                  "-o",
                  "Acquire::Retries=1",
                  "download-file",
                  url,
                  part.native()};
  command.time_limit = patience;
  auto outcome = processes.run(command);
  auto text = outcome && outcome->status == 0
                  ? base::read_file(part, largest_catalogue)
                  : base::Result<std::string>(base::unexpected(
                        base::fail("sweep.catalogue-fetch")
                            .with("url", url)
                            .with("problem", outcome ? problem_of(*outcome)
                                                     : "apt-helper cannot be started")));
  CCCI_CHECK(base::remove_tree(part));
  return text;
}

std::string day_of(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return "an unknown day";
  return base::local_date(std::chrono::system_clock::from_time_t(status.st_mtime));
}

base::Result<std::string> fetched(const std::string& url, const fs::path& state, Refresh refresh,
                                  base::ProcessRunner& processes, base::Progress& progress,
                                  std::vector<std::string>& notes) {
  const fs::path kept = state / "catalogues" / (base::sha256(url).hex() + ".json");
  if (refresh == Refresh::never) {
    auto copy = base::read_file(kept, largest_catalogue);
    if (copy || !copy.error().is(std::errc::no_such_file_or_directory)) return copy;
    return base::unexpected(base::fail("sweep.no-copy").with("url", url));
  }
  const auto fetch = [&]() -> base::Result<std::string> {
    // A directory of its own: a sweep and a test may fetch at the same time.
    if (refresh == Refresh::keep) CCCI_CHECK(base::make_directories(kept.parent_path()));
    CCCI_TRY(const run::Work work, refresh == Refresh::keep
                                       ? run::Work::make(state / "runs", "catalogue")
                                       : run::Work::temporary("catalogue"));
    CCCI_TRY(std::string text, download(url, work.directory() / "catalogue.json", processes));
    // A broken one does not replace the last good one.
    CCCI_CHECK(read_catalogue(text, url, allowed_to(url)));
    if (refresh == Refresh::keep) CCCI_CHECK(base::replace_file(kept, text));
    return text;
  };
  progress.begin("fetching the catalogue " + url, 0, base::Progress::Unit::things);
  auto text = fetch();
  progress.end();
  if (text) return text;
  auto copy = base::read_file(kept, largest_catalogue);
  if (!copy) return text;
  const std::string_view problem = text.error().field("problem");
  notes.push_back(url + ": the catalogue cannot be used: " +
                  std::string(problem.empty() ? text.error().field("why") : problem) +
                  "; the copy of " + day_of(kept) + " is used");
  return copy;
}

bool is_on_another_machine(const std::string& place) {
  return !fs::path(place).is_absolute() && !place.starts_with("file://");
}

// The file of a catalogue, relative to the declaration.
base::Result<std::string> read_of_file(const fs::path& directory, const std::string& place) {
  auto text = fs::path(place).is_absolute()
                  ? base::read_of_project(place, largest_catalogue)
                  : base::read_of_project(directory, place, largest_catalogue);
  if (text || text.error().field("cause").empty()) return text;
  return base::unexpected(base::fail("sweep.catalogue-file")
                              .with("path", place)
                              .with("problem", text.error().field("cause")));
}

}  // namespace

// ssh says the cause, and then git that it could not read. Lines of the server begin with
// "remote:", and some are ornaments.
std::string telling_line(std::string_view said) {
  constexpr std::string_view git_adds = "fatal: Could not read from remote repository";
  std::string first;
  std::string last;
  for (std::string_view line : base::split(said, '\n')) {
    for (const std::string_view before : {"remote:", "@"}) {
      line = base::trim(line);
      if (line.starts_with(before)) line.remove_prefix(before.size());
    }
    while (line.ends_with('@')) line.remove_suffix(1);
    line = base::trim(line);
    if (line.starts_with(git_adds) && !last.empty()) return last;
    if (line.starts_with("fatal: ")) return std::string(line);
    const bool tells = std::any_of(line.begin(), line.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c >= 0x80;
    });
    if (!tells || line.starts_with("Warning: Permanently added")) continue;
    if (first.empty()) first = line;
    last = line;
  }
  return first;
}

base::Result<Enrolment> load_enrolled(const declare::Declaration& declaration,
                                      const fs::path& directory, const fs::path& state,
                                      Refresh refresh, base::ProcessRunner& processes,
                                      base::Progress& progress) {
  const std::string& place = declaration.catalogue.place;
  Enrolment catalogue;
  if (!place.empty()) {
    const bool remote = place.find("://") != std::string::npos;
    std::string text;
    std::vector<std::string> notes;
    if (remote) {
      CCCI_TRY(text, fetched(place, state, refresh, processes, progress, notes));
    } else {
      CCCI_TRY(text, read_of_file(directory, place));
    }
    CCCI_TRY(catalogue, read_catalogue(text, place, allowed_to(place)));
    catalogue.notes.insert(catalogue.notes.begin(), notes.begin(), notes.end());
  }
  return enrolled(declaration, catalogue);
}

std::map<std::string, Candidate> look(const declare::Declaration& declaration,
                                      const Enrolment& enrolment, const fs::path& directory,
                                      const fs::path& work, bool offline,
                                      base::ProcessRunner& processes, base::Progress& progress) {
  const std::vector<std::string> names = base::keys_of(declaration.recipes);
  std::map<std::string, Candidate> found;
  std::mutex mutex;
  std::size_t next = 0;
  progress.begin("asking for releases", names.size(), base::Progress::Unit::things);
  base::on_threads(std::min(at_once, names.size()), [&] {
    for (;;) {
      std::string name;
      {
        const std::lock_guard guard(mutex);
        if (next == names.size()) return;
        name = names[next++];
      }
      Candidate candidate{.name = name, .refs = std::nullopt};
      const auto source = run::find_source(name, declaration, directory);
      const auto unusable = enrolment.unusable.find(name);
      if (unusable != enrolment.unusable.end()) {
        candidate.problem = unusable->second;
      } else if (!source) {
        candidate.problem = "no such recipe";
      } else if (offline && is_on_another_machine(source->place)) {
        candidate.problem = "its server is not asked, because of --offline";
      } else if (!source->remote && !run::is_repository(source->place)) {
        std::error_code error;
        candidate.repository = !fs::is_directory(source->place, error);
        candidate.problem = source->place + " is no directory";
      } else {
        auto refs = git::remote_refs(source->place, source->settings.branch,
                                     work / ("gitconfig-" + name), processes);
        if (refs) {
          candidate.refs = std::move(*refs);
          const bool asks = recipe::releases(candidate.refs->tags).usable.empty();
          if (asks && fs::path(source->place).is_absolute() &&
              git::is_shallow(source->place, work / ("gitconfig-" + name), processes))
            candidate.shallow = source->place;
        } else {
          candidate.problem = telling_line(refs.error().field("problem"));
          if (candidate.problem.empty())
            candidate.problem = "it has no branch " + source->settings.branch;
        }
      }
      progress.advance(1, name);
      const std::lock_guard guard(mutex);
      found.emplace(name, std::move(candidate));
    }
  });
  progress.end();
  return found;
}

bool is_a_release(const declare::Declaration& declaration, const fs::path& directory,
                  const std::string& recipe, const std::string& tag, const fs::path& work,
                  base::ProcessRunner& processes) {
  const auto source = run::find_source(recipe, declaration, directory);
  if (!source) return true;
  const fs::path copy = work / ("tag-" + recipe);
  const auto commit =
      git::leads_to_commit(source->place, tag, copy, work / ("gitconfig-" + recipe), processes);
  static_cast<void>(base::remove_tree(copy));
  return commit.value_or(true);
}

}  // namespace ccci::sweep

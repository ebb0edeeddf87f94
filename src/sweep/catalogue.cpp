// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/catalogue.hpp"

#include <fcntl.h>

#include <mutex>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "run/source.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_catalogue = 32U << 20U;  // bytes
constexpr std::chrono::minutes patience{2};
constexpr std::size_t at_once = 8;  // repositories: each mostly waits for its network

base::Result<std::string> fetched(const std::string& url, const fs::path& state, bool offline,
                                  base::ProcessRunner& processes) {
  const fs::path kept = state / "catalogues" / (base::sha256(url).hex() + ".json");
  if (!offline) {
    CCCI_CHECK(base::make_directories(kept.parent_path()));
    const fs::path part = kept.native() + ".part";
    CCCI_CHECK(base::remove_tree(part));
    base::Command command;
    // prlimit, because apt's methods have no limit of their own for a file of unknown size.
    command.argv = {"prlimit",
                    "--fsize=" + std::to_string(largest_catalogue),
                    "/usr/lib/apt/apt-helper",
                    "download-file",
                    url,
                    part.native()};
    command.time_limit = patience;
    CCCI_TRY(const base::Outcome outcome, processes.run(command));
    if (outcome.status != 0) {
      std::string problem = outcome.timed_out ? "it took too long" : "";
      for (const std::string_view line : base::split(outcome.err, '\n'))
        if (line.starts_with("E: ")) problem = line.substr(3);
      return base::unexpected(
          base::fail("sweep.catalogue-fetch").with("url", url).with("problem", problem));
    }
    CCCI_TRY(const std::string text, base::read_file(part, largest_catalogue));
    CCCI_CHECK(read_catalogue(text, url));  // a broken one does not replace the last good one
    CCCI_CHECK(base::replace_file(kept, text));
    CCCI_CHECK(base::remove_tree(part));
  }
  return base::read_file(kept, largest_catalogue);
}

}  // namespace

base::Result<Enrolled> load_enrolled(const declare::Declaration& declaration,
                                     const fs::path& directory, const fs::path& state, bool offline,
                                     base::ProcessRunner& processes) {
  const std::string& place = declaration.catalogue.place;
  Enrolled catalogue;
  if (!place.empty()) {
    const bool remote = place.find("://") != std::string::npos;
    std::string text;
    if (remote) {
      CCCI_TRY(text, fetched(place, state, offline, processes));
    } else {
      CCCI_TRY(text, base::read_file(directory / place, largest_catalogue));
    }
    CCCI_TRY(catalogue, read_catalogue(text, place));
  }
  return enrolled(declaration, catalogue);
}

std::map<std::string, Candidate> look(const declare::Declaration& declaration,
                                      const fs::path& directory, const fs::path& work,
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
      if (!source) {
        candidate.problem = "no such recipe";
      } else if (!source->remote && !run::is_repository(source->place)) {
        std::error_code error;
        candidate.repository = !fs::is_directory(source->place, error);
        candidate.problem = source->place + " is no directory";
      } else {
        auto refs = git::remote_refs(source->place, source->settings.branch,
                                     work / ("gitconfig-" + name), processes);
        if (refs) {
          candidate.refs = std::move(*refs);
        } else {
          candidate.problem = std::string(refs.error().field("problem"));
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

}  // namespace ccci::sweep

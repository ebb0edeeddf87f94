// SPDX-License-Identifier: GPL-3.0-or-later
// Access to the Debian archive through libapt-pkg. It uses a separate apt root under the state
// directory: the host's apt and dpkg state is neither read nor written, and no privilege is needed.
// From the host's configuration it reads only sources, keyrings and Acquire settings (a proxy).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// The paths that are read on the host.
struct Machine {
  std::filesystem::path etc = "/etc/apt";
  std::filesystem::path os_release = "/etc/os-release";
  std::filesystem::path keyrings = "/usr/share/keyrings";
  std::chrono::milliseconds patience = std::chrono::minutes(1);  // with a mirror that sends nothing
  // PEM of all authorities that servers may have their certificates from; empty: those of the host.
  std::string authorities = {};
};

class Archive {
 public:
  // `root` (STATE/apt) is created if it is missing. `kept` (STATE/archives) is the directory of
  // fetched files, each named SHA256.deb. These versions can still be resolved after the mirror has
  // dropped them. Only one Archive per process: libapt-pkg's configuration is global.
  static base::Result<Archive> open(const std::filesystem::path& root,
                                    const std::filesystem::path& kept, bool offline,
                                    const Machine& machine = {});
  ~Archive();
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;

  // Refreshes the indexes (unless offline), verifies every signature and solves the query.
  // Errors: [source.*], among them source.unsigned, source.wrong-key, source.expired,
  // source.tampered, source.unreachable, source.unknown-package, source.conflict.
  base::Result<Answer> resolve(const Query& query, base::Progress& progress);

  // Those of the names that are packages of the indexes that are here. Asks no mirror.
  base::Result<std::vector<std::string>> known(const std::vector<std::string>& names,
                                               const Sources& sources, base::Progress& progress);

  // Downloads the .debs that are missing in `kept`, from the mirrors of this machine, then from
  // those that `sources.locked` names: a lock may have updates of a suite that this machine's apt
  // has no entry for. Each one is staged, checked against size and
  // sha256, fsynced, and then renamed to its final name. Reports all files that it could not get in
  // one Error: [source.gone] (the mirror dropped it), [source.mismatch], [source.unreachable],
  // [source.offline], [source.offline-files]. Packages of another origin are skipped.
  base::Result<void> fetch(const std::vector<Package>& packages, const Sources& sources,
                           base::Progress& progress);

 private:
  struct Impl;
  explicit Archive(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// dpkg's name for this machine's architecture, e.g. "amd64".
std::string native_architecture();

}  // namespace ccci::source::debian

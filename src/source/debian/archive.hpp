// SPDX-License-Identifier: GPL-3.0-or-later
// The Debian archive through libapt-pkg, with an apt root of its own under the state directory:
// the host's apt and dpkg state is neither read nor written, and no privilege is needed. Of the
// host's configuration only its sources, keyrings and Acquire settings (a proxy) are read.
#pragma once

#include <filesystem>
#include <memory>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// Where the host keeps what is read of it.
struct Machine {
  std::filesystem::path etc = "/etc/apt";
  std::filesystem::path os_release = "/etc/os-release";
  std::filesystem::path keyrings = "/usr/share/keyrings";
};

class Archive {
 public:
  // `root` is made where it is missing (STATE/apt). `kept` is the directory of fetched files, each
  // named SHA256.deb (STATE/archives); versions there stay resolvable after the mirror drops them.
  // One per process: libapt-pkg's configuration is global.
  static base::Result<Archive> open(const std::filesystem::path& root,
                                    const std::filesystem::path& kept, bool offline,
                                    const Machine& machine = {});
  ~Archive();
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;

  // Refreshes the indexes (unless offline), verifies every signature, solves. Errors: [source.*],
  // among them source.unsigned, source.wrong-key, source.expired, source.tampered,
  // source.unreachable, source.unknown-package, source.conflict.
  base::Result<Answer> resolve(const Query& query, base::Progress& progress);

  // Downloads the .debs that `kept` lacks, each checked against size and sha256 before it gets its
  // name there (staged, fsynced, renamed). Reports all that could not be had in one Error
  // [source.gone] (the mirror dropped it), [source.mismatch], [source.unreachable],
  // [source.offline]. Packages of another origin are passed over.
  base::Result<void> fetch(const std::vector<Package>& packages,
                           const declare::DebianSource& source, base::Progress& progress);

 private:
  struct Impl;
  explicit Archive(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// dpkg's name of this machine's architecture, e.g. "amd64".
std::string native_architecture();

}  // namespace ccci::source::debian

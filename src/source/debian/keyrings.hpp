// SPDX-License-Identifier: GPL-3.0-or-later
// The keys that an archive may be signed by, as files that gpgv reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::source::debian {

class Keyrings {
 public:
  // `signed_by` as a source has it: files and fingerprints, separated by commas; without files
  // those that the machine trusts for every archive. [base.open]
  static base::Result<Keyrings> of(std::string_view signed_by);

  // Binary keyrings; readable by programs started from here for as long as this lives.
  const std::vector<std::string>& files() const { return files_; }
  // Whether a signature of `key`, which `primary` certifies, counts.
  bool accepts(std::string_view key, std::string_view primary) const;

 private:
  base::Result<void> add(const std::string& path);

  std::vector<std::string> files_;
  std::vector<std::string> fingerprints_;  // empty: every key of the files
  std::vector<base::Fd> held_;
};

// A file without a name that holds `content`: its path for other programs is path_of().
// [base.write]
base::Result<base::Fd> nameless_file(std::string_view content);
std::string path_of(const base::Fd& file);

// The bytes of every armoured block, one after the other; `text` itself where it has none.
std::string without_armour(std::string_view text);

}  // namespace ccci::source::debian

// SPDX-License-Identifier: GPL-3.0-or-later
// The keys that may sign an archive, as files that gpgv can read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::source::debian {

class Keyrings {
 public:
  // `signed_by` is the value from a source entry: files and fingerprints, separated by commas. If
  // it has no files, the files that the machine trusts for every archive are used. [base.open]
  static base::Result<Keyrings> of(std::string_view signed_by);

  // Binary keyrings. Child processes can read them during the lifetime of this object.
  const std::vector<std::string>& files() const { return files_; }
  // Whether a signature by `key` is accepted. `primary` is the primary key that certifies `key`.
  bool accepts(std::string_view key, std::string_view primary) const;

 private:
  base::Result<void> add(const std::string& path);

  std::vector<std::string> files_;
  std::vector<std::string> fingerprints_;  // empty: every key of the files
  std::vector<base::Fd> held_;
};

// Creates an unnamed file with `content`. path_of() gives its path for other programs. [base.write]
base::Result<base::Fd> nameless_file(std::string_view content);
std::string path_of(const base::Fd& file);

// Whether the keyring is there. One that is there and cannot be read is an error of its own:
// [base.open], [base.read], [base.not-a-file], [base.too-large]
base::Result<bool> has_keyring(const std::filesystem::path& file);

// The decoded bytes of all armoured blocks, concatenated. Returns `text` if it has no such block.
std::string without_armour(std::string_view text);

}  // namespace ccci::source::debian

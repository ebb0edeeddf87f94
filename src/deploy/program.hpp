// SPDX-License-Identifier: GPL-3.0-or-later
// This program as a host gets it, so that a host needs nothing of cc-ci:
//
//   STATE/programs/HASH/list          the digest of each file, in the form of b2sum
//                       bin/cc-ci
//                       lib/cc-ci/    the launcher and the shared libraries
//   STATE/programs/lock               held while a program is brought
//                  SHA256.part        the archive, as far as it has come
//                  .new.*             a program that is being unpacked
//
// There are two forms. The shared form uses the host's C library. The form `own` also has the
// sender's, for a host with an older one. Their other files are the same.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::deploy {

inline constexpr std::string_view programs_directory = "programs";  // below STATE

class ProgramForm {
 public:
  struct File {
    explicit File(std::string_view content);
    std::string_view content;  // must outlive the form
    std::string digest;
  };
  using Files = std::map<std::string, File>;  // by path

  ProgramForm(std::string hash, Files files);

  const std::string& hash() const { return hash_; }  // 32 hex digits: the directory's name
  const std::string& list() const { return list_; }
  const std::string& list_digest() const { return list_digest_; }
  // A compressed tar, always the same bytes for the same files. Made at the first call; several
  // threads may call.
  const std::string& archive() const;
  const std::string& archive_digest() const;

 private:
  void make() const;

  std::string hash_;
  Files files_;
  std::string list_;
  std::string list_digest_;
  mutable std::once_flag made_;
  mutable std::string archive_;
  mutable std::string archive_digest_;
};

class Program {
 public:
  // Reads the files of this process's program. `state` is the state directory on the hosts: the
  // form `own` contains the path of its dynamic loader there. [deploy.own-*], [host.no-launcher],
  // [base.*]
  static base::Result<std::shared_ptr<const Program>> own(const std::filesystem::path& state);
  // The same from other files: `content` by path below HASH. `libc` are the paths that only `own`
  // has, and `loader` is one of them.
  struct Parts {
    std::map<std::string, std::string> content;
    std::map<std::string, std::string> libc;
    std::string loader;
    std::string libc_version;  // "2.36"
  };
  static base::Result<std::shared_ptr<const Program>> of(Parts parts,
                                                         const std::filesystem::path& state);

  const std::filesystem::path& state() const { return state_; }
  const std::string& libc_version() const { return parts_.libc_version; }
  const ProgramForm& shared() const { return *shared_; }
  const ProgramForm& with_own_libc() const { return *own_; }
  // How a form is called on a host that has it.
  std::filesystem::path command(const ProgramForm& form) const;

 private:
  Program() = default;

  std::filesystem::path state_;
  Parts parts_;
  std::string patched_;  // the program of the form `own`
  std::unique_ptr<ProgramForm> shared_;
  std::unique_ptr<ProgramForm> own_;
};

}  // namespace ccci::deploy

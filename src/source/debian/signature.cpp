// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/signature.hpp"

#include <apt-pkg/fileutl.h>
#include <apt-pkg/gpgv.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/fd.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "source/debian/failure.hpp"
#include "source/debian/keyrings.hpp"

namespace ccci::source::debian {

namespace {

constexpr std::chrono::minutes longest_check{1};

struct Said {
  int exit = 0;
  std::string status;  // gpgv's status lines
};

// Runs gpgv itself. libapt's ExecGPGV() is not used: it runs apt-key, which apt 3 no longer has.
base::Result<Said> run(const Keyrings& keyrings, const std::string& signature,
                       const std::string& content) {
  base::Command command{
      .argv = {"gpgv", "--homedir", "/nonexistent", "--ignore-time-conflict", "--status-fd", "1"},
      .environment = {},
      .directory = {},
      .input = {},
      .time_limit = longest_check};
  for (const std::string& file : keyrings.files()) {
    command.argv.insert(command.argv.end(), {"--keyring", file});
  }
  command.argv.insert(command.argv.end(), {signature, content});
  const auto outcome = base::real_processes().run(command);
  if (!outcome && outcome.error().is(std::errc::no_such_file_or_directory))
    return base::unexpected(base::fail("source.no-gpgv"));
  CCCI_CHECK(outcome);
  return Said{.exit = outcome->status, .status = outcome->out};
}

// The content and the signature of a clear-signed file, separated. This is needed because gpgv
// would accept text around them, and libapt would read that text.
struct Halves {
  base::Fd content;
  base::Fd signature;
};

base::Result<Halves> halves(const std::string& file) {
  CCCI_TRY(base::Fd content, nameless_file({}));
  CCCI_TRY(base::Fd signature, nameless_file({}));
  FileFd into;
  FileFd beside;
  if (!into.OpenDescriptor(dup(content.get()), FileFd::ReadWrite, FileFd::None, true) ||
      !beside.OpenDescriptor(dup(signature.get()), FileFd::ReadWrite, FileFd::None, true) ||
      !SplitClearSignedFile(file, &into, nullptr, &beside)) {
    return base::unexpected(apt_failure("reading a release file"));
  }
  into.Close();
  beside.Close();
  return Halves{std::move(content), std::move(signature)};
}

}  // namespace

base::Result<std::vector<std::string>> verify_signature(const std::string& file,
                                                        const std::string& signature,
                                                        const std::string& signed_by,
                                                        const std::string& uri) {
  CCCI_TRY(const Keyrings keyrings, Keyrings::of(signed_by));
  Said said;
  if (file == signature) {
    const auto parts = halves(file);
    if (parts) {
      CCCI_TRY(said, run(keyrings, path_of(parts->signature), path_of(parts->content)));
    }
  } else {
    CCCI_TRY(said, run(keyrings, signature, file));
  }
  std::vector<std::string> good;
  std::string bad;
  for (const std::string_view line : base::split(said.status, '\n')) {
    static constexpr std::string_view valid = "[GNUPG:] VALIDSIG ";
    if (line.substr(0, valid.size()) == valid) {
      const std::string_view rest = line.substr(valid.size());
      // The first word is the signing key. The last word is its primary key, which people know.
      const std::string_view primary = rest.substr(rest.rfind(' ') + 1);
      if (keyrings.accepts(rest.substr(0, rest.find(' ')), primary)) good.emplace_back(primary);
      continue;
    }
    for (const std::string_view sign : {"BADSIG", "NO_PUBKEY", "EXPKEYSIG", "REVKEYSIG"}) {
      if (line.find(sign) != std::string_view::npos) bad += std::string(line) + "\n";
    }
  }
  std::sort(good.begin(), good.end());
  good.erase(std::unique(good.begin(), good.end()), good.end());
  // If a release file is signed by several keys and the machine knows only some of them, gpgv exits
  // with 2. A wrong signature by a known key or an unreadable file is always an error, even if
  // another signature is good.
  const bool forged =
      bad.find("BADSIG") != std::string::npos || bad.find("REVKEYSIG") != std::string::npos;
  const bool only_unknown_keys = said.exit == 0 || said.exit == 2;
  if (!good.empty() && !forged && only_unknown_keys) return good;
  if (bad.empty()) {
    return base::unexpected(base::fail("source.tampered")
                                .with("uri", uri)
                                .with("cause", "its signature cannot be read"));
  }
  return base::unexpected(classify(bad, uri));
}

}  // namespace ccci::source::debian

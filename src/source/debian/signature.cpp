// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/signature.hpp"

#include <apt-pkg/gpgv.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "source/debian/failure.hpp"

namespace ccci::source::debian {

namespace {

constexpr int status_number = 3;

struct Said {
  int exit = 0;
  std::string status;  // gpgv's status lines
};

base::Result<Said> run(const std::string& file, const std::string& signature,
                       const std::string& keys) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    return base::unexpected(base::fail("base.exec").with("command", "gpgv").with_errno(errno));
  }
  base::Fd reading(ends[0]);
  base::Fd writing(ends[1]);
  const pid_t child = fork();
  if (child < 0) {
    return base::unexpected(base::fail("base.exec").with("command", "gpgv").with_errno(errno));
  }
  if (child == 0) {
    // Runs libapt's own verification, which never returns: the same that its downloads pass.
    // The status descriptor must not be one of the pipe's own: libapt closes and copies over it.
    for (int& end : ends) {
      if (end <= status_number) end = fcntl(end, F_DUPFD, status_number + 1);
    }
    ExecGPGV(file, signature, status_number, ends.data(), keys);
  }
  writing.reset();
  auto status = base::read_fd(reading.get(), 1U << 20U, "gpgv");
  reading.reset();
  int result = 0;
  while (waitpid(child, &result, 0) < 0 && errno == EINTR) {
  }
  if (!status) return base::unexpected(std::move(status).error());
  return Said{.exit = WIFEXITED(result) ? WEXITSTATUS(result) : 128,
              .status = std::move(status).value()};
}

}  // namespace

base::Result<std::vector<std::string>> verify_signature(const std::string& file,
                                                        const std::string& signature,
                                                        const std::string& signed_by,
                                                        const std::string& uri) {
  CCCI_TRY(const Said said, run(file, signature, signed_by));
  std::vector<std::string> good;
  std::string bad;
  for (const std::string_view line : base::split(said.status, '\n')) {
    static constexpr std::string_view valid = "[GNUPG:] VALIDSIG ";
    if (line.substr(0, valid.size()) == valid) {
      const std::string_view rest = line.substr(valid.size());
      // The first word is the signing key, the last its primary key: the one that people know.
      good.emplace_back(rest.substr(rest.rfind(' ') + 1));
      continue;
    }
    for (const std::string_view sign : {"BADSIG", "NO_PUBKEY", "EXPKEYSIG", "REVKEYSIG"}) {
      if (line.find(sign) != std::string_view::npos) bad += std::string(line) + "\n";
    }
  }
  std::sort(good.begin(), good.end());
  good.erase(std::unique(good.begin(), good.end()), good.end());
  // A release file may be signed by several keys of which the machine knows some: gpgv then exits
  // with 2. A wrong signature by a known key or an unreadable file is fatal, whatever else is good.
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

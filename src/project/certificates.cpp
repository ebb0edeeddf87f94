// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/certificates.hpp"

#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

base::Result<void> read_certificates(declare::Declaration& declaration, const FindFile& find) {
  constexpr std::uint64_t largest = 1U << 20U;
  std::vector<base::Error> errors;
  for (declare::CertificateFile& file : declaration.certificates) {
    const auto path = find(file.path.text);
    auto text = path ? base::read_file(*path, largest)
                     : base::Result<std::string>(base::unexpected(path.error()));
    if (text) {
      file.pem = std::move(*text);
      continue;
    }
    errors.push_back(base::fail("cli.certificate")
                         .with("path", file.path.text)
                         .with("cause", text.error().field("cause"))
                         .at(file.path.at));
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return {};
}

base::Result<void> read_certificates(declare::Declaration& declaration, const fs::path& directory) {
  return read_certificates(declaration, [&](const std::string& path) -> base::Result<fs::path> {
    return directory / path;
  });
}

std::map<std::string, std::string> certificate_digests(const declare::Declaration& declaration) {
  std::map<std::string, std::string> digests;
  for (const declare::CertificateFile& file : declaration.certificates) {
    digests.emplace(file.path.text, base::sha256(file.pem).hex());
  }
  return digests;
}

}  // namespace ccci::project

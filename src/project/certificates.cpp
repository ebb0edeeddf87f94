// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/certificates.hpp"

#include <utility>
#include <vector>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest = 1U << 20U;
using ReadPem = std::function<base::Result<std::string>(const std::string& path)>;

base::Result<void> read_pems(declare::Declaration& declaration, const ReadPem& read) {
  std::vector<base::Error> errors;
  for (declare::CertificateFile& file : declaration.certificates) {
    auto text = read(file.path.text);
    if (text) {
      file.pem = std::move(*text);
      continue;
    }
    base::Error error = std::move(text).error();
    // The others say themselves what is wrong: a pipe, a link that leads out, too many bytes.
    if (error.code == "base.open" || error.code == "base.read") {
      error = base::fail("cli.certificate")
                  .with("path", file.path.text)
                  .with("cause", error.field("cause"));
    }
    errors.push_back(std::move(error).at(file.path.at));
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return {};
}

}  // namespace

base::Result<void> read_certificates(declare::Declaration& declaration, const FindFile& find) {
  return read_pems(declaration, [&](const std::string& path) -> base::Result<std::string> {
    CCCI_TRY(const fs::path file, find(path));
    return base::read_file(file, largest);
  });
}

base::Result<void> read_certificate_texts(declare::Declaration& declaration, const ReadText& read) {
  return read_pems(declaration, [&](const std::string& path) { return read(path, largest); });
}

base::Result<void> read_certificates(declare::Declaration& declaration, const fs::path& directory) {
  return read_pems(declaration, [&](const std::string& path) {
    return base::read_of_project(directory, path, largest);
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

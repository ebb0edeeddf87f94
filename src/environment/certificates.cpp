// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>

namespace ccci::environment {

namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

base::Result<unsigned long> subject_hash(const std::string& path, const std::string& pem) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, FreeCertificate> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return base::unexpected(base::fail("environment.certificate").with("path", "/" + path));
  }
  return X509_NAME_hash_ex(X509_get_subject_name(certificate.get()), nullptr, nullptr, nullptr);
}

std::string link_name(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".crt")) name.resize(name.size() - 4);
  for (char& c : name) {
    if (c == ' ') c = '_';
    if (c == '(') c = '=';
    if (c == ')') c = '=';
    if (c == ',') c = '_';
  }
  return name + ".pem";
}

}  // namespace

base::Result<Certificates> bundle(std::vector<std::pair<std::string, std::string>> files) {
  std::sort(files.begin(), files.end());
  Certificates certificates;
  std::map<unsigned long, int> taken;  // subjects may collide: NAME.0, NAME.1, …
  for (const auto& [path, pem] : files) {
    CCCI_TRY(const unsigned long hash, subject_hash(path, pem));
    certificates.bundle += pem;
    if (!pem.ends_with('\n')) certificates.bundle += '\n';
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%08lx.%d", hash, taken[hash]++);
    const std::string link = link_name(path);
    certificates.links.emplace_back(link, "/" + path);
    certificates.links.emplace_back(name.data(), link);
  }
  std::sort(certificates.links.begin(), certificates.links.end());
  return certificates;
}

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace ccci::environment {

namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

void Certificate::Free::operator()(x509_st* certificate) const { X509_free(certificate); }

base::Result<Certificate> Certificate::read(const std::string& path, const std::string& pem) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Handle handle(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (handle == nullptr) {
    return base::unexpected(base::fail("environment.certificate").with("path", "/" + path));
  }
  return Certificate(std::move(handle));
}

unsigned long Certificate::subject_hash() const {
  return X509_NAME_hash_ex(X509_get_subject_name(handle_.get()), nullptr, nullptr, nullptr);
}

std::string Certificate::der() const {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(handle_.get(), &bytes);
  if (size < 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace ccci::environment

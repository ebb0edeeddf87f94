// SPDX-License-Identifier: GPL-3.0-or-later
// One certificate of a certificate authority (CA).
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

struct x509_st;  // OpenSSL's X509

namespace ccci::environment {

class Certificate {
 public:
  // Reads the first certificate in a PEM file. `path` (below the root) is for the error message.
  // [environment.certificate]
  static base::Result<Certificate> read(const std::string& path, const std::string& pem);

  // The hash that OpenSSL uses as the name of a link in a directory of certificates.
  unsigned long subject_hash() const;
  std::string der() const;  // exactly as it was read

 private:
  struct Free {
    void operator()(x509_st* certificate) const;
  };
  using Handle = std::unique_ptr<x509_st, Free>;
  explicit Certificate(Handle handle) : handle_(std::move(handle)) {}

  Handle handle_;
};

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
// One certificate of an authority.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

struct x509_st;  // OpenSSL's X509

namespace ccci::environment {

class Certificate {
 public:
  // The first in a PEM file; `path` below the root, for the error. [environment.certificate]
  static base::Result<Certificate> read(const std::string& path, const std::string& pem);

  // What OpenSSL names its links in a directory of certificates by.
  unsigned long subject_hash() const;
  std::string der() const;  // as it was read

 private:
  struct Free {
    void operator()(x509_st* certificate) const;
  };
  using Handle = std::unique_ptr<x509_st, Free>;
  explicit Certificate(Handle handle) : handle_(std::move(handle)) {}

  Handle handle_;
};

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate authority of one run. Its key is only in memory, so nobody can sign with it later.
#pragma once

#include <ctime>
#include <memory>
#include <set>
#include <string>

#include "base/result.hpp"

namespace ccci::ingress {

class Authority {
 public:
  // Its certificates are valid for a day from `now`. [ingress.certificate]
  static base::Result<Authority> make(std::time_t now);
  ~Authority();
  Authority(Authority&&) noexcept;
  Authority& operator=(Authority&&) noexcept;

  // Its own certificate in PEM.
  std::string certificate() const;
  // A certificate for the names, for localhost and for 127.0.0.1, with its key, in PEM. The key is
  // the same for all of them. [ingress.certificate]
  base::Result<std::string> leaf(const std::set<std::string>& names) const;
  // SHA-256 of the public key of all leaves in base64, for Chromium's option
  // --ignore-certificate-errors-spki-list.
  std::string pin() const;

 private:
  struct State;
  explicit Authority(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace ccci::ingress

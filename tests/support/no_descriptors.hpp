// SPDX-License-Identifier: GPL-3.0-or-later
// As long as it lives, this process opens nothing more: EMFILE. What an iterator of the standard
// library takes for an empty directory then must be an error.
#pragma once

#include <sys/resource.h>

namespace ccci::test {

class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace ccci::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <apt-pkg/cachefile.h>
#include <apt-pkg/depcache.h>

#include <vector>

namespace ccci::source::debian {

// What libapt's solver knows of each package and dependency. Every attempt to solve begins with an
// empty system. libapt works that state out from all dependencies of the archive, which takes most
// of the time of a lock. So it is worked out once, and copied back for each attempt.
class States final : public pkgDepCache {
 public:
  // The file must outlive it. It has the policy that is asked for candidates.
  explicit States(pkgCacheFile& file);

  // Makes the system empty, as if nothing had been marked.
  void reset();
  // The policy chooses other candidates from now on.
  void forget() { saved_ = {}; }

 private:
  struct Counts {
    signed long long installed = 0;
    unsigned long long download = 0;
    unsigned long install = 0;
    unsigned long removed = 0;
    unsigned long keep = 0;
    unsigned long broken = 0;
    unsigned long policy_broken = 0;
    unsigned long bad = 0;
  };
  struct Saved {
    std::vector<StateCache> packages;
    std::vector<unsigned char> dependencies;
    Counts counts;
  };

  Saved saved_;  // without packages: not worked out
};

}  // namespace ccci::source::debian

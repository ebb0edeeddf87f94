// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/states.hpp"

#include <apt-pkg/policy.h>

#include <algorithm>

namespace ccci::source::debian {

States::States(pkgCacheFile& file) : pkgDepCache(file.GetPkgCache(), file.GetPolicy()) {}

void States::reset() {
  if (saved_.packages.empty()) {
    Init(nullptr);
    saved_.packages.assign(PkgState, PkgState + Head().PackageCount);
    saved_.dependencies.assign(DepState, DepState + Head().DependsCount);
    saved_.counts = {.installed = iUsrSize,
                     .download = iDownloadSize,
                     .install = iInstCount,
                     .removed = iDelCount,
                     .keep = iKeepCount,
                     .broken = iBrokenCount,
                     .policy_broken = iPolicyBrokenCount,
                     .bad = iBadCount};
    return;
  }
  std::copy(saved_.packages.begin(), saved_.packages.end(), PkgState);
  std::copy(saved_.dependencies.begin(), saved_.dependencies.end(), DepState);
  iUsrSize = saved_.counts.installed;
  iDownloadSize = saved_.counts.download;
  iInstCount = saved_.counts.install;
  iDelCount = saved_.counts.removed;
  iKeepCount = saved_.counts.keep;
  iBrokenCount = saved_.counts.broken;
  iPolicyBrokenCount = saved_.counts.policy_broken;
  iBadCount = saved_.counts.bad;
}

}  // namespace ccci::source::debian

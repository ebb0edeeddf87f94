// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/download.hpp"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire-worker.h>
#include <apt-pkg/configuration.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/text.hpp"
#include "source/debian/entries.hpp"

namespace ccci::source::debian {

Status::Status(base::Progress& progress, const Bounds& bounds)
    : progress_(progress),
      bounds_(bounds),
      watch_(_config->FindDir("Dir::Bin::methods"), bounds.patience) {}

bool Status::Pulse(pkgAcquire* owner) {
  watch_.beat();
  pkgAcquireStatus::Pulse(owner);
  tell(owner);
  too_large_ = too_large_ || (bounds_.limit != 0 && CurrentBytes > bounds_.limit);
  if (!too_large_) measure(owner);
  return !too_large_ && !stopped_;
}

// The files are measured, and CurrentBytes is not used: it is the size of the same files, so each
// byte would count twice. It also leaves out a file that libapt copies from a directory, which may
// be a device without an end.
void Status::measure(pkgAcquire* owner) {
  std::uint64_t now = 0;
  std::string waiting;
  std::string unfinished;
  for (auto item = owner->ItemsBegin(); item != owner->ItemsEnd(); ++item) {
    constexpr std::uint64_t for_an_end = 2 * least_progress;
    const bool ended = (*item)->Complete || (*item)->Status == pkgAcquire::Item::StatDone;
    if (ended) now += for_an_end;
    if (!ended && unfinished.empty()) unfinished = (*item)->DescURI();
    if ((*item)->Status == pkgAcquire::Item::StatFetching && waiting.empty()) {
      waiting = (*item)->DescURI();
    }
    struct stat status {};
    if (lstat((*item)->DestFile.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    now += size;
    const std::uint64_t expected =
        std::max<std::uint64_t>((*item)->GetExpectedHashes().FileSize(), (*item)->FileSize);
    const std::uint64_t most = std::max(expected, bounds_.largest);
    if (bounds_.largest == 0 || size <= most) continue;
    stopped_ = base::fail("source.endless")
                   .with("uri", without_password((*item)->DescURI()))
                   .with("limit", base::human_bytes(most));
    return;
  }
  if (now < seen_ || now >= seen_ + least_progress) {
    seen_ = now;
    since_ = Clock::now();
  } else if (Clock::now() - since_ >= bounds_.patience) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(bounds_.patience).count();
    stopped_ = base::fail("source.silent")
                   .with("uri", without_password(waiting.empty() ? unfinished : waiting))
                   .with("time", base::counted(static_cast<std::uint64_t>(seconds), "second"));
  }
}

void Status::Done(pkgAcquire::ItemDesc& item) {
  pkgAcquireStatus::Done(item);
  item_ = item.ShortDesc;
}

void Status::tell(pkgAcquire* owner) {
  for (pkgAcquire::Worker* worker = owner->WorkersBegin(); worker != nullptr;
       worker = owner->WorkerStep(worker)) {
    if (worker->CurrentItem != nullptr) {
      item_ = worker->CurrentItem->ShortDesc;
      break;
    }
  }
  // libapt's byte count decreases when it drops a file and tries another one.
  if (CurrentBytes > told_) {
    progress_.advance(CurrentBytes - told_, item_);
    told_ = CurrentBytes;
  }
}

}  // namespace ccci::source::debian

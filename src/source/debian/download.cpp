// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/download.hpp"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire-worker.h>

namespace ccci::source::debian {

bool Status::Pulse(pkgAcquire* owner) {
  pkgAcquireStatus::Pulse(owner);
  tell(owner);
  too_large_ = too_large_ || (limit_ != 0 && CurrentBytes > limit_);
  return !too_large_;
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

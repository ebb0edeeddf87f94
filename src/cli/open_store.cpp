// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/open_store.hpp"

namespace ccci::cli {

base::Result<store::Store> open_store(Invocation& invocation) {
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  store.report_to(invocation.progress());
  return store;
}

base::Result<store::Store> look_at_store(Invocation& invocation) {
  CCCI_TRY(store::Store store, store::Store::look(invocation.globals().state));
  store.report_to(invocation.progress());
  return store;
}

base::Result<store::Store> open_store(Invocation& invocation, bool only_looks) {
  return only_looks ? look_at_store(invocation) : open_store(invocation);
}

}  // namespace ccci::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/open_store.hpp"

#include "cli/activation.hpp"

namespace ccci::cli {

base::Result<store::Store> open_store(Invocation& invocation) {
  CCCI_TRY(store::Store store, store::Store::open(invocation.globals().state));
  store.report_to(invocation.progress());
  return store;
}

std::optional<store::Store> system_store(Invocation& invocation) {
  if (!invocation.globals().home_state) return std::nullopt;
  const std::filesystem::path state = host_layout().at(system_state);
  std::error_code error;
  if (!std::filesystem::exists(state / "store", error)) return std::nullopt;
  auto store = store::Store::look(state);
  if (!store) return std::nullopt;
  store->report_to(invocation.progress());
  return *std::move(store);
}

base::Result<store::Store> look_at_store(Invocation& invocation) {
  std::error_code error;
  if (!std::filesystem::exists(invocation.globals().state / "store", error)) {
    if (auto store = system_store(invocation)) return *std::move(store);
  }
  CCCI_TRY(store::Store store, store::Store::look(invocation.globals().state));
  store.report_to(invocation.progress());
  return store;
}

base::Result<store::Store> open_store(Invocation& invocation, bool only_looks) {
  return only_looks ? look_at_store(invocation) : open_store(invocation);
}

}  // namespace ccci::cli

// SPDX-License-Identifier: GPL-3.0-or-later
// What an object says of itself: `manifest` (of its root/) and `meta.json`.
//
// meta.json is an object; the store knows of its members "digest" and "bytes" (of root/), "needs"
// (["KIND/HASH-LABEL", …]: what must not be collected while this object is kept) and of packages
// "sha256" and "format" (what to make it from again). Each kind adds its own.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::store {

// Writes `manifest` (as pack_text() has it) and, with "digest" and "bytes" added to `meta`,
// meta.json. [base.write]
base::Result<void> write_content(const Staging& staging, const Manifest& manifest, base::Json meta);
// For an object without root/: meta.json alone.
base::Result<void> write_meta(const Staging& staging, const base::Json& meta);
void set_needs(base::Json& meta, const std::vector<Address>& needs);

// Of a published object. [store.unknown] where there is none, [store.meta]
base::Result<base::Json> read_meta(const Store& store, const Address& address);
// What must be kept with it; of an object that never had a meta.json nothing. [store.unknown],
// [store.meta]
base::Result<std::vector<Address>> needs(const Store& store, const Address& address);
// [store.meta] where one of them is no reference.
base::Result<std::vector<Address>> needs_of(const base::Json& meta, const Address& address);
// Of everything but root/. [store.manifest] also where the seal does not match its own digest.
base::Result<Manifest> read_seal(std::string_view text, const std::string& name);
// [store.unknown], [store.manifest]
base::Result<Manifest> object_manifest(const Store& store, const Address& address);

inline constexpr std::uint64_t largest_manifest = 512U << 20U;
inline constexpr std::uint64_t largest_meta = 64U << 20U;

}  // namespace ccci::store

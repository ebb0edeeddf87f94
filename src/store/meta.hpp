// SPDX-License-Identifier: GPL-3.0-or-later
// The two files that describe an object: `manifest` (of its root/) and `meta.json`.
//
// meta.json is a JSON object. The store uses these members: "digest" and "bytes" (of root/), and
// "needs" (["KIND/HASH-LABEL", …]: objects that must not be collected while this object is kept).
// For packages it also uses "sha256" and "format" (from which the package can be made again). Each
// kind of object adds members of its own.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::store {

// Writes `manifest` (in the form of pack_text()), and meta.json with "digest" and "bytes" added to
// `meta`. `digest` is that of the manifest. [base.write]
base::Result<void> write_content(const Staging& staging, const Manifest& manifest,
                                 const base::Digest& digest, base::Json meta);
// For an object without root/: writes only meta.json.
base::Result<void> write_meta(const Staging& staging, const base::Json& meta);
void set_needs(base::Json& meta, const std::vector<Address>& needs);

// The meta.json of a published object. [store.unknown] if there is no such object, [store.meta]
base::Result<base::Json> read_meta(const Store& store, const Address& address);
// The objects that must be kept with this one. Returns an empty list if the object never had a
// meta.json. [store.unknown], [store.meta]
base::Result<std::vector<Address>> needs(const Store& store, const Address& address);
// [store.meta] if one of them is not a valid reference.
base::Result<std::vector<Address>> needs_of(const base::Json& meta, const Address& address);
// Reads the seal: the manifest of everything in the object except root/. [store.manifest] also if
// the seal does not match its own digest.
base::Result<Manifest> read_seal(std::string_view text, const std::string& name);
// [store.unknown], [store.manifest]
base::Result<Manifest> object_manifest(const Store& store, const Address& address);

inline constexpr std::uint64_t largest_manifest = 512U << 20U;
inline constexpr std::uint64_t largest_meta = 64U << 20U;

}  // namespace ccci::store

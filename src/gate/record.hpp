// SPDX-License-Identifier: GPL-3.0-or-later
// One line of the ledger. The bytes are canonical: each record has exactly one spelling. So a
// digest of the line identifies the record, and the signed bytes can be made again from the parsed
// record.
//
//   {"seq":2,"previous":"…64 hex…","type":"verdict","time":"2026-11-22T12:00:00Z","key":"…16 hex…",
//    "payload":{…},"signature":"…base64…"}
//
// `previous` is the digest of the whole previous line (with its signature); in the first record it
// is 64 zeros. The signature covers the type and all members except itself (signed_bytes).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "gate/key.hpp"
#include "gate/time.hpp"

namespace ccci::gate {

enum class Type { claim, verdict, veto, withdrawal };
std::string_view type_name(Type type);

struct Record {
  std::uint64_t seq = 0;
  base::Digest previous;
  Type type = Type::claim;
  Time time;
  std::string key;  // id
  base::Json payload;
  std::string signature;

  std::string body() const;     // canonical, without the signature
  std::string line() const;     // canonical, without a newline
  base::Digest digest() const;  // of line()
  void sign(const PrivateKey& key);
  bool signed_by(const PublicKey& key) const;
};

inline constexpr std::size_t longest_line = 4U << 20U;

// `good` is false if the line is not the canonical spelling of a record. Then `cause` says why.
struct Parsed {
  bool good = false;
  Record record;
  std::string cause;
};
Parsed parse_record(std::string_view line);

}  // namespace ccci::gate

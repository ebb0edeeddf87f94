// SPDX-License-Identifier: GPL-3.0-or-later
// gates/keys.toml: whose word counts, and for what. It is part of the repository, so that who may
// verify changes only by a commit that everybody sees. A key that may do nothing any more stays
// listed with an empty `may`: its old records must go on verifying.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "gate/key.hpp"

namespace ccci::gate {

struct Party {
  std::string name;
  PublicKey key;
  bool may_claim = false;
  bool may_verify = false;

  bool operator==(const Party&) const = default;
};

class Trust {
 public:
  Trust() = default;
  explicit Trust(std::vector<Party> parties);

  const Party* find(std::string_view key_id) const;
  const std::vector<Party>& parties() const { return parties_; }
  std::string name(std::string_view key_id) const;  // the party's, or the id itself

 private:
  std::vector<Party> parties_;
};

// All errors in one go, with positions. Two names for one key are refused: nobody is two parties.
// [gate.key-form], [gate.key-twice], and those of read_phase
base::Result<Trust> read_trust(std::string_view text, std::string file);

}  // namespace ccci::gate

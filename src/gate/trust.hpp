// SPDX-License-Identifier: GPL-3.0-or-later
// gates/keys.toml: which keys are trusted, and for what. The file is part of the repository, so
// only a commit, which everybody sees, changes who may verify. A key that may do nothing any more
// stays listed with an empty `may`, because its old records must still verify.
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
  std::string name(std::string_view key_id) const;  // the name of the party, or the id itself

 private:
  std::vector<Party> parties_;
};

// Reports all errors at once, with their positions. Refuses two names for one key, because one
// person must not count as two parties. [gate.key-form], [gate.key-twice], and the errors of
// read_phase
base::Result<Trust> read_trust(std::string_view text, std::string file);

}  // namespace ccci::gate

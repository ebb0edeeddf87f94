// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/trust.hpp"

#include <algorithm>
#include <utility>

#include "gate/form.hpp"

namespace ccci::gate {

Trust::Trust(std::vector<Party> parties) : parties_(std::move(parties)) {}

const Party* Trust::find(std::string_view key_id) const {
  const auto found = std::find_if(parties_.begin(), parties_.end(),
                                  [&](const Party& party) { return party.key.id() == key_id; });
  return found == parties_.end() ? nullptr : &*found;
}

std::string Trust::name(std::string_view key_id) const {
  const Party* party = find(key_id);
  return party == nullptr ? std::string(key_id) : party->name;
}

namespace {

void read_may(Form& form, const declare::Node& may, Party& party) {
  for (const declare::Node& item : may.items) {
    if (item.text == "claim") {
      party.may_claim = true;
    } else if (item.text == "verify") {
      party.may_verify = true;
    } else {
      form.fault(base::fail("gate.value")
                     .with("what", "may")
                     .with("expected", "'claim' or 'verify'")
                     .with("found", item.text.substr(0, 60)),
                 item.at);
    }
  }
}

}  // namespace

base::Result<Trust> read_trust(std::string_view text, std::string file) {
  Form form(text, std::move(file));
  CCCI_TRY(const declare::Node document, declare::read_document(text, form.lines()));
  form.check("keys", document);
  std::vector<Party> parties;
  for (const declare::Entry& entry : document.entries) {
    if (entry.value.kind != declare::Kind::table) continue;
    form.name(entry.key, entry.at, "a party's name");
    form.check("party", entry.value);
    Party party;
    party.name = entry.key;
    if (const auto* may = form.get("party", entry.value, "may")) read_may(form, *may, party);
    const auto* key = form.get("party", entry.value, "public");
    if (key == nullptr) continue;
    auto read = PublicKey::from_text(key->text);
    if (!read) {
      form.fault(std::move(read).error(), key->at);
      continue;
    }
    party.key = *read;
    const auto twin = std::find_if(parties.begin(), parties.end(),
                                   [&](const Party& other) { return other.key == party.key; });
    if (twin != parties.end()) {
      form.fault(base::fail("gate.key-twice").with("party", party.name).with("other", twin->name),
                 key->at);
    }
    parties.push_back(std::move(party));
  }
  if (!form.good()) return base::unexpected(form.error());
  return Trust(std::move(parties));
}

}  // namespace ccci::gate

// SPDX-License-Identifier: GPL-3.0-or-later
// The first byte picks a reader, the rest is what lies in the state directory, what systemctl says
// or what a job answers: refused with a code, or read to something that is written back the same.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "activate/generation.hpp"
#include "activate/systemd.hpp"
#include "base/hash.hpp"
#include "environment/environment.hpp"
#include "environment/record.hpp"
#include "store/manifest.hpp"
#include "store/meta.hpp"
#include "store/packed_text.hpp"
#include "witness/seen.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

template <typename Value>
void require_reason(const base::Result<Value>& result) {
  require(result.has_value() || !result.error().code.empty());
}

void generation(const std::string& text) {
  const auto record = activate::read_record(text, "generation.json");
  require_reason(record);
  if (!record) return;
  const auto again = activate::read_record(activate::write_record(*record), "generation.json");
  require(again && *again == *record);
  for (const std::string& unit : activate::timers_of(*record)) {
    require(activate::is_unit_name(unit) && unit.find('/') == std::string::npos);
  }
  for (const std::string& unit : activate::attached_of(*record)) {
    require(activate::is_unit_name(unit) && unit.find('/') == std::string::npos);
  }
}

void units(const std::string& text) {
  const auto states = activate::read_units(text, {"a.service", "b.timer"});
  require(states.size() == 2 && states[0].name == "a.service" && states[1].name == "b.timer");
}

// The first line is "status", then '|' stands between the other two.
void answer(const std::string& text) {
  const std::size_t first = std::min(text.find('|'), text.size());
  const std::size_t second = std::min(text.find('|', first + 1), text.size());
  const auto part = [&](std::size_t from, std::size_t to) {
    return from < to ? text.substr(from, to - from) : std::string();
  };
  const auto seen =
      witness::read_answer(part(0, first), part(first + 1, second), part(second + 1, text.size()));
  require(seen || seen.error().code == "witness.answer");
}

void manifest(const std::string& text) {
  const auto read = store::read_manifest(text, "manifest");
  require_reason(read);
  if (read) require(store::write(*read) == text && read->digest() == read->digest());
  const auto seal = store::read_seal(text + "seal " + base::sha256(text).hex() + "\n", "seal");
  require(seal.has_value() == read.has_value());
}

void packed(const std::string& text) {
  constexpr std::uint64_t limit = 1U << 20U;
  const auto plain = store::unpack_text("\x28\xB5\x2F\xFD" + text, limit, "manifest");
  require_reason(plain);
  if (plain) require(plain->size() <= limit);
}

void environment(const std::string& text) {
  const store::Address address{store::Kind::environment, std::string(32, 'a'), "shared"};
  const auto record = environment::read_record(text, address);
  require_reason(record);
  if (record) {
    const auto again = environment::read_record(environment::write_record(*record), address);
    require(again && environment::write_record(*again) == environment::write_record(*record));
  }
  require_reason(environment::read_scripts(text, address));
}

void names(const std::string& text) {
  if (const auto found = store::read_reference(text)) require(store::reference(*found) == text);
  for (const store::Kind kind : store::all_kinds) {
    const auto found = store::read_directory(kind, text);
    require(!found || (found->directory() == text && text.find('/') == std::string::npos));
  }
}

constexpr std::array readers{generation, units, answer, manifest, packed, environment, names};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  readers[data[0] % readers.size()](std::string(data + 1, data + size));
  return 0;
}

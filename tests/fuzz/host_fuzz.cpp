// SPDX-License-Identifier: GPL-3.0-or-later
// The first byte picks a reader, the rest is what a host keeps or answers as JSON: the record of an
// engine, the state of a switch, the findings of doctor, what an object needs, and its table of
// mounts. It is refused with a reason, or read to something that is written back the same and
// repaints no terminal.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "activate/observe.hpp"
#include "base/text.hpp"
#include "deploy/confirmation.hpp"
#include "engine/record.hpp"
#include "store/meta.hpp"
#include "view/symptoms.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

void engine_record(const std::string& text) {
  const auto record = engine::read_record(text);
  require(record || !record.error().field("problem").empty());
  if (!record) return;
  require(engine::is_engine_name(record->name) && record->name.find('/') == std::string::npos);
  const auto again = engine::read_record(engine::write_record(*record));
  require(again && *again == *record);
}

void switch_state(const std::string& text) {
  const auto json = base::Json::parse(text);
  if (!json) return;
  const auto state = deploy::state_from(*json);
  require(state || !state.error().code.empty());
  if (!state) return;
  const base::Json written = deploy::to_json(*state);
  const auto again = deploy::state_from(written);
  require(again && deploy::to_json(*again) == written);
}

void findings(const std::string& text) {
  const auto symptoms = view::symptoms_in(text);
  if (!symptoms) return;
  for (const doctor::Symptom& one : *symptoms) {
    for (const std::string* part : {&one.what, &one.found, &one.remedy})
      require(base::printable(*part) == *part);
  }
  const auto again = view::symptoms_in(view::to_json(*symptoms).dump());
  require(again && again->size() == symptoms->size());
}

void needs(const std::string& text) {
  const auto json = base::Json::parse(text);
  if (!json) return;
  const store::Address address{store::Kind::environment, std::string(32, 'a'), "shared"};
  const auto all = store::needs_of(*json, address);
  require(all || !all.error().code.empty());
  if (!all) return;
  base::Json written = base::Json::object();
  store::set_needs(written, *all);
  require(store::needs_of(written, address).value() == *all);
}

void mounts(const std::string& text) {
  const std::string environment = activate::environment_in(text);
  require(environment.size() <= text.size() && environment.find('-') == std::string::npos);
}

constexpr std::array readers{engine_record, switch_state, findings, needs, mounts};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  readers[data[0] % readers.size()](std::string(data + 1, data + size));
  return 0;
}

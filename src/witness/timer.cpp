// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/timer.hpp"

#include <utility>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"
#include "witness/fire.hpp"

namespace ccci::witness {

namespace {

constexpr std::uint64_t largest_unit = 1U << 20U;  // bytes

// The values of a service's ExecStart, from all the files that systemd read.
base::Result<std::vector<std::string>> commands_of(const activate::UnitState& service) {
  std::vector<std::string> texts;
  std::vector<std::string_view> files{service.fragment};
  for (const std::string_view file : base::split(service.drop_ins, ' ')) {
    if (!file.empty()) files.push_back(file);
  }
  for (const std::string_view file : files) {
    CCCI_TRY(std::string unit, base::read_file(std::string(file), largest_unit));
    texts.push_back(std::move(unit));
  }
  return host::settings(texts, "Service", "ExecStart");
}

base::Result<void> put(const std::filesystem::path& units, const std::string& unit,
                       const std::string& settings) {
  const std::filesystem::path directory = units / (unit + ".d");
  CCCI_CHECK(base::make_directories(directory));
  return base::replace_file(directory / drop_in_name, settings);
}

void take(const std::filesystem::path& units, const std::string& unit) {
  const std::filesystem::path directory = units / (unit + ".d");
  std::error_code ignored;
  std::filesystem::remove(directory / drop_in_name, ignored);
  std::filesystem::remove(directory, ignored);  // fails if the directory is not empty
}

}  // namespace

base::Result<Fire> Fire::set(Bench& bench, const std::string& name, const std::string& probe) {
  CCCI_TRY(const auto service, bench.systemd.show({name + ".service"}));
  CCCI_TRY(const auto commands, commands_of(service.front()));
  CCCI_TRY(const std::string text, service_drop_in(commands, probe));
  Fire fire(bench, name);
  CCCI_TRY(fire.before_, fire.last_trigger());
  CCCI_CHECK(put(bench.runtime_units, name + ".service", text));
  CCCI_CHECK(put(bench.runtime_units, name + ".timer", timer_drop_in()));
  CCCI_CHECK(bench.systemd.reload());
  CCCI_CHECK(bench.systemd.restart({name + ".timer"}));
  return fire;
}

Fire::Fire(Fire&& other) noexcept
    : bench_(std::exchange(other.bench_, nullptr)),
      name_(std::move(other.name_)),
      before_(std::move(other.before_)) {}

Fire::~Fire() { static_cast<void>(end()); }

base::Result<std::string> Fire::last_trigger() const {
  CCCI_TRY(const auto timer, bench_->systemd.show({name_ + ".timer"}));
  return timer.front().last_trigger;
}

base::Result<bool> Fire::fired() const {
  return last_trigger().map([&](const std::string& now) { return now != before_ && now != "0"; });
}

base::Result<void> Fire::end() {
  Bench* bench = std::exchange(bench_, nullptr);
  if (bench == nullptr) return {};
  take(bench->runtime_units, name_ + ".service");
  take(bench->runtime_units, name_ + ".timer");
  CCCI_CHECK(bench->systemd.reload());
  return bench->systemd.restart({name_ + ".timer"});
}

base::Result<void> clear_fires(activate::Systemd& systemd,
                               const std::filesystem::path& runtime_units) {
  std::vector<std::string> timers;
  bool any = false;
  CCCI_TRY(const auto entries, base::entries_of(runtime_units));
  for (const std::filesystem::directory_entry& entry : entries) {
    const std::filesystem::path file = entry.path() / drop_in_name;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) continue;
    any = true;
    const std::string unit = entry.path().stem().native();
    if (unit.ends_with(".timer")) timers.push_back(unit);
    take(runtime_units, unit);
  }
  if (!any) return {};
  CCCI_CHECK(systemd.reload());
  // A timer that has fired because of the drop-in has no next time until it is restarted. A timer
  // that somebody stopped in the meantime stays stopped.
  CCCI_TRY(const auto states, systemd.show(timers));
  std::vector<std::string> running;
  for (const activate::UnitState& state : states) {
    if (state.runs()) running.push_back(state.name);
  }
  return systemd.restart(running);
}

}  // namespace ccci::witness

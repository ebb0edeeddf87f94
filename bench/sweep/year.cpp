// SPDX-License-Identifier: GPL-3.0-or-later
// A year of sweeps in a results store: 1,000 recipes, 365 nights. Measures deciding for all
// recipes, comparing two nights, adding one verdict, and the size of the store.
//
// usage: bench_sweep [DIRECTORY]; the store is made there and removed again. Default: a temporary
// one.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>

#include "history/compare.hpp"
#include "history/history.hpp"
#include "sweep/night.hpp"

namespace {

using namespace ccci;
namespace fs = std::filesystem;

constexpr int recipes = 1000;
constexpr int nights = 365;
constexpr int turns = 5;

std::string name_of(int recipe) { return "recipe-" + std::to_string(recipe); }
std::string night_of(int night) { return "night-" + std::to_string(1000 + night); }

history::Record record_of(int recipe, int night) {
  history::Record record{.recipe = name_of(recipe), .night = night_of(night), .environment = {}};
  record.environment = "sha256:" + std::string(64, 'e');
  record.version = "1." + std::to_string(night / 30) + ".0+2.7";
  record.commit = std::string(40, 'c');
  record.started = base::rfc3339(base::from_rfc3339("2026-01-01T03:00:00Z").value() +
                                 std::chrono::hours(24 * night));
  record.verdict = (recipe + night) % 50 == 0 ? history::Verdict::fail : history::Verdict::pass;
  record.level = 5;
  record.time = std::chrono::milliseconds(30'000 + (recipe * 7919 + night * 104'729) % 5000);
  record.peak_memory = 200'000'000;
  record.promoted = record.verdict == history::Verdict::pass;
  for (const char* rung :
       {"lint", "install", "redeploy", "upgrade", "backup", "restore", "remove", "custom"})
    record.rungs.push_back({rung, "pass", std::chrono::milliseconds(4000)});
  record.images = {{"registry.example.org/app:1.0", "sha256:" + std::string(64, '1')},
                   {"registry.example.org/db:15", "sha256:" + std::string(64, '2')}};
  return record;
}

double milliseconds(const std::function<bool()>& work) {
  std::vector<double> times;
  for (int turn = 0; turn < turns; ++turn) {
    const auto begin = std::chrono::steady_clock::now();
    if (!work()) return -1;
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

bool fill(history::History& history) {
  for (int night = 0; night < nights; ++night) {
    std::vector<history::Record> records;
    for (int recipe = 0; recipe < recipes; ++recipe) records.push_back(record_of(recipe, night));
    if (!history.begin({night_of(night), records.front().started, "", "e", "m"}, {})) return false;
    if (!history.add_all(records)) return false;
    if (!history.end(night_of(night), records.front().started)) return false;
  }
  return true;
}

bool decide(const history::History& history) {
  std::map<std::string, sweep::Candidate> candidates;
  for (int recipe = 0; recipe < recipes; ++recipe) {
    sweep::Candidate candidate{.name = name_of(recipe), .refs = git::RemoteRefs{}};
    for (int release = 0; release <= 12; ++release) {
      candidate.refs->tags.push_back(
          {"1." + std::to_string(release) + ".0+2.7", true, std::string(40, 'c')});
    }
    candidates.emplace(candidate.name, std::move(candidate));
  }
  sweep::Request request;
  request.environment = "sha256:" + std::string(64, 'e');
  request.now = base::from_rfc3339("2027-01-01T03:00:00Z").value();
  const auto plan = sweep::make_plan({}, std::move(candidates), request, &history);
  return plan && plan->jobs.size() == recipes && plan->to_run() < 100;
}

bool compare(const history::History& history) {
  const auto before = history.as_of(night_of(nights - 2));
  const auto after = history.as_of(night_of(nights - 1));
  if (!before || !after) return false;
  history::Noise noise;
  for (const std::string& recipe : history::needs_noise(*before, *after)) {
    const auto measures = history.measures(recipe, 20);
    if (!measures) return false;
    noise[recipe] = *measures;
  }
  return !history::compare(*before, *after, noise).empty();
}

}  // namespace

int main(int argc, char** argv) {
  std::string made = (fs::temp_directory_path() / "cc-ci-bench-XXXXXX").native();
  const fs::path directory = argc > 1 ? argv[1] : mkdtemp(made.data());
  {
    auto history = history::History::open("", directory, history::Access::write);
    if (!history || !fill(*history)) return 3;
    const auto size = fs::file_size(history::history_file(directory));
    int next = 0;
    const double add = milliseconds(
        [&] { return history->add(record_of(recipes + next++, nights - 1)).has_value(); });
    std::printf("%d recipes, %d nights, %d verdicts\n", recipes, nights, recipes * nights);
    std::printf("deciding for all recipes   %8.1f ms   (target: under 1000 ms)\n",
                milliseconds([&] { return decide(*history); }));
    std::printf("comparing two nights       %8.1f ms   (target: under 200 ms)\n",
                milliseconds([&] { return compare(*history); }));
    std::printf("storing one verdict        %8.1f ms\n", add);
    std::printf("size of the store          %8.0f bytes a verdict   (target: under 2000)\n",
                static_cast<double>(size) / (recipes * nights));
  }
  fs::remove_all(directory);
  return 0;
}

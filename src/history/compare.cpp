// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/compare.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "base/text.hpp"

namespace ccci::history {

namespace {

constexpr std::array names{std::pair{Change::turned_red, "turned red"},
                           std::pair{Change::turned_green, "turned green"},
                           std::pair{Change::turned_flaky, "turned flaky"},
                           std::pair{Change::turned_unverified, "turned unverified"},
                           std::pair{Change::other_reason, "other reason"},
                           std::pair{Change::slower, "slower"},
                           std::pair{Change::grew, "grew"},
                           std::pair{Change::appeared, "appeared"},
                           std::pair{Change::appeared_red, "appeared red"},
                           std::pair{Change::vanished, "vanished"}};

constexpr double deviations = 3;
constexpr double more_time = 1.2;
constexpr double least_milliseconds = 2000;
constexpr double more_memory = 1.25;
constexpr double least_bytes = 16e6;

double deviation(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double milliseconds(const Record& record) { return static_cast<double>(record.time.count()); }
double bytes(const Record& record) { return static_cast<double>(record.peak_memory); }

bool maybe_slower(const Record& before, const Record& after) {
  const double was = milliseconds(before);
  return milliseconds(after) > was * more_time && milliseconds(after) > was + least_milliseconds;
}

bool maybe_grew(const Record& before, const Record& after) {
  const double was = bytes(before);
  return was > 0 && bytes(after) > was * more_memory && bytes(after) > was + least_bytes;
}

Change turned_to(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Change::turned_green;
    case Verdict::fail:
      return Change::turned_red;
    case Verdict::flaky:
      return Change::turned_flaky;
    case Verdict::unverified:
      break;
  }
  return Change::turned_unverified;
}

bool both_green(const Record& before, const Record& after) {
  return before.verdict == Verdict::pass && after.verdict == Verdict::pass;
}

std::string seconds(const Record& record) { return base::human_seconds(in_seconds(record.time)); }

void add_measures(const Record& before, const Record& after, const Noise& noise,
                  std::vector<Difference>& found) {
  std::vector<double> times;
  std::vector<double> sizes;
  const auto earlier = noise.find(after.recipe);
  if (earlier != noise.end()) {
    for (const Measure& measure : earlier->second) {
      times.push_back(static_cast<double>(measure.time.count()));
      if (measure.peak_memory > 0) sizes.push_back(static_cast<double>(measure.peak_memory));
    }
  }
  if (maybe_slower(before, after) &&
      milliseconds(after) > milliseconds(before) + deviations * deviation(times)) {
    found.push_back({after.recipe, Change::slower, seconds(before), seconds(after)});
  }
  if (maybe_grew(before, after) && bytes(after) > bytes(before) + deviations * deviation(sizes)) {
    found.push_back({after.recipe, Change::grew, base::human_bytes(before.peak_memory),
                     base::human_bytes(after.peak_memory)});
  }
}

}  // namespace

std::string_view name(Change change) {
  for (const auto& [value, text] : names)
    if (value == change) return text;
  return "vanished";
}

std::vector<std::string> needs_noise(const States& before, const States& after) {
  std::vector<std::string> recipes;
  for (const auto& [recipe, now] : after) {
    const auto was = before.find(recipe);
    if (was == before.end() || !both_green(was->second, now)) continue;
    if (maybe_slower(was->second, now) || maybe_grew(was->second, now)) recipes.push_back(recipe);
  }
  return recipes;
}

std::vector<Difference> compare(const States& before, const States& after, const Noise& noise) {
  std::vector<Difference> found;
  for (const auto& [recipe, now] : after) {
    const auto was = before.find(recipe);
    const std::string verdict(name(now.verdict));
    if (was == before.end()) {
      const bool red = now.verdict == Verdict::fail;
      found.push_back(
          {recipe, red ? Change::appeared_red : Change::appeared, {}, verdict, now.reason});
    } else if (was->second.verdict != now.verdict) {
      found.push_back({recipe, turned_to(now.verdict), std::string(name(was->second.verdict)),
                       verdict,
                       now.cause.empty() ? now.reason : now.reason + " (" + now.cause + ")"});
    } else if (both_green(was->second, now)) {
      add_measures(was->second, now, noise, found);
    } else if (was->second.reason != now.reason) {
      found.push_back({recipe, Change::other_reason, verdict, verdict, now.reason});
    }
  }
  for (const auto& [recipe, was] : before) {
    if (!after.contains(recipe))
      found.push_back({recipe, Change::vanished, std::string(name(was.verdict)), {}, {}});
  }
  return found;
}

base::Json to_json(const Difference& difference) {
  return {{"recipe", difference.recipe},
          {"change", name(difference.change)},
          {"before", difference.before},
          {"after", difference.after},
          {"reason", difference.reason}};
}

}  // namespace ccci::history

// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/sweep_options.hpp"

#include <algorithm>
#include <array>

#include "base/date.hpp"
#include "base/text.hpp"
#include "declare/span.hpp"
#include "project/project.hpp"
#include "sweep/machine.hpp"
#include "sweep/pipeline.hpp"

namespace ccci::cli {

namespace {

constexpr std::uint64_t most_jobs = 99;

// A date, or a span back from now.
base::Result<std::chrono::seconds> age_of(const std::string& text, base::WallTime now) {
  const auto span = declare::time_span(text);
  if (span && declare::has_unit(text)) return *span;
  const auto date = base::from_rfc3339(text + "T00:00:00Z");
  if (!date) return base::unexpected(base::fail("sweep.since").with("text", text));
  if (*date > now) return base::unexpected(base::fail("sweep.since-future").with("text", text));
  return std::chrono::duration_cast<std::chrono::seconds>(now - *date);
}

base::Result<std::set<std::string>> only_of(const Invocation& invocation) {
  std::set<std::string> only;
  const std::vector<std::string> lists = invocation.values("only");
  for (const std::string& list : lists) {
    for (const std::string_view part : base::split(list, ',')) {
      const std::string_view name = base::trim(part);
      if (!name.empty()) only.emplace(name);
    }
  }
  if (!lists.empty() && only.empty()) return base::unexpected(base::fail("sweep.empty-only"));
  return only;
}

}  // namespace

base::Result<SweepOptions> sweep_options(const Invocation& invocation,
                                         const declare::Sweep& settings) {
  SweepOptions options;
  job::SweepOrder& order = options.order;
  order.acts = !invocation.has("dry-run") && !invocation.has("plan");
  CCCI_TRY(order.only, only_of(invocation));
  if (const auto recipe = invocation.value("bisect")) {
    constexpr std::array others{"all", "only", "since", "night", "plan", "dry-run"};
    for (const char* other : others) {
      if (invocation.has(other))
        return base::unexpected(
            base::fail("sweep.bisect-alone").with("others", "--" + std::string(other)));
    }
    options.bisect = *recipe;
    order.only = {*recipe};
  }
  if (const auto format = invocation.value("format")) {
    if (!invocation.has("plan")) return base::unexpected(base::fail("sweep.format-alone"));
    const std::vector<std::string> known = sweep::pipeline_formats();
    if (std::find(known.begin(), known.end(), *format) == known.end()) {
      return base::unexpected(base::fail("sweep.unknown-format")
                                  .with("format", *format)
                                  .with("known", base::join(known, ", ")));
    }
    options.format = *format;
  }
  CCCI_TRY(const std::uint64_t jobs, invocation.number("jobs", settings.jobs, most_jobs, 1));
  order.jobs = static_cast<unsigned>(jobs);
  sweep::Request& request = order.request;
  if (const auto night = invocation.value("night")) {
    CCCI_CHECK(sweep::check_night(*night));
    request.night = *night;
  }
  request.machine = project::machine_name();
  request.partial = !order.only.empty();
  request.at_once = order.jobs;
  request.all = invocation.has("all");
  request.now = sweep::this_machine().now();
  request.max_age = settings.max_age;
  if (const auto since = invocation.value("since")) {
    CCCI_TRY(request.max_age, age_of(*since, request.now));
  }
  return options;
}

}  // namespace ccci::cli

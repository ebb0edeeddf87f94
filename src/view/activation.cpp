// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/activation.hpp"

#include "base/text.hpp"
#include "report/error_text.hpp"
#include "wording/message.hpp"

namespace ccci::view {

std::vector<std::string> plan_lines(const activate::Plan& plan, bool each) {
  using Act = activate::Operation::Act;
  std::vector<std::string> lines;
  std::size_t links = 0;
  std::size_t unlinks = 0;
  for (const activate::Operation& operation : plan.operations) {
    if (operation.act == Act::begin || operation.act == Act::note) continue;
    const bool link = operation.act == Act::link;
    const bool unlink = operation.act == Act::unlink;
    if (!each && (link || unlink)) {
      const std::size_t count = link ? ++links : ++unlinks;
      std::string line = (link ? "link      " : "unlink    ") + base::counted(count, "name");
      if (count > 1) lines.pop_back();
      lines.push_back(std::move(line));
      continue;
    }
    lines.push_back(activate::describe(operation));
  }
  for (const activate::RunnerJob& job : plan.busy) {
    lines.push_back("at work   " + activate::describe(job));
  }
  return lines;
}

activate::Announce announcer(Invocation& invocation, bool dry_run) {
  return [&invocation, dry_run](const activate::Plan& plan, const activate::Generation&) {
    invocation.end_progress();
    if (invocation.json()) return;
    for (const std::string& line : plan_lines(plan, dry_run)) invocation.out().line(line);
    // The plan must be visible before its first step begins.
    static_cast<void>(invocation.out().flush());
  };
}

void print_switched(Invocation& invocation, const activate::Switched& switched, bool dry_run) {
  const activate::Generation& after = switched.after;
  if (switched.untidy) {
    invocation.warn("old generations stay: " + wording::message_of(*switched.untidy));
  }
  if (invocation.json()) {
    base::Json json{{"schema", 1},
                    {"dry_run", dry_run},
                    {"changed", !switched.plan.empty()},
                    {"before", switched.before.number},
                    {"plan", activate::to_json(switched.plan)}};
    json["generation"] = base::Json::parse(activate::write_record(after)).value();
    invocation.print(json);
    return;
  }
  const std::string name =
      after.number == 0 ? "nothing of cc-ci" : "generation " + std::to_string(after.number);
  if (switched.plan.empty()) {
    invocation.out().line("nothing to do: " + name + " is active");
  } else if (!dry_run) {
    invocation.out().line(name + " is active");
  }
}

}  // namespace ccci::view

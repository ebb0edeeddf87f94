// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/view_rules.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::witness {

namespace {

enum class Rule {
  same,     // through every path
  checked,  // against the declaration, the account or the environment
  free,     // may differ, for the reason of its row
};

struct Row {
  std::string_view fact;  // a trailing '*' matches any rest; the first row that matches counts
  Rule rule;
  std::string_view reason = {};
};

constexpr std::array rows{
    Row{"umask", Rule::checked},
    Row{"owner *", Rule::checked},
    Row{"variable LANG", Rule::checked},
    Row{"file /etc/profile", Rule::free, "that of a runner with login shells adds the entrypoints"},
    Row{"file *", Rule::same},
    Row{"user", Rule::free, "each path has its declared user"},
    Row{"group", Rule::free, "the user's own"},
    Row{"groups", Rule::free, "the user's own, and SupplementaryGroups= of a unit"},
    Row{"variable HOME", Rule::free, "the user's own; a runner's engine may set another one"},
    Row{"variable *", Rule::free, "the user's own; a runner's engine may leave it out"},
    Row{"limit *", Rule::free, "the unit's, or those of the login"},
    Row{"mount *", Rule::free,
        "/usr, /etc and the environment's places are checked; the rest is the host's"},
};

const Row* row_of(std::string_view fact) {
  for (const Row& row : rows) {
    const bool pattern = row.fact.ends_with('*');
    const std::string_view text = row.fact.substr(0, row.fact.size() - (pattern ? 1 : 0));
    if (pattern ? fact.starts_with(text) : fact == text) return &row;
  }
  return nullptr;
}

std::string value_in(const View& view, const std::string& fact) {
  const auto found = view.facts.find(fact);
  return found == view.facts.end() ? std::string() : found->second;
}

std::string quote(const std::string& value) {
  return value.empty() ? "nothing" : "'" + value + "'";
}

class Check {
 public:
  explicit Check(const View& view) : view_(view) {}

  void expect(const std::string& fact, const std::string& expected) {
    const std::string found = value_in(view_, fact);
    if (found != expected)
      lines_.push_back(fact + ": expected " + quote(expected) + ", found " + quote(found));
  }
  void same(const std::string& fact, const std::string& other, const std::string& through) {
    const std::string found = value_in(view_, fact);
    if (found != other)
      lines_.push_back(fact + ": " + quote(found) + " here, " + quote(other) + " through " +
                       through);
  }
  void add(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  const View& view_;
  std::vector<std::string> lines_;
};

void check_account(Check& check, Path::Kind kind, const View& view, const Account& account) {
  check.expect("group", account.group);
  const auto split = [](const std::string& text) {
    std::set<std::string> numbers;
    for (const std::string_view number : base::split(text, ' ')) numbers.emplace(number);
    return numbers;
  };
  const std::set<std::string> groups = split(value_in(view, "groups"));
  for (const std::string& group : split(account.groups)) {
    // The first group need not be among the others.
    if (group.empty() || group == account.group || groups.contains(group)) continue;
    check.add("groups: the user is in group " + group + ", the job is not");
  }
  for (const auto& [name, value] : {std::pair{"HOME", account.home},
                                    {"USER", account.name},
                                    {"LOGNAME", account.name},
                                    {"SHELL", account.shell}}) {
    const std::string fact = std::string("variable ") + name;
    // A person calls the entrypoint with the person's own variables. A runner's engine composes the
    // variables of a step: a home of its own, often no LOGNAME and SHELL. Without any home git and
    // ssh fail.
    if (kind == Path::Kind::entrypoint) continue;
    // cron sets HOME, LOGNAME and a SHELL of its own.
    if (kind == Path::Kind::cron &&
        (std::string_view(name) == "USER" || std::string_view(name) == "SHELL"))
      continue;
    const bool is_home = std::string_view(name) == "HOME";
    if (kind == Path::Kind::runner && (!is_home || !value_in(view, fact).empty())) continue;
    check.expect(fact, value);
  }
}

}  // namespace

const View& view_of_job(Path::Kind kind, const Seen& seen) {
  return kind == Path::Kind::runner ? seen.outside.view : seen.inside.view;
}

std::vector<std::string> check_view(const ExpectedView& expected, Path::Kind kind, const View& view,
                                    const std::optional<Account>& account, const View& first,
                                    const std::string& through) {
  Check check(view);
  check.expect("umask", "0022");
  check.expect("variable LANG", expected.language);
  for (const std::string& point : expected.mounts) check.expect("mount " + point, "read-only");
  for (const std::string& name : view.exported) {
    if (expected.unset.contains(name))
      check.add("variable " + name + ": it reaches the job, and cc-ci removes it elsewhere");
  }
  for (const auto& [fact, value] : view.facts) {
    if (fact.starts_with("owner ")) check.expect(fact, "0");
  }
  for (const auto& [fact, value] : first.facts) {
    const Row* row = row_of(fact);
    if (row != nullptr && row->rule == Rule::same) check.same(fact, value, through);
  }
  if (account) check_account(check, kind, view, *account);
  return check.take();
}

std::vector<Difference> differences(const std::map<std::string, View>& views) {
  std::set<std::string> facts;
  for (const auto& [title, view] : views) {
    for (const auto& [fact, value] : view.facts) facts.insert(fact);
  }
  std::vector<Difference> found;
  for (const std::string& fact : facts) {
    Difference one{.fact = fact, .paths = {}, .reason = {}};
    for (const auto& [title, view] : views) one.paths[value_in(view, fact)].push_back(title);
    if (one.paths.size() < 2) continue;
    const Row* row = row_of(fact);
    if (row != nullptr) one.reason = row->reason;
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace ccci::witness

// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/judge.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "gate/pattern.hpp"

namespace ccci::gate {

namespace {

constexpr std::array<std::string_view, 7> complaints{"error",  "fail",    "fatal",    "cannot",
                                                     "denied", "refused", "not found"};

std::string shown(std::string_view text) {
  constexpr std::size_t enough = 160;
  std::string safe = "'" + base::printable(text.substr(0, enough)) + "'";
  return text.size() > enough ? safe + "…" : safe;
}

// Whether a line of output tells why a command failed.
bool complains(std::string_view line) {
  std::string lower(line);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::any_of(complaints.begin(), complaints.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

// The line of the output that tells best why the command ended as it did. Progress also goes to
// standard error, so its last line is only the last resort.
std::string_view reason(const Observation& seen) {
  std::string_view last;
  for (const std::string* text : {&seen.err.kept, &seen.out.kept}) {
    for (const std::string_view raw : base::split(*text, '\n')) {
      const std::string_view line = base::trim(raw);
      if (complains(line)) return line;
      if (!line.empty() && text == &seen.err.kept) last = line;
    }
  }
  return last;
}

std::string_view without_last_newline(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

class Judge {
 public:
  Judge(const Observation& seen, std::vector<std::string>& reasons)
      : seen_(seen), reasons_(reasons) {}

  // Adds the command's own error message: the status alone does not tell what to do.
  void status(int expected) {
    const std::string_view said = reason(seen_);
    std::string found = std::to_string(seen_.status);
    if (!said.empty()) found += ", with the message " + shown(said);
    differs("exit status", std::to_string(expected), found);
  }

  void output(const std::string& expected) {
    const std::string_view found = without_last_newline(seen_.out.kept);
    const bool same =
        expected.empty() ? seen_.out.kept.empty() : found == without_last_newline(expected);
    if (!same) differs("output", shown(expected), shown(found));
  }

  void pattern(const std::string& text) {
    const auto pattern = Pattern::compile(text);
    if (pattern && pattern->in_output(seen_.out.kept)) return;
    differs("output", "a line matching '" + text + "'",
            seen_.out.kept.empty() ? "no output" : shown(seen_.out.kept));
  }

  void lines(const LineCount& expected) {
    const std::string& text = seen_.out.kept;
    auto found = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    if (!text.empty() && text.back() != '\n') ++found;
    if (found >= expected.least && (!expected.most || found <= *expected.most)) return;
    Expectation only;
    only.lines = expected;
    differs("output", describe(only).back(), base::counted(found, "line"));
  }

  void json(const JsonValue& expected) {
    const auto found = base::Json::parse(seen_.out.kept);
    if (!found) {
      const bool too_deep = found.error() == base::Json::Fault::too_deep;
      return differs("output", "JSON", too_deep ? "JSON nested too deeply" : shown(seen_.out.kept));
    }
    const base::Json* const value = found->at_pointer(expected.pointer);
    if (value == nullptr) {
      differs("JSON " + expected.pointer, expected.equals.dump(), "no value");
    } else if (*value != expected.equals) {
      differs("JSON " + expected.pointer, expected.equals.dump(), shown(value->dump()));
    }
  }

  void same(const Observation& other, const How& how) {
    if (!other.cause.empty() || other.timed_out || other.status != 0 || other.out.truncated()) {
      reasons_.push_back("the command to compare with did not give its whole output: " +
                         how.text());
    } else if (seen_.out.kept != other.out.kept) {
      // Shows the outputs from the first line that differs. Equal lines before it would only hide
      // it.
      const auto here = std::mismatch(seen_.out.kept.begin(), seen_.out.kept.end(),
                                      other.out.kept.begin(), other.out.kept.end());
      const auto equal = static_cast<std::size_t>(here.first - seen_.out.kept.begin());
      const std::size_t newline =
          equal == 0 ? std::string::npos : seen_.out.kept.rfind('\n', equal - 1);
      const std::size_t line = newline == std::string::npos ? 0 : newline + 1;
      differs("output", "the same as '" + how.text() + "': " + shown(other.out.kept.substr(line)),
              shown(seen_.out.kept.substr(line)));
    } else if (seen_.out.kept.empty()) {
      differs("output", "two outputs to compare", "both commands printed nothing");
    }
  }

  void differs(const std::string& what, const std::string& expected, const std::string& found) {
    reasons_.push_back(what + ": expected " + expected + ", found " + found);
  }

 private:
  const Observation& seen_;
  std::vector<std::string>& reasons_;
};

}  // namespace

std::vector<std::string> judge(const Expectation& expect, const Observation& seen,
                               const Observation* other) {
  if (seen.timed_out) return {"it did not end within its time limit and was killed"};
  if (!seen.cause.empty()) return {seen.cause};
  std::vector<std::string> reasons;
  Judge judge(seen, reasons);
  if (seen.status != expect.status) {
    judge.status(expect.status);
  }
  const bool looks_at_output = expect.output || !expect.patterns.empty() || expect.lines ||
                               expect.same_as || !expect.json.empty();
  if (looks_at_output && seen.out.truncated()) {
    reasons.push_back("output: it printed " + base::human_bytes(seen.out.total) +
                      ", of which only " + base::human_bytes(seen.out.kept.size()) + " are kept");
    return reasons;
  }
  if (expect.output) judge.output(*expect.output);
  for (const std::string& pattern : expect.patterns) judge.pattern(pattern);
  if (expect.lines) judge.lines(*expect.lines);
  for (const JsonValue& value : expect.json) judge.json(value);
  if (expect.same_as) {
    if (other == nullptr) {
      reasons.push_back("the command to compare with was not run");
    } else {
      judge.same(*other, *expect.same_as);
    }
  }
  return reasons;
}

}  // namespace ccci::gate

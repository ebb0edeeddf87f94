// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/diagnosis.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::node {

namespace {

// What npm's own codes mean. They are its interface (--json).
struct Meaning {
  std::string_view npm;
  base::Error (*error)();
};

constexpr std::array meanings{
    Meaning{"E404", [] { return base::fail("node.unknown"); }},
    Meaning{"ETARGET", [] { return base::fail("node.no-version"); }},
    Meaning{"ENOVERSIONS", [] { return base::fail("node.no-version"); }},
    Meaning{"ERESOLVE", [] { return base::fail("node.conflict"); }},
    Meaning{"EUSAGE", [] { return base::fail("node.lock-disagrees"); }},
    Meaning{"EBADENGINE", [] { return base::fail("node.wrong-node"); }},
    Meaning{"EINTEGRITY", [] { return base::fail("node.altered"); }},
    Meaning{"E401", [] { return base::fail("node.denied"); }},
    Meaning{"E403", [] { return base::fail("node.denied"); }},
    Meaning{"ENEEDAUTH", [] { return base::fail("node.denied"); }},
    Meaning{"ENOTFOUND", [] { return base::fail("node.unreachable"); }},
    Meaning{"EAI_AGAIN", [] { return base::fail("node.unreachable"); }},
    Meaning{"ECONNREFUSED", [] { return base::fail("node.unreachable"); }},
    Meaning{"ECONNRESET", [] { return base::fail("node.unreachable"); }},
    Meaning{"ENETUNREACH", [] { return base::fail("node.unreachable"); }},
    Meaning{"ETIMEDOUT", [] { return base::fail("node.unreachable"); }},
    Meaning{"ERR_SOCKET_TIMEOUT", [] { return base::fail("node.slow"); }},
    Meaning{"EIDLETIMEOUT", [] { return base::fail("node.slow"); }},
};

std::string newest_of(const base::Json& versions) {
  constexpr std::size_t most = 8;
  std::vector<std::string> newest;
  const std::vector<base::Json>& all = versions.elements();
  for (std::size_t i = all.size(); i > 0 && newest.size() < most; --i) {
    newest.push_back(base::printable(all[i - 1].text_or_empty()));
  }
  return base::join(newest, ", ");
}

}  // namespace

std::string cause_of(std::string_view output) {
  // From here on npm explains itself.
  static constexpr std::array<std::string_view, 4> ends{"Usage:", "Options:", "Run \"npm help",
                                                        "Fix the upstream dependency conflict"};
  static constexpr std::array<std::string_view, 10> noise{
      "at ",        "code ",     "A complete log",          "For a full report",
      "node:",      "Node.js v", "Please update your lock", "Clean install a project",
      "Install a ", "^"};
  constexpr std::size_t most_lines = 8;
  constexpr std::size_t longest = 300;
  std::vector<std::string> lines;
  for (std::string_view line : base::split(output, '\n')) {
    for (const std::string_view mark : {"npm ERR!", "npm error"}) {
      if (line.starts_with(mark)) line.remove_prefix(mark.size());
    }
    const std::string_view text = base::trim(line);
    const auto begins = [&](std::string_view start) { return text.starts_with(start); };
    if (std::any_of(ends.begin(), ends.end(), begins)) break;
    if (text.empty() || std::any_of(noise.begin(), noise.end(), begins)) continue;
    std::string shown = base::printable(text.substr(0, longest));
    const bool again = std::find(lines.begin(), lines.end(), shown) != lines.end();
    if (!again && lines.size() < most_lines) lines.push_back(std::move(shown));
  }
  return base::join(lines, "\n");
}

base::Error explain(const base::Json& answer, const std::vector<Wanted>& wanted,
                    const std::string& lock) {
  if (answer["slow"].boolean().value_or(false)) return base::fail("node.slow");
  const base::Json& told = answer["error"];
  const std::string code = told["code"].text_or_empty();
  const std::string whole = told["summary"].text_or_empty() + "\n" + told["detail"].text_or_empty();
  std::string detail = cause_of(whole);
  if (detail.empty()) detail = cause_of(answer["output"].text_or_empty());
  const auto meaning = std::find_if(meanings.begin(), meanings.end(),
                                    [&](const Meaning& one) { return one.npm == code; });
  // npm runs git for a package in a repository, and the root has no git.
  const bool git =
      whole.find("spawn git") != std::string::npos || whole.find("git error") != std::string::npos;
  base::Error error = git                         ? base::fail("node.repository")
                      : meaning == meanings.end() ? base::fail("node.failed")
                                                  : meaning->error();
  if (!lock.empty() && code == "E404") error = base::fail("node.lock-gone");
  const std::string name = answer["name"].text_or_empty();
  error = std::move(error)
              .with("name", name.empty() ? wanted.front().name : base::printable(name))
              .with("output", detail);
  if (!lock.empty()) error = std::move(error).with("path", lock);
  for (const Wanted& one : wanted) {
    if (one.name != name) continue;
    error = std::move(error).with("because", one.because).with("version", one.version).at(one.at);
  }
  const std::string versions = newest_of(answer["versions"]);
  if (!versions.empty()) error = std::move(error).with("versions", versions);
  const std::string near = answer["near"].text_or_empty();
  if (!near.empty()) error = std::move(error).with("likely", base::printable(near));
  return error;
}

}  // namespace ccci::node

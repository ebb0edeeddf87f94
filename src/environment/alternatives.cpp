// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/alternatives.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "base/text.hpp"
#include "environment/script_reader.hpp"

namespace ccci::environment {

std::string merged_path(std::string_view absolute) {
  if (!absolute.starts_with('/')) return {};
  std::string path;
  for (const std::string_view part : base::split(absolute.substr(1), '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return {};
    if (!path.empty()) path += '/';
    path += part;
  }
  static constexpr std::array<std::string_view, 6> moved{"bin/",   "sbin/",  "lib/",
                                                         "lib32/", "lib64/", "libx32/"};
  const bool is_moved = std::any_of(moved.begin(), moved.end(), [&](std::string_view directory) {
    return path.starts_with(directory);
  });
  return is_moved ? "usr/" + path : path;
}

namespace {

bool plain_name(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && name != "." && name != "..";
}

// Reads LINK NAME PATH from `words`, beginning at `at`. Returns false if that is not there.
bool take_link(const std::vector<std::string>& words, std::size_t at, std::string& link,
               std::string& name, std::string& target) {
  if (at + 2 >= words.size()) return false;
  link = merged_path(words[at]);
  name = words[at + 1];
  target = merged_path(words[at + 2]);
  return !link.empty() && plain_name(name) && !target.empty();
}

bool read_candidate(const Invocation& call, Candidate& candidate) {
  const auto install = std::find(call.words.begin(), call.words.end(), "--install");
  if (install == call.words.end()) return false;
  auto at = static_cast<std::size_t>(install - call.words.begin()) + 1;
  if (!take_link(call.words, at, candidate.link, candidate.name, candidate.target)) return false;
  if (at + 3 >= call.words.size()) return false;
  const std::string& priority = call.words[at + 3];
  const auto [end, error] =
      std::from_chars(priority.data(), priority.data() + priority.size(), candidate.priority);
  if (error != std::errc{} || end != priority.data() + priority.size()) return false;
  for (at += 4; at < call.words.size(); ++at) {
    if (call.words[at] != "--slave" && call.words[at] != "--follower") continue;
    Candidate::Slave slave;
    if (take_link(call.words, at + 1, slave.link, slave.name, slave.target)) {
      candidate.slaves.push_back(std::move(slave));
    }
    at += 3;
  }
  return true;
}

}  // namespace

Candidates read_alternatives(std::string_view script, const std::string& package) {
  Candidates candidates;
  for (const Invocation& call : invocations(script, "update-alternatives")) {
    Candidate candidate;
    candidate.package = package;
    if (call.resolved && read_candidate(call, candidate)) {
      candidates.found.push_back(std::move(candidate));
    } else if (std::find(call.words.begin(), call.words.end(), "--install") != call.words.end()) {
      candidates.unresolved.push_back("update-alternatives " + base::join(call.words, " "));
    }
  }
  return candidates;
}

std::vector<Alternative> choose(std::vector<Candidate> candidates,
                                const std::function<bool(const std::string&)>& exists) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.target < b.target;
  });
  // The target may be the link of another alternative: xemacs is xemacs21, which is one of several.
  std::map<std::string, const Candidate*> best;  // by name
  std::set<std::string> links;                   // of these
  for (bool more = true; more;) {
    best.clear();
    for (const Candidate& candidate : candidates) {
      const bool there = exists(candidate.target) || links.contains(candidate.target);
      if (there) best.emplace(candidate.name, &candidate);
    }
    more = false;
    for (const auto& [name, candidate] : best) more = links.insert(candidate->link).second || more;
  }
  std::vector<Alternative> chosen;
  for (const auto& [name, candidate] : best) {
    chosen.push_back({candidate->link, name, candidate->target, candidate->package});
    for (const Candidate::Slave& slave : candidate->slaves) {
      if (!exists(slave.target) || best.contains(slave.name)) continue;
      chosen.push_back({slave.link, slave.name, slave.target, candidate->package});
    }
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Alternative& a, const Alternative& b) { return a.link < b.link; });
  const auto same_link = [](const Alternative& a, const Alternative& b) {
    return a.link == b.link;
  };
  chosen.erase(std::unique(chosen.begin(), chosen.end(), same_link), chosen.end());
  return chosen;
}

}  // namespace ccci::environment

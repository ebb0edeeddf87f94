// SPDX-License-Identifier: GPL-3.0-or-later
// Records each different observation once, up to a limit. A test suite opens the same files a
// million times.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "learn/observation.hpp"

namespace ccci::learn {

class Recorder {
 public:
  // `path_directories`: the directories of PATH. Lookups in other directories are not recorded.
  explicit Recorder(std::vector<std::string> path_directories, std::size_t most = 50'000);

  // False if this observation would not be new. Called before the expensive part of a stop.
  bool wants(Act act, std::string_view path, bool by_name) const;
  void add(Seen seen);

  const std::vector<Seen>& seen() const { return seen_; }
  std::vector<Seen> take() { return std::move(seen_); }
  bool truncated() const { return truncated_; }

 private:
  bool on_path(std::string_view path) const;
  static std::string key(Act act, std::string_view path, bool by_name, bool found);

  std::set<std::string, std::less<>> directories_;
  std::unordered_set<std::string> known_;
  std::vector<Seen> seen_;
  std::size_t most_;
  bool truncated_ = false;
};

}  // namespace ccci::learn

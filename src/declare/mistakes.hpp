// SPDX-License-Identifier: GPL-3.0-or-later
// All that is wrong with a declaration, gathered before anything is reported.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

inline constexpr std::size_t most_mistakes = 50;  // reported; one more says how many were left out

class Mistakes {
 public:
  // `first` is an earlier place that the mistake is about, e.g. of a duplicate.
  void add(base::Error error, Span at) { found_.push_back({at, {}, false, std::move(error)}); }
  void add(base::Error error, Span at, Span first) {
    found_.push_back({at, first, true, std::move(error)});
  }

  // What stands under the row's path is not all that the author meant. What is *absent* there is
  // then no mistake of its own: one typing error is one error.
  void damage(std::string_view path) { damaged_.emplace(path); }
  bool damaged(const std::string& path) const { return damaged_.contains(path); }

  bool none() const { return found_.empty(); }
  // Far more than will be shown: not worth a search for what was meant.
  bool crowded() const { return found_.size() > 10 * most_mistakes; }
  // In the order of the text. Not to be called where there are none.
  base::Error together(const Lines& lines) &&;

 private:
  struct Mistake {
    Span at;
    Span first;
    bool has_first = false;
    base::Error error;
  };
  std::vector<Mistake> found_;
  std::set<std::string, std::less<>> damaged_;
};

// Text from the declaration for a message: no control characters, no secrets of URLs, not long.
std::string shown(std::string_view text);

}  // namespace ccci::declare

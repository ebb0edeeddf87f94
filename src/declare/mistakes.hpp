// SPDX-License-Identifier: GPL-3.0-or-later
// All mistakes in a declaration, collected before any of them is reported.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "declare/document.hpp"

namespace ccci::declare {

inline constexpr std::size_t most_mistakes = 50;  // reported; one more line counts the omitted ones

class Mistakes {
 public:
  // `first` is an earlier position related to the mistake, e.g. the first of two duplicates.
  void add(base::Error error, Span at) { found_.push_back({at, {}, false, std::move(error)}); }
  void add(base::Error error, Span at, Span first) {
    found_.push_back({at, first, true, std::move(error)});
  }

  // The message shows the position without the line, which has a secret.
  void add_secret(base::Error error, Span at) {
    found_.push_back({at, {}, false, std::move(error), true});
  }

  // Marks the row's path as incomplete because of another mistake. A key that is *missing* there is
  // then not reported as well: one typing error gives one error.
  void damage(std::string_view path) { damaged_.emplace(path); }
  bool damaged(const std::string& path) const { return damaged_.contains(path); }

  bool none() const { return found_.empty(); }
  // True if there are far more mistakes than will be shown. Then no suggestions are searched for.
  bool crowded() const { return found_.size() > 10 * most_mistakes; }
  // In the order of the text. Must not be called if there are no mistakes.
  base::Error together(const Lines& lines) &&;

 private:
  struct Mistake {
    Span at;
    Span first;
    bool has_first = false;
    base::Error error;
    bool secret = false;
  };
  std::vector<Mistake> found_;
  std::set<std::string, std::less<>> damaged_;
};

// Text from the declaration for a message: without control characters and URL secrets, shortened.
std::string shown(std::string_view text);

}  // namespace ccci::declare

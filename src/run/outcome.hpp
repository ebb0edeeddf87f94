// SPDX-License-Identifier: GPL-3.0-or-later
// What a step of a run found out about the app. What the app or the recipe does wrong is an
// Outcome. An Error is a failure of cc-ci, of the engine or of the machine.
#pragma once

#include <string>
#include <utility>

#include "run/verdict.hpp"

namespace ccci::run {

struct Outcome {
  Verdict verdict = Verdict::pass;
  std::string reason;
  std::string last_words;

  bool good() const { return verdict == Verdict::pass; }
  static Outcome red(std::string reason, std::string last_words = {}) {
    return {Verdict::fail, std::move(reason), std::move(last_words)};
  }
  static Outcome unverified(std::string reason) {
    return {Verdict::unverified, std::move(reason), {}};
  }
};

}  // namespace ccci::run

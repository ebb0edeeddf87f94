// SPDX-License-Identifier: GPL-3.0-or-later
// Progress of long work. The code that works reports events; renderers (report/) display them.
#pragma once

#include <cstdint>
#include <string_view>

namespace ccci::base {

// May be called from several threads at once. A step is one phase of the work. Its total is counted
// in bytes or things; 0 means unknown. Steps do not nest.
class Progress {
 public:
  enum class Unit { things, bytes };

  virtual ~Progress() = default;
  // `what` is a present participle with its object: "fetching archives", "unpacking packages".
  virtual void begin(std::string_view what, std::uint64_t total, Unit unit) = 0;
  // `done` more units are done. `item` names the present one, e.g. "git 1:2.39.5".
  virtual void advance(std::uint64_t done, std::string_view item) = 0;
  virtual void end() = 0;
  // Shows a line of its own, e.g. a warning that says what happens instead.
  virtual void note(std::string_view text) = 0;
};

// Reports nothing.
Progress& silent();

}  // namespace ccci::base

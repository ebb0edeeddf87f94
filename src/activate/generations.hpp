// SPDX-License-Identifier: GPL-3.0-or-later
// The generations kept on a host:
//
//   generations/N/record.json   what it is (generation.hpp)
//                systemd/…      copies of the system's units
//                system         link to STATE/store/system/HASH-HOST/root
//                bin            link to its bin/
//                project        link to the directory of cc-ci.toml, in which the timers run
//                profile.sh     puts bin on the PATH of a login shell
//
// A generation is staged as .N.new, synced and renamed. So it exists completely or not at all, and
// its files never change. A number is not used again while a later generation is kept.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "activate/generation.hpp"
#include "activate/layout.hpp"
#include "base/files.hpp"

namespace ccci::activate {

class Generations {
 public:
  explicit Generations(Layout layout, base::Disk& disk = base::real_disk())
      : layout_(std::move(layout)), disk_(disk) {}

  const Layout& layout() const { return layout_; }

  // Ascending. [base.open]
  base::Result<std::vector<std::uint64_t>> numbers() const;
  // Number 0 gives the empty generation. [activate.no-generation], [activate.record]
  base::Result<Generation> read(std::uint64_t number) const;
  // 0: none. [activate.current] if the link does not name an existing generation.
  base::Result<std::uint64_t> current() const;
  std::uint64_t confirmed() const;  // 0: none
  // Like read(), but if the record cannot be read, rebuilds it from the generation's other files.
  // For commands that must work on a damaged host, such as a rollback.
  base::Result<Generation> salvage(std::uint64_t number) const;
  // The current generation, salvaged if necessary. If the link is broken: the confirmed one, the
  // newest one, or one of number 0 with the units whose links still exist.
  Generation standing() const;
  base::Result<std::uint64_t> next() const;

  // Whether its files are equal to those in its record.
  bool intact(const Generation& generation) const;
  // The text of one of its units. [base.open]
  base::Result<std::string> unit_text(const Generation& generation, const std::string& path) const;

  // After it returns, the generation survives a power failure. `texts`: path below systemd/ to
  // content. [base.*]
  base::Result<void> publish(const Generation& generation,
                             const std::map<std::string, std::string>& texts) const;
  // Throws if this is the current generation. [base.remove]
  base::Result<void> remove(std::uint64_t number) const;
  // Removes staged files of a switch that was killed.
  base::Result<void> clear_staged() const;

  // Whether the generation was healthy when it was last checked; unknown if it never was. The mark
  // is a file outside of the generation, which is immutable. It is a hint for people and for
  // rollback, so losing it in a crash is no harm.
  enum class Mark { unknown, healthy, unhealthy };
  Mark mark(std::uint64_t number) const;
  void mark_healthy(std::uint64_t number) const;
  void mark_unhealthy(std::uint64_t number) const;

  // Points current or confirmed to `number` with one rename. 0 removes the link.
  base::Result<void> point(const std::string& link, std::uint64_t number) const;

 private:
  void exchange_marks(std::uint64_t number, const char* from, const char* to) const;
  base::Result<std::uint64_t> target_of(const std::string& link) const;

  Layout layout_;
  base::Disk& disk_;
};

}  // namespace ccci::activate

// SPDX-License-Identifier: GPL-3.0-or-later
// The generations kept on a host:
//
//   generations/N/record.json   what it is (generation.hpp)
//                systemd/…      copies of the system's units
//                system         link to STATE/store/system/HASH-HOST/root
//                bin            link to its bin/
//                project        link to the directory of cc-ci.toml; where the timers work
//                profile.sh     puts bin on the PATH of a login shell
//
// A generation is staged as .N.new, synced and renamed: it is there whole or not at all, and its
// files never change. Numbers are not used twice while a later one is kept.
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

  std::vector<std::uint64_t> numbers() const;  // ascending
  // Number 0 gives the empty generation. [activate.no-generation], [activate.record]
  base::Result<Generation> read(std::uint64_t number) const;
  // 0: none. [activate.current] where the link names no generation that is there.
  base::Result<std::uint64_t> current() const;
  std::uint64_t confirmed() const;  // 0: none
  // As read(); where the record cannot be read, what the generation's other files tell. For what
  // has to work on a damaged host: the way out of it.
  base::Result<Generation> salvage(std::uint64_t number) const;
  // The current one, salvaged where it must be. Where the link leads nowhere: the confirmed one,
  // the newest, or one of number 0 with the units whose links are left.
  Generation standing() const;
  std::uint64_t next() const;

  // Whether its files are what its record says.
  bool intact(const Generation& generation) const;
  // The text of one of its units. [base.open]
  base::Result<std::string> unit_text(const Generation& generation, const std::string& path) const;

  // After this returns, power may fail. `texts`: path below systemd/ to content. [base.*]
  base::Result<void> publish(const Generation& generation,
                             const std::map<std::string, std::string>& texts) const;
  // Never the current one: throws. [base.remove]
  base::Result<void> remove(std::uint64_t number) const;
  // Removes what a switch that was killed had staged.
  base::Result<void> clear_staged() const;

  // current or confirmed to `number`, by one rename; 0 removes the link.
  base::Result<void> point(const std::string& link, std::uint64_t number) const;

 private:
  base::Result<std::uint64_t> target_of(const std::string& link) const;

  Layout layout_;
  base::Disk& disk_;
};

}  // namespace ccci::activate

// SPDX-License-Identifier: GPL-3.0-or-later
// The files of one host's system: as they stand in the store now, or as they would, where it is not
// published yet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/build.hpp"
#include "host/system.hpp"

namespace ccci::prove {

class SystemFiles {
 public:
  explicit SystemFiles(const host::System& system);

  const host::System& system() const { return system_; }
  bool planned() const { return planned_; }

  // What bin/ holds: each name, and what its link says (empty: it is none).
  const std::map<std::string, std::string>& links() const {
    return planned_ ? system_.commands : links_;
  }
  // Of the file that stands for the command: in the store its link, of a plan what that leads to.
  std::string command(const std::string& name) const;
  // "systemd/NAME". [base.open], [base.too-large]
  base::Result<std::string> text(const std::string& file) const;
  // Names of the unit's drop-ins, sorted.
  std::vector<std::string> drop_ins(const std::string& unit) const;

 private:
  const host::System& system_;
  std::string root_;
  bool planned_;
  std::map<std::string, std::string> links_;
};

}  // namespace ccci::prove

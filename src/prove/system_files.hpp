// SPDX-License-Identifier: GPL-3.0-or-later
// The files of one host's system, from the store. If the system is not published yet, the files
// that it would have.
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

  // The content of bin/: each name, and the target of its link (empty: it is not a link).
  const std::map<std::string, std::string>& links() const {
    return planned_ ? system_.commands : links_;
  }
  // The path of the command's file: in the store the link itself, in a plan the target of the link.
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/package_tools.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace ccci::environment {

namespace {

constexpr const char* dpkg_hook = "etc/dpkg/dpkg.cfg.d/cc-ci";
constexpr std::array<std::string_view, 3> changing{"apt", "apt-get", "aptitude"};

constexpr std::string_view advice =
    "no package can be installed here: declare it in cc-ci.toml, then type cc-ci build";

std::string refusing_script(const Command& command) {
  const std::string& name = command.name;
  return "#!/bin/sh\n"
         "case \" $* \" in\n"
         "  *\" -s \"* | *\" --simulate \"* | *\" --print-uris \"*) ;;\n"
         "  *\" install \"* | *\" reinstall \"* | *\" remove \"* | *\" purge \"* | *\" update \"* "
         "| "
         "*\" upgrade \"* | *\" full-upgrade \"* | *\" dist-upgrade \"* | *\" autoremove \"* | "
         "*\" satisfy \"* | *\" build-dep \"*)\n"
         "    echo '" +
         name + ": " + std::string(advice) +
         "' >&2\n"
         "    exit 100 ;;\n"
         "esac\n"
         "exec " +
         command.target + " \"$@\"\n";
}

}  // namespace

void add_package_tools(Tree& tree, std::vector<Exposed>& exposed) {
  if (tree.find("usr/bin/dpkg") != nullptr && tree.lies_below_directories(dpkg_hook)) {
    tree.remove(dpkg_hook);
    tree.add_file(dpkg_hook, "# Written by cc-ci build.\npre-invoke=echo '" + std::string(advice) +
                                 "' >&2; false\n");
  }
  for (Exposed& directory : exposed) {
    for (Command& command : directory.commands) {
      const bool may_change =
          std::find(changing.begin(), changing.end(), command.name) != changing.end();
      if (!may_change || command.target != "/usr/bin/" + command.name) continue;
      const std::string path = directory.directory.substr(1) + "/" + command.name;
      tree.remove(path);
      command.needs.clear();  // the script takes the place of the start file
      tree.add_file(path, refusing_script(command), true);
    }
  }
}

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/profile.hpp"

#include "base/text.hpp"

namespace ccci::environment {

std::string profile(const std::vector<Exposed>& exposed) {
  std::vector<std::string> directories;
  for (const Exposed& directory : exposed) directories.push_back(directory.directory);
  std::string text =
      "# /etc/profile of this environment. Written by cc-ci build from cc-ci.toml.\n";
  // A caller inside has the same PATH already, perhaps with its entrypoints at the end.
  text += "PATH_OF_CC_CI='" + base::join(directories, ":") + "'\n";
  text +=
      "case ${PATH-} in\n"
      "  \"$PATH_OF_CC_CI\" | \"$PATH_OF_CC_CI\":*) ;;\n"
      "  *) PATH=$PATH_OF_CC_CI ;;\n"
      "esac\n"
      "unset PATH_OF_CC_CI\n"
      "export PATH\n"
      "for file_of_cc_ci in /etc/profile.d/*.sh; do\n"
      "  [ -r \"$file_of_cc_ci\" ] && . \"$file_of_cc_ci\"\n"
      "done\n"
      "unset file_of_cc_ci\n"
      ":\n";
  return text;
}

}  // namespace ccci::environment

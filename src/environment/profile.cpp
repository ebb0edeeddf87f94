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

std::string fish_profile(const std::vector<Exposed>& exposed) {
  std::vector<std::string> directories;
  for (const Exposed& directory : exposed) directories.push_back("'" + directory.directory + "'");
  const std::string count = std::to_string(directories.size());
  return "# /etc/fish/config.fish of this environment. Written by cc-ci build from cc-ci.toml.\n"
         "if status is-login\n"
         "    set -l of_cc_ci " +
         base::join(directories, " ") +
         "\n"
         // In quotes, fish joins a list with blanks, and PATH with colons.
         "    if test \"$(string join : $PATH[1.." +
         count +
         "])\" = \"$(string join : $of_cc_ci)\"\n"
         "        for one in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin "
         "/usr/local/games /usr/games\n"
         "            if set -l at (contains --index -- $one $PATH)\n"
         "                set -e PATH[$at]\n"
         "            end\n"
         "        end\n"
         "    else\n"
         "        set -gx PATH $of_cc_ci\n"
         "    end\n"
         "end\n";
}

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/shells.hpp"

#include <set>

#include "environment/alternatives.hpp"
#include "environment/script_reader.hpp"

namespace ccci::environment {

namespace {

constexpr std::string_view lists = "usr/share/debianutils/shells.d/";

}  // namespace

std::vector<std::string> add_shells(Tree& tree, const std::vector<Part>& parts) {
  std::set<std::string> shells;
  for (const Part& part : parts) {
    const auto script = part.control.find("postinst");
    if (script == part.control.end()) continue;
    for (const Invocation& call : invocations(script->second, "add-shell")) {
      for (const std::string& word : call.words) {
        if (word.starts_with('/') && tree.is_program(merged_path(word))) shells.insert(word);
      }
    }
  }
  // A list has the name of its shell: dash, bash.
  for (auto node = tree.nodes().lower_bound(lists);
       node != tree.nodes().end() && node->first.starts_with(lists); ++node) {
    const std::string name = node->first.substr(lists.size());
    for (const char* directory : {"bin/", "usr/bin/"}) {
      if (tree.is_program("usr/bin/" + name)) shells.insert("/" + (directory + name));
    }
  }
  if (shells.empty()) return {};
  std::string text = "# /etc/shells: valid login shells\n";
  for (const std::string& shell : shells) text += shell + "\n";
  tree.remove(shells_file);
  tree.add_file(shells_file, text);
  return {shells.begin(), shells.end()};
}

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/script_rights.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"

namespace ccci::environment {

namespace {

// The words of a line without the shell's quotes and brackets.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (std::string_view(" \t\"'`(){};&|").find(c) == std::string_view::npos) {
      word += c;
      continue;
    }
    if (!word.empty() && word != "$") words.push_back(word);
    word.clear();
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

// "setuid" for u+s, 4755 and 04755; "setgid" for g+s and 2755; empty for other modes.
std::string right_of_mode(std::string_view mode) {
  if (mode.find("u+s") != std::string_view::npos) return "setuid";
  if (mode.find("g+s") != std::string_view::npos) return "setgid";
  if (mode.size() == 5 && mode.starts_with('0')) mode.remove_prefix(1);
  if (mode.size() != 4 || mode.find_first_not_of("01234567") != std::string_view::npos) return {};
  if (mode[0] >= '4') return "setuid";
  return mode[0] >= '2' ? "setgid" : "";
}

std::string right_given(const std::vector<std::string>& words) {
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (has("setcap")) return "capability";
  if (!has("chmod") && !has("dpkg-statoverride")) return {};
  for (const std::string& word : words) {
    if (std::string right = right_of_mode(word); !right.empty()) return right;
  }
  return {};
}

// The path in the package's tree: "/bin/ping" is "usr/bin/ping".
std::string path_in_tree(std::string_view path) {
  path.remove_prefix(1);
  const bool merged = path.starts_with("bin/") || path.starts_with("sbin/");
  return (merged ? "usr/" : "") + std::string(path);
}

}  // namespace

std::vector<std::string> rights_of_script(std::string_view postinst,
                                          const store::Manifest& manifest) {
  std::set<std::string> rights;
  if (postinst.find("db_get") != std::string_view::npos) return {};
  std::map<std::string, std::string> variables;  // name to the last path in its value
  std::string commands(postinst);
  for (char& c : commands) {
    if (c == ';' || c == '&' || c == '|') c = '\n';
  }
  for (const std::string_view raw : base::split(commands, '\n')) {
    const std::string_view line = base::trim(raw);
    if (line.starts_with('#')) continue;
    std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    if (const std::size_t equals = words.front().find('='); equals != std::string::npos) {
      const std::string name = words.front().substr(0, equals);
      words.front().erase(0, equals + 1);
      for (const std::string& word : words) {
        if (word.starts_with('/')) variables[name] = word;
      }
      continue;
    }
    const std::string right = right_given(words);
    if (right.empty()) continue;
    for (std::string word : words) {
      if (word.starts_with('$')) word = variables[word.substr(1)];
      if (!word.starts_with('/')) continue;
      const std::string path = path_in_tree(word);
      const bool program =
          std::any_of(manifest.entries.begin(), manifest.entries.end(), [&](const auto& entry) {
            return entry.path == path && entry.type == store::Entry::Type::file;
          });
      if (program) rights.insert(right + " " + path);
    }
  }
  // A script that tries a capability first and else the bit wants one of the two.
  std::erase_if(rights, [&](const std::string& one) {
    return !one.starts_with("capability ") &&
           rights.contains("capability" + one.substr(one.find(' ')));
  });
  return {rights.begin(), rights.end()};
}

}  // namespace ccci::environment

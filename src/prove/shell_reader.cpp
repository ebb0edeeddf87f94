// SPDX-License-Identifier: GPL-3.0-or-later
// Reads shell scripts: what they install, and how they change PATH.
#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "prove/installers.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"
#include "prove/shell_lexer.hpp"

namespace ccci::prove {

namespace {

constexpr std::string_view keywords = "{ } ! if then elif else do while until time coproc exec";
// Commands that run the command after them, and their options that take a word.
constexpr std::string_view wrappers =
    "sudo doas env command builtin nice ionice eatmydata xargs "
    "timeout chroot nohup setsid stdbuf unbuffer retry exec time";
constexpr std::string_view wrapper_valued = "-u -g -h -p -C -n -c -s -k -I -L -P -d --user --group";
constexpr std::string_view shells = "sh bash dash ash ksh zsh";
constexpr int deepest_script = 4;  // sh -c "sh -c …"
constexpr std::size_t longest_list = 4096;

bool is_name(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z');
         });
}

// NAME of "NAME=…" or "NAME+=…"; otherwise empty.
std::string_view assigned(const Word& word) {
  std::string_view name = std::string_view(word.text).substr(0, word.text.find('='));
  if (name.size() == word.text.size()) return {};
  if (!name.empty() && name.back() == '+') name.remove_suffix(1);
  return is_name(name) ? name : std::string_view{};
}

std::string_view value_of(const Word& word) {
  return std::string_view(word.text).substr(word.text.find('=') + 1);
}

// NAME of "$NAME", "${NAME}", "${NAME[@]}"; otherwise empty.
std::string_view expanded(std::string_view text) {
  if (text.size() < 2 || text[0] != '$') return {};
  text.remove_prefix(1);
  if (text[0] == '{') {
    if (text.back() != '}') return {};
    text = text.substr(1, text.size() - 2);
    text = text.substr(0, text.find('['));
  }
  return is_name(text) ? text : std::string_view{};
}

class ShellReader {
 public:
  ShellReader(const Snippet& shell, std::string_view path, const Lines& lines, Reading& reading,
              int depth)
      : shell_(shell), path_(path), lines_(lines), reading_(reading), depth_(depth) {}

  void run(std::size_t from, std::size_t to) {
    for (const ShellCommand& command : shell_commands(shell_, from, to)) read(command);
  }

 private:
  using Words = std::vector<Word>;

  void read(const ShellCommand& command) {
    const Words& words = command.words;
    std::size_t i = 0;
    while (i < words.size() && holds(keywords, words[i].text) && !words[i].quoted) ++i;
    for (; i < words.size() && !assigned(words[i]).empty(); ++i) assign(words[i]);
    for (const Redirect& redirect : command.redirects) added_path(words, i, redirect);
    if (i >= words.size()) return;
    const std::string_view head = words[i].text;
    if (head == "for") return loop(words, i);
    if (holds("export declare typeset local readonly", head)) {
      for (++i; i < words.size(); ++i)
        if (!assigned(words[i]).empty()) assign(words[i]);
      return;
    }
    if (head == "PATH_add" || head == "path_add") return direnv(words, i);
    bool by_xargs = false;
    i = behind_wrappers(words, i, by_xargs);
    if (i >= words.size()) return;
    if (installs(words, i, by_xargs)) return;
    scripts(command, i);
  }

  void assign(const Word& word) {
    const std::string name(assigned(word));
    if (name == "PATH" && !word.is_array) {
      const PathSetting setting =
          path_setting(value_of(word), [&](std::string_view v) { return text_of(v); });
      path_finding(setting, word, "PATH");
    }
    if (variables_.size() >= longest_list) return;
    const bool append = word.text.find("+=") == name.size();
    Words& values = variables_[name];
    if (!append) values.clear();
    if (word.is_array) {
      values.insert(values.end(), word.array.begin(), word.array.end());
      return;
    }
    std::string_view rest = value_of(word);
    while (!rest.empty() && values.size() < longest_list) {
      const std::size_t end = rest.find_first_of(" \t\n");
      if (end != 0) {
        Word value{std::string(rest.substr(0, end)), true, word.quoted, word.offset, {}, false};
        value.literal = value.text.find('$') == std::string::npos;
        values.push_back(std::move(value));
      }
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }

  std::string text_of(std::string_view variable) const {
    const auto found = variables_.find(std::string(variable));
    return found == variables_.end() || found->second.size() != 1 ? std::string()
                                                                  : found->second.front().text;
  }

  void loop(const Words& words, std::size_t i) {
    if (i + 2 >= words.size() || words[i + 2].text != "in") return;
    Words values;
    for (std::size_t k = i + 3; k < words.size(); ++k) put(words[k], values);
    variables_[words[i + 1].text] = std::move(values);
  }

  // Adds a word, or the value of the variable that it expands to.
  void put(const Word& word, Words& out) const {
    const std::string_view name = word.literal ? std::string_view{} : expanded(word.text);
    const auto found = name.empty() ? variables_.end() : variables_.find(std::string(name));
    if (found == variables_.end()) {
      if (out.size() < longest_list) out.push_back(word);
      return;
    }
    for (const Word& value : found->second)
      if (out.size() < longest_list) out.push_back(value);
  }

  std::size_t behind_wrappers(const Words& words, std::size_t i, bool& by_xargs) {
    for (;;) {
      if (i >= words.size()) return i;
      const std::string_view head = last_part(words[i].text);
      // "$SUDO apt-get …"
      if (words[i].text[0] == '$' && i + 1 < words.size() && installer(words[i + 1].text)) {
        ++i;
        continue;
      }
      if (!holds(wrappers, head)) return i;
      by_xargs = by_xargs || head == "xargs";
      const bool takes_operand = head == "timeout" || head == "chroot";
      for (++i; i < words.size(); ++i) {
        if (!assigned(words[i]).empty()) {
          assign(words[i]);
        } else if (words[i].text.starts_with("-")) {
          if (holds(wrapper_valued, words[i].text)) ++i;
        } else {
          break;
        }
      }
      if (takes_operand && i < words.size()) ++i;
    }
  }

  bool installs(const Words& words, std::size_t i, bool by_xargs) {
    std::string command(last_part(words[i].text));
    std::size_t next = i + 1;
    if (command.starts_with("python") && next + 1 < words.size() && words[next].text == "-m") {
      command = words[next + 1].text;
      next += 2;
    } else if (command == "uv" && next < words.size() && words[next].text == "pip") {
      command = "pip";
      ++next;
    }
    const Installer* by = installer(command);
    if (by == nullptr) return false;
    const bool yarn_global =
        by->name == "yarn" && next < words.size() && words[next].text == "global";
    if (yarn_global) ++next;
    bool verb = false;
    Words arguments;
    for (; next < words.size(); ++next) {
      const std::string& text = words[next].text;
      if (!verb && is_verb(*by, text)) {
        verb = true;
      } else if (text.starts_with("-") && text.size() > 1) {
        if (holds(by->valued, text)) ++next;
      } else if (!verb) {
        return true;  // another verb: update, remove, …
      } else {
        put(words[next], arguments);
      }
    }
    if (!verb || (arguments.empty() && !by_xargs)) return true;
    if (of_npm(*by) && !yarn_global && !is_global(words)) return true;  // the job's own
    install_finding(*by, words[i], arguments);
    return true;
  }

  static bool is_global(const Words& words) {
    for (std::size_t k = 0; k < words.size(); ++k) {
      const std::string& text = words[k].text;
      if (text == "-g" || text == "--global" || text == "--location=global") return true;
      if (text == "--location" && k + 1 < words.size() && words[k + 1].text == "global")
        return true;
    }
    return false;
  }

  // pacman combines its letters: "-Syu" installs, "-Ss" searches.
  static bool is_verb(const Installer& by, std::string_view text) {
    if (by.name == "pacman" && text.size() > 2 && text.starts_with("-S"))
      return text.find_first_of("silgcp") == std::string_view::npos;
    return holds(by.verbs, text);
  }

  void install_finding(const Installer& by, const Word& head, const Words& arguments) {
    Finding finding = begin(head, Kind::install_command);
    finding.what = std::string(by.name) + " " + std::string(by.verbs.substr(0, by.verbs.find(' ')));
    for (const Word& argument : arguments) {
      Mention mention{package_name(by, argument.text), by.modules, shell_.place(argument.offset)};
      if (!mention.name.empty()) finding.tools.push_back(std::move(mention));
    }
    reading_.findings.push_back(std::move(finding));
  }

  void path_finding(const PathSetting& setting, const Word& word, std::string what) {
    if (setting.side == Side::none) return;
    Finding finding = begin(word, Kind::path);
    finding.what = std::move(what);
    finding.side = setting.side;
    finding.directories = setting.directories;
    reading_.findings.push_back(std::move(finding));
  }

  void direnv(const Words& words, std::size_t i) {
    const std::size_t first = words[i].text == "path_add" ? i + 2 : i + 1;
    for (std::size_t k = first; k < words.size(); ++k)
      path_finding(path_setting(words[k].text + ":$PATH"), words[i], words[i].text);
  }

  // echo /opt/x/bin >> "$GITHUB_PATH"
  void added_path(const Words& words, std::size_t i, const Redirect& redirect) {
    if (redirect.operation != ">>" || expanded(redirect.target.text) != "GITHUB_PATH") return;
    for (std::size_t k = i + 1; k < words.size(); ++k)
      path_finding(path_setting(words[k].text + ":$PATH"), words[k], "GITHUB_PATH");
  }

  // Reads scripts inside the script: sh -c "…", bash <<END, eval "…".
  void scripts(const ShellCommand& command, std::size_t i) {
    const Words& words = command.words;
    const std::string_view head = last_part(words[i].text);
    if (depth_ >= deepest_script) return;
    if (head == "eval" && i + 1 < words.size()) return inner(words[i + 1]);
    const bool anywhere = std::any_of(words.begin(), words.end(), [](const Word& w) {
      return !w.quoted && holds(shells, last_part(w.text));
    });
    if (anywhere) {
      ++depth_;  // a document inside a document
      for (const auto& [from, to] : command.bodies) run(from, to);
      --depth_;
    }
    const bool other_user = head == "su" || head == "runuser";  // the user's name may come first
    if (!other_user && !holds(shells, head)) return;
    for (std::size_t k = i + 1; k + 1 < words.size(); ++k) {
      const std::string& option = words[k].text;
      if (!option.starts_with("-") && other_user) continue;
      if (!option.starts_with("-")) return;
      if (!option.starts_with("--") && option.back() == 'c') return inner(words[k + 1]);
    }
  }

  // Reads the text of a word as a script. Line numbers count from the word's line, so only those of
  // its first line are exact.
  void inner(const Word& word) {
    Snippet script;
    Place at = shell_.place(word.offset);
    const char first = word.offset < shell_.text().size() ? shell_.text()[word.offset] : ' ';
    if (first == '"' || first == '\'') ++at.column;
    for (const std::string_view line : base::split(word.text, '\n')) {
      script.add(line, at);
      ++at.line;
      at.column = 1;
    }
    ShellReader(script, path_, lines_, reading_, depth_ + 1).run(0, script.text().size());
  }

  Finding begin(const Word& word, Kind kind) const {
    Finding finding;
    const Place at = shell_.place(word.offset);
    finding.file = path_;
    finding.line = at.line;
    finding.column = at.column;
    finding.kind = kind;
    finding.excerpt = lines_.excerpt(at.line);
    return finding;
  }

  const Snippet& shell_;
  std::string_view path_;
  const Lines& lines_;
  Reading& reading_;
  int depth_;
  std::map<std::string, Words> variables_;
};

}  // namespace

void read_shell_in(const Snippet& shell, std::string_view path, const Lines& lines,
                   Reading& reading) {
  ShellReader(shell, path, lines, reading, 0).run(0, shell.text().size());
}

Reading read_shell(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  read_shell_in(Snippet::whole(text), path, Lines(text), reading);
  return reading;
}

}  // namespace ccci::prove

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads systemd units and their drop-ins: PATH in Environment=, ExecSearchPath=, and commands that
// install.
#include "base/text.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"
#include "prove/shell_lexer.hpp"

namespace ccci::prove {

namespace {

class UnitReader {
 public:
  UnitReader(std::string_view path, std::string_view text, Reading& reading)
      : path_(path), lines_(text), reading_(reading) {}

  void run() {
    const int last = static_cast<int>(lines_.count());
    for (int n = 1; n <= last;) n = setting(n, last);
  }

 private:
  // Reads one setting with its continuation lines. Skips comment lines between them, as systemd
  // does.
  int setting(int n, int last) {
    Snippet whole;
    bool more = true;
    for (; more && n <= last; ++n) {
      std::string_view line = lines_.line(n);
      const std::string_view shown = base::trim(line);
      const bool comment = !shown.empty() && (shown[0] == '#' || shown[0] == ';');
      if (comment && whole.text().empty()) return n + 1;
      if (comment) continue;
      more = shown.ends_with('\\');
      const std::size_t end = line.find_last_not_of(" \t\r");
      whole.add(more ? line.substr(0, end) : line, {n, 1}, more ? " " : "\n");
    }
    const std::size_t equals = whole.text().find('=');
    if (equals == std::string_view::npos) return n;
    const std::string key(base::trim(whole.text().substr(0, equals)));
    Snippet value;
    value.append(whole, equals + 1, whole.text().size());
    if (key == "Environment") {
      variables(value);
    } else if (key == "PassEnvironment") {
      for (const ShellCommand& command : shell_commands(value))
        for (const Word& word : command.words)
          if (word.text == "PATH") add({Side::whole, {"$PATH of the manager"}}, value, word, key);
    } else if (key == "ExecSearchPath") {
      const std::string_view directories = base::trim(value.text());
      if (!directories.empty()) add(path_setting(directories), value, Word{}, key);
    } else if (key.starts_with("Exec")) {
      commands(value);
    }
    return n;
  }

  void variables(const Snippet& value) {
    for (const ShellCommand& command : shell_commands(value))
      for (const Word& word : command.words)
        if (word.text.starts_with("PATH="))
          add(path_setting(std::string_view(word.text).substr(5)), value, word, "Environment=PATH");
  }

  // A command line. Its prefixes (@ - : + !) are systemd's, not the shell's.
  void commands(Snippet& value) {
    for (std::size_t i = 0; i < value.text().size(); ++i) {
      const char c = value.text()[i];
      if (c == ' ' || c == '\t') continue;
      if (c != '-' && c != '@' && c != ':' && c != '+' && c != '!') break;
      value.put(i, ' ');
    }
    read_shell_in(value, path_, lines_, reading_);
  }

  void add(const PathSetting& setting, const Snippet& value, const Word& word, std::string what) {
    add_path(setting, value.place(word.offset), std::move(what), lines_, reading_);
  }

  std::string_view path_;
  Lines lines_;
  Reading& reading_;
};

}  // namespace

Reading read_unit(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  UnitReader(path, text, reading).run();
  return reading;
}

}  // namespace ccci::prove

// SPDX-License-Identifier: GPL-3.0-or-later
// One call of a command: its options, its operands and its output.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/progress.hpp"
#include "command/command.hpp"
#include "project/project.hpp"
#include "report/output.hpp"
#include "report/style.hpp"
#include "report/table.hpp"

namespace ccci::command {

// The state directory of root.
inline constexpr const char* system_state = "/var/lib/cc-ci";

struct Globals {
  std::string directory;  // -C; empty: do not change the directory
  std::string file = "cc-ci.toml";
  std::filesystem::path state;  // from the option, CC_CI_STATE or the default
  bool home_state = false;      // `state` is a user's default, below the home directory
  bool offline = false;
  int verbosity = 0;  // -1 quiet, 1 verbose
  report::ColorChoice color = report::ColorChoice::automatic;
};

struct Given {
  const Option* option;
  std::string value;
};

class Invocation {
 public:
  Invocation(const Command& command, Globals globals, std::vector<Given> given,
             std::vector<std::string> operands, report::Output& out, const report::Style& out_style,
             const report::Style& err_style);
  ~Invocation();
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;

  const Command& command() const { return command_; }
  const Globals& globals() const { return globals_; }
  const std::vector<std::string>& operands() const { return operands_; }

  // Asking for an option that the command does not have is a bug and throws.
  bool has(std::string_view option) const;
  std::optional<std::string> value(std::string_view option) const;  // the last one given
  std::vector<std::string> values(std::string_view option) const;
  // The option's value, or `otherwise` if it is not given. [cli.number] if the value is not a
  // number from `least` to `most`.
  base::Result<std::uint64_t> number(std::string_view option, std::uint64_t otherwise,
                                     std::uint64_t most, std::uint64_t least = 0) const;
  bool json() const;  // true if the command has --json and it was given

  // The output for results (stdout), and its style. The style depends on whether stdout is a
  // terminal.
  report::Output& out() { return out_; }
  const report::Style& style() const { return out_style_; }
  void print(const report::Table& table);
  void print(const base::Json& json);  // indented, with a final newline

  // Draws on stderr, depending on -q, -v and the terminal. Lives as long as this object.
  base::Progress& progress();
  // Removes an unfinished line. Later progress begins a new one.
  void end_progress();

  // The context for work on a project. It is valid as long as this object.
  project::Context context();
  // Prints `cc-ci: warning: TEXT` on stderr. The text says what cc-ci does instead.
  void warn(std::string_view text);
  // With its notes and hint.
  void warn(const base::Error& error);

  // Must be called before exec. It writes out all results, removes the progress line and restores
  // the signals as they were at the start.
  base::Result<void> hand_over();

 private:
  class Progress;
  const Option& declared(std::string_view name) const;

  const Command& command_;
  Globals globals_;
  std::vector<Given> given_;
  std::vector<std::string> operands_;
  report::Output& out_;
  report::Style out_style_;
  report::Style err_style_;
  std::unique_ptr<Progress> progress_;
};

}  // namespace ccci::command

// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/dispatch.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

#include "command/exit_guard.hpp"
#include "command/help.hpp"
#include "command/invocation.hpp"
#include "command/parse.hpp"
#include "command/signals.hpp"
#include "report/error_text.hpp"
#include "report/progress.hpp"

namespace ccci::command {

namespace {

struct Streams {
  report::Output out{STDOUT_FILENO, "standard output"};
  report::Style out_style;
  report::Style err_style;
};

int print_error(const base::Error& error, const Streams& streams) {
  report::standard_error().write(report::render(error, streams.err_style));
  return report::exit_status(error);
}

int finish(int status, Streams& streams) {
  if (auto written = streams.out.flush(); !written) {
    return std::max(status, print_error(written.error(), streams));
  }
  if (streams.out.reader_gone()) end_by_broken_pipe();
  return status;
}

int give_help(const Call& call, const Commands& table, Streams& streams) {
  const bool full = call.wish == Call::Wish::full_help;
  if (call.wish == Call::Wish::version) {
    streams.out.line(version_line());
  } else if (call.command != nullptr) {
    streams.out.write(
        report::Document(full ? full_help(*call.command) : short_help(*call.command)));
  } else if (!call.family.empty()) {
    streams.out.write(report::Document(family_help(call.family, table)));
  } else {
    streams.out.write(report::Document(full ? full_help(table) : short_help(table)));
  }
  return finish(0, streams);
}

base::Result<void> enter_directory(const std::string& directory) {
  if (directory.empty() || chdir(directory.c_str()) == 0) return {};
  return base::unexpected(base::fail("cli.directory").with("path", directory).with_errno(errno));
}

// Below this limit, opening the store fails, at another place each time.
base::Result<void> check_open_files() {
  constexpr rlim_t least = 32;
  struct rlimit limit {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= least) return {};
  return base::unexpected(base::fail("cli.open-files")
                              .with("limit", static_cast<long long>(limit.rlim_cur))
                              .with("least", static_cast<long long>(least)));
}

// Errors are values. An exception means a bug or a lack of memory. It is turned into an error too,
// so that a program that waits for JSON always gets an answer.
base::Result<int> guarded(const Command& command, Invocation& invocation) {
  try {
    return command.run(invocation);
  } catch (const std::system_error& error) {
    // A limit of the system, e.g. of threads, is no bug.
    return base::unexpected(base::fail("cli.system")
                                .with("command", "cc-ci " + std::string(command.name))
                                .with_errno(error.code().value()));
  } catch (const std::exception& exception) {
    return base::unexpected(base::fail("cli.bug")
                                .with("command", "cc-ci " + std::string(command.name))
                                .with("cause", exception.what()));
  }
}

int run_command(Call call, Globals globals, Streams& streams) {
  if (auto entered = enter_directory(globals.directory); !entered) {
    return print_error(entered.error(), streams);
  }
  if (auto enough = check_open_files(); !enough) return print_error(enough.error(), streams);
  Invocation invocation(*call.command, std::move(globals), std::move(call.given),
                        std::move(call.operands), streams.out, streams.out_style,
                        streams.err_style);
  const auto tell = [&](const base::Error& error) {
    invocation.end_progress();
    if (invocation.json()) {
      invocation.print(base::Json{{"schema", 1}, {"error", report::to_json(error)}});
    }
    return finish(print_error(error, streams), streams);
  };
  const ExitGuard guard([&] {
    return tell(
        base::fail("cli.ended").with("command", "cc-ci " + std::string(call.command->name)));
  });
  const base::Result<int> status = guarded(*call.command, invocation);
  if (!status) return tell(status.error());
  invocation.end_progress();
  return finish(*status, streams);
}

// The value of --color in a command line that cannot be parsed.
report::ColorChoice color_of(const std::vector<std::string>& words) {
  report::ColorChoice choice = report::ColorChoice::automatic;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const bool apart = words[i] == "--color" && i + 1 < words.size();
    const std::string word = apart ? "--color=" + words[i + 1] : words[i];
    if (word == "--color=always") choice = report::ColorChoice::always;
    if (word == "--color=never") choice = report::ColorChoice::never;
  }
  return choice;
}

}  // namespace

int dispatch(const std::vector<std::string>& words, const Commands& table,
             const report::Variables& variables) {
  Streams streams;
  const auto set_styles = [&](report::ColorChoice choice) {
    streams.out_style = report::style_of(STDOUT_FILENO, choice, variables);
    streams.err_style = report::style_of(STDERR_FILENO, choice, variables);
  };
  set_styles(color_of(words));
  base::Result<Call> call = parse(words, table);
  if (!call) return print_error(call.error(), streams);
  if (call->wish != Call::Wish::run) return give_help(*call, table, streams);
  if (call->command == nullptr) {
    report::standard_error().write(short_help(table));
    return 2;
  }
  base::Result<Globals> globals = globals_of(call->given, variables, geteuid() == 0);
  if (!globals) return print_error(globals.error(), streams);
  set_styles(globals->color);
  return run_command(std::move(*call), std::move(*globals), streams);
}

}  // namespace ccci::command

// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/findings.hpp"

#include <cstdlib>

#include "base/text.hpp"
#include "learn/snippet.hpp"
#include "report/error_text.hpp"
#include "report/progress.hpp"
#include "report/width.hpp"

namespace ccci::view {

namespace {

std::string because(const learn::Why& why) {
  if (why.by.empty() || why.by == why.command) return why.command;
  return why.command + "  (from: " + why.by + ")";
}

base::Json json_of(const learn::Why& why) {
  return {{"command_line", base::printable(why.command)}, {"started_by", base::printable(why.by)}};
}

}  // namespace

void print_findings(Invocation& invocation, const learn::Findings& findings) {
  report::Table table({{.heading = "finding"},
                       {.heading = "name"},
                       {.heading = "package"},
                       {.heading = "first needed by", .elastic = true}});
  for (const learn::Need& need : findings.needs) {
    const std::string commands = need.commands.empty() || need.commands.front() == need.name
                                     ? need.name
                                     : need.name + ": " + base::join(need.commands, ", ");
    table.row({need.python ? "add to python" : "add to tools", commands, need.package,
               because(need.why)});
  }
  for (const learn::Outside& one : findings.outside) {
    const std::string package = one.npm.empty() ? "" : "npm:" + base::printable(one.npm);
    table.row(
        {package.empty() ? "in no package" : "add to tools", one.path, package, because(one.why)});
  }
  for (const learn::UnknownModule& one : findings.unknown_modules) {
    table.row({"module of no known package", base::printable(one.name), base::printable(one.path),
               because(one.why)});
  }
  for (const learn::Need& one : findings.npm_modules) {
    table.row({"add to tools", base::printable(one.name), base::printable(one.package),
               because(one.why)});
  }
  for (const learn::Hidden& one : findings.hidden) {
    table.row({"its tool does not expose it", one.command, one.tool, because(one.why)});
  }
  for (const learn::Missing& one : findings.missing) {
    table.row({"not found", one.command, one.package, because(one.why)});
  }
  for (const learn::Absolute& one : findings.absolute) {
    table.row({one.inside ? "by path only" : "by path only, not inside", one.path, one.package,
               because(one.why)});
  }
  for (const learn::Opened& one : findings.packages) {
    table.row({"add to packages", one.first, one.package, because(one.why)});
  }
  for (const learn::Opened& one : findings.opened) {
    table.row({"opened, not inside", one.first, one.package, because(one.why)});
  }
  invocation.print(table);
  const std::string lines = learn::snippet(findings);
  if (!lines.empty())
    invocation.out().write(report::Document("\n" + base::printable_lines(lines) + "\n"));
  if (!findings.unused.empty()) {
    constexpr std::size_t page = 80;
    const std::string text = "declared, not used: " + base::join(findings.unused, ", ");
    for (const std::string& line : report::wrap(text, page)) invocation.out().line(line);
  }
}

base::Json to_json(const learn::Findings& findings) {
  base::Json json = base::Json::object();
  const auto list = [&](const char* name) -> base::Json& {
    return json[name] = base::Json::array();
  };
  const auto with = [](base::Json value, const learn::Why& why) {
    value.update(json_of(why));
    return value;
  };
  base::Json& needs = list("needs");
  for (const learn::Need& one : findings.needs) {
    needs.push_back(with({{"list", one.python ? "python" : "tools"},
                          {"name", one.name},
                          {"package", one.package},
                          {"commands", one.commands}},
                         one.why));
  }
  base::Json& outside = list("outside");
  for (const learn::Outside& one : findings.outside) {
    outside.push_back(with({{"command", base::printable(one.command)},
                            {"path", base::printable(one.path)},
                            {"sha256", one.sha256},
                            {"npm", base::printable(one.npm)}},
                           one.why));
  }
  base::Json& modules = list("npm_modules");
  for (const learn::Need& one : findings.npm_modules) {
    modules.push_back(with({{"name", base::printable(one.name)}}, one.why));
  }
  base::Json& unknown = list("unknown_modules");
  for (const learn::UnknownModule& one : findings.unknown_modules) {
    unknown.push_back(
        with({{"name", base::printable(one.name)}, {"path", base::printable(one.path)}}, one.why));
  }
  base::Json& hidden = list("hidden");
  for (const learn::Hidden& one : findings.hidden) {
    hidden.push_back(with({{"command", one.command}, {"tool", one.tool}}, one.why));
  }
  base::Json& missing = list("missing");
  for (const learn::Missing& one : findings.missing) {
    missing.push_back(
        with({{"command", base::printable(one.command)}, {"package", one.package}}, one.why));
  }
  base::Json& absolute = list("absolute");
  for (const learn::Absolute& one : findings.absolute) {
    absolute.push_back(
        with({{"path", one.path}, {"package", one.package}, {"inside", one.inside}}, one.why));
  }
  const auto add_opened = [&](const char* name, const std::vector<learn::Opened>& all) {
    base::Json& rows = list(name);
    for (const learn::Opened& one : all) {
      rows.push_back(with(
          {{"package", one.package}, {"files", one.files}, {"first", base::printable(one.first)}},
          one.why));
    }
  };
  add_opened("packages", findings.packages);
  add_opened("opened", findings.opened);
  json["unused"] = findings.unused;
  json["snippet"] = learn::snippet(findings);
  return json;
}

std::vector<std::string> own_path() {
  const char* text = std::getenv("PATH");
  std::vector<std::string> directories;
  for (const std::string_view one : base::split(text == nullptr ? "/bin:/usr/bin" : text, ':')) {
    if (one.starts_with('/')) directories.emplace_back(one);
  }
  return directories;
}

void tell_left_behind(std::size_t processes) {
  report::standard_error().write(report::render_note("the command has ended; waiting for " +
                                                         base::counted(processes, "process") +
                                                         " that it left running; Ctrl-C ends them",
                                                     {}));
}

}  // namespace ccci::view

// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/host_jobs.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "declare/calendar.hpp"
#include "declare/declaration.hpp"
#include "declare/forms.hpp"
#include "doctor/cron_calendar.hpp"
#include "host/unit_text.hpp"
#include "wording/message.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_unit = 1U << 20U;
constexpr std::size_t longest_name = 40;
// Found in a word, these need a shell. Quotes, blanks and backslashes are handled here.
constexpr std::string_view shell_characters = "|&;<>()$`*?[]{}~#!";

// "/srv/ci/Nightly Sweep.sh" -> "nightly-sweep"
std::string name_of(const std::vector<std::string>& command) {
  // What comes after these says more of the job.
  constexpr std::array starters{
      "sh",   "bash",    "dash",   "env",  "python", "python3", "perl", "ruby", "node", "nice",
      "make", "ionice",  "flock",  "npm",  "npx",    "yarn",    "pnpm", "run",  "rake", "nohup",
      "time", "timeout", "bundle", "exec", "source", "chronic", "cd",   "sudo"};
  std::string name;
  bool lock_comes = false;  // of flock, which says nothing of the job
  for (const std::string& word : command) {
    const bool is_number = word.find_first_not_of("0123456789.") == std::string::npos;
    if (word.empty() || word.front() == '-' || word.find('=') != std::string::npos || is_number)
      continue;
    if (std::exchange(lock_comes, false)) continue;
    name = fs::path(word).stem().native();
    lock_comes = name == "flock";
    if (std::find(starters.begin(), starters.end(), name) == starters.end()) break;
  }
  std::string clean;
  for (const char c : name.substr(0, longest_name)) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) {
      clean += static_cast<char>(c - 'A' + 'a');
    } else if (good) {
      clean += c;
    } else if (!clean.empty() && clean.back() != '-') {
      clean += '-';
    }
  }
  while (clean.ends_with('-')) clean.pop_back();
  return clean.empty() || !declare::objection(declare::forms::service, clean).empty() ? "job"
                                                                                      : clean;
}

// The words of a line without pipes, variables, patterns and the like; nothing if it has one.
std::optional<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (quote == '"' && (c == '$' || c == '`' || c == '\\')) {
        return std::nullopt;
      } else {
        word += c;
      }
      continue;
    }
    if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (c == '\\' || shell_characters.find(c) != std::string_view::npos) {
      return std::nullopt;
    } else if (c == ' ' || c == '\t') {
      if (inside || !word.empty()) words.push_back(std::move(word));
      word.clear();
      inside = false;
    } else {
      word += c;
    }
  }
  if (quote != 0) return std::nullopt;
  if (inside || !word.empty()) words.push_back(std::move(word));
  if (words.empty()) return std::nullopt;
  return words;
}

// The words of a line that needs no shell; nothing if it does.
std::optional<std::vector<std::string>> plain_words(std::string_view line) {
  auto split = split_words(line);
  if (!split) return std::nullopt;
  std::vector<std::string> words = std::move(*split);
  // NAME=value before the command sets a variable: only a shell does that.
  if (words.front().find('=') != std::string::npos) return std::nullopt;
  if (words.front() == "exec" && words.size() > 1) words.erase(words.begin());
  constexpr std::array builtins{".",     "source", "eval",  "export", "set",     "unset", "ulimit",
                                "umask", "trap",   "cd",    "time",   "if",      "for",   "while",
                                "until", "case",   "alias", "exec",   "command", "wait",  "read"};
  if (std::find(builtins.begin(), builtins.end(), words.front()) != builtins.end())
    return std::nullopt;
  return words;
}

// Takes "cd DIR &&" from the front.
std::string take_directory(std::string& line) {
  constexpr std::string_view change = "cd ";
  const std::size_t end = line.find("&&");
  if (!line.starts_with(change) || end == std::string::npos) return {};
  const auto words = split_words(line.substr(0, end));
  if (!words || words->size() != 2 || !(*words)[1].starts_with('/')) return {};
  line = std::string(base::trim(std::string_view(line).substr(end + 2)));
  return (*words)[1];
}

// Takes ">> FILE 2>&1" and its like from the end.
std::string take_redirection(std::string& line) {
  const std::size_t at = line.find('>');
  if (at == std::string::npos || line.find_first_of("|;&`$('\"", at + 1) != std::string::npos) {
    // "2>&1" has an '&': look again without it.
    const std::size_t both = line.rfind("2>&1");
    if (both == std::string::npos || !base::trim(line.substr(both + 4)).empty()) return {};
    std::string shorter = line.substr(0, both);
    const std::string taken = take_redirection(shorter);
    // A part of a redirection would be worse than all of it.
    if (taken.empty() && shorter.find('>') != std::string::npos) return {};
    line = std::string(base::trim(shorter));
    return taken.empty() ? "2>&1" : taken;
  }
  std::size_t begin = at;
  if (begin > 0 && line[begin - 1] == '&') --begin;  // bash's "&>"
  if (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9') --begin;
  const std::string file(base::trim(std::string_view(line).substr(line.find_last_of('>') + 1)));
  if (file.empty() || file.find(' ') != std::string::npos) return {};
  line = std::string(base::trim(std::string_view(line).substr(0, begin)));
  return file;
}

std::string text_of(const fs::path& file) {
  return base::read_file(file, largest_unit).value_or(std::string());
}

std::string last_setting(const std::string& text, std::string_view section, std::string_view key) {
  const auto values = host::settings({text}, section, key);
  return values.empty() ? std::string() : values.back();
}

// What a timer of the declaration has in another form, or not at all.
struct LeftOut {
  const char* section;
  const char* key;
  const char* instead;
};
constexpr std::array left_out{
    LeftOut{"Service", "Environment", "declare [runtime.variables]"},
    LeftOut{"Service", "LoadCredential", "declare credentials"},
    LeftOut{"Service", "ExecStartPre", "let a script do it before the job"},
    LeftOut{"Service", "ExecStartPost", "let a script do it after the job"},
    LeftOut{"Service", "ExecStopPost", "let a script do it after the job"},
    LeftOut{"Service", "ExecCondition", "let a script ask before the job"},
    LeftOut{"Service", "TimeoutStartSec", "see timeout"},
    LeftOut{"Service", "RuntimeMaxSec", "see timeout"},
    LeftOut{"Unit", "OnFailure", "see on_failure"}};

void note_differences(const std::string& unit, const std::string& service, HostJob& job) {
  for (const LeftOut& one : left_out) {
    if (host::settings({service}, one.section, one.key).empty()) continue;
    job.notes.push_back(std::string(one.key) + "= of " + unit + " is not taken: " + one.instead);
  }
  const bool expands =
      std::any_of(job.command.begin(), job.command.end(),
                  [](const std::string& word) { return word.find('$') != std::string::npos; });
  // In `sh -c` the shell does the same.
  const bool by_shell = job.command.size() > 2 && job.command[1] == "-c";
  if (expands && !by_shell) {
    job.complete = false;
    job.notes.emplace_back("systemd replaced the variables in its command: write a script");
  }
}

HostJob unit_job(const fs::path& host, const fs::path& file) {
  HostJob job;
  job.place = "/etc/systemd/system/" + file.filename().native();
  job.name = name_of({file.stem().native()});
  const std::string timer = text_of(file);
  const auto calendars = host::settings({timer}, "Timer", "OnCalendar");
  if (calendars.size() == 1 && declare::check_calendar(calendars.front()).empty()) {
    job.schedule = calendars.front();
  } else {
    job.notes.emplace_back(calendars.empty()
                               ? "it has no OnCalendar=: choose a schedule"
                               : "choose one schedule of: " + base::join(calendars, "; "));
  }
  std::string unit = last_setting(timer, "Timer", "Unit");
  if (unit.empty()) unit = file.stem().native() + ".service";
  std::string service;
  for (const char* place :
       {"etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system"}) {
    if (service.empty() && unit.find('/') == std::string::npos)
      service = text_of(host / place / unit);
  }
  job.user = last_setting(service, "Service", "User");
  job.directory = last_setting(service, "Service", "WorkingDirectory");
  for (const std::string& path : host::settings({service}, "Service", "EnvironmentFile"))
    if (path.starts_with('/') || path.starts_with("-/")) job.environment_files.push_back(path);
  const auto starts = host::settings({service}, "Service", "ExecStart");
  if (starts.size() == 1) {
    const std::string line = starts.front().substr(
        std::min(starts.front().find_first_not_of("@-:+!"), starts.front().size()));
    auto words = host::unit_words(line);
    if (words) job.command = std::move(*words);
  }
  if (job.command.empty()) {
    job.notes.push_back(service.empty()
                            ? "there is no " + unit
                            : "its command is not one plain ExecStart= of " + unit + ": write it");
  }
  note_differences(unit, service, job);
  if (job.name == file.stem().native())
    job.notes.push_back("remove " + job.place + " before the switch, or choose another name");
  return job;
}

// A TOML string: JSON's escapes are TOML's, too.
std::string quoted(const std::string& text) { return base::Json(text).dump(); }

std::string quoted(const std::vector<std::string>& words) {
  std::vector<std::string> list;
  for (const std::string& word : words) list.push_back(quoted(word));
  return "[" + base::join(list, ", ") + "]";
}

// The tables that a timer of these jobs refers to.
constexpr std::string_view least_declaration =
    "[runtime]\ntools = [\"bash\"]\n[entrypoints.ci-run]\n";

std::string table_of(const HostJob& job) {
  std::vector<std::string> exec{"ci-run"};
  exec.insert(exec.end(), job.command.begin(), job.command.end());
  std::string text = "[timers." + job.name + "]\nschedule = " + quoted(job.schedule) +
                     "\nexec = " + quoted(exec) + "\n";
  if (!job.user.empty()) text += "user = " + quoted(job.user) + "\n";
  if (!job.directory.empty()) text += "directory = " + quoted(job.directory) + "\n";
  if (!job.environment_files.empty())
    text += "environment_files = " + quoted(job.environment_files) + "\n";
  return text;
}

}  // namespace

HostJob job_of(const CronJob& cron) {
  HostJob job;
  job.place = cron.place;
  job.user = cron.user == "root" ? std::string() : cron.user;
  if (const auto calendar = calendar_of_cron(cron.schedule)) {
    job.schedule = *calendar;
  } else {
    job.notes.push_back("systemd has no expression for '" + cron.schedule + "': choose a schedule");
  }
  // cron: a '%' ends the command, the rest is its input; a "\\%" is a '%'.
  std::string line;
  for (std::size_t i = 0; i < cron.command.size(); ++i) {
    if (cron.command.compare(i, 2, "\\%") == 0) continue;
    if (cron.command[i] == '%' && (i == 0 || cron.command[i - 1] != '\\')) job.complete = false;
    line += cron.command[i];
  }
  if (!job.complete)
    job.notes.emplace_back("what follows '%' was the input of the command: write a script");
  std::vector<std::string> variables = cron.variables;
  if (std::erase(variables, "MAILTO") > 0)
    job.notes.emplace_back("the crontab has MAILTO: see on_failure");
  // The first two are the environment's and the user's, whatever is declared.
  for (const char* name : {"PATH", "HOME"}) {
    if (std::erase(variables, name) > 0)
      job.notes.push_back("the crontab sets " + std::string(name) + "; a timer's is " +
                          (std::string_view(name) == "PATH" ? "the environment's" : "its user's"));
  }
  if (!variables.empty())
    job.notes.push_back("the crontab sets " + base::join(variables, ", ") +
                        ": declare environment_files, or [runtime.variables]");
  job.directory = take_directory(line);
  const std::string log = take_redirection(line);
  if (!log.empty()) job.notes.push_back("its output went to " + log + "; now: journalctl -u NAME");
  if (const auto words = plain_words(line)) {
    job.command = *words;
    job.name = name_of(*words);
  } else {
    const std::string shell = fs::path(cron.shell).filename().native();
    job.command = {shell.empty() ? "sh" : shell, "-c", line};
    std::vector<std::string> first;
    for (const std::string_view word : base::split(line, ' '))
      if (word.find('=') == std::string_view::npos) first.emplace_back(word);
    job.name = name_of(first);
    job.notes.emplace_back("a shell runs it, as cron did: a script would be clearer");
    if (line.ends_with('&')) {
      job.complete = false;
      job.notes.emplace_back("a service ends its background processes: run it in the foreground");
    }
  }
  return job;
}

std::vector<HostJob> unit_jobs(const fs::path& host) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(host / "etc/systemd/system", error)) {
    if (entry.path().extension() == ".timer" && !entry.is_symlink(error) &&
        entry.is_regular_file(error))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<HostJob> jobs;
  for (const fs::path& file : files) jobs.push_back(unit_job(host, file));
  return jobs;
}

std::vector<HostJob> host_jobs(const fs::path& host) {
  std::vector<HostJob> jobs = unit_jobs(host);
  for (const CronJob& cron : cron_jobs(host))
    if (!cron.is_inside()) jobs.push_back(job_of(cron));
  std::set<std::string> names;
  for (HostJob& job : jobs) {
    const std::string wanted = job.name;
    for (int number = 2; !names.insert(job.name).second; ++number)
      job.name = wanted + "-" + std::to_string(number);
    for (std::string& note : job.notes) {
      if (const std::size_t at = note.find("NAME"); at != std::string::npos)
        note.replace(at, 4, job.name);
    }
  }
  return jobs;
}

std::string declare_host(const std::vector<HostJob>& jobs, const std::vector<HostRunner>& runners,
                         const std::string& machine) {
  std::string text =
      "\n# What follows was found on this machine. Read each table. `cc-ci learn -- COMMAND`, or\n"
      "# `cc-ci learn --unit NAME`, lists the tools that a job needs. Then remove the old job:\n"
      "# both would run.\n\n[hosts." +
      quoted(machine) + "]\n";
  for (const HostJob& job : jobs) {
    std::vector<std::string> notes = job.notes;
    const std::string table = table_of(job);
    bool whole = job.complete && !job.schedule.empty() && !job.command.empty();
    if (whole) {
      const auto good = declare::parse(std::string(least_declaration) + table, "cc-ci.toml");
      if (!good) notes.push_back("not taken over: " + wording::one_line(good.error()));
      whole = good.has_value();
    }
    text += "\n# from " + base::printable(job.place) + "\n";
    for (const std::string& note : notes) text += "# " + base::printable(note) + "\n";
    // A table that is not complete stays a comment: the declaration must be good as it is.
    for (const std::string_view line : base::split(table, '\n'))
      if (!line.empty()) text += (whole ? "" : "# ") + std::string(line) + "\n";
  }
  return text + declare_runners(runners);
}

}  // namespace ccci::doctor

// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/cron_checkup.hpp"

#include <algorithm>
#include <set>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_crontab = 1U << 20U;
constexpr std::uint64_t largest_list = 16U << 20U;
constexpr std::size_t most_shown = 10;

// Takes the next word from the front of the line.
std::string_view next_word(std::string_view& line) {
  line = base::trim(line);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// NAME=VALUE sets a variable of the following jobs.
bool is_variable(std::string_view line) {
  const std::size_t equals = line.find('=');
  const std::size_t blank = line.find_first_of(" \t");
  const char first = line.front();
  const bool schedule = first == '*' || first == '@' || (first >= '0' && first <= '9');
  return !schedule && equals != std::string_view::npos &&
         (blank == std::string_view::npos || equals < blank ||
          base::trim(line.substr(blank)).starts_with('='));
}

bool is_debians_own(std::string_view command) {
  return command.find("run-parts") != std::string_view::npos &&
         command.find("/etc/cron.") != std::string_view::npos;
}

// The files in /etc/cron.d that belong to Debian packages.
std::set<std::string> packaged(const fs::path& host) {
  std::set<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(host / "var/lib/dpkg/info", error)) {
    if (entry.path().extension() != ".list") continue;
    const auto text = base::read_file(entry.path(), largest_list);
    if (!text || text->find("/etc/cron.d/") == std::string::npos) continue;
    for (const std::string_view line : base::split(*text, '\n')) {
      if (line.starts_with("/etc/cron.d/")) files.emplace(line);
    }
  }
  return files;
}

}  // namespace

bool CronJob::is_inside() const {
  return command.find("/usr/local/lib/cc-ci/current/bin/") != std::string::npos ||
         command.find("cc-ci run") != std::string::npos ||
         (command.find("cc-ci ") != std::string::npos &&
          command.find(" run ") != std::string::npos);
}

std::vector<CronJob> read_crontab(std::string_view text, const std::string& path,
                                  const std::string& user) {
  std::vector<CronJob> jobs;
  std::string shell;
  std::vector<std::string> variables;
  std::size_t number = 0;
  for (const std::string_view raw : base::split(text, '\n')) {
    ++number;
    std::string_view line = base::trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    if (is_variable(line)) {
      const std::size_t equals = line.find('=');
      const std::string name(base::trim(line.substr(0, equals)));
      std::string_view value = base::trim(line.substr(equals + 1));
      if (value.size() > 1 && (value.front() == '"' || value.front() == '\''))
        value = value.substr(1, value.size() - 2);
      if (name == "SHELL") {
        shell = value;
      } else if (std::find(variables.begin(), variables.end(), name) == variables.end()) {
        variables.push_back(name);
      }
      continue;
    }
    CronJob job;
    job.shell = shell;
    job.variables = variables;
    job.place = path + ":" + std::to_string(number);
    const std::size_t fields = line.starts_with('@') ? 1 : 5;
    for (std::size_t i = 0; i < fields; ++i)
      job.schedule += (i == 0 ? "" : " ") + std::string(next_word(line));
    job.user = user.empty() ? std::string(next_word(line)) : user;
    job.command = std::string(base::trim(line));
    if (!job.command.empty() && !is_debians_own(job.command)) jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<CronJob> cron_jobs(const fs::path& host) {
  std::vector<CronJob> jobs;
  std::error_code error;
  const auto take = [&](const std::string& path, const std::string& user) {
    if (!fs::is_regular_file(host / path.substr(1), error)) return;
    const auto text = base::read_file(host / path.substr(1), largest_crontab);
    if (!text) return;
    for (CronJob& job : read_crontab(*text, path, user)) jobs.push_back(std::move(job));
  };
  const auto names_in = [&](const std::string& directory) {
    std::set<std::string> names;
    const auto entries = base::entries_of(host / directory.substr(1));
    if (!entries) return names;  // unread_crontabs() tells it
    for (const fs::directory_entry& entry : *entries)
      names.insert(entry.path().filename().native());
    return names;
  };
  take("/etc/crontab", "");
  const std::set<std::string> names = names_in("/etc/cron.d");
  const std::set<std::string> owned = names.empty() ? names : packaged(host);
  for (const std::string& name : names) {
    const std::string path = "/etc/cron.d/" + name;
    // cron ignores files whose names have a dot.
    if (name.find('.') == std::string::npos && !owned.contains(path)) take(path, "");
  }
  for (const std::string& user : names_in("/var/spool/cron/crontabs"))
    take("/var/spool/cron/crontabs/" + user, user);
  return jobs;
}

std::vector<Symptom> unread_crontabs(const fs::path& host) {
  std::vector<Symptom> symptoms;
  for (const std::string directory : {"/etc/cron.d", "/var/spool/cron/crontabs"}) {
    const auto entries = base::entries_of(host / directory.substr(1));
    if (entries) continue;
    symptoms.push_back({"cron", Symptom::State::unknown,
                        directory + " cannot be read (" +
                            base::describe_errno(entries.error().number) +
                            "), so its jobs are not known",
                        "run cc-ci doctor as root"});
  }
  return symptoms;
}

std::vector<Symptom> check_cron(const std::vector<CronJob>& jobs) {
  std::vector<Symptom> symptoms;
  std::size_t more = 0;
  for (const CronJob& job : jobs) {
    if (job.is_inside()) continue;
    if (symptoms.size() == most_shown) {
      ++more;
      continue;
    }
    constexpr std::size_t enough = 120;
    std::string command = job.command.substr(0, enough);
    if (command.size() < job.command.size()) command += "…";
    symptoms.push_back({"cron", Symptom::State::unknown,
                        base::printable(job.place + " runs outside of the environment: " + command),
                        "move it to [timers], see docs/cron.md"});
  }
  if (more > 0) symptoms.back().found += "; and " + std::to_string(more) + " more jobs";
  return symptoms;
}

}  // namespace ccci::doctor

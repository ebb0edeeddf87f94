// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/snapshots.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes longest_call{30};
constexpr std::chrono::minutes longest_wait{10};  // while another restic locks the repository
constexpr std::chrono::hours until_forgotten{24};
constexpr std::uint64_t longest_password = 4096;

// Follows the name of a password until the repository that it is for is made.
constexpr std::string_view not_used_yet = ".new";

constexpr std::string_view recipe_tag = "recipe=";
constexpr std::string_view machine_tag = "machine=";
constexpr std::string_view started_tag = "started=";

std::string tag(std::string_view name, const std::string& value) {
  std::string text = std::string(name) + value;
  std::replace(text.begin(), text.end(), ',', '_');  // it separates tags
  return text;
}

// The value of a snapshot's tag; empty without one.
std::string tagged(const base::Json& snapshot, std::string_view name) {
  for (const base::Json& one : snapshot["tags"].elements()) {
    const std::string text = one.text_or_empty();
    if (text.starts_with(name)) return text.substr(name.size());
  }
  return {};
}

// A copy has another id, but remembers the first one.
std::string origin(const base::Json& snapshot) {
  const std::string first = snapshot["original"].text_or_empty();
  return first.empty() ? snapshot["id"].text_or_empty() : first;
}

// The variables of this process and the passwords. Others than root cannot read them.
std::vector<std::string> with_passwords(const std::string& password) {
  std::vector<std::string> variables{"RESTIC_PASSWORD=" + password,
                                     std::string("RESTIC_FROM_PASSWORD=") + backup_password};
  for (char** one = environ; *one != nullptr; ++one)
    if (!std::string_view(*one).starts_with("RESTIC_")) variables.emplace_back(*one);
  return variables;
}

bool is_locked(const base::Outcome& outcome) {
  return outcome.status != 0 && outcome.err.find("already locked") != std::string::npos;
}

// What the kernel says, wherever restic prints it; else what restic says after "Fatal:", or its
// first line. Below that line there may be a trace of its program.
std::string problem_of(const base::Outcome& outcome) {
  if (outcome.timed_out) return "restic did not end in time";
  std::string first;
  std::string fatal;
  for (const std::string_view line : base::split(outcome.err, '\n')) {
    for (const std::string_view cause : {"no space left on device", "read-only file system"})
      if (line.find(cause) != std::string_view::npos) return std::string(cause);
    if (fatal.empty() && line.starts_with("Fatal: ")) fatal = base::printable(line.substr(7));
    if (first.empty() && !base::trim(line).empty()) first = base::printable(line);
  }
  if (!fatal.empty()) return fatal;
  return first.empty() ? "restic ended with status " + std::to_string(outcome.status) : first;
}

// What restic says of `init` where a repository is.
bool is_there(const base::Error& error) {
  return error.field("problem").find("already") != std::string_view::npos;
}

bool is_wrong_password(const base::Error& error) {
  return error.field("problem").find("wrong password") != std::string_view::npos;
}

// The file that makes a directory a repository; empty for one that only restic can look at.
fs::path local_config(std::string_view repository) {
  if (repository.starts_with("local:")) repository.remove_prefix(6);
  return repository.starts_with('/') ? fs::path(repository) / "config" : fs::path();
}

}  // namespace

base::Result<std::string> ResticSnapshots::call(const Place& place,
                                                const std::vector<std::string>& words) {
  base::Command command;
  command.argv = setup_.restic;
  command.argv.insert(command.argv.end(), {"--repo", place.repository, "--no-cache", "--quiet"});
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.environment = with_passwords(place.password);
  command.time_limit = longest_call;
  const auto begin = machine_.tick();
  for (;;) {
    CCCI_TRY(base::Outcome outcome, processes_.run(command));
    if (outcome.status == 0) return std::move(outcome.out);
    if (!is_locked(outcome) || machine_.tick() - begin > longest_wait) {
      return base::unexpected(base::fail("sweep.snapshots")
                                  .with("repository", setup_.repository)
                                  .with("problem", problem_of(outcome)));
    }
    machine_.pause();
  }
}

base::Result<void> ResticSnapshots::open() {
  auto known = base::read_file(setup_.password_file, longest_password);
  if (!known && known.error().is(std::errc::no_such_file_or_directory))
    return open_without_password();
  CCCI_TRY(const std::string text, std::move(known));
  password_ = base::trim(text);
  const Place place{setup_.repository, password_};
  const auto there = call(place, {"unlock"});  // what killed ones left
  if (there) return {};
  // A repository that is there cannot be made: then the first error says why it cannot be used, a
  // wrong password for example.
  auto made = call(place, {"init"});
  if (made) return {};
  return base::unexpected(is_there(made.error()) ? there.error() : made.error());
}

// A password is kept only with a repository that was made with it: one that was made for a
// repository of another password would never fit, and look like the right one.
base::Result<void> ResticSnapshots::open_without_password() {
  const std::string pending = setup_.password_file + std::string(not_used_yet);
  // A sweep was killed while it made the repository, or could not reach it.
  if (const auto left = base::read_file(pending, longest_password); left) {
    password_ = base::trim(*left);
    const auto there = call({setup_.repository, password_}, {"unlock"});
    if (there) return keep_password();
    if (is_wrong_password(there.error())) return refuse(pending);
  }
  std::error_code error;
  const bool is_made = fs::exists(local_config(setup_.repository), error);
  if (error) {
    return base::unexpected(base::fail("sweep.snapshots")
                                .with("repository", setup_.repository)
                                .with("problem", base::describe_errno(error.value())));
  }
  if (is_made) return refuse({});
  const bool is_new = password_.empty();
  if (is_new) CCCI_CHECK(make_password(pending));
  const auto made = call({setup_.repository, password_}, {"init"});
  if (made) return keep_password();
  if (!is_there(made.error())) return base::unexpected(made.error());
  return refuse(is_new ? pending : std::string());
}

// On the disk before the repository: a kill between the two must not leave one that nobody can
// open.
base::Result<void> ResticSnapshots::make_password(const fs::path& pending) {
  std::array<char, 32> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return base::unexpected(base::fail("base.read").with("path", "getrandom").with_errno(errno));
  password_ = base::sha256({random.data(), random.size()}).hex();
  CCCI_CHECK(base::make_directories(pending.parent_path()));
  return base::replace_file(pending, password_ + "\n", 0600);
}

base::Result<void> ResticSnapshots::keep_password() {
  CCCI_CHECK(base::replace_file(setup_.password_file, password_ + "\n", 0600));
  return base::remove_tree(setup_.password_file + std::string(not_used_yet));
}

// The repository is of another password. `useless` is a file of one that fits nothing.
base::Result<void> ResticSnapshots::refuse(const std::string& useless) const {
  if (!useless.empty()) CCCI_CHECK(base::remove_tree(useless));
  return base::unexpected(base::fail("sweep.snapshots-lost")
                              .with("repository", setup_.repository)
                              .with("path", setup_.password_file));
}

base::Result<std::string> ResticSnapshots::take(const history::Record& record,
                                                const fs::path& backup) {
  std::error_code error;
  if (!fs::exists(backup / "config", error)) {
    if (!error) return std::string();
    // A canonical without its data must not come from a disk that cannot be read.
    return base::unexpected(base::fail("sweep.snapshots")
                                .with("repository", backup.native())
                                .with("problem", base::describe_errno(error.value())));
  }
  const Place from{backup.native(), backup_password};
  const Place to{setup_.repository, password_};
  // Tagged before it is copied: so a killed sweep leaves nothing that nobody can assign.
  CCCI_CHECK(
      call(from, {"tag", "--set",
                  tag(recipe_tag, record.recipe) + "," + tag("version=", record.version) + "," +
                      tag("night=", record.night) + "," + tag(machine_tag, setup_.name) + "," +
                      tag(started_tag, record.started)}));
  const auto listed = [&](const Place& place) -> base::Result<base::Json> {
    CCCI_TRY(const std::string text,
             call(place, {"snapshots", "--json", "--tag", tag(recipe_tag, record.recipe)}));
    const auto json = base::Json::parse(text);
    return json ? *json : base::Json(nullptr);
  };
  CCCI_TRY(const base::Json taken, listed(from));
  CCCI_CHECK(call(to, {"copy", "--from-repo", from.repository}));
  CCCI_TRY(const base::Json kept, listed(to));
  for (const base::Json& snapshot : kept.elements()) {
    const bool same = std::any_of(taken.begin(), taken.end(),
                                  [&](const auto& one) { return origin(one) == origin(snapshot); });
    if (same) return snapshot["id"].text_or_empty();
  }
  return base::unexpected(base::fail("sweep.snapshots")
                              .with("repository", setup_.repository)
                              .with("problem", "restic copied no snapshot"));
}

base::Result<void> ResticSnapshots::tidy(
    const std::map<std::string, history::Canonical>& canonicals, base::WallTime now) {
  const Place place{setup_.repository, password_};
  CCCI_TRY(const std::string text,
           call(place, {"snapshots", "--json", "--tag", tag(machine_tag, setup_.name)}));
  const auto json = base::Json::parse(text);
  if (!json) return {};
  std::vector<std::string> words{"forget", "--prune"};
  const std::size_t none = words.size();
  for (const base::Json& snapshot : json->elements()) {
    const std::string id = snapshot["id"].text_or_empty();
    const auto canonical = canonicals.find(tagged(snapshot, recipe_tag));
    const bool named = canonical != canonicals.end() && canonical->second.snapshot == id;
    const auto started = base::from_rfc3339(tagged(snapshot, started_tag));
    // A young one may be of a run whose verdict is about to be stored.
    if (!id.empty() && !named && started && now - *started > until_forgotten) words.push_back(id);
  }
  if (words.size() == none) return {};
  CCCI_CHECK(call(place, words));
  return {};
}

base::Result<std::string> snapshots_password(const std::string& file, const fs::path& state) {
  const fs::path path = file.empty() ? state / "snapshots.password" : fs::path(file);
  const auto known = base::read_file(path, longest_password);
  if (!known && file.empty() && known.error().is(std::errc::no_such_file_or_directory))
    return path.native();
  std::string problem = known ? std::string() : std::string(known.error().field("cause"));
  if (!known && problem.empty())
    problem = "more than " + std::to_string(longest_password) + " bytes";
  if (known && base::trim(*known).empty()) problem = "an empty file";
  if (!problem.empty()) {
    return base::unexpected(base::fail("sweep.snapshots-password")
                                .with("path", path.native())
                                .with("problem", problem));
  }
  return path.native();
}

}  // namespace ccci::sweep

// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/backups.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/full_disk.hpp"
#include "base/text.hpp"
#include "engine/keeper.hpp"
#include "run/disk_reserve.hpp"
#include "run/seclusion.hpp"

namespace ccci::run {

namespace {

constexpr const char* program = "/usr/bin/restic";
constexpr std::chrono::minutes longest{20};

// A few words of restic's exit statuses that people know it by.
std::string meaning(int status) {
  if (status == 3) return "restic could not read all files, so the backup is incomplete";
  if (status < 0) return "restic did not end in time";
  return "restic ended with status " + std::to_string(status);
}

}  // namespace

std::vector<Backups::Item> Backups::items() const {
  std::vector<Item> found;
  const recipe::Stack stack = session_.stack_of(app_);
  for (const recipe::Backup& backup : app_.backups) {
    for (const recipe::VolumeBackup& volume : backup.volumes) {
      const auto known = stack.volumes.find(volume.volume);
      const std::string name = known == stack.volumes.end() ? volume.volume : known->second.name;
      if (volume.paths.empty()) found.push_back({backup.service, name, {}});
      for (const std::string& path : volume.paths) found.push_back({backup.service, name, path});
    }
  }
  return found;
}

bool Backups::whole_volumes() const {
  for (const Item& item : items())
    if (item.path.empty()) return true;
  return false;
}

base::Result<Outcome> Backups::hooks(const std::string recipe::Backup::*hook,
                                     const std::string& what) {
  for (const recipe::Backup& backup : app_.backups) {
    const std::string& line = backup.*hook;
    if (line.empty()) continue;
    CCCI_TRY(Outcome outcome, session_.exec(app_, backup.service, line, what));
    if (!outcome.good()) return outcome;
  }
  return Outcome{};
}

std::function<bool()> Backups::interrupted() const {
  return [this] { return session_.stopping()() != Stop::no; };
}

// restic reads a sparse file whole, and its restore writes it whole: that may take hours and more
// than the disk has, and says nothing of the app.
Outcome Backups::look_for_holes() const {
  const std::uint64_t room = DiskReserve(session_.engine().data()).room();
  std::uint64_t bytes = 0;
  Volumes::Holes largest;
  std::string volume;
  for (const Item& item : items()) {
    const Volumes::Holes found = session_.volumes().holes(item.volume, item.path);
    bytes += found.bytes;
    if (found.largest <= largest.largest) continue;
    largest = found;
    volume = item.volume;
  }
  if (bytes <= room) return {};
  return Outcome::unverified("volume " + volume + ": " + largest.file + " is a sparse file of " +
                             base::human_bytes(largest.announced) +
                             ": a restore writes all of it, and " + base::human_bytes(room) +
                             " may be written; leave it out of the backup");
}

// What the pre-hooks left, and what is to be kept.
Outcome Backups::look() {
  const Volumes volumes = session_.volumes();
  kept_.clear();
  if (Outcome outcome = look_for_holes(); !outcome.good()) return outcome;
  for (const Item& item : items()) {
    const std::string where = "volume " + item.volume;
    if (!volumes.exists(item.volume))
      return Outcome::red("service " + item.service + ": " + where +
                          " does not exist; correct the label of its path");
    if (item.path.empty()) continue;
    const Volumes::Kept found = volumes.look(item.volume, item.path, interrupted());
    const std::string path = where + ": " + item.path;
    if (!found.exists)
      return Outcome::red(path +
                          ": the backup is to have it, but it is missing; make it in the "
                          "pre-hook, or correct the label of its path");
    if (!found.directory && found.bytes == 0)
      return Outcome::red(path +
                          ": the backup is to have it, but it is empty (0 bytes); "
                          "let the pre-hook fail if its dump fails: set -o pipefail");
    kept_[item.volume + "/" + item.path] = found;
  }
  return {};
}

// Relative to the directory in which restic begins: of absolute paths it would restore the modes of
// all directories above too, which are not the app's.
std::string Backups::inside(const Item& item) {
  return item.path.empty() ? item.volume : item.volume + "/" + item.path;
}

// The app may put symbolic links into its volumes while restic, as root, follows the paths of the
// labels and those of the repository. So restic sees the volumes of the backup and nothing else of
// the engine and of the host's data, and writes nowhere else.
base::Result<engine::CompanionCommand> Backups::confined() const {
  const std::string inside_place = engine::inside_directory;
  const std::filesystem::path place = session_.engine().place();
  for (const char* own : {"restic", "restic-temporary", "backup"})
    CCCI_CHECK(base::make_directories(place / own));
  engine::CompanionCommand command;
  command.directory = inside_place + "/backup";
  command.environment = {"TMPDIR=" + inside_place + "/restic-temporary"};
  CCCI_TRY(command.covers, seclude(place, session_.setup().state));
  command.writable = {inside_place + "/restic", inside_place + "/restic-temporary"};
  std::set<std::string> volumes;
  for (const Item& item : items()) {
    if (!session_.volumes().exists(item.volume) || !volumes.insert(item.volume).second) continue;
    const std::string at = inside_place + "/backup/" + item.volume;
    command.covers.push_back(
        {std::string(engine::inside_data) + "/volumes/" + item.volume + "/_data", at});
    command.writable->push_back(at);
  }
  command.covers.push_back({inside_place + "/seclusion/empty", engine::inside_data});
  return command;
}

base::Result<Outcome> Backups::restic(std::vector<std::string> words, const std::string& what) {
  const std::string place = engine::inside_directory;
  CCCI_TRY(engine::CompanionCommand command, confined());
  command.argv = {
      program,      "--repo", place + "/restic", "--password-file", place + "/restic.password",
      "--no-cache", "--quiet"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  session_.watcher().wait(what);
  CCCI_TRY(const Finished finished, session_.run_beside(std::move(command), longest));
  if (finished.stopped) return Outcome::unverified("stopped");
  if (finished.status != 0) return Outcome::red(meaning(finished.status), finished.output);
  return Outcome{};
}

base::Result<Outcome> Backups::back_up() {
  if (!session_.setup().has(program)) {
    return base::unexpected(
        base::fail("run.no-program").with("program", program).with("package", "restic"));
  }
  for (const recipe::Backup& backup : app_.backups) {
    if (!backup.leading_out.empty())
      return Outcome::red("service " + backup.service + ": label " + backup.leading_out.front() +
                          " leads out of the volume; name a path below it");
  }
  const std::vector<Item> all = items();
  if (all.empty())
    return Outcome::red(
        "the labels name no volume, so a backup would be empty; remove backupbot.backup, or give "
        "the app a volume");
  for (const recipe::Backup& backup : app_.backups) {
    for (const std::string& label : backup.unread)
      session_.note("service " + backup.service + ": label " + label + " has no effect");
  }
  witness_ = "cc-ci " + std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  for (const Item& item : all) {
    if (item.path.empty() && session_.volumes().exists(item.volume))
      CCCI_CHECK(session_.volumes().put_witness(item.volume, witness_));
  }
  CCCI_TRY(Outcome outcome, session_.hook(app_, declare::HookPoint::before_backup));
  if (!outcome.good()) return outcome;
  CCCI_TRY(outcome, hooks(&recipe::Backup::pre_hook, "backup.pre-hook"));
  if (!outcome.good()) return outcome;
  if (outcome = look(); !outcome.good()) return outcome;
  const std::filesystem::path place = session_.engine().place();
  std::error_code error;
  if (!std::filesystem::exists(place / "restic/config", error)) {
    CCCI_CHECK(base::replace_file(place / "restic.password", "cc-ci\n", 0600));
    CCCI_TRY(outcome, restic({"init"}, "restic"));
    if (!outcome.good()) return outcome;
  }
  std::vector<std::string> words{"backup", "--"};
  for (const Item& item : all) words.push_back(inside(item));
  CCCI_TRY(outcome, restic(std::move(words), "restic to back up"));
  if (!outcome.good()) return outcome;
  return hooks(&recipe::Backup::post_hook, "backup.post-hook");
}

base::Result<void> Backups::change() {
  for (const Item& item : items()) {
    if (item.path.empty()) {
      CCCI_CHECK(session_.volumes().put_witness(item.volume, "changed after the backup"));
    } else {
      session_.volumes().remove(item.volume, item.path);
    }
  }
  return {};
}

// Right after restic: the app has not touched the files yet.
Outcome Backups::compare() const {
  const Volumes volumes = session_.volumes();
  for (const Item& item : items()) {
    if (item.path.empty()) {
      if (volumes.witness_of(item.volume) != witness_)
        return Outcome::red("volume " + item.volume + ": a file of the backup was not restored");
      continue;
    }
    const Volumes::Kept& before = kept_.at(item.volume + "/" + item.path);
    const Volumes::Kept now = volumes.look(item.volume, item.path, interrupted());
    const std::string path = "volume " + item.volume + ": " + item.path;
    if (!now.exists) return Outcome::red(path + " was not restored");
    if (now.digest != before.digest)
      return Outcome::red(path + " was restored with another content");
  }
  return {};
}

base::Result<Outcome> Backups::restore() {
  CCCI_TRY(Outcome outcome, hooks(&recipe::Backup::restore_pre_hook, "restore.pre-hook"));
  if (!outcome.good()) return outcome;
  // Files under a running database would be restored and at once overwritten, so an app with whole
  // volumes is stopped. A dump needs the database running, which the hook fills.
  const bool cold = whole_volumes();
  if (cold) {
    CCCI_TRY(const engine::Leftovers left, session_.remove(app_, false));
    if (!left.empty()) return Outcome::red("the app cannot be stopped: " + left.front());
    for (const Item& item : items()) {
      if (item.path.empty() && session_.volumes().exists(item.volume))
        CCCI_CHECK(session_.volumes().clear(item.volume));
    }
  }
  CCCI_TRY(outcome, restic({"restore", "latest", "--target", "."}, "restic to restore"));
  if (!outcome.good()) return outcome;
  if (outcome = compare(); !outcome.good()) return outcome;
  if (cold) {
    CCCI_TRY(outcome, session_.deploy(app_));
    if (!outcome.good()) return outcome;
  }
  CCCI_TRY(outcome, hooks(&recipe::Backup::restore_post_hook, "restore.post-hook"));
  if (!outcome.good()) return outcome;
  for (const Item& item : items()) {
    if (item.path.empty() && session_.volumes().witness_of(item.volume) != witness_)
      return Outcome::red("volume " + item.volume + ": a restored file is gone again");
  }
  CCCI_TRY(outcome, session_.settle(app_));
  if (!outcome.good()) return outcome;
  CCCI_TRY(outcome, session_.serve(app_));
  if (!outcome.good()) return outcome;
  // Restored under a running app, so it may have been started again.
  CCCI_CHECK(session_.be_well(app_));
  return session_.hook(app_, declare::HookPoint::after_restore);
}

base::Result<Outcome> Backups::dump_again() {
  const std::map<std::string, Volumes::Kept> before = kept_;
  CCCI_TRY(Outcome outcome, hooks(&recipe::Backup::pre_hook, "backup.pre-hook"));
  if (!outcome.good()) return outcome;
  outcome = look();
  for (const auto& [path, now] : kept_) {
    const Volumes::Kept& old = before.at(path);
    if (outcome.good() && !now.directory && now.bytes < old.bytes / 2) {
      outcome =
          Outcome::red("volume " + path + ": the restored app has lost data: its dump has " +
                       std::to_string(now.bytes) + " bytes, it had " + std::to_string(old.bytes));
    }
  }
  kept_ = before;
  CCCI_TRY(const Outcome after, hooks(&recipe::Backup::post_hook, "backup.post-hook"));
  return outcome.good() ? after : outcome;
}

base::Result<void> Backups::keep(const std::filesystem::path& directory) const {
  namespace fs = std::filesystem;
  constexpr auto whole = fs::copy_options::recursive;
  std::error_code error;
  // A directory of its own, which nobody else can change while it is filled.
  CCCI_CHECK(base::remove_tree(directory));
  CCCI_TRY(const base::Fd parent, base::open_path(directory.parent_path(), O_RDONLY | O_DIRECTORY));
  const std::string name = directory.filename().native();
  if (mkdirat(parent.get(), name.c_str(), 0700) != 0)
    return base::unexpected(base::at_path(base::fail("base.mkdir").with_errno(errno), directory));
  CCCI_TRY(const base::Fd made,
           base::open_in_root(parent.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  fs::copy(session_.engine().place() / "restic", base::through(made.get()), whole, error);
  if (!error) return {};
  return base::unexpected(base::fail("run.keep-backup")
                              .with("path", directory.native())
                              .with("problem", error.message()));
}

}  // namespace ccci::run

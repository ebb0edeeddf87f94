// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/apply.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "activate/durable.hpp"
#include "activate/retention.hpp"
#include "store/full.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

using Act = Operation::Act;

// A link needs an inode, and on some file systems a block. More links can make a directory larger.
constexpr std::size_t spare_files = 32;
constexpr std::size_t spare_bytes = 4096;

base::Error failed(std::string_view code, const fs::path& path, int number) {
  return base::fail(code).with("path", path.native()).with_errno(number);
}

// The note is in /run: a reboot deletes it, which is intended.
base::Result<void> write_note(const fs::path& path, std::string_view text) {
  CCCI_CHECK(base::make_directories(path.parent_path()));
  const fs::path temporary = path.parent_path() / ("." + path.filename().native() + ".new");
  CCCI_TRY(const base::Fd file,
           base::open_path(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644));
  CCCI_CHECK(base::write_all(file.get(), text));
  if (rename(temporary.c_str(), path.c_str()) == 0) return {};
  return base::unexpected(failed("base.rename", path, errno));
}

bool give_up_reserve(const Layout& layout) {
  const fs::path reserve = layout.home() / "reserve";
  std::error_code error;
  const bool had_files = fs::is_directory(reserve, error) && !fs::is_empty(reserve, error);
  return had_files && base::remove_tree(reserve).has_value();
}

}  // namespace

void keep_reserve(const Layout& layout, std::size_t links) {
  const fs::path directory = layout.home() / "reserve";
  std::error_code error;
  fs::create_directory(directory, error);
  for (std::size_t i = 0; i < links + spare_files; ++i) {
    const fs::path path = directory / std::to_string(i);
    if (fs::exists(path, error)) continue;
    const auto file = base::open_path(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!file) return;
    // The blocks are written, not only allocated: btrfs lets other files use allocated space.
    if (!base::write_all(file->get(), std::string(spare_bytes, '\0'))) {
      unlink(path.c_str());
      return;
    }
  }
}

template <typename Action>
base::Result<void> Applier::with_reserve(const Action& action) {
  base::Result<void> done = action();
  if (done || !store::is_full(done.error()) || !give_up_reserve(generations_.layout())) return done;
  return action();
}

base::Result<void> Applier::begin(std::uint64_t number) {
  return write_note(generations_.layout().run() / "pending", std::to_string(number) + "\n");
}

base::Result<void> Applier::note(const Operation& operation) {
  return write_note(generations_.layout().run() / "restart" / operation.units.front(),
                    operation.target + "\n");
}

base::Result<void> Applier::make_link(const Operation& operation) {
  const fs::path path = generations_.layout().at(operation.path);
  CCCI_CHECK(make_durable_directories(path.parent_path(), disk_));
  if (symlink(operation.target.c_str(), path.c_str()) == 0) {
    touched_.insert(path.parent_path());
    return {};
  }
  if (errno != EEXIST) return base::unexpected(failed("base.write", path, errno));
  std::error_code error;
  const std::string there = fs::read_symlink(path, error).native();
  if (!error && there == operation.target) return {};
  const bool ours = !error && (is_ours(there) || there.starts_with(units_directory));
  // The plan was made when nothing was at this path. Since then an administrator has put a file
  // there, and this file is kept.
  if (!ours) {
    return base::unexpected(base::fail("activate.foreign").with("path", operation.path));
  }
  const fs::path temporary = path.parent_path() / ("." + path.filename().native() + ".cc-ci-new");
  unlink(temporary.c_str());
  if (symlink(operation.target.c_str(), temporary.c_str()) != 0) {
    return base::unexpected(failed("base.write", path, errno));
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int number = errno;
    unlink(temporary.c_str());
    return base::unexpected(failed("base.rename", path, number));
  }
  touched_.insert(path.parent_path());
  return {};
}

base::Result<void> Applier::remove_link(const std::string& name) {
  const fs::path path = generations_.layout().at(name);
  std::error_code error;
  if (!fs::is_symlink(path, error)) return {};
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return base::unexpected(failed("base.remove", path, errno));
  }
  touched_.insert(path.parent_path());
  if (name.starts_with(units_directory) && path.has_extension() &&
      path.parent_path() == generations_.layout().at(units_directory)) {
    removed_units_.push_back(path.filename());
  }
  // Removes a drop-in directory that held only our file.
  if (path.filename() == drop_in_name && rmdir(path.parent_path().c_str()) == 0) {
    touched_.erase(path.parent_path());
    touched_.insert(path.parent_path().parent_path());
  }
  return {};
}

// A timer without a stamp has never run, and systemd makes the stamp when it starts the timer. If
// the time cannot be set, the job runs once too often.
void Applier::stamp(const std::vector<std::string>& timers) const {
  for (const std::string& timer : timers) {
    const fs::path path = stamp_of(generations_.layout(), timer);
    static_cast<void>(!utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW));
  }
}

base::Result<void> Applier::sync_touched() {
  for (const fs::path& directory : touched_) CCCI_CHECK(sync_directory(directory, disk_));
  touched_.clear();
  return {};
}

base::Result<void> Applier::execute(const Operation& operation, const Generation& to,
                                    const std::map<std::string, std::string>& texts) {
  const auto taken = [&](base::Result<void> job) -> base::Result<void> {
    if (job || !job.error().is(base::Condition::refused)) return job;
    refusals_ += std::string(job.error().field("output")) + "\n";
    return {};
  };
  switch (operation.act) {
    case Act::begin:
      return begin(operation.generation);
    case Act::publish:
      return with_reserve([&] { return generations_.publish(to, texts); });
    case Act::pause:
      return systemd_.stop(operation.units);
    case Act::link:
      return with_reserve([&] { return make_link(operation); });
    case Act::note:
      return note(operation);
    case Act::activate:
      CCCI_CHECK(sync_touched());
      return with_reserve([&] { return generations_.point("current", operation.generation); });
    case Act::unlink:
      return remove_link(operation.path);
    case Act::reload:
      CCCI_CHECK(sync_touched());
      CCCI_CHECK(systemd_.reload());
      if (!removed_units_.empty()) systemd_.forget(std::exchange(removed_units_, {}));
      return {};
    case Act::restart:
      return taken(systemd_.restart(operation.units));
    case Act::stamp:
      stamp(operation.units);
      return {};
    case Act::start:
      return taken(systemd_.start(operation.units));
  }
  return {};
}

std::string way_to(std::uint64_t number) {
  return number == 0 ? "going back to nothing" : "activating generation " + std::to_string(number);
}

base::Result<void> Applier::apply(const Plan& plan, const Generation& to,
                                  const std::map<std::string, std::string>& texts,
                                  const std::function<bool()>& interrupted) {
  if (plan.empty()) return {};
  // An interrupt is checked only before `activate`. After it, the remaining steps always run, so
  // that systemd has the units of the current generation.
  progress_.begin(way_to(to.number), plan.operations.size(), base::Progress::Unit::things);
  bool activated = false;
  for (const Operation& operation : plan.operations) {
    if (!activated && interrupted()) {
      progress_.end();
      return base::unexpected(base::fail("activate.interrupted"));
    }
    activated = activated || operation.act == Act::activate;
    progress_.advance(1, describe(operation));
    if (auto done = execute(operation, to, texts); !done) {
      progress_.end();
      return done;
    }
  }
  progress_.end();
  return sync_touched();
}

base::Result<void> Applier::confirm(const Generation& generation, bool healthy) {
  const std::uint64_t number = generation.number;
  const Layout& layout = generations_.layout();
  if (generations_.confirmed() != number) {
    CCCI_CHECK(with_reserve([&] { return generations_.point("confirmed", number); }));
  }
  if (number != 0 && healthy) generations_.mark_healthy(number);
  std::error_code error;
  static_cast<void>(base::remove_tree(layout.run() / "restart"));
  fs::remove(layout.run() / "pending", error);
  if (number != 0) keep_reserve(layout, wanted_links(generation).size());
  return {};
}

}  // namespace ccci::activate

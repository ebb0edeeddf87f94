// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/remains.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/files.hpp"
#include "engine/api.hpp"
#include "engine/cgroups.hpp"
#include "engine/eviction.hpp"

namespace ccci::engine {

namespace {

constexpr std::chrono::milliseconds pause{5};

// Whether `done` holds before the time is over.
template <typename Condition>
bool wait_for(Host& host, std::chrono::milliseconds& patience, const Condition& done) {
  while (!done()) {
    if (patience.count() <= 0) return false;
    host.sleep(pause);
    patience -= pause;
  }
  return true;
}

void end_processes(const Record& record, Host& host, std::chrono::milliseconds& patience,
                   Leftovers& left) {
  // After a boot the number belongs to another process.
  const bool same_boot = record.boot == boot_id();
  const auto keeper_ended = [&] {
    return !same_boot || record.keeper.number == 0 || !host.runs(record.keeper);
  };
  if (!keeper_ended()) host.kill(record.keeper);
  wait_for(host, patience, keeper_ended);
  const auto none_is_grouped = [&] {
    const auto all = host.grouped_processes(record.name);
    return all && all->empty();
  };
  if (!none_is_grouped()) host.kill_groups(record.name);
  wait_for(host, patience, none_is_grouped);
  if (!keeper_ended()) left.push_back("process " + std::to_string(record.keeper.number));
  const auto grouped = host.grouped_processes(record.name);
  if (!grouped)
    left.push_back("processes that nobody can see: " +
                   base::describe_errno(grouped.error().number));
  for (const pid_t process : grouped.value_or(std::vector<pid_t>())) {
    if (process != record.keeper.number) left.push_back("process " + std::to_string(process));
  }
}

// A keeper has its owner's descriptors until it closes them. If the owner is killed in these
// moments, the keeper holds the lock a little longer, then sees that its owner is dead and ends.
base::Result<std::optional<base::Fd>> claim(Records& records, const std::string& name, Host& host) {
  std::chrono::milliseconds patience{5000};
  for (;;) {
    CCCI_TRY(std::optional<base::Fd> lock, records.claim(name));
    if (lock) return lock;
    const auto record = records.read(name);
    const bool orphaned =
        record && (record->boot != boot_id() || !host.runs(record->owner)) && !record->kept;
    if (!orphaned || patience.count() <= 0) return std::nullopt;
    host.sleep(pause);
    patience -= pause;
  }
}

}  // namespace

bool Host::runs(const ProcessName& process) {
  const auto now = name_process(process.number);
  return now && *now == process;
}

void Host::kill(const ProcessName& process) {
  // Between a look and kill(2) the number may get a new owner. A pidfd cannot change.
  const base::Fd fd(static_cast<int>(syscall(SYS_pidfd_open, process.number, 0U)));
  if (fd && runs(process)) syscall(SYS_pidfd_send_signal, fd.get(), SIGKILL, nullptr, 0U);
}

base::Result<std::vector<pid_t>> Host::grouped_processes(const std::string& name) {
  return Cgroups::of(name).processes();
}

void Host::kill_groups(const std::string& name) { Cgroups::of(name).kill(); }

std::vector<std::string> Host::remove_groups(const std::string& name) {
  return Cgroups::of(name).remove();
}

bool Host::answers(const std::string& socket) {
  const auto api = Api::connect(socket, std::chrono::seconds(5));
  return api || !api.error().is(base::Condition::disconnected);
}

Leftovers Host::evict(const std::string& socket, const Tenant& tenant) {
  return engine::evict(socket, tenant);
}

base::Result<void> Host::remove_tree(const std::filesystem::path& path) {
  return base::remove_tree(path);
}

void Host::sleep(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

Host& real_host() {
  static Host host;
  return host;
}

Leftovers clear(Records& records, const Record& record, Host& host,
                std::chrono::milliseconds patience) {
  Leftovers left;
  end_processes(record, host, patience, left);
  if (!left.empty()) return left;  // they would write again what is removed
  // The kernel gives a group up a moment after its last process.
  std::vector<std::string> groups;
  wait_for(host, patience, [&] { return (groups = host.remove_groups(record.name)).empty(); });
  for (const std::string& group : groups) left.push_back("control group " + group);
  if (!record.socket.empty()) {
    const auto lease = records.lease();
    if (!lease) return {"lease of the engines: " + base::describe_errno(lease.error().number)};
    for (const std::string& object : host.evict(record.socket, {*lease, record.name}))
      left.push_back(object);
  }
  const std::filesystem::path place = records.place(record.name);
  if (const auto removed = host.remove_tree(place); !removed) {
    left.push_back("directory " + place.native() + ": " +
                   (removed.error().is(base::Condition::mounted)
                        ? std::string("something is mounted there")
                        : base::describe_errno(removed.error().number)));
  }
  if (!left.empty()) return left;
  if (!records.remove(record.name)) left.push_back("record of engine " + record.name);
  return left;
}

base::Result<std::vector<Reaped>> reap(Records& records, Host& host) {
  std::vector<Reaped> all;
  CCCI_TRY(const std::vector<std::string> names, records.names());
  for (const std::string& name : names) {
    CCCI_TRY(const std::optional<base::Fd> lock, claim(records, name, host));
    if (!lock) continue;
    // Killed before the record was complete, or the record is damaged: the name says enough.
    Record nameless;
    nameless.name = name;
    const auto read = records.read(name);
    const Record record = read.value_or(std::move(nameless));
    if (is_kept(record)) continue;
    std::error_code error;
    const bool only_a_lock = !read && read.error().is(std::errc::no_such_file_or_directory) &&
                             !std::filesystem::exists(records.place(name), error);
    Leftovers left = clear(records, record, host);
    // Nobody was killed: the owner took the last of it away after its name was read here.
    if (only_a_lock && left.empty()) continue;
    all.push_back({name, std::move(left)});
  }
  return all;
}

base::Result<std::vector<Reaped>> reap_tenants(Records& records, const std::string& socket,
                                               const std::set<std::string>& runs, Host& host) {
  std::vector<Reaped> all;
  for (const std::string& name : runs) {
    if (!is_engine_name(name)) continue;  // no run of these records has such a name
    CCCI_TRY(const std::optional<base::Fd> lock, claim(records, name, host));
    if (!lock) continue;
    Record nameless;
    nameless.name = name;
    nameless.socket = socket;
    const Record record = records.read(name).value_or(std::move(nameless));
    if (is_kept(record)) continue;
    all.push_back({name, clear(records, record, host)});
  }
  return all;
}

base::Result<Reaped> remove_engine(Records& records, const std::string& name, Host& host) {
  if (!is_engine_name(name)) return base::unexpected(base::fail("engine.name").with("name", name));
  CCCI_TRY(Record record, [&]() -> base::Result<Record> {
    auto read = records.read(name);
    if (!read && read.error().is(std::errc::no_such_file_or_directory))
      return base::unexpected(base::fail("engine.unknown")
                                  .with("name", name)
                                  .with("directory", records.place(name).parent_path().native()));
    return read;
  }());
  CCCI_TRY(const std::optional<base::Fd> lock, claim(records, name, host));
  if (!lock) {
    return base::unexpected(
        base::fail("engine.in-use").with("name", name).with("process", record.owner.number));
  }
  std::string lost;
  if (!record.socket.empty() && !host.answers(record.socket)) std::swap(lost, record.socket);
  return Reaped{name, clear(records, record, host), std::move(lost)};
}

}  // namespace ccci::engine

// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/record.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <set>

#include "base/directory.hpp"
#include "base/full_disk.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/lock_file.hpp"
#include "base/text.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_record = 64U << 10U;
constexpr std::size_t longest_name = 40;
constexpr const char* lease_file = ".lease";  // no engine has a name with a dot

base::Json to_json(const ProcessName& process) {
  return base::Json{{"number", process.number}, {"started", process.started}};
}

ProcessName read_process(base::JsonReader& reader, std::string_view name) {
  base::JsonReader process(reader.object(name));
  ProcessName result;
  const std::uint64_t number = process.number("number");
  process.require(number <= std::numeric_limits<pid_t>::max(), "number");
  result.number = process.good() ? static_cast<pid_t>(number) : 0;
  result.started = process.text("started");
  reader.require(process.good(), name);
  return result;
}

// Content that need not survive a power failure.
class QuickDisk final : public base::Disk {
 public:
  base::Result<void> sync(int) override { return {}; }
};

std::string file_text(const std::string& path, std::uint64_t limit) {
  const base::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  return base::read_fd(fd.get(), limit, path).value_or("");
}

}  // namespace

std::optional<ProcessName> name_process(pid_t number) {
  const std::string text = file_text("/proc/" + std::to_string(number) + "/stat", 4096);
  // The second field is the program's name, which may contain blanks and parentheses.
  const std::size_t end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  const auto fields = base::split(std::string_view(text).substr(end + 1), ' ');
  // Field 22 of proc(5). The first after the name is field 3, and the text begins with a blank.
  if (fields.size() < 21) return std::nullopt;
  return ProcessName{number, std::string(fields[20])};
}

std::string boot_id() {
  return std::string(base::trim(file_text("/proc/sys/kernel/random/boot_id", 128)));
}

std::string write_record(const Record& record) {
  return base::Json{{"schema", 1},
                    {"name", record.name},
                    {"boot", record.boot},
                    {"owner", to_json(record.owner)},
                    {"keeper", to_json(record.keeper)},
                    {"kept", record.kept},
                    {"socket", record.socket},
                    {"subject", record.note.subject},
                    {"results", record.note.results},
                    {"docker", record.note.docker}}
             .dump(2) +
         "\n";
}

base::Result<Record> read_record(std::string_view text) {
  const auto broken = [](std::string_view problem) {
    return base::unexpected(base::fail("engine.record").with("problem", problem));
  };
  const auto json = base::Json::parse(text);
  if (!json) return broken("it is not JSON");
  base::JsonReader reader(*json, 4096);
  Record record;
  record.name = reader.text("name");
  record.boot = reader.text("boot");
  record.owner = read_process(reader, "owner");
  record.keeper = read_process(reader, "keeper");
  record.kept = reader.yes("kept");
  // Older records have none of these.
  record.socket = (*json)["socket"].text_or_empty();
  record.note.subject = (*json)["subject"].text_or_empty();
  record.note.results = (*json)["results"].text_or_empty();
  record.note.docker = (*json)["docker"].text_or_empty();
  if (!reader.good()) return broken(reader.fault());
  if (!is_engine_name(record.name)) return broken("member 'name' is invalid");
  return record;
}

bool is_kept(const Record& record) {
  return record.kept && (!record.socket.empty() || record.boot == boot_id());
}

bool is_engine_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= longest_name && name != "lock" &&
         std::all_of(name.begin(), name.end(), allowed);
}

base::Result<base::Fd> Records::open_directory() const {
  CCCI_CHECK(base::make_directories(directory_));
  return base::open_path(directory_, O_RDONLY | O_DIRECTORY);
}

base::Result<base::Fd> Records::guard() const {
  CCCI_TRY(const base::Fd directory, open_directory());
  CCCI_TRY(base::Fd lock, base::open_lock_file(directory.get(), "lock"));
  const base::LockWait wait{"lock of the engines", base::silent(), std::chrono::seconds(30)};
  CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::exclusive, wait));
  return lock;
}

base::Result<base::Fd> Records::create(const Record& record) {
  if (!is_engine_name(record.name))
    return base::unexpected(base::fail("engine.name").with("name", record.name));
  CCCI_TRY(const base::Fd guarded, guard());
  CCCI_TRY(const base::Fd directory, open_directory());
  struct stat found {};
  for (const char* end : {".json", ".lock", ""}) {
    if (fstatat(directory.get(), (record.name + end).c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0)
      return base::unexpected(
          base::fail("engine.exists").with("path", place(record.name).native() + end));
  }
  CCCI_TRY(base::Fd lock, base::open_lock_file(directory.get(), record.name + ".lock"));
  if (!base::try_lock(lock.get(), base::LockMode::exclusive))
    return base::unexpected(base::fail("engine.exists").with("path", place(record.name).native()));
  auto written =
      base::replace_file(directory.get(), record.name + ".json", write_record(record), 0600, disk_);
  if (written && mkdirat(directory.get(), record.name.c_str(), 0700) != 0) {
    written = base::unexpected(
        base::at_path(base::fail("base.mkdir").with_errno(errno), place(record.name)));
  }
  if (!written) {
    for (const char* end : {".json", ".lock"}) {
      static_cast<void>(base::remove_tree(directory.get(), record.name + end));
    }
    return base::unexpected(std::move(written).error());
  }
  return lock;
}

base::Result<void> Records::update(const Record& record) {
  QuickDisk quick;
  const bool outlives_a_boot = record.kept && !record.socket.empty();
  CCCI_TRY(const base::Fd directory, open_directory());
  return base::replace_file(directory.get(), record.name + ".json", write_record(record), 0600,
                            outlives_a_boot ? disk_ : quick);
}

base::Result<void> Records::remove(const std::string& name) {
  CCCI_TRY(const base::Fd guarded, guard());
  CCCI_TRY(const base::Fd directory, open_directory());
  for (const char* end : {".json", ".lock"}) {
    CCCI_CHECK(base::remove_tree(directory.get(), name + end));
  }
  return {};
}

base::Result<Record> Records::read(const std::string& name) const {
  const fs::path path = directory_ / (name + ".json");
  CCCI_TRY(const std::string text, base::read_file(path, largest_record));
  auto record = read_record(text);
  if (!record) return base::unexpected(std::move(record).error().with("path", path.native()));
  return record;
}

base::Result<void> Records::annotate(const std::string& name, const KeptNote& note) {
  CCCI_TRY(Record record, read(name));
  record.note = note;
  return update(record);
}

base::Result<std::vector<Kept>> Records::kept() const {
  std::vector<Kept> all;
  const auto directory = base::open_path(directory_, O_RDONLY | O_DIRECTORY);
  if (!directory && directory.error().is(std::errc::no_such_file_or_directory)) return all;
  if (!directory) return base::unexpected(directory.error());
  CCCI_TRY(const std::vector<std::string> found, names());
  for (const std::string& name : found) {
    const auto record = read(name);
    // One of a run that begins or ends now, or a damaged one: that one is no kept deployment.
    if (!record || !is_kept(*record)) continue;
    struct stat file {};
    if (fstatat(directory->get(), (name + ".json").c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    const auto keeper = name_process(record->keeper.number);
    all.push_back({*record, std::chrono::system_clock::from_time_t(file.st_mtim.tv_sec),
                   record->boot == boot_id() && keeper && *keeper == record->keeper});
  }
  return all;
}

base::Result<std::string> Records::lease() {
  constexpr std::size_t digits = 32;
  CCCI_TRY(const base::Fd guarded, guard());
  CCCI_TRY(const base::Fd directory, open_directory());
  const auto kept = base::read_within(directory.get(), lease_file, digits);
  if (kept && kept->size() == digits &&
      kept->find_first_not_of("0123456789abcdef") == std::string::npos) {
    return *kept;
  }
  std::array<unsigned char, digits / 2> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return base::unexpected(base::fail("base.read").with("path", "getrandom").with_errno(errno));
  std::string lease;
  for (const unsigned char byte : random) {
    lease += "0123456789abcdef"[byte >> 4U];
    lease += "0123456789abcdef"[byte & 15U];
  }
  // Durable before anything carries it: whoever loses it can never clean up.
  CCCI_CHECK(base::replace_file(directory.get(), lease_file, lease, 0600, disk_));
  return lease;
}

base::Result<std::vector<std::string>> Records::names() const {
  std::set<std::string> found;
  CCCI_TRY(const auto entries, base::entries_of(directory_));
  for (const fs::directory_entry& entry : entries) {
    const std::string file = entry.path().filename().native();
    const std::string name = file.substr(0, file.find('.'));
    if (is_engine_name(name)) found.insert(name);
  }
  return std::vector<std::string>(found.begin(), found.end());
}

base::Result<std::optional<base::Fd>> Records::claim(const std::string& name) {
  // An engine that is being created has a lock file for a moment that nobody has locked.
  CCCI_TRY(const base::Fd guarded, guard());
  CCCI_TRY(const base::Fd directory, open_directory());
  CCCI_TRY(base::Fd lock, base::open_lock_file(directory.get(), name + ".lock"));
  if (!base::try_lock(lock.get(), base::LockMode::exclusive)) return std::nullopt;
  return lock;
}

}  // namespace ccci::engine

// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/generations.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <set>
#include <stdexcept>

#include "activate/durable.hpp"
#include "activate/observe.hpp"
#include "base/directory.hpp"
#include "base/hash.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_file = 1U << 20U;
constexpr std::string_view link_prefix = "generations/";

// Every login shell sources this file, and some do it more than once.
constexpr std::string_view profile_text =
    "# Written by cc-ci switch: the declared tools come first on PATH.\n"
    "case \":$PATH:\" in\n"
    "  *:/usr/local/lib/cc-ci/current/bin:*) ;;\n"
    "  *) PATH=/usr/local/lib/cc-ci/current/bin${PATH:+:$PATH} ;;\n"
    "esac\n"
    "export PATH\n";

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text[0] != '0' ? number : 0;
}

base::Error path_failed(std::string_view code, const fs::path& path, int number) {
  return base::fail(code).with("path", path.native()).with_errno(number);
}

// Writes the files of the new directory and syncs each; then syncs the directories.
class Stage {
 public:
  Stage(base::Fd directory, fs::path path, base::Disk& disk)
      : directory_(std::move(directory)), path_(std::move(path)), disk_(disk) {}

  base::Result<void> file(const std::string& name, std::string_view content) {
    CCCI_CHECK(parents(name));
    const base::Fd file(openat(directory_.get(), name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) return base::unexpected(path_failed("base.open", path_ / name, errno));
    if (fchmod(file.get(), 0644) != 0) {
      return base::unexpected(path_failed("base.write", path_ / name, errno));
    }
    CCCI_CHECK(base::write_all(file.get(), content));
    return disk_.sync(file.get());
  }
  base::Result<void> link(const std::string& name, const std::string& target) {
    if (symlinkat(target.c_str(), directory_.get(), name.c_str()) == 0) return {};
    return base::unexpected(path_failed("base.write", path_ / name, errno));
  }
  base::Result<void> sync() {
    for (const std::string& name : made_) {
      const base::Fd made(
          openat(directory_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
      if (!made) return base::unexpected(path_failed("base.open", path_ / name, errno));
      CCCI_CHECK(disk_.sync(made.get()));
    }
    return disk_.sync(directory_.get());
  }

 private:
  base::Result<void> parents(const std::string& name) {
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      const std::string parent = name.substr(0, slash);
      if (!made_.insert(parent).second) continue;
      if (mkdirat(directory_.get(), parent.c_str(), 0755) != 0 ||
          fchmodat(directory_.get(), parent.c_str(), 0755, 0) != 0) {
        return base::unexpected(path_failed("base.mkdir", path_ / parent, errno));
      }
    }
    return {};
  }

  base::Fd directory_;
  fs::path path_;
  base::Disk& disk_;
  std::set<std::string> made_;
};

std::string staged_name(std::uint64_t number) { return "." + std::to_string(number) + ".new"; }

}  // namespace

base::Result<std::vector<std::uint64_t>> Generations::numbers() const {
  std::vector<std::uint64_t> list;
  CCCI_TRY(const auto entries, base::entries_of(layout_.generations()));
  for (const fs::directory_entry& entry : entries) {
    const std::uint64_t number = number_of(entry.path().filename().native());
    if (number != 0) list.push_back(number);
  }
  std::sort(list.begin(), list.end());
  return list;
}

Generations::Mark Generations::mark(std::uint64_t number) const {
  std::error_code error;
  const std::string name = std::to_string(number);
  if (fs::exists(layout_.home() / "unhealthy" / name, error)) return Mark::unhealthy;
  return fs::exists(layout_.home() / "healthy" / name, error) ? Mark::healthy : Mark::unknown;
}

void Generations::exchange_marks(std::uint64_t number, const char* from, const char* to) const {
  const std::string name = std::to_string(number);
  std::error_code error;
  fs::create_directory(layout_.home() / to, error);
  static_cast<void>(
      base::open_path(layout_.home() / to / name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0644));
  unlink((layout_.home() / from / name).c_str());
}

void Generations::mark_healthy(std::uint64_t number) const {
  exchange_marks(number, "unhealthy", "healthy");
}

void Generations::mark_unhealthy(std::uint64_t number) const {
  exchange_marks(number, "healthy", "unhealthy");
}

base::Result<Generation> Generations::read(std::uint64_t number) const {
  if (number == 0) return Generation{};
  const fs::path file = layout_.generation(number) / "record.json";
  std::error_code error;
  if (!fs::exists(layout_.generation(number), error) && !error) {
    return base::unexpected(base::fail("activate.no-generation", base::Condition::not_found)
                                .with("number", std::to_string(number)));
  }
  CCCI_TRY(const std::string text, base::read_file(file, largest_file));
  CCCI_TRY(Generation generation, read_record(text, file.native()));
  if (generation.number != number) {
    return base::unexpected(base::fail("activate.record")
                                .with("path", file.native())
                                .with("problem", "it is the record of generation " +
                                                     std::to_string(generation.number)));
  }
  return generation;
}

namespace {

// Of a generation's units and their drop-ins. What is no directory has none: it is damaged. A
// directory that cannot be read is an error, or its units would be forgotten.
base::Result<std::vector<std::string>> files_below(const fs::path& top) {
  std::vector<std::string> found;
  std::vector<fs::path> left{top};
  while (!left.empty()) {
    const fs::path directory = std::move(left.back());
    left.pop_back();
    const auto entries = base::entries_of(directory);
    if (!entries && entries.error().is(std::errc::not_a_directory)) continue;
    if (!entries) return base::unexpected(entries.error());
    for (const fs::directory_entry& entry : *entries) {
      std::error_code unknown;
      if (entry.is_directory(unknown) && !entry.is_symlink(unknown)) left.push_back(entry.path());
      found.push_back(entry.path().lexically_relative(top).native());
    }
  }
  return found;
}

}  // namespace

base::Result<Generation> Generations::salvage(std::uint64_t number) const {
  auto whole = read(number);
  if (whole || whole.error().is(base::Condition::not_found)) return whole;
  const fs::path directory = layout_.generation(number);
  std::error_code error;
  Generation generation;
  generation.number = number;
  generation.system_path = fs::read_symlink(directory / "system", error).native();
  generation.system = fs::path(generation.system_path).parent_path().filename().native();
  generation.host = generation.system.substr(generation.system.find('-') + 1);
  generation.project = fs::read_symlink(directory / "project", error).native();
  const fs::path units = directory / "systemd";
  CCCI_TRY(const std::vector<std::string> paths, files_below(units));
  for (const std::string& path : paths) {
    if (!is_unit_path(path)) continue;
    const auto text = unit_text(generation, path);
    if (!text) continue;
    generation.units[path] = base::sha256(*text).hex();
    const std::string environment = told_environment(*text);
    if (path.ends_with(drop_in_name) && !environment.empty()) {
      generation.attached[path.substr(0, path.find(".d/"))] = environment;
      generation.environment = environment;
    }
  }
  return generation;
}

Generation Generations::standing() const {
  const auto now = current();
  std::vector<std::uint64_t> likely = numbers().value_or(std::vector<std::uint64_t>());
  if (now) {
    likely = {*now};
  } else if (const std::uint64_t known = confirmed(); known != 0) {
    likely.push_back(known);
  }
  if (!likely.empty()) {
    if (auto generation = salvage(likely.back())) return *std::move(generation);
  }
  // Only the remaining links give information.
  Generation generation;
  const std::string units = std::string(units_directory) + "/";
  for (const auto& [path, target] :
       our_links(layout_).value_or(std::map<std::string, std::string>())) {
    if (!path.starts_with(units) || !is_unit_path(path.substr(units.size()))) continue;
    generation.units[path.substr(units.size())] = "unknown";
  }
  return generation;
}

base::Result<std::uint64_t> Generations::target_of(const std::string& link) const {
  std::error_code error;
  const fs::path path = layout_.home() / link;
  const std::string target = fs::read_symlink(path, error).native();
  if (error == std::errc::no_such_file_or_directory) return std::uint64_t{0};
  const std::uint64_t number = target.starts_with(link_prefix)
                                   ? number_of(std::string_view(target).substr(link_prefix.size()))
                                   : 0;
  if (number == 0 || !fs::exists(layout_.generation(number), error)) {
    return base::unexpected(base::fail("activate.current")
                                .with("path", path.native())
                                .with("target", target.empty() ? "no link" : target));
  }
  return number;
}

base::Result<std::uint64_t> Generations::current() const { return target_of("current"); }

std::uint64_t Generations::confirmed() const {
  // Its target may have been removed by hand. Then no generation is confirmed.
  return target_of("confirmed").value_or(0);
}

base::Result<std::uint64_t> Generations::next() const {
  CCCI_TRY(const std::vector<std::uint64_t> all, numbers());
  return all.empty() ? 1 : all.back() + 1;
}

base::Result<std::string> Generations::unit_text(const Generation& generation,
                                                 const std::string& path) const {
  return base::read_file(layout_.generation(generation.number) / "systemd" / path, largest_file);
}

bool Generations::intact(const Generation& generation) const {
  if (generation.number == 0) return true;
  const fs::path directory = layout_.generation(generation.number);
  std::error_code error;
  const fs::path project = generation.project.empty() ? "/" : generation.project;
  if (fs::read_symlink(directory / "system", error) != generation.system_path ||
      fs::read_symlink(directory / "bin", error) != generation.system_path + "/bin" ||
      fs::read_symlink(directory / "project", error) != project) {
    return false;
  }
  const auto profile = base::read_file(directory / "profile.sh", largest_file);
  if (!profile || *profile != profile_text) return false;
  return std::all_of(generation.units.begin(), generation.units.end(), [&](const auto& unit) {
    const auto text = unit_text(generation, unit.first);
    return text && base::sha256(*text).hex() == unit.second;
  });
}

base::Result<void> Generations::publish(const Generation& generation,
                                        const std::map<std::string, std::string>& texts) const {
  CCCI_CHECK(make_durable_directories(layout_.generations(), disk_));
  CCCI_TRY(const base::Fd parent,
           base::open_path(layout_.generations(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const std::string staged = staged_name(generation.number);
  CCCI_CHECK(base::remove_tree(parent.get(), staged));
  const fs::path path = layout_.generations() / staged;
  const auto build = [&]() -> base::Result<void> {
    if (mkdirat(parent.get(), staged.c_str(), 0755) != 0) {
      return base::unexpected(path_failed("base.mkdir", path, errno));
    }
    base::Fd directory(
        openat(parent.get(), staged.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!directory || fchmod(directory.get(), 0755) != 0) {
      return base::unexpected(path_failed("base.open", path, errno));
    }
    Stage stage(std::move(directory), path, disk_);
    for (const auto& [name, text] : texts) CCCI_CHECK(stage.file("systemd/" + name, text));
    CCCI_CHECK(stage.link("system", generation.system_path));
    CCCI_CHECK(stage.link("bin", generation.system_path + "/bin"));
    CCCI_CHECK(stage.link("project", generation.project.empty() ? "/" : generation.project));
    CCCI_CHECK(stage.file("profile.sh", profile_text));
    CCCI_CHECK(stage.file("record.json", write_record(generation)));
    CCCI_CHECK(stage.sync());
    return disk_.rename_new(parent.get(), staged, parent.get(), std::to_string(generation.number));
  };
  if (auto built = build(); !built) {
    static_cast<void>(base::remove_tree(parent.get(), staged));
    return built;
  }
  return disk_.sync(parent.get());
}

base::Result<void> Generations::remove(std::uint64_t number) const {
  CCCI_TRY(const std::uint64_t active, current());
  if (number == active) throw std::logic_error("the current generation cannot be removed");
  CCCI_TRY(const base::Fd parent,
           base::open_path(layout_.generations(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  // Renames it first: a partly removed generation must never look like a valid one.
  const std::string name = std::to_string(number);
  const std::string gone = staged_name(number);
  CCCI_CHECK(base::remove_tree(parent.get(), gone));
  if (renameat(parent.get(), name.c_str(), parent.get(), gone.c_str()) != 0 && errno != ENOENT) {
    return base::unexpected(path_failed("base.remove", layout_.generation(number), errno));
  }
  CCCI_CHECK(base::remove_tree(parent.get(), gone));
  for (const char* marks : {"healthy", "unhealthy"}) {
    unlink((layout_.home() / marks / name).c_str());
  }
  return disk_.sync(parent.get());
}

base::Result<void> Generations::clear_staged() const {
  std::error_code error;
  if (!fs::exists(layout_.generations(), error) && !error) return {};
  CCCI_TRY(const base::Fd parent,
           base::open_path(layout_.generations(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CCCI_TRY(const auto entries, base::entries_of(layout_.generations()));
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().native();
    if (name.starts_with('.')) CCCI_CHECK(base::remove_tree(parent.get(), name));
  }
  return {};
}

base::Result<void> Generations::point(const std::string& link, std::uint64_t number) const {
  if (number != 0) CCCI_CHECK(make_durable_directories(layout_.home(), disk_));
  std::error_code error;
  if (number == 0 && !fs::exists(layout_.home(), error) && !error) return {};
  CCCI_TRY(const base::Fd home,
           base::open_path(layout_.home(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (number == 0) {
    if (unlinkat(home.get(), link.c_str(), 0) != 0 && errno != ENOENT) {
      return base::unexpected(path_failed("base.remove", layout_.home() / link, errno));
    }
    return disk_.sync(home.get());
  }
  const std::string temporary = "." + link + ".new";
  const std::string target = std::string(link_prefix) + std::to_string(number);
  unlinkat(home.get(), temporary.c_str(), 0);
  if (symlinkat(target.c_str(), home.get(), temporary.c_str()) != 0) {
    return base::unexpected(path_failed("base.write", layout_.home() / link, errno));
  }
  CCCI_CHECK(disk_.rename_over(home.get(), temporary, home.get(), link));
  return disk_.sync(home.get());
}

}  // namespace ccci::activate

// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/setup.hpp"

#include <apt-pkg/aptconfiguration.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/init.h>
#include <apt-pkg/pkgsystem.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/files.hpp"
#include "base/lock_file.hpp"
#include "base/text.hpp"
#include "source/debian/failure.hpp"

namespace ccci::source::debian {

namespace {

// Settings that define how to reach a mirror. Not taken over: settings that weaken a check
// (AllowInsecureRepositories, Check-Valid-Until, …), settings for other downloads than packages
// (IndexTargets, Languages), and hooks.
constexpr std::array<std::string_view, 8> taken_over{
    "Acquire::http",      "Acquire::https",     "Acquire::ftp",        "Acquire::Retries",
    "Acquire::ForceIPv4", "Acquire::ForceIPv6", "Acquire::Queue-Mode", "Acquire::EnableSrvRecords"};

void copy_tree(const Configuration::Item* item, const std::string& name) {
  if (!item->Value.empty()) _config->Set(name, item->Value);
  for (const Configuration::Item* child = item->Child; child != nullptr; child = child->Next) {
    copy_tree(child, name + "::" + child->Tag);
  }
}

// libapt reads a file of its configuration again for ever if a read fails. So each one is read here
// before. What cannot be read, or has no end, is refused.
base::Result<void> check_configuration(const std::filesystem::path& file) {
  constexpr std::uint64_t largest = 1U << 20U;
  auto text = base::read_file(file, largest);
  if (text) return {};
  // libapt passes over what it may not open.
  if (text.error().is(std::errc::no_such_file_or_directory)) return {};
  base::Error error = std::move(text).error();
  if (error.is(std::errc::permission_denied) && error.code == "base.open") return {};
  return base::unexpected(std::move(error));
}

base::Result<void> check_configurations(const std::filesystem::path& parts) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parts, error)) {
    // libapt passes over all others.
    const std::string extension = entry.path().extension().native();
    if (!extension.empty() && extension != ".conf") continue;
    std::error_code unknown;
    if (!entry.is_regular_file(unknown)) continue;
    CCCI_CHECK(check_configuration(entry.path()));
  }
  return {};
}

base::Result<bool> take_over(const std::filesystem::path& etc) {
  Configuration host;
  const std::string parts = (etc / "apt.conf.d").native();
  const std::string main = (etc / "apt.conf").native();
  CCCI_CHECK(check_configurations(parts));
  CCCI_CHECK(check_configuration(main));
  if (access(parts.c_str(), R_OK) == 0 && !ReadConfigDir(host, parts)) return false;
  if (access(main.c_str(), R_OK) == 0 && !ReadConfigFile(host, main)) return false;
  for (const std::string_view name : taken_over) {
    const std::string key(name);
    if (const Configuration::Item* item = host.Tree(key.c_str())) copy_tree(item, key);
  }
  return true;
}

void set_directories(const std::filesystem::path& root, const Machine& machine) {
  const auto set = [](const char* name, const std::string& value) { _config->Set(name, value); };
  set("Dir", root.native() + "/");
  set("Dir::State", "state/");
  set("Dir::State::lists", "lists/");
  set("Dir::State::status", "status");
  set("Dir::State::extended_states", "extended_states");
  set("Dir::Cache", "cache/");
  set("Dir::Log", "log/");
  set("Dir::Etc", "etc/");
  set("Dir::Etc::sourceparts", "sources.list.d/");
  for (const char* name : {"Dir::Etc::main", "Dir::Etc::parts", "Dir::Etc::sourcelist",
                           "Dir::Etc::preferences", "Dir::Etc::preferencesparts"}) {
    set(name, "/dev/null");
  }
  set("Dir::Etc::trusted", (machine.etc / "trusted.gpg").native());
  set("Dir::Etc::trustedparts", (machine.etc / "trusted.gpg.d/").native());
  // Passwords of private mirrors. Without them a declared mirror may be unreachable.
  set("Dir::Etc::netrc", (machine.etc / "auth.conf").native());
  set("Dir::Etc::netrcparts", (machine.etc / "auth.conf.d/").native());
}

void set_rules() {
  const std::string architecture = _config->Find("APT::Architecture");
  _config->Clear("APT::Architectures");
  _config->Set("APT::Architectures::", architecture);
  _config->Set("APT::Install-Recommends", false);
  _config->Set("APT::Install-Suggests", false);
  // libapt would add apt itself to the Essential set.
  _config->Set("pkgCacheGen::ForceEssential", ",");
  for (const char* name :
       {"Acquire::AllowInsecureRepositories", "Acquire::AllowWeakRepositories",
        "Acquire::AllowDowngradeToInsecureRepositories", "APT::Get::AllowUnauthenticated",
        "Acquire::PDiffs", "Acquire::GzipIndexes", "APT::Get::List-Cleanup"}) {
    _config->Set(name, false);
  }
  _config->Set("Acquire::Check-Valid-Until", true);
  _config->Set("Acquire::Check-Date", true);
  _config->Clear("Acquire::Languages");
  _config->Set("Acquire::Languages", "none");
  _config->Clear("Acquire::IndexTargets::deb::Translations");
  _config->Clear("Acquire::IndexTargets::deb-src");
  // As apt itself: after 1, 2 and 4 seconds. A mirror that is busy for a moment makes no night red.
  _config->CndSet("Acquire::Retries", 3);
  _config->CndSet("Acquire::http::Timeout", 30);
  _config->CndSet("Acquire::https::Timeout", 30);
}

// What the machine's own apt says about authorities stays.
base::Result<void> trust(const std::filesystem::path& root, const std::string& authorities) {
  if (authorities.empty()) return {};
  const std::filesystem::path file = std::filesystem::absolute(root) / "etc/authorities.pem";
  CCCI_CHECK(base::replace_file(file, authorities));
  _config->CndSet("Acquire::https::CaInfo", file.native());
  return {};
}

base::Result<void> make_layout(const std::filesystem::path& root) {
  for (const char* name :
       {"etc/sources.list.d", "etc/keys", "state/lists/partial", "cache/archives/partial", "log"}) {
    CCCI_CHECK(base::make_directories(root / name));
  }
  struct stat status {};
  const std::filesystem::path file = root / "state/status";
  if (lstat(file.c_str(), &status) != 0 || status.st_size != 0) {
    CCCI_CHECK(base::replace_file(file, ""));
  }
  return {};
}

// Whether a process of another user can reach the path and read it.
bool reachable_by_others(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return false;
  for (std::filesystem::path part = path;; part = part.parent_path()) {
    const bool directory = stat(part.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (directory && (status.st_mode & S_IXOTH) == 0) return false;
    if (part == part.parent_path()) return true;
  }
}

}  // namespace

base::Result<void> configure(const std::filesystem::path& root, const Machine& machine) {
  CCCI_CHECK(make_layout(root));
  _config->Clear();
  set_directories(root, machine);
  CCCI_TRY(const bool taken, take_over(machine.etc));
  const bool good = taken && pkgInitConfig(*_config);
  set_rules();
  CCCI_CHECK(trust(root, machine.authorities));
  if (!good || !pkgInitSystem(*_config, _system)) return base::unexpected(apt_failure("setup"));
  _error->Discard();  // do not report libapt's warnings about unreadable files of the host
  return {};
}

void choose_sandbox(const std::vector<std::filesystem::path>& paths) {
  bool possible = geteuid() != 0 || getpwnam("_apt") != nullptr;
  for (const std::filesystem::path& path : paths) possible = possible && reachable_by_others(path);
  _config->Set("APT::Sandbox::User", possible ? "_apt" : "root");
}

Surroundings::Surroundings() : umask_(umask(022)) {
  const std::array<std::pair<const char*, const char*>, 4> wanted{
      {{"LC_ALL", "C.UTF-8"}, {"LANGUAGE", nullptr}, {"APT_CONFIG", nullptr}, {"TZ", "UTC0"}}};
  for (const auto& [name, value] : wanted) {
    const char* before = std::getenv(name);
    variables_.emplace_back(name, before != nullptr ? std::optional<std::string>(before)
                                                    : std::optional<std::string>());
    if (value != nullptr) {
      setenv(name, value, 1);
    } else {
      unsetenv(name);
    }
  }
}

Surroundings::~Surroundings() {
  for (const auto& [name, value] : variables_) {
    if (value) {
      setenv(name.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name.c_str());
    }
  }
  umask(umask_);
}

base::Result<base::Fd> lock(const std::filesystem::path& root, base::Progress& progress) {
  CCCI_TRY(const base::Fd directory, base::open_path(root, O_RDONLY | O_DIRECTORY));
  CCCI_TRY(base::Fd file, base::open_lock_file(directory.get(), "lock"));
  CCCI_CHECK(base::take_lock(file.get(), base::LockMode::exclusive,
                             {"lock of the package lists", progress}));
  return file;
}

std::string os_release(const std::filesystem::path& file, const std::string& word) {
  const auto content = base::read_file(file, 1U << 16U);
  if (!content) return {};
  for (const std::string_view line : base::split(*content, '\n')) {
    if (line.substr(0, word.size() + 1) != word + "=") continue;
    std::string_view value = base::trim(line.substr(word.size() + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return {};
}

std::string native_architecture() {
  // The architecture that libapt was built for. This runs no other program.
  Configuration fresh;
  fresh.Set("Dir::Etc::main", "/dev/null");
  fresh.Set("Dir::Etc::parts", "/dev/null");
  const Surroundings surroundings;
  pkgInitConfig(fresh);
  return fresh.Find("APT::Architecture");
}

}  // namespace ccci::source::debian

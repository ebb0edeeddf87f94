// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/results.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "configure/normal_form.hpp"
#include "configure/own_certificate.hpp"
#include "store/tree.hpp"

namespace ccci::configure {

namespace {

using Type = store::Entry::Type;

constexpr std::string_view transient = "state of one run";
constexpr std::string_view log = "a log";
constexpr std::string_view database = "dpkg's own records; cc-ci writes them for the environment";
constexpr std::string_view host = "the host's";
constexpr std::string_view own = "made by cc-ci itself";
constexpr std::string_view varies = "differs from run to run";
constexpr std::string_view repository = "a record of changes; its index holds inode numbers";
constexpr std::string_view bytecode = "modules are compiled when they are imported";

// A path ending in '/' covers everything below it. '*' at the beginning matches any directory.
struct Rule {
  std::string_view path;
  std::string_view why;
};
constexpr std::array rules{
    Rule{"dev/", transient},
    Rule{"proc/", transient},
    Rule{"run/", transient},
    Rule{"sys/", transient},
    Rule{"tmp/", transient},
    Rule{"var/tmp/", transient},
    Rule{"var/run/", transient},
    Rule{"var/lock/", transient},
    Rule{"root/", transient},
    Rule{"home/", transient},
    Rule{"var/backups/", transient},
    Rule{"var/log/", log},
    Rule{"var/cache/debconf/", "answers to questions; a package's defaults hold"},
    Rule{"var/cache/ldconfig/", varies},
    Rule{"var/cache/fontconfig/", "fontconfig reads the fonts without its cache"},
    Rule{"var/cache/man/", "man finds pages without its index"},
    Rule{"var/cache/apt/", database},
    Rule{"var/lib/apt/", database},
    Rule{"var/lib/pam/", "a record of pam-auth-update"},
    Rule{"var/lib/shells.state", "a record of update-shells"},
    Rule{"var/lib/systemd/", host},
    Rule{"var/lib/ucf/", database},
    Rule{"usr/lib/cc-ci/", own},
    // Where scripts run, the certificates are not in /etc/ssl/certs yet, so a script makes it
    // empty.
    Rule{"etc/ssl/certs/java/", own},
    Rule{"etc/ld.so.cache", own},
    Rule{"etc/profile", own},
    Rule{"etc/shells", own},
    Rule{"etc/machine-id", host},
    Rule{"etc/hostname", host},
    Rule{"etc/hosts", host},
    Rule{"etc/resolv.conf", host},
    Rule{"etc/localtime", host},
    Rule{"etc/timezone", host},
    Rule{"etc/mailname", host},
    Rule{"etc/fstab", host},
    Rule{"etc/.pwd.lock", transient},
    Rule{"etc/apt/", host},
    Rule{"etc/systemd/system/", "the host's services are not touched"},
    Rule{"var/lib/dbus/machine-id", host},
    Rule{"usr/lib/mono/aot-cache/", "mono compiles when it runs"},
};

constexpr std::array accounts_files{
    std::string_view("etc/passwd"),  std::string_view("etc/group"),
    std::string_view("etc/shadow"),  std::string_view("etc/gshadow"),
    std::string_view("etc/passwd-"), std::string_view("etc/group-"),
    std::string_view("etc/shadow-"), std::string_view("etc/gshadow-"),
    std::string_view("etc/subuid"),  std::string_view("etc/subgid"),
    std::string_view("etc/subuid-"), std::string_view("etc/subgid-")};

bool is_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) || path == directory.substr(0, directory.size() - 1);
}

// Of dpkg's directory, only alternatives that a script made by computed arguments are kept.
bool is_dpkg_record(std::string_view path) {
  return is_below(path, "var/lib/dpkg/") && !is_below(path, "var/lib/dpkg/alternatives/");
}

bool is_account_file(std::string_view path) {
  return std::find(accounts_files.begin(), accounts_files.end(), path) != accounts_files.end();
}

base::Error failure(const std::string& path, int number) {
  return base::fail("configure.results").with("path", "/" + path).with_errno(number);
}

class Harvester {
 public:
  explicit Harvester(const Harvest& harvest) : harvest_(harvest) {
    for (const store::Entry& entry : harvest.before.entries) before_.emplace(entry.path, &entry);
  }

  base::Result<Results> run() {
    CCCI_TRY(root_,
             base::open_in_root(harvest_.directory, "root", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    base::Error problem;
    const auto enter = [&](const store::Node& node) {
      auto step = visit(node);
      if (step) return *step;
      problem = std::move(step).error();
      return store::Step::stop;
    };
    CCCI_TRY(const bool complete,
             store::walk(harvest_.upper, {.enter = enter, .leave = {}, .unreadable = {}}));
    if (!complete) return base::unexpected(std::move(problem));
    CCCI_CHECK(finish_tree());
    std::sort(results_.normalised.begin(), results_.normalised.end());
    std::sort(results_.removed.begin(), results_.removed.end());
    std::sort(results_.left_out.begin(), results_.left_out.end(),
              [](const LeftOut& a, const LeftOut& b) { return a.path < b.path; });
    return std::move(results_);
  }

 private:
  base::Result<void> finish_tree() {
    store::Manifest& manifest = results_.tree.manifest;
    manifest.entries = std::move(entries_);
    std::sort(manifest.entries.begin(), manifest.entries.end(),
              [](const store::Entry& a, const store::Entry& b) { return a.path < b.path; });
    const store::TreeDigests digests = manifest.digests();
    results_.tree.digest = digests.root;
    return store::normalise_directories(root_.get(), digests);
  }

  base::Result<void> set_time(const std::string& path) const {
    const struct timespec times[2] = {{harvest_.epoch, 0}, {harvest_.epoch, 0}};
    if (utimensat(root_.get(), path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0) return {};
    return base::unexpected(failure(path, errno));
  }

  base::Result<store::Step> visit(const store::Node& node) {
    const mode_t mode = node.status.st_mode;
    // A character device 0/0 is how overlayfs records a removal.
    if (S_ISCHR(mode) && node.status.st_rdev == 0) {
      if (before_.contains(node.path) && !is_dpkg_record(node.path) && is_wanted(node.path)) {
        results_.removed.push_back(node.path);
      }
      return store::Step::on;
    }
    const bool readable = S_ISLNK(mode) || S_ISDIR(mode) || (mode & 0044U) == 0044U;
    if (!is_wanted(node.path)) return S_ISDIR(mode) ? store::Step::skip : store::Step::on;
    std::string why = refusal(within(node.path), readable, harvest_.accounts);
    if (!S_ISREG(mode) && !S_ISLNK(mode) && !S_ISDIR(mode)) why = "neither a file nor a link";
    if (!why.empty()) {
      if (!S_ISDIR(mode) || !before_.contains(node.path))
        results_.left_out.push_back({node.path, why});
      return S_ISDIR(mode) ? store::Step::skip : store::Step::on;
    }
    CCCI_CHECK(S_ISDIR(mode)   ? keep_directory(node)
               : S_ISLNK(mode) ? keep_link(node)
                               : keep_file(node));
    return store::Step::on;
  }

  // Whether the path lies below the directory that is taken, or leads to it.
  bool is_wanted(std::string_view path) const {
    const std::string_view only = harvest_.only;
    return only.empty() || path == only || path.starts_with(std::string(only) + "/") ||
           only.starts_with(std::string(path) + "/");
  }

  // The rules for a whole root say nothing of what lies in that directory.
  std::string_view within(std::string_view path) const {
    const std::string_view only = harvest_.only;
    if (only.empty()) return path;
    return path.substr(std::min(path.size(), only.size() + 1));
  }

  bool is_unchanged(const store::Entry& entry) const {
    const auto there = before_.find(entry.path);
    if (there == before_.end()) return false;
    const store::Entry& old = *there->second;
    return old.type == entry.type && old.content == entry.content && old.target == entry.target &&
           old.executable == entry.executable;
  }

  base::Result<void> keep_directory(const store::Node& node) {
    if (!before_.contains(node.path)) return make_parents(node.path + "/");
    if (is_opaque(node)) {
      const std::string below = node.path + "/";
      for (auto at = before_.lower_bound(below);
           at != before_.end() && at->first.starts_with(below); ++at) {
        results_.removed.push_back(at->first);
      }
    }
    return {};
  }

  // overlayfs marks a directory that was removed and made again.
  static bool is_opaque(const store::Node& node) {
    const base::Fd directory(
        openat(node.parent, node.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    char value = '\0';
    return directory && (fgetxattr(directory.get(), "user.overlay.opaque", &value, 1) == 1 ||
                         fgetxattr(directory.get(), "trusted.overlay.opaque", &value, 1) == 1);
  }

  base::Result<void> keep_link(const store::Node& node) {
    store::Entry entry;
    entry.type = Type::link;
    entry.path = node.path;
    entry.time = harvest_.epoch;
    std::array<char, 4096> target{};
    const ssize_t size = readlinkat(node.parent, node.name, target.data(), target.size());
    if (size <= 0 || static_cast<std::size_t>(size) == target.size()) {
      return base::unexpected(failure(node.path, size < 0 ? errno : ENAMETOOLONG));
    }
    entry.target.assign(target.data(), static_cast<std::size_t>(size));
    if (is_unchanged(entry)) return {};
    CCCI_CHECK(make_parents(node.path));
    if (symlinkat(entry.target.c_str(), root_.get(), node.path.c_str()) != 0) {
      return base::unexpected(failure(node.path, errno));
    }
    CCCI_CHECK(set_time(node.path));
    entries_.push_back(std::move(entry));
    return {};
  }

  base::Result<void> keep_file(const store::Node& node) {
    store::Entry entry;
    entry.path = node.path;
    entry.time = harvest_.epoch;
    entry.executable = (node.status.st_mode & 0111U) != 0;
    entry.size = static_cast<std::uint64_t>(node.status.st_size);
    const base::Fd file(openat(node.parent, node.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) return base::unexpected(failure(node.path, errno));
    if (is_berkeley_database(file.get())) {
      results_.left_out.push_back({node.path, std::string(varies)});
      return {};
    }
    CCCI_TRY(const bool of_machine, is_own_certificate(node, file.get()));
    if (of_machine) {
      results_.left_out.push_back({node.path, "a certificate of this machine: its key is random"});
      return {};
    }
    if (has_normal_form(node.path) && entry.size <= largest_normal_file) {
      CCCI_TRY(const std::string text,
               base::read_fd(file.get(), largest_normal_file, "/" + node.path));
      lseek(file.get(), 0, SEEK_SET);
      const auto normal = normal_form(node.path, text);
      if (normal && *normal != text) return keep_text(std::move(entry), *normal);
    }
    CCCI_TRY(entry.content, base::sha256_of_fd(file.get()));
    if (is_unchanged(entry)) return {};
    CCCI_CHECK(make_parents(node.path));
    // upper/ is removed anyway, so a second name is enough. It may also be in memory.
    const int linked = linkat(node.parent, node.name, root_.get(), node.path.c_str(), 0);
    if (linked != 0 && errno == EXDEV) {
      CCCI_CHECK(copy(file.get(), entry));
    } else if (linked != 0 || fchmod(file.get(), entry.executable ? 0755 : 0644) != 0) {
      return base::unexpected(failure(node.path, errno));
    }
    CCCI_CHECK(set_time(node.path));
    entries_.push_back(std::move(entry));
    return {};
  }

  // Each has an id made from an inode number and a random number (db_page.h: DBMETA.uid).
  static bool is_berkeley_database(int file) {
    constexpr std::array<std::uint32_t, 3> magics{0x053162, 0x061561, 0x042253};
    std::uint32_t magic = 0;
    if (pread(file, &magic, sizeof magic, 12) != sizeof magic) return false;
    return std::any_of(magics.begin(), magics.end(), [&](std::uint32_t one) {
      return magic == one || magic == __builtin_bswap32(one);
    });
  }

  base::Result<bool> is_own_certificate(const store::Node& node, int file) const {
    constexpr std::uint64_t largest = 64U << 10U;  // a bundle of packages' certificates is larger
    if (static_cast<std::uint64_t>(node.status.st_size) > largest) return false;
    CCCI_TRY(const std::string text, base::read_fd(file, largest, "/" + node.path));
    lseek(file, 0, SEEK_SET);
    return has_own_certificate(text, harvest_.epoch);
  }

  // The file with another text.
  base::Result<void> keep_text(store::Entry entry, std::string_view text) {
    entry.content = base::sha256(text);
    if (is_unchanged(entry)) return {};
    CCCI_CHECK(make_parents(entry.path));
    const mode_t mode = entry.executable ? 0755 : 0644;
    const base::Fd to(openat(root_.get(), entry.path.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!to || fchmod(to.get(), mode) != 0) return base::unexpected(failure(entry.path, errno));
    CCCI_CHECK(base::write_all(to.get(), text));
    entry.size = text.size();
    CCCI_CHECK(set_time(entry.path));
    results_.normalised.push_back(entry.path);
    entries_.push_back(std::move(entry));
    return {};
  }

  base::Result<void> copy(int from, const store::Entry& entry) const {
    const mode_t mode = entry.executable ? 0755 : 0644;
    const base::Fd to(openat(root_.get(), entry.path.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!to || fchmod(to.get(), mode) != 0) return base::unexpected(failure(entry.path, errno));
    off_t at = 0;
    while (static_cast<std::uint64_t>(at) < entry.size) {
      const ssize_t count = sendfile(to.get(), from, &at, 1U << 20U);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return base::unexpected(failure(entry.path, count < 0 ? errno : EIO));
    }
    return {};
  }

  base::Result<void> make_parents(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      store::Entry entry;
      entry.type = Type::directory;
      entry.path = path.substr(0, slash);
      if (mkdirat(root_.get(), entry.path.c_str(), 0755) == 0) {
        entries_.push_back(std::move(entry));
      } else if (errno != EEXIST) {
        return base::unexpected(failure(entry.path, errno));
      }
    }
    return {};
  }

  const Harvest& harvest_;
  std::map<std::string, const store::Entry*> before_;
  base::Fd root_;
  std::vector<store::Entry> entries_;
  Results results_;
};

}  // namespace

std::string refusal(std::string_view path, bool readable, bool accounts) {
  if (is_account_file(path)) return accounts ? "" : "accounts are the host's";
  if (path == "var/lib/dpkg/alternatives" || path == "var/lib/dpkg") return {};
  if (is_dpkg_record(path)) return std::string(database);
  for (const Rule& rule : rules) {
    const bool covers = rule.path.ends_with('/') ? is_below(path, rule.path) : path == rule.path;
    if (covers) return std::string(rule.why);
  }
  if (path.ends_with(".pyc") || path.ends_with("/__pycache__")) return std::string(bytecode);
  if (path.ends_with("/.git") || path.find("/.git/") != path.npos) return std::string(repository);
  if (path.ends_with(".log") || path.ends_with(".log.gz")) return std::string(log);
  // Keys and cookies. Each machine or job must make its own.
  if (!readable) return "a secret: not readable by every user";
  return {};
}

base::Result<Results> harvest(const Harvest& wish) { return Harvester(wish).run(); }

}  // namespace ccci::configure

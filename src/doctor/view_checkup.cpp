// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/view_checkup.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

constexpr std::uint64_t largest_host_file = 4U << 20U;

// The C library has these itself since 2.34, and the others of its own package.
constexpr std::array<std::string_view, 5> of_libc{"files", "dns", "compat", "db", "hesiod"};

bool is_of_libc(const std::string& module) {
  return std::find(of_libc.begin(), of_libc.end(), module) != of_libc.end();
}

// Debian's package of a module.
std::string package_of(const std::string& module) {
  static constexpr std::array packages{
      std::pair{"sss", "libnss-sss"},
      std::pair{"ldap", "libnss-ldapd"},
      std::pair{"winbind", "libnss-winbind"},
      std::pair{"extrausers", "libnss-extrausers"},
      std::pair{"systemd", "libnss-systemd"},
      std::pair{"myhostname", "libnss-myhostname"},
      std::pair{"mymachines", "libnss-mymachines"},
      std::pair{"resolve", "libnss-resolve"},
      std::pair{"mdns", "libnss-mdns"},
      std::pair{"mdns4", "libnss-mdns"},
      std::pair{"mdns4_minimal", "libnss-mdns"},
      std::pair{"mdns_minimal", "libnss-mdns"},
  };
  for (const auto& [name, package] : packages) {
    if (module == name) return package;
  }
  return {};
}

bool has_module(const fs::path& root, const std::string& module) {
  std::error_code error;
  const std::string file = "libnss_" + module + ".so.2";
  for (const auto& entry : fs::directory_iterator(root / "usr/lib", error)) {
    if (fs::exists(fs::symlink_status(entry.path() / file, error))) return true;
  }
  return fs::exists(fs::symlink_status(root / "usr/lib" / file, error));
}

std::string declare_remedy(const std::string& module) {
  const std::string package = package_of(module);
  return package.empty() ? "declare the package of libnss_" + module + ".so.2 in [runtime] packages"
                         : "add '" + package + "' to [runtime] packages";
}

void check_modules(const fs::path& root, bool dynamic_user, const fs::path& host,
                   std::vector<Symptom>& symptoms) {
  const auto text = base::read_file(host / "etc/nsswitch.conf", largest_host_file);
  if (!text) return;
  const NameServices services = read_nsswitch(*text);
  for (const std::string& module : services.accounts) {
    if (is_of_libc(module) || has_module(root, module)) continue;
    // Without a dynamic user, systemd's module only names root and nobody.
    if (module == "systemd" && !dynamic_user) continue;
    symptoms.push_back(
        {"accounts", State::bad,
         base::printable("jobs do not know the accounts of the name service module '" + module +
                         "' (/etc/nsswitch.conf): the environment lacks it"),
         base::printable(declare_remedy(module))});
  }
  for (const std::string& module : services.hosts) {
    if (is_of_libc(module) || has_module(root, module)) continue;
    symptoms.push_back({"host names", State::good,
                        base::printable("jobs resolve names without the module '" + module +
                                        "' of /etc/nsswitch.conf"),
                        base::printable(declare_remedy(module))});
  }
}

// The first lines of the base64 text are enough to know a certificate.
std::string first_lines(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
  const std::size_t at = pem.find(begin);
  if (at == std::string_view::npos) return {};
  constexpr std::size_t enough = 200;
  return std::string(base::trim(pem.substr(at + begin.size(), enough)));
}

// update-ca-certificates(8) adds the files of this directory to the host's bundle.
void check_authorities(const fs::path& root, const fs::path& host, std::vector<Symptom>& symptoms) {
  const auto bundle =
      base::read_file(root / "etc/ssl/certs/ca-certificates.crt", largest_host_file);
  if (!bundle) return;
  std::vector<std::string> unknown;
  std::error_code error;
  const fs::path directory = host / "usr/local/share/ca-certificates";
  for (auto entry = fs::recursive_directory_iterator(directory, error);
       entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (error || entry->path().extension() != ".crt") continue;
    const auto text = base::read_file(entry->path(), largest_host_file);
    const std::string known = text ? first_lines(*text) : std::string();
    if (!known.empty() && bundle->find(known) == std::string::npos) {
      unknown.push_back("/" + entry->path().lexically_relative(host).native());
    }
  }
  std::sort(unknown.begin(), unknown.end());
  for (const std::string& path : unknown) {
    symptoms.push_back(
        {"certificates", State::bad,
         base::printable("this host trusts the authority in " + path +
                         ", but jobs and runners do not"),
         base::printable("copy it to the project, and add it to [runtime] certificates")});
  }
}

// The value of core.hooksPath in a configuration of git; empty if it sets none.
std::string hooks_path(std::string_view text) {
  std::string section;
  std::string path;
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string_view line = base::trim(raw);
    if (line.starts_with('[')) section = std::string(line.substr(0, line.find(']') + 1));
    const std::size_t equals = line.find('=');
    if (section != "[core]" || equals == std::string_view::npos) continue;
    std::string key(base::trim(line.substr(0, equals)));
    std::transform(key.begin(), key.end(), key.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (key != "hookspath") continue;
    std::string_view value = base::trim(line.substr(equals + 1));
    if (value.starts_with('"') && value.ends_with('"') && value.size() > 1)
      value = value.substr(1, value.size() - 2);
    path = std::string(value);
  }
  return path;
}

// A hook that git does not find is skipped without a word.
void check_hooks(const fs::path& root, const fs::path& host, std::vector<Symptom>& symptoms) {
  std::error_code error;
  if (!fs::exists(root / "usr/bin/git", error)) return;
  const auto add = [&](const std::string& found, const std::string& remedy) {
    symptoms.push_back({"git hooks", State::bad, base::printable(found), remedy});
  };
  const auto system = base::read_file(host / "etc/gitconfig", largest_host_file);
  if (const std::string path = system ? hooks_path(*system) : ""; !path.empty()) {
    add("this host's /etc/gitconfig sets core.hooksPath, which jobs do not read",
        "put the hooks below /opt or /srv, and add to [runtime]: host_files = "
        "[\"/etc/gitconfig\"]");
  }
  const auto own = base::read_file(host / "root/.gitconfig", largest_host_file);
  if (const std::string path = own ? hooks_path(*own) : ""; path.starts_with("/usr/")) {
    add("core.hooksPath in /root/.gitconfig is " + path + ", which jobs do not see",
        "put the hooks below /opt or /srv, and correct core.hooksPath");
  }
}

// A directory that a package ships empty is a place for state, which is the host's. dpkg makes it
// on a host that has the package.
void check_places(const fs::path& root, const fs::path& host, std::vector<Symptom>& symptoms) {
  std::vector<std::string> missing;
  std::error_code error;
  for (const std::string base : {"var/lib", "var/cache"}) {
    for (auto entry = fs::directory_iterator(root / base, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
      std::error_code ignored;
      const std::string name = base + "/" + entry->path().filename().native();
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored) &&
          fs::is_empty(entry->path(), ignored) && !fs::exists(host / name, ignored)) {
        missing.push_back("/" + name);
      }
    }
  }
  std::sort(missing.begin(), missing.end());
  for (const std::string& path : missing) {
    symptoms.push_back(
        {"state", State::good,
         base::printable("a declared package keeps state in " + path + ", which this host lacks"),
         base::printable("if a job starts its program: install -d " + path)});
  }
}

}  // namespace

NameServices read_nsswitch(std::string_view text) {
  NameServices services;
  for (std::string_view line : base::split(text, '\n')) {
    line = base::trim(line.substr(0, line.find('#')));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view database = base::trim(line.substr(0, colon));
    const bool accounts = database == "passwd" || database == "group" || database == "shadow";
    if (!accounts && database != "hosts") continue;
    bool action = false;  // [NOTFOUND=return], which may contain blanks
    std::string module;
    const auto flush = [&] {
      if (!module.empty()) (accounts ? services.accounts : services.hosts).insert(module);
      module.clear();
    };
    for (const char c : line.substr(colon + 1)) {
      if (c == '[') flush();
      action = c == '[' || (action && c != ']');
      if (action || c == ']' || c == ' ' || c == '\t') {
        flush();
      } else {
        module += c;
      }
    }
    flush();
  }
  return services;
}

std::vector<Symptom> check_rights(const environment::Environment& environment) {
  std::vector<Symptom> symptoms;
  for (const environment::Exposed& exposed : environment.exposed) {
    if (exposed.package.empty()) continue;  // Essential's; root needs none of their rights
    for (const environment::Command& command : exposed.commands) {
      if (command.lost.empty()) continue;
      const std::string right =
          command.lost == "capability" ? "its file capability" : "its " + command.lost + " bit";
      symptoms.push_back(
          {"tool " + exposed.tool, State::unknown,
           command.name + " has lost " + right + ": a job that is not root gains no rights by it",
           "run the job as root, or use the host's program by a path outside /usr"});
    }
  }
  return symptoms;
}

bool has_dynamic_user(const std::vector<std::string>& texts) {
  const std::vector<std::string> values = host::settings(texts, "Service", "DynamicUser");
  return !values.empty() && host::is_true(values.back());
}

std::vector<Symptom> check_view(const fs::path& root, bool dynamic_user, const fs::path& host) {
  std::vector<Symptom> symptoms;
  check_modules(root, dynamic_user, host, symptoms);
  check_authorities(root, host, symptoms);
  check_hooks(root, host, symptoms);
  check_places(root, host, symptoms);
  return symptoms;
}

}  // namespace ccci::doctor

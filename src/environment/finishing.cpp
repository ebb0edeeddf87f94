// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/finishing.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "environment/script_reader.hpp"

namespace ccci::environment {

namespace {

// A call in a script, and what replaces it. `why` also explains why a call needs no replacement.
struct StandIn {
  std::string_view call;
  std::string_view why;
};

constexpr std::array stand_ins{
    StandIn{"ldconfig", "linker cache made by cc-ci"},
    StandIn{"update-ca-certificates", "CA bundle made by cc-ci"},
    StandIn{"update_cacerts", "Java's CA store made by cc-ci"},
    StandIn{"php_invoke", "modules enabled by cc-ci"},
    StandIn{"py3compile", "modules are compiled when they are imported"},
    StandIn{"pypy3compile", "modules are compiled when they are imported"},
    StandIn{"fc-cache", "fontconfig reads the fonts without its cache"},
    StandIn{"update-mime-database", "not needed by commands"},
    StandIn{"update-desktop-database", "not needed by commands"},
    StandIn{"gtk-update-icon-cache", "not needed by commands"},
    StandIn{"mandb", "not needed by commands"},
    StandIn{"deb-systemd-helper", "the host's units are not touched"},
    StandIn{"deb-systemd-invoke", "the host's services are not touched"},
    StandIn{"invoke-rc.d", "the host's services are not touched"},
    StandIn{"update-rc.d", "the host's services are not touched"},
    StandIn{"systemctl", "the host's services are not touched"},
    StandIn{"systemd-tmpfiles", "the host's /var and /run are not touched"},
    StandIn{"systemd-sysusers", "accounts are the host's"},
    StandIn{"adduser", "accounts are the host's"},
    StandIn{"addgroup", "accounts are the host's"},
    StandIn{"useradd", "accounts are the host's"},
    StandIn{"groupadd", "accounts are the host's"},
    StandIn{"dpkg-maintscript-helper", "there is no older version to upgrade from"},
    StandIn{"db_get", "no questions: a package's defaults hold"},
    StandIn{"add-shell", "/etc/shells is the host's"},
    StandIn{"update-shells", "/etc/shells is the host's"},
    StandIn{"dpkg-divert", "diversions are obeyed in composing"},
    StandIn{"rm_conffile", "there is no older version to upgrade from"},
};

// Calls without a replacement that some programs need. They are always listed, even if other calls
// of the script are replaced.
constexpr std::array gaps{
    StandIn{"libgvc6-config-update", "dot -c: graphviz knows no formats; see docs/declaration.md"},
    StandIn{"locale-gen", "locale-gen: declare locales-all for other locales than C.UTF-8"},
    StandIn{"glib-compile-schemas", "glib-compile-schemas: GSettings has no schemas"},
    StandIn{"gdk-pixbuf-query-loaders", "gdk-pixbuf-query-loaders: only built-in image formats"},
    StandIn{"setcap", "setcap: files carry no capabilities"},
};

// Scripts that are only for removal or upgrade are not needed in a newly made root.
bool only_for_removal(std::string_view name) { return name == "prerm" || name == "postrm"; }

std::string stands_in(const Part& part, const std::string& name, const std::string& text,
                      const std::vector<Alternative>& alternatives) {
  if (only_for_removal(name)) return "nothing is ever removed from a root";
  std::vector<std::string> found;
  if (name == "postinst" && text.find("update-alternatives") != std::string::npos) {
    std::vector<std::string> names;
    for (const Alternative& alternative : alternatives) {
      if (alternative.package == part.package.name) names.push_back(alternative.name);
    }
    if (!names.empty()) found.push_back("alternatives: " + base::join(names, ", "));
    for (const std::string& call : read_alternatives(text, part.package.name).unresolved) {
      found.push_back("not followed: " + call);
    }
  }
  if (name == "triggers") {
    if (text.find("ldconfig") != std::string::npos) return "linker cache made by cc-ci";
    if (text.find("update-ca-certificates") != std::string::npos) return "CA bundle made by cc-ci";
    return {};
  }
  std::set<std::string_view> reasons;
  for (const StandIn& row : stand_ins) {
    if (!invocations(text, row.call).empty() && reasons.insert(row.why).second) {
      found.emplace_back(row.why);
    }
  }
  for (const StandIn& row : gaps) {
    if (!invocations(text, row.call).empty()) found.push_back("not done: " + std::string(row.why));
  }
  return base::join(found, "; ");
}

std::string configuration(const std::vector<std::string>& paths) {
  if (paths.size() == 1) return "configuration: /" + paths.front();
  return "configuration: /" + paths.front() + " and " + std::to_string(paths.size() - 1) + " more";
}

}  // namespace

std::vector<Script> list_scripts(
    const std::vector<Part>& parts, const std::vector<Alternative>& alternatives,
    const std::map<std::string, std::vector<std::string>>& configured) {
  std::vector<Script> scripts;
  for (const Part& part : parts) {
    for (const auto& [name, text] : part.control) {
      if (name == "control") continue;
      std::string why = stands_in(part, name, text, alternatives);
      const auto files = configured.find(part.package.name);
      if (name == "postinst" && files != configured.end()) {
        const std::string made = configuration(files->second);
        why = why.empty() ? made : made + "; " + why;
      }
      scripts.push_back({part.package.name, name, std::move(why)});
    }
  }
  std::sort(scripts.begin(), scripts.end(), [](const Script& a, const Script& b) {
    return std::tie(a.package, a.name) < std::tie(b.package, b.name);
  });
  return scripts;
}

std::vector<std::string> environment_etc(const std::vector<std::string>& names_in_root) {
  // A '*' at the end matches any text: these directories have a version in their name.
  static constexpr std::array<std::string_view, 18> patterns{
      "ImageMagick-*",    // policies and delegates of this build
      "OpenCL",           // paths of vendor libraries in /usr
      "alternatives",     // links into /usr
      "ca-certificates",  // hooks of the CA bundle
      "ca-certificates.conf",
      "fonts",        // fontconfig finds no font without it
      "java-*",       // security policy, CA store, modules' configuration
      "ld.so.cache",  // else the linker would load the host's libraries or none
      "lua",
      "magic",
      "magic.mime",
      "php",
      "python3*",  // else the host's sitecustomize would run in our interpreter
      "R",
      "ssl",  // CA bundle, openssl.cnf
      "terminfo",
      "texmf",
      "xml",
  };
  std::vector<std::string> chosen;
  for (const std::string& name : names_in_root) {
    const bool wanted =
        std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
          if (!pattern.ends_with('*')) return name == pattern;
          pattern.remove_suffix(1);
          return name.starts_with(pattern);
        });
    if (wanted) chosen.push_back(name);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace ccci::environment

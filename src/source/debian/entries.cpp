// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/entries.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "source/debian/keyrings.hpp"
#include "source/debian/setup.hpp"

namespace ccci::source::debian {

namespace {

constexpr std::uint64_t largest_sources_file = 4U << 20U;

// For a mirror on a local disk, libapt would only link to the indexes. With "copy:" it copies them.
// The indexes that are read must be the verified ones, even after the disk has been removed.
constexpr std::string_view local = "file:";
constexpr std::string_view copied = "copy:";

std::string for_libapt(const std::string& uri) {
  if (uri.compare(0, local.size(), local) != 0) return uri;
  return std::string(copied) + uri.substr(local.size());
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  std::string word;
  for (const char character : text) {
    if (std::isspace(static_cast<unsigned char>(character)) == 0) {
      word.push_back(character);
    } else if (!word.empty()) {
      found.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) found.push_back(word);
  return found;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& character : result) {
    character = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  }
  return result;
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// `rest` is the rest of a one-line entry: uri, suite and components.
void add_one_line(std::vector<Entry>& found, std::string_view rest, const std::string& signed_by) {
  std::vector<std::string> parts = words(rest);
  if (parts.size() < 2) return;
  Entry entry{.uri = parts[0],
              .suite = parts[1],
              .components = {parts.begin() + 2, parts.end()},
              .signed_by = signed_by};
  // A directory must have no components, any other suite must have some. libapt reads no sources at
  // all if one entry violates this.
  if ((entry.suite.back() == '/') != entry.components.empty()) return;
  found.push_back(std::move(entry));
}

using Stanza = std::map<std::string, std::string>;

std::vector<Stanza> stanzas(std::string_view text) {
  std::vector<Stanza> found;
  Stanza stanza;
  std::string field;
  const auto finish = [&] {
    if (!stanza.empty()) found.push_back(std::exchange(stanza, {}));
    field.clear();
  };
  for (std::string_view line : base::split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty() && line.front() == '#') continue;
    if (base::trim(line).empty()) {
      finish();
    } else if (line.front() == ' ' || line.front() == '\t') {
      if (!field.empty()) stanza[field] += "\n" + std::string(base::trim(line));
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      field = lower(base::trim(line.substr(0, colon)));
      stanza[field] = std::string(base::trim(line.substr(colon + 1)));
    }
  }
  finish();
  return found;
}

bool is_no(const std::string& word) {
  const std::string text = lower(word);
  return text == "no" || text == "false" || text == "without" || text == "off" ||
         text == "disable" || text == "0";
}

void add_stanza(std::vector<Entry>& found, Stanza stanza, const std::string& architecture) {
  if (is_no(stanza["enabled"]) || !contains(words(stanza["types"]), "deb")) return;
  std::string architectures = stanza["architectures"];
  std::replace(architectures.begin(), architectures.end(), ',', ' ');
  if (!words(architectures).empty() && !contains(words(architectures), architecture)) return;
  std::string key = stanza["signed-by"];
  if (key.find("-----BEGIN") == std::string::npos) key = base::join(words(key), ",");
  for (const std::string& uri : words(stanza["uris"])) {
    for (const std::string& suite : words(stanza["suites"])) {
      Entry entry{.uri = uri, .suite = suite, .components = {}, .signed_by = key};
      if (suite.back() != '/') entry.components = words(stanza["components"]);
      if (suite.back() == '/' || !entry.components.empty()) found.push_back(std::move(entry));
    }
  }
}

base::Result<std::vector<Entry>> of_machine(const Machine& machine,
                                            const std::string& architecture) {
  std::vector<std::filesystem::path> files{machine.etc / "sources.list"};
  CCCI_TRY(const auto parts, base::entries_of(machine.etc / "sources.list.d"));
  for (const std::filesystem::directory_entry& file : parts) {
    const std::string extension = file.path().extension().native();
    if (extension == ".list" || extension == ".sources") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Entry> found;
  for (const std::filesystem::path& file : files) {
    std::error_code unknown;
    if (!std::filesystem::exists(file, unknown) && !unknown) continue;
    CCCI_TRY(const std::string text, base::read_file(file, largest_sources_file));
    std::vector<Entry> entries = file.extension() == ".sources"
                                     ? parse_deb822(text, architecture)
                                     : parse_one_line(text, architecture);
    std::move(entries.begin(), entries.end(), std::back_inserter(found));
  }
  return found;
}

bool belongs(const std::string& candidate, const std::string& suite) {
  if (candidate.compare(0, suite.size(), suite) != 0) return false;
  return candidate.size() == suite.size() || candidate[suite.size()] == '-' ||
         candidate[suite.size()] == '/';
}

// Debian's suites that have no updates and no security suite.
bool stands_alone(const std::string& suite) {
  static constexpr std::array alone{"sid", "unstable", "experimental", "rc-buggy"};
  const bool pocket = suite.find_first_of("-/") != std::string::npos;
  return pocket || std::find(alone.begin(), alone.end(), suite) != alone.end();
}

// Debian's keyring has the keys of all releases. The package also has one file for each release.
std::string for_all_releases(const std::string& signed_by, const Machine& machine) {
  const std::string of_release = (machine.keyrings / "debian-archive-").native();
  std::vector<std::string> keys;
  std::error_code ignored;
  for (const std::string_view word : base::split(signed_by, ',')) {
    std::string key(word);
    const std::filesystem::path whole = machine.keyrings / "debian-archive-keyring.gpg";
    if (key.starts_with(of_release) && std::filesystem::exists(whole, ignored)) key = whole;
    keys.push_back(std::move(key));
  }
  return base::join(keys, ",");
}

// The machine's entries for its own release, changed to `suite`: a mirror of Debian has all
// releases. Empty if the machine has no such entries.
std::vector<Entry> at_same_mirror(const std::vector<Entry>& all, const std::string& suite,
                                  const Machine& machine) {
  const auto with = [&](const std::string& name, const std::string& uri) {
    std::vector<Entry> found;
    for (const Entry& entry : all) {
      const bool same = entry.suite == name && (uri.empty() || entry.uri == uri);
      if (same && contains(entry.components, "main")) found.push_back(entry);
    }
    return found;
  };
  std::vector<Entry> own;
  std::string release;
  for (const std::string& name : {os_release(machine.os_release, "VERSION_CODENAME"),
                                  std::string("stable"), std::string("oldstable")}) {
    if (!own.empty() || name.empty()) continue;
    release = name;
    own = with(name, {});
  }
  // Another vendor may also name its suites like Debian, but only a mirror has these.
  const auto no_mirror = [&](const Entry& entry) {
    return with(release + "-updates", entry.uri).empty() &&
           with(release + "-backports", entry.uri).empty();
  };
  if (!std::all_of(own.begin(), own.end(), no_mirror)) std::erase_if(own, no_mirror);
  if (!own.empty() && !stands_alone(suite)) {
    for (const char* pocket : {"-updates", "-security"}) {
      const std::vector<Entry> more = with(release + pocket, {});
      own.insert(own.end(), more.begin(), more.end());
    }
  }
  for (Entry& entry : own) {
    entry.suite.replace(0, release.size(), suite);
    entry.signed_by = for_all_releases(entry.signed_by, machine);
  }
  return own;
}

// Makes one entry for each uri, suite and key: libapt refuses an index that is named twice.
std::vector<Entry> merged(std::vector<Entry> entries) {
  std::map<std::tuple<std::string, std::string, std::string>, std::set<std::string>> all;
  for (const Entry& entry : entries) {
    std::string uri = entry.uri;
    if (uri.empty() || uri.back() != '/') uri.push_back('/');
    all[{entry.suite, uri, entry.signed_by}].insert(entry.components.begin(),
                                                    entry.components.end());
  }
  std::vector<Entry> result;
  for (const auto& [key, components] : all) {
    const auto& [suite, uri, signed_by] = key;
    result.push_back({uri, suite, {components.begin(), components.end()}, signed_by});
  }
  return result;
}

base::Result<std::vector<Entry>> declared_entries(const declare::DebianSource& declared,
                                                  const std::vector<std::string>& suites,
                                                  const Machine& machine) {
  Entry entry{.uri = at_snapshot(declared.uri, declared.snapshot),
              .suite = {},
              .components = {},
              .signed_by = declared.signed_by};
  if (entry.signed_by.empty()) {
    std::vector<std::string> keyrings;
    for (const char* name : {"debian-archive-keyring.gpg", "debian-archive-keyring.pgp",
                             "ubuntu-archive-keyring.gpg"}) {
      const std::filesystem::path keyring = machine.keyrings / name;
      CCCI_TRY(const bool there, has_keyring(keyring));
      if (there) keyrings.push_back(keyring.native());
    }
    entry.signed_by = base::join(keyrings, ",");
    if (keyrings.empty()) {
      return base::unexpected(
          base::fail("source.no-keyring").with("path", machine.keyrings.native()));
    }
  } else {
    CCCI_TRY(const bool there, has_keyring(entry.signed_by));
    if (!there) {
      return base::unexpected(base::fail("source.no-keyring").with("path", entry.signed_by));
    }
  }
  std::vector<Entry> all;
  for (const std::string& suite : suites) {
    entry.suite = suite;
    entry.components = declared.components;
    if (entry.components.empty() && suite.back() != '/') entry.components = {"main"};
    all.push_back(entry);
  }
  all = merged(std::move(all));
  for (Entry& one : all) one.may_be_expired = !declared.snapshot.empty();
  return all;
}

}  // namespace

std::vector<Entry> parse_one_line(std::string_view text, const std::string& architecture) {
  std::vector<Entry> found;
  for (std::string_view line : base::split(text, '\n')) {
    line = base::trim(line.substr(0, line.find('#')));
    if (line.substr(0, 3) != "deb" || line.size() < 4 || line.substr(3, 1).find_first_of(" \t[")) {
      continue;
    }
    line = base::trim(line.substr(3));
    std::string signed_by;
    bool ours = true;
    if (!line.empty() && line.front() == '[') {
      const std::size_t end = line.find(']');
      if (end == std::string_view::npos) continue;
      for (const std::string& option : words(line.substr(1, end - 1))) {
        const std::size_t equals = option.find('=');
        if (equals == std::string::npos) continue;
        const std::string name = lower(option.substr(0, equals));
        const std::string value = option.substr(equals + 1);
        if (name == "signed-by") signed_by = value;
        if (name == "arch") {
          const auto list = base::split(value, ',');
          ours = std::find(list.begin(), list.end(), architecture) != list.end();
        }
      }
      line = base::trim(line.substr(end + 1));
    }
    if (ours) add_one_line(found, line, signed_by);
  }
  return found;
}

std::vector<Entry> parse_deb822(std::string_view text, const std::string& architecture) {
  std::vector<Entry> found;
  for (Stanza& stanza : stanzas(text)) add_stanza(found, std::move(stanza), architecture);
  return found;
}

base::Result<std::vector<Entry>> entries(const declare::DebianSource& declared,
                                         const Machine& machine, const std::string& architecture) {
  std::string suite = declared.suite;
  if (suite.empty()) suite = os_release(machine.os_release, "VERSION_CODENAME");
  if (suite.empty()) {
    return base::unexpected(
        base::fail("source.no-suite-known").with("path", machine.os_release.native()));
  }
  std::vector<std::string> suites = declared.further_suites;
  suites.insert(suites.begin(), suite);
  if (!declared.uri.empty()) return declared_entries(declared, suites, machine);

  CCCI_TRY(const std::vector<Entry> all, of_machine(machine, architecture));
  std::vector<Entry> chosen;
  std::set<std::string> others;
  std::set<std::string> missing(suites.begin(), suites.end());
  for (const Entry& entry : all) {
    bool ours = false;
    for (const std::string& one : suites) {
      if (!belongs(entry.suite, one)) continue;
      ours = true;
      missing.erase(one);
    }
    if (ours) {
      chosen.push_back(entry);
    } else {
      others.insert(entry.suite);
    }
  }
  std::set<std::string> unknown;
  for (const std::string& one : missing) {
    std::vector<Entry> there = at_same_mirror(all, one, machine);
    if (there.empty()) unknown.insert(one);
    std::move(there.begin(), there.end(), std::back_inserter(chosen));
  }
  if (unknown.empty()) {
    // If they are declared without a uri, they restrict the machine's entries.
    for (Entry& entry : chosen) {
      if (!declared.components.empty() && !entry.components.empty()) {
        entry.components = declared.components;
      }
      if (!declared.signed_by.empty()) entry.signed_by = declared.signed_by;
    }
    return merged(std::move(chosen));
  }
  base::Error error = base::fail("source.no-entry")
                          .with("suite", *unknown.begin())
                          .with("path", machine.etc.native());
  if (!others.empty()) {
    const std::vector<std::string> list(others.begin(), others.end());
    error.fields.push_back({"others", base::join(list, ", ")});
  }
  return base::unexpected(std::move(error));
}

base::Result<std::string> render(const std::vector<Entry>& entries,
                                 const std::filesystem::path& keys,
                                 const std::string& architecture) {
  std::string text = "# Written by cc-ci for every use of the archive.\n";
  for (const Entry& entry : entries) {
    std::string key = entry.signed_by;
    if (key.find("-----BEGIN") != std::string::npos) {
      std::string armoured;
      for (const std::string_view line : base::split(key, '\n')) {
        if (armoured.empty() && line.empty()) continue;
        armoured += (line == "." ? std::string() : std::string(line)) + "\n";
      }
      const std::filesystem::path file = keys / (base::sha256(armoured).short_hex() + ".asc");
      CCCI_CHECK(base::replace_file(file, armoured));
      key = file.native();
    }
    text += "\nTypes: deb\nURIs: " + for_libapt(entry.uri) + "\nSuites: " + entry.suite + "\n";
    if (!entry.components.empty())
      text += "Components: " + base::join(entry.components, " ") + "\n";
    text += "Architectures: " + architecture + "\nTargets: Packages\n";
    if (!key.empty()) text += "Signed-By: " + key + "\n";
    if (entry.may_be_expired) text += "Check-Valid-Until: no\n";
  }
  return text;
}

std::string without_password(const std::string& uri) {
  if (uri.compare(0, copied.size(), copied) == 0) {
    return std::string(local) + uri.substr(copied.size());
  }
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string::npos) return uri;
  const std::size_t start = scheme + 3;
  const std::size_t end = uri.find('/', start);
  const std::size_t at = uri.rfind('@', end);
  if (at == std::string::npos || at < start) return uri;
  return uri.substr(0, start) + uri.substr(at + 1);
}

}  // namespace ccci::source::debian

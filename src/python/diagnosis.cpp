// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/diagnosis.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "source/debian/entries.hpp"

namespace ccci::python {

namespace {

constexpr std::size_t most_versions = 12;

const Wanted* find_wanted(const std::vector<Wanted>& wanted, const std::string& package) {
  const auto found = std::find_if(wanted.begin(), wanted.end(),
                                  [&](const Wanted& one) { return one.package == package; });
  return found == wanted.end() ? nullptr : &*found;
}

// The text between two marks on one line; empty if a mark is missing.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t start = text.rfind(before);
  if (start == std::string_view::npos) return {};
  const std::size_t from = start + before.size();
  const std::size_t end = std::min(text.find('\n', from), text.find(after, from));
  if (end == std::string_view::npos) return {};
  return std::string(text.substr(from, end - from));
}

std::string last_lines(std::string_view output, std::size_t most) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(output, '\n')) {
    if (!base::trim(line).empty()) lines.push_back(base::printable(line.substr(0, 300)));
  }
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<long>(most));
  return base::join(lines, "\n");
}

// What an index offers of one project.
struct Offer {
  std::vector<WheelName> wheels;
  std::vector<std::string> versions;  // of wheels that fit, not withdrawn
  std::set<std::string> tags;         // of wheels that do not fit
  std::string requires_python;        // of the last file that fits by its tags
  bool sources = false;
  bool withdrawn = false;
};

// "2.1" of "requests-2.1.tar.gz" is not needed: only wheels count.
Offer read_offer(const base::Json& files, const Target& target) {
  Offer offer;
  for (const base::Json& json : files) {
    const std::string file = json["file"].text_or_empty();
    const auto wheel = read_wheel_name(file);
    if (!wheel) {
      offer.sources = offer.sources || file.ends_with(".tar.gz") || file.ends_with(".zip");
      continue;
    }
    offer.wheels.push_back(*wheel);
    if (!fits(*wheel, target)) {
      offer.tags.insert(wheel->tags());
      continue;
    }
    if (json["yanked"].boolean().value_or(false)) {
      offer.withdrawn = true;
      continue;
    }
    offer.requires_python = json["requires"].text_or_empty();
    if (std::find(offer.versions.begin(), offer.versions.end(), wheel->version) ==
        offer.versions.end()) {
      offer.versions.push_back(wheel->version);
    }
  }
  return offer;
}

std::string newest(std::vector<std::string> texts) {
  if (texts.size() > most_versions) {
    texts.erase(texts.begin(), texts.end() - static_cast<long>(most_versions));
    texts.insert(texts.begin(), "…");
  }
  return base::printable(base::join(texts, ", "));
}

base::Error with_wanted(base::Error error, const std::string& name,
                        const std::vector<Wanted>& wanted) {
  const Wanted* asked = find_wanted(wanted, declare::pypi_package(name));
  error = std::move(error).with("name", base::printable(name));
  if (asked == nullptr) return error;
  if (asked->at.line > 0) error.where.push_back(asked->at);
  return std::move(error).with("because", asked->because);
}

base::Error explain_project(const base::Json& probe, const std::string& output,
                            const std::vector<Wanted>& wanted, const Target& target) {
  const std::string name = probe["name"].text_or_empty();
  const std::uint64_t status = probe["status"].number().value_or(0);
  const std::string version = "3." + std::to_string(target.minor);
  if (status == 401 || status == 403) {
    return with_wanted(base::fail("python.denied").with("status", std::to_string(status)), name,
                       wanted);
  }
  if (status == 0 || status >= 500) {
    return with_wanted(base::fail("python.unreachable").with("output", last_lines(output, 2)), name,
                       wanted);
  }
  const Offer offer = read_offer(probe["files"], target);
  if (offer.wheels.empty() && !offer.sources) {
    base::Error error = base::fail("python.unknown");
    const std::string likely = probe["near"][std::size_t{0}].text_or_empty();
    if (!likely.empty()) error = std::move(error).with("likely", base::printable(likely));
    return with_wanted(std::move(error), name, wanted);
  }
  if (offer.wheels.empty()) return with_wanted(base::fail("python.sdist"), name, wanted);
  const std::string line =
      base::printable(between(output, "No matching distribution found for ", "\n"));
  if (offer.versions.empty() && offer.withdrawn) {
    return with_wanted(base::fail("python.yanked"), name, wanted);
  }
  if (offer.versions.empty()) {
    return with_wanted(base::fail("python.no-wheel")
                           .with("python", version)
                           .with("tags", newest({offer.tags.begin(), offer.tags.end()})),
                       name, wanted);
  }
  // pip leaves out the versions whose Requires-Python does not hold.
  const bool none = output.find("from versions: none)") != std::string::npos;
  if (none && !offer.requires_python.empty()) {
    return with_wanted(base::fail("python.wrong-python")
                           .with("python", version)
                           .with("requires", base::printable(offer.requires_python)),
                       name, wanted);
  }
  return with_wanted(
      base::fail("python.no-version").with("line", line).with("versions", newest(offer.versions)),
      name, wanted);
}

// The lines behind "The conflict is caused by:" name who wants what.
base::Error explain_conflict(const std::string& output, const std::vector<Wanted>& wanted) {
  std::vector<std::string> reasons;
  std::string names;
  bool inside = false;
  for (const std::string_view line : base::split(output, '\n')) {
    const std::string_view text = base::trim(line);
    if (text.starts_with("The conflict is caused by:")) {
      inside = true;
      reasons.clear();
    } else if (inside && text.empty()) {
      inside = false;
    } else if (inside && reasons.size() < 8) {
      reasons.push_back(base::printable(text.substr(0, 300)));
    }
  }
  names = base::printable(between(output, "Cannot install ", " because"));
  base::Error error = base::fail("python.conflict", base::Condition::conflict)
                          .with("names", names)
                          .with("reasons", base::join(reasons, "\n"));
  for (const Wanted& one : wanted) {
    const std::string project = one.package.substr(one.package.find(':') + 1);
    const bool named = std::any_of(reasons.begin(), reasons.end(), [&](const std::string& reason) {
      return declare::pypi_package(reason.substr(0, reason.find(' '))) == one.package ||
             reason.find(" " + project) != std::string::npos;
    });
    if (named && one.at.line > 0 && error.where.size() < 2) error.where.push_back(one.at);
  }
  return error;
}

// A wheel may name a repository as its dependency: "Collecting beta@ git+https://… (from alpha)".
std::optional<base::Error> explain_repository(const std::string& output,
                                              const std::vector<Wanted>& wanted) {
  for (const std::string_view line : base::split(output, '\n')) {
    const std::string_view text = base::trim(line);
    const std::size_t at = text.find('@');
    if (!text.starts_with("Collecting ") || at == std::string_view::npos) continue;
    const std::string_view address = base::trim(text.substr(at + 1));
    const std::string_view scheme = address.substr(0, address.find("://"));
    if (scheme.find('+') == std::string_view::npos) continue;
    const std::string shown =
        source::debian::without_password(std::string(address.substr(0, address.find(' '))));
    base::Error error =
        with_wanted(base::fail("python.direct").with("address", base::printable(shown)),
                    std::string(base::trim(text.substr(11, at - 11))), wanted);
    std::string by = between(text, "(from ", ")");
    by = base::printable(by.substr(0, by.find("->")));
    if (error.field("because").empty() && !by.empty())
      error = std::move(error).with("because", "package " + by);
    return error;
  }
  return std::nullopt;
}

}  // namespace

base::Error explain(const base::Json& answer, const std::vector<Wanted>& wanted,
                    const Target& target) {
  const std::string output = answer["output"].text_or_empty();
  if (answer["slow"].boolean().value_or(false)) return base::fail("python.slow");
  if (output.find("MemoryError") != std::string::npos ||
      output.find("File too large") != std::string::npos) {
    return base::fail("python.endless").with("output", last_lines(output, 2));
  }
  if (output.find("ResolutionImpossible") != std::string::npos) {
    return explain_conflict(output, wanted);
  }
  // Of an index that does not say which Python its files need.
  const std::string needed = between(output, "not in '", "'");
  if (!needed.empty() && output.find("requires a different Python") != std::string::npos) {
    return with_wanted(base::fail("python.wrong-python")
                           .with("python", "3." + std::to_string(target.minor))
                           .with("requires", base::printable(needed)),
                       between(output, "Package '", "'"), wanted);
  }
  if (auto repository = explain_repository(output, wanted)) return *std::move(repository);
  if (answer["probe"].is_object()) {
    return explain_project(answer["probe"], output, wanted, target);
  }
  return base::fail("python.failed").with("output", last_lines(output, 3));
}

base::Result<void> refuse_yanked(const std::string& output, const std::vector<Wanted>& wanted) {
  // "… is a yanked version: 'requests' candidate (version 2.32.0 at …)\nReason for being yanked: …"
  const std::size_t at = output.find("is a yanked version: '");
  if (at == std::string::npos) return {};
  const std::string_view text = std::string_view(output).substr(at);
  const std::string name = between(text.substr(0, text.find('\n')), "version: '", "'");
  std::string reason = between(text.substr(0, 4000), "Reason for being yanked: ", "\n");
  if (reason == "<none given>") reason.clear();
  return base::unexpected(
      with_wanted(base::fail("python.yanked")
                      .with("version", between(text.substr(0, text.find('\n')), "(version ", " "))
                      .with("reason", base::printable(reason)),
                  name, wanted));
}

const std::map<std::string, std::string>& known_projects() {
  static const std::map<std::string, std::string> projects{
      {"attr", "attrs"},
      {"bs4", "beautifulsoup4"},
      {"crypto", "pycryptodome"},
      {"cv2", "opencv-python-headless"},
      {"dateutil", "python-dateutil"},
      {"dns", "dnspython"},
      {"docx", "python-docx"},
      {"dotenv", "python-dotenv"},
      {"git", "gitpython"},
      {"google.protobuf", "protobuf"},
      {"jose", "python-jose"},
      {"jwt", "pyjwt"},
      {"ldap", "python-ldap"},
      {"magic", "python-magic"},
      {"mysqldb", "mysqlclient"},
      {"openssl", "pyopenssl"},
      {"pil", "pillow"},
      {"pkg_resources", "setuptools"},
      {"serial", "pyserial"},
      {"skimage", "scikit-image"},
      {"sklearn", "scikit-learn"},
      {"slugify", "python-slugify"},
      {"socks", "pysocks"},
      {"usb", "pyusb"},
      {"yaml", "pyyaml"},
      {"zmq", "pyzmq"},
  };
  return projects;
}

}  // namespace ccci::python

// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "lock/text.hpp"

namespace ccci::deploy {

namespace {

constexpr std::string_view first_line = "cc-ci-project 1";
constexpr std::size_t longest_path = 4000;
constexpr std::size_t longest_name = 255;
constexpr std::size_t deepest_path = 64;

bool hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Why `path` cannot be the path of an entry. Empty if it can.
std::string_view path_fault(std::string_view path) {
  if (path.empty() || path.size() > longest_path) return "not a length that a path may have";
  if (path.find('\0') != std::string_view::npos) return "it contains a zero byte";
  const std::vector<std::string_view> names = base::split(path, '/');
  if (names.size() > deepest_path) return "in too many nested directories";
  for (const std::string_view name : names) {
    if (name.empty() || name == "." || name == "..") return "not a path below the project";
    if (name.size() > longest_name) return "a name too long to be stored";
  }
  return {};
}

// A target may have '..' only at its beginning. It starts from the link's real directory and must
// not go above the project. After another link in the path, '..' would mean another directory than
// the text suggests.
std::string_view target_fault(std::string_view path, std::string_view target) {
  if (target.size() > longest_path) return "a target too long to be stored";
  if (target.front() == '/') return "a link with an absolute target";
  if (target.find('\0') != std::string_view::npos) return "its target contains a zero byte";
  auto depth = std::count(path.begin(), path.end(), '/');
  bool climbing = true;
  for (const std::string_view name : base::split(target, '/')) {
    if (name == "..") {
      if (!climbing || --depth < 0) return "a link that leads out of the project";
    } else if (!name.empty() && name != ".") {
      climbing = false;
    }
  }
  return {};
}

base::Error refused(std::string_view path, std::string_view cause) {
  return base::fail("deploy.project-entry").with("path", path).with("cause", cause);
}

base::Error not_a_manifest(std::size_t line) {
  return base::fail("deploy.message")
      .with("message", "manifest")
      .with("cause", "line " + std::to_string(line));
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

std::optional<std::pair<std::string, ProjectEntry>> read_entry(std::string_view line) {
  const std::vector<std::string_view> words = base::split(line, ' ');
  ProjectEntry entry;
  if (words.size() == 3 && words[0] == "link") {
    auto path = lock::unescape(words[1]);
    auto target = lock::unescape(words[2]);
    if (!path || !target || target->empty()) return std::nullopt;
    entry.target = *std::move(target);
    return std::pair(*std::move(path), std::move(entry));
  }
  if (words.size() != 5 || words[0] != "file") return std::nullopt;
  if (words[1] != "644" && words[1] != "755") return std::nullopt;
  const auto size = number(words[2]);
  auto path = lock::unescape(words[4]);
  if (!size || !is_sha256(words[3]) || !path) return std::nullopt;
  entry.executable = words[1] == "755";
  entry.size = *size;
  entry.sha256 = words[3];
  return std::pair(*std::move(path), std::move(entry));
}

}  // namespace

bool is_sha256(std::string_view text) { return hex(text, 64); }
bool is_project_hash(std::string_view text) { return hex(text, 32); }

base::Result<ProjectManifest> ProjectManifest::of(ProjectEntries entries) {
  ProjectManifest manifest;
  for (const auto& [path, entry] : entries) {
    if (const auto fault = path_fault(path); !fault.empty()) {
      return base::unexpected(refused(path, fault));
    }
    if (entry.is_link()) {
      if (const auto fault = target_fault(path, entry.target); !fault.empty()) {
        return base::unexpected(refused(path, fault));
      }
    } else if (entry.size > most_project_bytes ||
               (manifest.bytes_ += entry.size) > most_project_bytes) {
      return base::unexpected(
          base::fail("deploy.project-large").with("limit", base::human_bytes(most_project_bytes)));
    }
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
      if (entries.contains(path.substr(0, at))) {
        return base::unexpected(refused(path, "a parent of this path is not a directory"));
      }
    }
  }
  if (entries.size() > most_project_entries) {
    return base::unexpected(base::fail("deploy.project-large")
                                .with("limit", base::counted(most_project_entries, "file")));
  }
  manifest.entries_ = std::move(entries);
  return manifest;
}

base::Result<ProjectManifest> ProjectManifest::read(std::string_view text) {
  ProjectEntries entries;
  std::size_t line = 1;
  std::string last;
  // The lines are counted before the text is split: split text needs more memory per line than an
  // empty line has bytes.
  if (std::count(text.begin(), text.end(), '\n') >
      static_cast<std::ptrdiff_t>(most_project_entries + 1)) {
    return base::unexpected(base::fail("deploy.project-large")
                                .with("limit", base::counted(most_project_entries, "file")));
  }
  const std::vector<std::string_view> lines = base::split(text, '\n');
  // The last line also ends with a newline, so the last element is empty.
  if (lines.size() < 2 || lines.front() != first_line || !lines.back().empty()) {
    return base::unexpected(not_a_manifest(line));
  }
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    ++line;
    auto entry = read_entry(lines[i]);
    const bool ordered = entry && (i == 1 || last < entry->first);
    if (!ordered) return base::unexpected(not_a_manifest(line));
    last = entry->first;
    entries.insert(*std::move(entry));
  }
  CCCI_TRY(ProjectManifest manifest, of(std::move(entries)));
  // Only one spelling is accepted, so that equal projects have equal hashes.
  if (manifest.text() != text) return base::unexpected(not_a_manifest(line));
  return manifest;
}

std::string ProjectManifest::text() const {
  std::string text = std::string(first_line) + "\n";
  for (const auto& [path, entry] : entries_) {
    const std::string name = lock::escape(path, true);
    if (entry.is_link()) {
      text += "link " + name + " " + lock::escape(entry.target, true) + "\n";
    } else {
      text += std::string("file ") + (entry.executable ? "755 " : "644 ") +
              std::to_string(entry.size) + " " + entry.sha256 + " " + name + "\n";
    }
  }
  return text;
}

std::string ProjectManifest::hash() const { return base::sha256(text()).hex().substr(0, 32); }

}  // namespace ccci::deploy

// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/path_setting.hpp"

#include <algorithm>
#include <array>

namespace ccci::prove {

namespace {

enum class Origin { inherited, host, own };

// Variables and commands that give the repository, or a directory made for the job.
constexpr std::array own_beginnings{"$PWD",
                                    "${PWD",
                                    "$(pwd",
                                    "`pwd",
                                    "$(git rev-parse",
                                    "$(dirname",
                                    "`dirname",
                                    "$(cd ",
                                    "${BASH_SOURCE",
                                    "${0%",
                                    "$(realpath",
                                    "$(readlink",
                                    "$(mktemp",
                                    "`mktemp",
                                    "$GITHUB_WORKSPACE",
                                    "${GITHUB_WORKSPACE",
                                    "${{ github.workspace",
                                    "$CI_PROJECT_DIR",
                                    "${CI_PROJECT_DIR",
                                    "$DRONE_WORKSPACE",
                                    "${DRONE_WORKSPACE",
                                    "$CI_WORKSPACE",
                                    "${CI_WORKSPACE",
                                    "$RUNNER_TEMP",
                                    "${RUNNER_TEMP",
                                    "/usr/lib/cc-ci/"};

// The parts between ':'. A ':' inside "${…}" or "$(…)" does not count.
std::vector<std::string_view> parts(std::string_view value) {
  std::vector<std::string_view> out;
  int level = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '$' && i + 1 < value.size() && (value[i + 1] == '{' || value[i + 1] == '(')) {
      ++level;
      ++i;
    } else if (level > 0 && (c == '}' || c == ')')) {
      --level;
    } else if (c == ':' && level == 0) {
      out.push_back(value.substr(from, i - from));
      from = i + 1;
    }
  }
  out.push_back(value.substr(from));
  return out;
}

bool is_inherited(std::string_view part) {
  return part == "$PATH" || part.starts_with("${PATH}") || part.starts_with("${PATH:") ||
         part.starts_with("$ENV{PATH") || part == "%PATH%" || part == "${{ env.PATH }}";
}

// Replaces NAME by its value in "$NAME/rest" or "${NAME}/rest". Returns the part itself if the
// value is unknown.
std::string resolved(std::string_view part,
                     const std::function<std::string(std::string_view)>& known) {
  if (!known || part.size() < 2 || part[0] != '$') return std::string(part);
  const bool braced = part[1] == '{';
  const std::size_t from = braced ? 2 : 1;
  std::size_t end = from;
  while (end < part.size() &&
         (part[end] == '_' || (part[end] >= '0' && part[end] <= '9') ||
          (part[end] >= 'a' && part[end] <= 'z') || (part[end] >= 'A' && part[end] <= 'Z')))
    ++end;
  if (end == from || (braced && (end >= part.size() || part[end] != '}'))) return std::string(part);
  const std::string value = known(part.substr(from, end - from));
  if (value.empty()) return std::string(part);
  return value + std::string(part.substr(end + (braced ? 1 : 0)));
}

// STATE/store/entrypoint/HASH-NAME/root, which holds exactly one entrypoint.
bool is_entrypoint(std::string_view part) {
  constexpr std::string_view kind = "/store/entrypoint/";
  constexpr std::string_view root = "/root";
  constexpr std::size_t hash = 32;
  const std::size_t at = part.rfind(kind);
  if (at == std::string_view::npos || !part.starts_with('/') || !part.ends_with(root)) return false;
  const std::string_view name =
      part.substr(at + kind.size(), part.size() - at - kind.size() - root.size());
  return name.size() > hash + 1 && name[hash] == '-' && name.find('/') == std::string_view::npos &&
         name.find_first_not_of("0123456789abcdef") == hash;
}

Origin origin(std::string_view part) {
  if (is_inherited(part)) return Origin::inherited;
  if (is_entrypoint(part)) return Origin::own;
  if (std::any_of(own_beginnings.begin(), own_beginnings.end(),
                  [&](std::string_view own) { return part.starts_with(own); }))
    return Origin::own;
  if (!part.empty() && (part[0] == '/' || part[0] == '~' || part[0] == '$' || part[0] == '`'))
    return Origin::host;
  return Origin::own;  // relative, or the working directory
}

}  // namespace

PathSetting path_setting(std::string_view value,
                         const std::function<std::string(std::string_view)>& known) {
  PathSetting setting;
  bool inherited = false;
  bool before = false;
  const auto take = [&](std::string_view part) {
    switch (origin(part)) {
      case Origin::inherited:
        before = before || !setting.directories.empty();
        inherited = true;
        break;
      case Origin::host:
        setting.directories.emplace_back(part);
        break;
      case Origin::own:
        break;
    }
  };
  for (const std::string_view raw : parts(value)) {
    if (is_inherited(raw)) {
      take(raw);
      continue;
    }
    // A variable may hold several directories.
    const std::string whole = resolved(raw, known);
    for (const std::string_view part : parts(whole)) take(part);
  }
  if (setting.directories.empty()) return setting;
  setting.side = !inherited ? Side::whole : before ? Side::front : Side::back;
  return setting;
}

void add_path(const PathSetting& setting, Place at, std::string what, const Lines& lines,
              Reading& reading) {
  if (setting.side == Side::none) return;
  Finding finding;
  finding.file = reading.file;
  finding.line = at.line;
  finding.column = at.column;
  finding.kind = Kind::path;
  finding.what = std::move(what);
  finding.side = setting.side;
  finding.directories = setting.directories;
  finding.excerpt = lines.excerpt(at.line);
  reading.findings.push_back(std::move(finding));
}

}  // namespace ccci::prove

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/browsers.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/json.hpp"

namespace ccci::environment {

namespace {

constexpr const char* chromium_program = "usr/lib/chromium/chromium";
constexpr const char* shell_program = "usr/lib/chromium/chromium-headless-shell";
constexpr const char* ffmpeg_program = "usr/bin/ffmpeg";

// A browser by its name in browsers.json, and the programs that versions of Playwright start.
struct Known {
  std::string_view name;
  const char* program;
  const char* otherwise;  // if the environment does not have the program
  std::array<std::string_view, 4> places;
};

constexpr std::array known_browsers{
    Known{"chromium",
          chromium_program,
          chromium_program,
          {"chrome-linux/chrome", "chrome-linux64/chrome", "", ""}},
    Known{"chromium-headless-shell",
          shell_program,
          chromium_program,
          {"chrome-linux/headless_shell", "chrome-linux/chrome-headless-shell",
           "chrome-headless-shell-linux64/chrome-headless-shell",
           "chrome-headless-shell-linux64/headless_shell"}},
    // For videos of pages. No browser needs it.
    Known{"ffmpeg", ffmpeg_program, ffmpeg_program, {"ffmpeg-linux", "", "", ""}},
};

// Without this, Playwright's `install` would fail, because it locks the directory of browsers.
constexpr std::string_view start_text =
    R"(#!/bin/sh
# Starts Playwright's driver: CLI ARGUMENT...
# This environment has the browsers already, so `install` has nothing to do.
cli=$1
shift
node=${cli%/package/cli.js}/node
[ -x "$node" ] || node=node
case ${1-} in
  install | install-deps) ;;
  *) exec "$node" "$cli" "$@" ;;
esac
for word in "$@"; do
  case $word in
    --dry-run | --list | --help | -h) exec "$node" "$cli" "$@" ;;
  esac
done
shift
for word in "$@"; do
  case $word in
    -* | chromium | chromium-headless-shell | ffmpeg) ;;
    *)
      echo "cc-ci: '$word' cannot be installed: this environment has Debian's chromium only" >&2
      exit 1
      ;;
  esac
done
echo "cc-ci: this environment has Debian's chromium already; nothing was installed" >&2
)";

bool is_plain(std::string_view revision) {
  return !revision.empty() && revision.size() < 30 &&
         revision.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz._-") ==
             std::string_view::npos;
}

void add_browser(Tree& tree, const Known& known, const std::string& revision) {
  const char* program = tree.is_program(known.program) ? known.program : known.otherwise;
  if (!tree.is_program(program) || !is_plain(revision)) return;
  std::string name(known.name);
  std::replace(name.begin(), name.end(), '-', '_');
  const std::string directory = std::string(browsers_directory) + "/" + name + "-" + revision + "/";
  for (const std::string_view place : known.places) {
    if (!place.empty()) tree.add_link(directory + std::string(place), std::string("/") + program);
  }
  // Without the first one Playwright takes the browser for a broken download.
  tree.add_file(directory + "INSTALLATION_COMPLETE");
  tree.add_file(directory + "DEPENDENCIES_VALIDATED");
}

}  // namespace

void add_browsers(Tree& tree, const std::vector<Part>& parts,
                  std::map<std::string, std::string>& variables) {
  for (const Part& part : parts) {
    if (part.browsers.empty()) continue;
    const auto json = base::Json::parse(part.browsers);
    if (!json) continue;
    for (const base::Json& one : std::as_const(*json)["browsers"]) {
      for (const Known& known : known_browsers) {
        if (one["name"].text_or_empty() == known.name) {
          add_browser(tree, known, one["revision"].text_or_empty());
        }
      }
    }
  }
  tree.add_directory(browsers_directory);
  tree.add_file(playwright_file, std::string(start_text), true);
  variables.try_emplace("PLAYWRIGHT_BROWSERS_PATH", std::string("/") + browsers_directory);
  variables.try_emplace("PLAYWRIGHT_NODEJS_PATH", std::string("/") + playwright_file);
  variables.try_emplace("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
}

}  // namespace ccci::environment

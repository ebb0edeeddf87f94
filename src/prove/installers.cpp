// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/installers.hpp"

#include <algorithm>
#include <array>

#include "declare/document.hpp"

namespace ccci::prove {

namespace {

constexpr std::string_view apt_valued = "-t --target-release --default-release -o --option -c -a";
constexpr std::string_view rpm_valued =
    "-c --config -x --exclude --repo --repoid --enablerepo "
    "--disablerepo --releasever --installroot -d -e";
constexpr std::string_view pip_valued =
    "-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target "
    "--prefix --root --python -e --editable --platform --python-version --cache-dir --proxy "
    "--timeout --retries --trusted-host --no-binary --only-binary";

constexpr std::string_view npm_valued =
    "-C --prefix --registry -w --workspace --location --tag --cache --userconfig --loglevel";

constexpr std::array installer_table{
    Installer{"apt-get", "install reinstall build-dep", apt_valued},
    Installer{"apt", "install reinstall build-dep", apt_valued},
    Installer{"aptitude", "install reinstall", apt_valued},
    Installer{"nala", "install", apt_valued},
    Installer{"apk", "add", "-t --virtual -X --repository -p --root --arch --cache-dir"},
    Installer{"dnf", "install reinstall", rpm_valued},
    Installer{"dnf5", "install reinstall", rpm_valued},
    Installer{"yum", "install reinstall localinstall", rpm_valued},
    Installer{"microdnf", "install reinstall", rpm_valued},
    Installer{"tdnf", "install reinstall", rpm_valued},
    Installer{"zypper", "install in", "-r --repo --root -R --from -t --type"},
    Installer{"pacman", "-S --sync", "--root -r --dbpath -b --config --cachedir --ignore"},
    Installer{"brew", "install reinstall", "--appdir"},
    Installer{"snap", "install", "--channel --revision"},
    Installer{"pip", "install", pip_valued, true},
    Installer{"pip3", "install", pip_valued, true},
    Installer{"pipx", "install", pip_valued, true},
    Installer{"npm", "install i add", npm_valued},
    Installer{"pnpm", "add install i", npm_valued},
    Installer{"yarn", "add", npm_valued},
    Installer{"bun", "add install i", npm_valued},
    Installer{"nix-env", "-i -iA -iP --install", "-f --file -p --profile"},
    Installer{"nix-shell", "-p --packages", "-I --run --command --argstr --arg -i"},
};

}  // namespace

bool holds(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    if (list.substr(0, end) == word) return true;
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return false;
}

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const Installer* installer(std::string_view command) {
  const std::string_view name = last_part(command);
  const auto found = std::find_if(installer_table.begin(), installer_table.end(),
                                  [&](const Installer& i) { return i.name == name; });
  if (found != installer_table.end()) return &*found;
  // pip3.11
  if (name.starts_with("pip3.")) return installer("pip3");
  return nullptr;
}

bool of_npm(const Installer& by) { return holds("npm pnpm yarn bun", by.name); }

std::string package_name(const Installer& by, std::string_view argument) {
  if (argument.starts_with("./") || argument.starts_with("/") ||
      argument.find("://") != std::string_view::npos) {
    std::string file(argument);  // a file or URL is its own name
    declare::hide_credentials(file);
    return file;
  }
  const std::string_view name = by.name;
  std::string_view cut;
  if (by.modules) {
    cut = "[=<>!~;@ ";
  } else if (name == "apk") {
    cut = "=<>~@";
  } else if (name == "apt-get" || name == "apt" || name == "aptitude" || name == "nala") {
    cut = "=/:";
    if (argument.ends_with('-')) return {};  // removes the package
  } else if (of_npm(by) || name == "brew") {
    // An alias: NAME@npm:OTHER@1 installs OTHER.
    const std::size_t alias = argument.find("@npm:");
    if (alias != std::string_view::npos) argument.remove_prefix(alias + 5);
    const std::size_t at = argument.find('@', 1);
    argument = argument.substr(0, at);
    if (name == "brew") argument = last_part(argument);
  } else if (name == "nix-env" || name == "nix-shell") {
    const std::size_t dot = argument.rfind('.');
    if (dot != std::string_view::npos) argument.remove_prefix(dot + 1);
  } else {
    cut = "=<>";
  }
  return std::string(argument.substr(0, argument.find_first_of(cut, 1)));
}

}  // namespace ccci::prove

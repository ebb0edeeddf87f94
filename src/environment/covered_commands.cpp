// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/covered_commands.hpp"

#include <iterator>

namespace ccci::environment {

namespace {

constexpr std::string_view computes = "computes a value; writes nothing";
constexpr std::string_view shell = "part of the shell language";
constexpr std::string_view services = "the host's services are not touched";
constexpr std::string_view accounts = "accounts are the host's";
constexpr std::string_view modes = "owners and modes in a root are fixed";
constexpr std::string_view upgrade = "there is no older version to upgrade from";
constexpr std::string_view questions = "no questions: a package's defaults hold";

using How = CoveredCommand::How;

constexpr CoveredCommand commands[] = {
    {"ldconfig", "linker cache made by cc-ci", How::replaced},
    {"update-ca-certificates", "CA bundle made by cc-ci", How::replaced},
    {"update_cacerts", "Java's CA store made by cc-ci", How::replaced},
    {"php_invoke", "modules enabled by cc-ci", How::replaced},
    {"py3compile", "modules are compiled when they are imported", How::replaced},
    {"pypy3compile", "modules are compiled when they are imported", How::replaced},
    {"fc-cache", "fontconfig reads the fonts without its cache", How::replaced},
    {"update-desktop-database", "only for menus of a desktop", How::replaced},
    {"gtk-update-icon-cache", "icons are found without a cache", How::replaced},
    {"update-icon-caches", "icons are found without a cache", How::replaced},
    {"mandb", "man finds pages without its index", How::replaced},
    {"install-info", "only the directory page of info", How::replaced},
    {"update-info-dir", "only the directory page of info", How::replaced},
    {"install-docs", "only for readers of /usr/share/doc", How::replaced},
    {"update-menus", "only for menus of a desktop", How::replaced},
    {"deb-systemd-helper", services, How::replaced},
    {"deb-systemd-invoke", services, How::replaced},
    {"invoke-rc.d", services, How::replaced},
    {"update-rc.d", services, How::replaced},
    {"service", services, How::replaced},
    {"systemctl", services, How::replaced},
    {"udevadm", services, How::replaced},
    {"systemd-tmpfiles", "the host's /run and /tmp are not touched", How::replaced},
    {"systemd-sysusers", accounts, How::accounts},
    {"systemd-hwdb", services, How::replaced},
    {"journalctl", services, How::replaced},
    {"adduser", accounts, How::accounts},
    {"addgroup", accounts, How::accounts},
    {"useradd", accounts, How::accounts},
    {"groupadd", accounts, How::accounts},
    {"usermod", accounts, How::accounts},
    {"chown", modes, How::ignored},
    {"chgrp", modes, How::ignored},
    {"chmod", modes, How::ignored},
    {"ischroot", "a root is no running system: the answer is yes", How::replaced},
    {"setfacl", modes, How::replaced},
    {"setcap", "files carry no capabilities", How::replaced},
    {"dpkg-statoverride", modes, How::ignored},
    {"dpkg-maintscript-helper", upgrade, How::ignored},
    {"rm_conffile", upgrade, How::ignored},
    {"dpkg-divert", "diversions are obeyed in composing", How::ignored},
    {"dpkg-trigger", "the trigger is passed on", How::ignored},
    {"add-shell", "/etc/shells lists the shells of the packages", How::ignored},
    {"update-shells", "/etc/shells lists the shells of the packages", How::ignored},
    {"db_get", questions, How::ignored},
    {"db_set", questions, How::ignored},
    {"db_go", questions, How::ignored},
    {"db_input", questions, How::ignored},
    {"db_stop", questions, How::ignored},
    {"db_version", questions, How::ignored},
    {"db_title", questions, How::ignored},
    {"db_fset", questions, How::ignored},
    {"db_purge", questions, How::ignored},
    {"db_unregister", questions, How::ignored},
    {"dpkg", computes, How::computes},
    {"dpkg-query", computes, How::computes},
    {"grep", computes, How::computes},
    {"egrep", computes, How::computes},
    {"fgrep", computes, How::computes},
    {"cut", computes, How::computes},
    {"head", computes, How::computes},
    {"tail", computes, How::computes},
    {"tr", computes, How::computes},
    {"sort", computes, How::computes},
    {"uniq", computes, How::computes},
    {"cat", computes, How::computes},
    {"basename", computes, How::computes},
    {"dirname", computes, How::computes},
    {"readlink", computes, How::computes},
    {"realpath", computes, How::computes},
    {"stat", computes, How::computes},
    {"ls", computes, How::computes},
    {"id", computes, How::computes},
    {"getent", computes, How::computes},
    {"uname", computes, How::computes},
    {"expr", computes, How::computes},
    {"pidof", computes, How::computes},
    {"logger", computes, How::computes},
    {"which", computes, How::computes},
    {"type", computes, How::computes},
    {"tty", computes, How::computes},
    {"cmp", computes, How::computes},
    {"md5sum", computes, How::computes},
    {"sleep", computes, How::computes},
    {":", shell, How::computes},
    {"true", shell, How::computes},
    {"false", shell, How::computes},
    {"test", shell, How::computes},
    {"[", shell, How::computes},
    {"echo", shell, How::computes},
    {"printf", shell, How::computes},
    {"exit", shell, How::computes},
    {"return", shell, How::computes},
    {"set", shell, How::computes},
    {"shift", shell, How::computes},
    {"local", shell, How::computes},
    {"export", shell, How::computes},
    {"readonly", shell, How::computes},
    {"unset", shell, How::computes},
    {"read", shell, How::computes},
    {"break", shell, How::computes},
    {"continue", shell, How::computes},
    {"trap", shell, How::computes},
    {"umask", shell, How::computes},
    {"wait", shell, How::computes},
    {"cd", shell, How::computes},
    {"getopts", shell, How::computes},
};

constexpr CoveredTrigger triggers[] = {
    {"ldconfig", "linker cache made by cc-ci"},
    {"update-ca-certificates*", "CA bundles made by cc-ci"},
    {"/usr/share/debianutils/shells.d", "/etc/shells made by cc-ci"},
    {"/usr/share/man", "man finds pages without its index"},
    {"/usr/man", "man finds pages without its index"},
    {"/usr/local/*", "the host's"},
    {"/usr/X11R6/man", "man finds pages without its index"},
    {"/opt/man", "man finds pages without its index"},
    {"/usr/share/fonts", "fontconfig reads the fonts without its cache"},
    {"/usr/share/icons*", "icons are found without a cache"},
    {"/usr/share/applications*", "only for menus of a desktop"},
    {"/usr/share/menu*", "only for menus of a desktop"},
    {"/usr/share/info", "only the directory page of info"},
    {"/usr/share/doc*", "only for readers of /usr/share/doc"},
    {"/usr/lib/systemd*", services},
    {"/lib/systemd*", services},
    {"/usr/lib/udev*", services},
    {"/lib/udev*", services},
    {"/usr/lib/sysusers.d", accounts},
    {"/usr/lib/tmpfiles.d", "the host's /run and /tmp are not touched"},
    {"/etc/init.d", services},
    {"dbus-system-bus-*", services},
    {"/usr/share/dbus-1*", services},
    {"/etc/dbus-1*", services},
};

}  // namespace

const std::vector<CoveredCommand>& covered_commands() {
  static const std::vector<CoveredCommand> rows(std::begin(commands), std::end(commands));
  return rows;
}

const std::vector<CoveredTrigger>& covered_triggers() {
  static const std::vector<CoveredTrigger> rows(std::begin(triggers), std::end(triggers));
  return rows;
}

}  // namespace ccci::environment

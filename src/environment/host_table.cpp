// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/host_table.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "enter/entrypoint.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

constexpr std::array table{
    HostEntry{"etc/passwd", "accounts"},
    HostEntry{"etc/group", "accounts"},
    HostEntry{"etc/shadow", "accounts"},
    HostEntry{"etc/gshadow", "accounts"},
    HostEntry{"etc/subuid", "accounts"},
    HostEntry{"etc/subgid", "accounts"},
    HostEntry{"etc/nsswitch.conf", "where accounts and host names are looked up"},
    HostEntry{"etc/sudoers", "who may act as whom"},
    HostEntry{"etc/sudoers.d", "who may act as whom"},
    HostEntry{"etc/hosts", "names of machines"},
    HostEntry{"etc/hosts.allow", "names of machines"},
    HostEntry{"etc/hosts.deny", "names of machines"},
    HostEntry{"etc/hostname", "the host's name"},
    HostEntry{"etc/hostid", "the host's name"},
    HostEntry{"etc/mailname", "the host's name"},
    HostEntry{"etc/machine-id", "the host's name"},
    HostEntry{"etc/resolv.conf", "name servers"},
    HostEntry{"etc/networks", "names of networks"},
    HostEntry{"etc/localtime", "the time zone"},
    HostEntry{"etc/timezone", "the time zone"},
    HostEntry{"etc/adjtime", "the clock"},
    HostEntry{"etc/fstab", "file systems"},
    HostEntry{"etc/ssh/ssh_known_hosts", "keys of other hosts"},
    HostEntry{"etc/ssh/ssh_known_hosts2", "keys of other hosts"},
    HostEntry{"etc/ssh/ssh_host_ecdsa_key", "the host's keys"},
    HostEntry{"etc/ssh/ssh_host_ecdsa_key.pub", "the host's keys"},
    HostEntry{"etc/ssh/ssh_host_ed25519_key", "the host's keys"},
    HostEntry{"etc/ssh/ssh_host_ed25519_key.pub", "the host's keys"},
    HostEntry{"etc/ssh/ssh_host_rsa_key", "the host's keys"},
    HostEntry{"etc/ssh/ssh_host_rsa_key.pub", "the host's keys"},
    HostEntry{"etc/ssl/private", "the host's keys"},
    HostEntry{"etc/docker/certs.d", "certificates of registries"},
    HostEntry{"etc/containers/certs.d", "certificates of registries"},
    HostEntry{"etc/cc-ci", "cc-ci's settings on this host"},
    HostEntry{"var/lib/cc-ci", "cc-ci's own state"},
    HostEntry{"var/lib/containerd", "containers and images"},
    HostEntry{"var/lib/containers", "containers and images"},
    HostEntry{"var/lib/dbus", "the host's name"},
    HostEntry{"var/lib/dhcp", "state of the network"},
    HostEntry{"var/lib/docker", "containers and images"},
    HostEntry{"var/lib/kubelet", "containers and images"},
    HostEntry{"var/lib/libvirt", "virtual machines"},
    HostEntry{"var/lib/lxc", "containers and images"},
    HostEntry{"var/lib/lxd", "containers and images"},
    HostEntry{"var/lib/machines", "containers and images"},
    HostEntry{"var/lib/misc", "state of services"},
    HostEntry{"var/lib/polkit-1", "who may act as whom"},
    HostEntry{"var/lib/private", "state of services"},
    HostEntry{"var/lib/snapd", "containers and images"},
    HostEntry{"var/lib/systemd", "state of services"},
    HostEntry{"var/cache/private", "state of services"},
};

constexpr std::array<std::string_view, 3> bases{"opt/", "var/cache/", "var/lib/"};

// The directories of '/' next to the host's /etc: a link there may say "../run/…".
constexpr std::array<std::string_view, 18> top{"bin",   "boot",  "dev", "home", "lib",  "lib32",
                                               "lib64", "media", "mnt", "opt",  "proc", "root",
                                               "run",   "sbin",  "srv", "sys",  "tmp",  "var"};

// An empty directory of a package is a place for state, which is the host's. These are empty too,
// but interpreters load code from them.
bool is_code(std::string_view path) { return path == "var/lib/gems"; }

bool is_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

void add_host_link(Tree& tree, const std::string& path) {
  if (!tree.lies_below_directories(path)) return;
  tree.remove(path);
  tree.add_link(path, std::string(enter::host_etc) + path.substr(3));
}

}  // namespace

std::span<const HostEntry> host_entries() { return table; }

void add_host_links(Tree& tree, const std::vector<std::string>& host_files) {
  const std::string etc = std::string(enter::host_etc).substr(1);
  const std::string above = etc.substr(0, etc.rfind('/') + 1);
  tree.add_directory(etc);
  for (const std::string_view name : top) {
    tree.add_link(above + std::string(name), "/" + std::string(name));
  }
  tree.add_link(above + "usr", "/usr");
  tree.add_directory("etc");
  for (const HostEntry& entry : table) {
    if (entry.path.starts_with("etc/")) add_host_link(tree, std::string(entry.path));
  }
  if (tree.find("usr/lib/ruby") != nullptr && tree.lies_below_directories("var/lib/gems")) {
    tree.add_directory("var/lib/gems");
  }
  for (const std::string& file : host_files) {
    if (file.starts_with("/etc/")) add_host_link(tree, file.substr(1));
  }
  const std::string id = std::string(enter::id_directory) + "/machine-id";
  tree.add_link(id.substr(1), std::string(enter::host_etc) + "/machine-id");
  tree.remove("etc/machine-id");
  tree.add_link("etc/machine-id", id);
  tree.remove("etc/mtab");
  tree.add_link("etc/mtab", "/proc/self/mounts");
}

std::vector<std::string> places(const Tree& tree, const std::vector<std::string>& host_files) {
  const auto is_hosts = [&](const std::string& path) {
    const auto covers = [&](std::string_view own) { return is_below(path, own); };
    return std::any_of(table.begin(), table.end(),
                       [&](const HostEntry& entry) { return covers(entry.path); }) ||
           std::any_of(host_files.begin(), host_files.end(), [&](const std::string& file) {
             return covers(std::string_view(file).substr(1));
           });
  };
  std::set<std::string> found;
  for (const std::string_view base : bases) {
    for (auto node = tree.nodes().lower_bound(base);
         node != tree.nodes().end() && node->first.starts_with(base); ++node) {
      if (node->second.entry.type == Type::directory && !is_code(node->first)) continue;
      const std::size_t slash = node->first.find('/', base.size());
      // A link directly in the directory cannot be mounted over.
      if (slash == std::string::npos && node->second.entry.type == Type::link) continue;
      std::string place = node->first.substr(0, slash);
      if (!is_hosts(place)) found.insert(std::move(place));
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/aliases.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace ccci::prove {

namespace {

constexpr std::string_view nixpkgs = "nixpkgs calls it so";
constexpr std::string_view fedora = "Fedora calls it so";
constexpr std::string_view alpine = "Alpine calls it so";
constexpr std::string_view arch = "Arch calls it so";
constexpr std::string_view debian = "Debian calls the package so";
constexpr std::string_view upstream = "the vendor's own package";
constexpr std::string_view named_for_command = "the package is named for its command";
constexpr std::string_view setup = "the workflow action and the version managers say so";

// Sorted by `other`; a test checks it.
constexpr std::array alias_table{
    Alias{"bind-tools", "dnsutils", alpine},
    Alias{"bind-utils", "dnsutils", fedora},
    Alias{"bind9-dnsutils", "dnsutils", debian},
    Alias{"cacert", "ca-certificates", nixpkgs},
    Alias{"coreutils-full", "coreutils", nixpkgs},
    Alias{"docker-ce", "docker", upstream},
    Alias{"docker-ce-cli", "docker", upstream},
    Alias{"docker-cli", "docker", "the client alone, as Alpine and newer Debian package it"},
    Alias{"docker-client", "docker", nixpkgs},
    Alias{"docker-compose-plugin", "docker-compose", upstream},
    Alias{"docker-compose-v2", "docker-compose", "Ubuntu calls it so"},
    Alias{"docker.io", "docker", debian},
    Alias{"dotnet-sdk", "dotnet", named_for_command},
    Alias{"gcc-wrapper", "gcc", nixpkgs},
    Alias{"git-minimal", "git", nixpkgs},
    Alias{"github-cli", "gh", "Alpine and Arch call it so"},
    Alias{"gitminimal", "git", nixpkgs},
    Alias{"gnugrep", "grep", nixpkgs},
    Alias{"gnumake", "make", nixpkgs},
    Alias{"gnupatch", "patch", nixpkgs},
    Alias{"gnupg1", "gnupg", "a major version of it"},
    Alias{"gnupg2", "gnupg", "a major version of it"},
    Alias{"gnused", "sed", nixpkgs},
    Alias{"gnutar", "tar", nixpkgs},
    Alias{"go", "golang", named_for_command},
    Alias{"golang-go", "golang", debian},
    Alias{"gpg", "gnupg", named_for_command},
    Alias{"iproute", "iproute2", fedora},
    Alias{"iputils", "iputils-ping", nixpkgs},
    Alias{"java", "openjdk", setup},
    Alias{"moby-cli", "docker", upstream},
    Alias{"moby-engine", "docker", "Fedora calls it so"},
    Alias{"node", "nodejs", setup},
    Alias{"openssh", "openssh-client", "nixpkgs and Arch ship client and server as one"},
    Alias{"openssh-client-default", "openssh-client", alpine},
    Alias{"openssh-clients", "openssh-client", fedora},
    Alias{"openssl-cli", "openssl", "the command apart from its library"},
    Alias{"procps-ng", "procps", "upstream, Fedora and Arch call it so"},
    Alias{"py3-pip", "python3-pip", alpine},
    Alias{"python", "python3", arch},
    Alias{"python3-minimal", "python3", debian},
    Alias{"rg", "ripgrep", named_for_command},
    Alias{"ssh", "openssh-client", named_for_command},
    Alias{"ssh-client", "openssh-client", "Debian's virtual package"},
    Alias{"util-linux-misc", "util-linux", alpine},
    Alias{"util-linuxminimal", "util-linux", nixpkgs},
    Alias{"xz", "xz-utils", "everyone but Debian calls it so"},
};

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

constexpr std::array module_prefixes{std::string_view("python3-"), std::string_view("py3-"),
                                     std::string_view("python-")};

}  // namespace

std::span<const Alias> aliases() { return alias_table; }

const Alias* alias(std::string_view other) {
  const auto found =
      std::lower_bound(alias_table.begin(), alias_table.end(), other,
                       [](const Alias& a, std::string_view value) { return a.other < value; });
  return found != alias_table.end() && found->other == other ? &*found : nullptr;
}

std::string canonical_tool(std::string_view name) {
  const std::string low = lower(name);
  if (const Alias* row = alias(low)) return std::string(row->tool);
  // Names that contain a version: python3.11, python312, nodejs_20, postgresql_16, openjdk-17-jdk.
  if (low.starts_with("python3") && all_digits(std::string_view(low).substr(7))) return "python3";
  for (const std::string_view stem : {"nodejs", "golang", "openjdk"}) {
    if (!low.starts_with(stem) || low.size() <= stem.size()) continue;
    const char next = low[stem.size()];
    if (next == '_' || next == '-')
      if (low.size() > stem.size() + 1 && low[stem.size() + 1] >= '0' &&
          low[stem.size() + 1] <= '9')
        return std::string(stem);
  }
  return low;
}

std::string canonical_module(std::string_view name) {
  std::string out = lower(name);
  for (const std::string_view prefix : module_prefixes)
    if (out.starts_with(prefix) && out.size() > prefix.size()) {
      out.erase(0, prefix.size());
      break;
    }
  for (char& c : out)
    if (c == '_' || c == '.') c = '-';
  return out;
}

}  // namespace ccci::prove

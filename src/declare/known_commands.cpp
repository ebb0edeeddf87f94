// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/known_commands.hpp"

#include <algorithm>
#include <array>

namespace ccci::declare {

namespace {

struct KnownCommand {
  std::string_view command;
  std::string_view package;
};

constexpr std::array known_commands{KnownCommand{"7z", "p7zip-full"},
                                    KnownCommand{"R", "r-base-core"},
                                    KnownCommand{"Rscript", "r-base-core"},
                                    KnownCommand{"ag", "silversearcher-ag"},
                                    KnownCommand{"ansible-playbook", "ansible"},
                                    KnownCommand{"as", "binutils"},
                                    KnownCommand{"aws", "awscli"},
                                    KnownCommand{"bundle", "ruby-bundler"},
                                    KnownCommand{"c++", "g++"},
                                    KnownCommand{"cabal", "cabal-install"},
                                    KnownCommand{"cc", "gcc"},
                                    KnownCommand{"convert", "imagemagick"},
                                    KnownCommand{"cpan", "perl"},
                                    KnownCommand{"dig", "bind9-dnsutils"},
                                    KnownCommand{"docker-ce", "docker.io"},
                                    KnownCommand{"docker-ce-cli", "docker.io"},
                                    KnownCommand{"dot", "graphviz"},
                                    KnownCommand{"dpkg-buildpackage", "dpkg-dev"},
                                    KnownCommand{"envsubst", "gettext-base"},
                                    KnownCommand{"erl", "erlang-base"},
                                    KnownCommand{"fc-cache", "fontconfig"},
                                    KnownCommand{"fc-list", "fontconfig"},
                                    KnownCommand{"fd", "fd-find"},
                                    KnownCommand{"ffprobe", "ffmpeg"},
                                    KnownCommand{"free", "procps"},
                                    KnownCommand{"gem", "ruby-rubygems"},
                                    KnownCommand{"go", "golang-go"},
                                    KnownCommand{"gpg", "gnupg"},
                                    KnownCommand{"gs", "ghostscript"},
                                    KnownCommand{"host", "bind9-host"},
                                    KnownCommand{"htpasswd", "apache2-utils"},
                                    KnownCommand{"iex", "elixir"},
                                    KnownCommand{"ifconfig", "net-tools"},
                                    KnownCommand{"ip", "iproute2"},
                                    KnownCommand{"irb", "ruby"},
                                    KnownCommand{"jar", "default-jdk-headless"},
                                    KnownCommand{"java", "default-jre-headless"},
                                    KnownCommand{"javac", "default-jdk-headless"},
                                    KnownCommand{"killall", "psmisc"},
                                    KnownCommand{"ld", "binutils"},
                                    KnownCommand{"lsb_release", "lsb-release"},
                                    KnownCommand{"lualatex", "texlive-luatex"},
                                    KnownCommand{"mix", "elixir"},
                                    KnownCommand{"mvn", "maven"},
                                    KnownCommand{"mysql", "mariadb-client"},
                                    KnownCommand{"mysqldump", "mariadb-client"},
                                    KnownCommand{"nc", "netcat-openbsd"},
                                    KnownCommand{"netstat", "net-tools"},
                                    KnownCommand{"nm", "binutils"},
                                    KnownCommand{"node", "nodejs"},
                                    KnownCommand{"npx", "npm"},
                                    KnownCommand{"nslookup", "bind9-dnsutils"},
                                    KnownCommand{"objdump", "binutils"},
                                    KnownCommand{"pdflatex", "texlive-latex-base"},
                                    KnownCommand{"pdftotext", "poppler-utils"},
                                    KnownCommand{"pg_dump", "postgresql-client"},
                                    KnownCommand{"pgrep", "procps"},
                                    KnownCommand{"ping", "iputils-ping"},
                                    KnownCommand{"pip", "python3-pip"},
                                    KnownCommand{"pip3", "python3-pip"},
                                    KnownCommand{"pkill", "procps"},
                                    KnownCommand{"prove", "perl"},
                                    KnownCommand{"ps", "procps"},
                                    KnownCommand{"psql", "postgresql-client"},
                                    KnownCommand{"pstree", "psmisc"},
                                    KnownCommand{"python", "python3"},
                                    KnownCommand{"redis-cli", "redis-tools"},
                                    KnownCommand{"rg", "ripgrep"},
                                    KnownCommand{"rsvg-convert", "librsvg2-bin"},
                                    KnownCommand{"scp", "openssh-client"},
                                    KnownCommand{"sftp", "openssh-client"},
                                    KnownCommand{"soffice", "libreoffice-core"},
                                    KnownCommand{"sqlite", "sqlite3"},
                                    KnownCommand{"ss", "iproute2"},
                                    KnownCommand{"ssh", "openssh-client"},
                                    KnownCommand{"ssh-keygen", "openssh-client"},
                                    KnownCommand{"sshd", "openssh-server"},
                                    KnownCommand{"strings", "binutils"},
                                    KnownCommand{"top", "procps"},
                                    KnownCommand{"tsc", "node-typescript"},
                                    KnownCommand{"uuidgen", "uuid-runtime"},
                                    KnownCommand{"xelatex", "texlive-xetex"},
                                    KnownCommand{"xmllint", "libxml2-utils"},
                                    KnownCommand{"xvfb-run", "xvfb"},
                                    KnownCommand{"xz", "xz-utils"}};

// The packages that bring a command by what they depend on, or instead of the usual one.
constexpr std::array other_packages{
    KnownCommand{"jar", "default-jdk"},
    KnownCommand{"java", "default-jre, default-jdk-headless, default-jdk"},
    KnownCommand{"javac", "default-jdk"},
    KnownCommand{"mysql", "default-mysql-client"},
    KnownCommand{"mysqldump", "default-mysql-client"},
    KnownCommand{"nc", "netcat-traditional"},
    KnownCommand{"pdflatex", "texlive, texlive-latex-recommended, texlive-latex-extra"},
    KnownCommand{"pg_dump", "postgresql"},
    KnownCommand{"psql", "postgresql"},
    KnownCommand{"soffice", "libreoffice-writer, libreoffice-calc, libreoffice"}};

template <std::size_t Count>
std::string_view found_in(const std::array<KnownCommand, Count>& table, std::string_view command) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const KnownCommand& known) {
    return known.command == command;
  });
  return row == table.end() ? std::string_view() : row->package;
}

}  // namespace

std::string_view package_of(std::string_view command) { return found_in(known_commands, command); }

std::string_view other_packages_of(std::string_view command) {
  return found_in(other_packages, command);
}

}  // namespace ccci::declare

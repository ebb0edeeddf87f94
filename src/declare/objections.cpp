// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/objections.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/text.hpp"
#include "declare/calendar.hpp"
#include "declare/recipe.hpp"
#include "declare/span.hpp"
#include "declare/sweep.hpp"

namespace ccci::declare {

std::string climbs(std::string_view path) {
  for (const std::string_view part : base::split(path, '/')) {
    if (part == "..") return "it contains '..'";
  }
  return {};
}

std::string absolute_or_climbs(std::string_view path) {
  if (path.starts_with('/')) return "it is absolute";
  if (path.ends_with('/')) return "it is a directory";
  return climbs(path);
}

std::string like_an_option(std::string_view text) {
  return text.starts_with('-') ? "it begins with '-', like an option" : std::string();
}

std::string not_a_tier(std::string_view text) {
  std::vector<std::string> names = recipe_tiers();
  names.emplace_back("routers");  // a rung without a tier: it can only be skipped
  if (std::find(names.begin(), names.end(), text) != names.end()) return {};
  return "the tiers are " + base::join(names, ", ");
}

std::string not_a_hook_point(std::string_view text) {
  const std::vector<std::string>& names = recipe_hook_points();
  if (std::find(names.begin(), names.end(), text) != names.end()) return {};
  return "the points are " + base::join(names, ", ");
}

std::string leaves_the_repository(std::string_view path) {
  return path.starts_with('/') ? "it is absolute" : climbs(path);
}

std::string not_a_revision_file(std::string_view from) {
  const std::size_t at = from.rfind('@');
  if (at == std::string_view::npos) return "it has no '@'";
  if (at == 0) return "it has no path";
  if (at + 1 == from.size()) return "it has no revision";
  // Both parts are passed to git as arguments.
  if (from.front() == '-' || from[at + 1] == '-') return "it begins with '-', like an option";
  return leaves_the_repository(from.substr(0, at));
}

std::string not_a_program(std::string_view path) {
  return path.ends_with('/') ? "it is a directory" : climbs(path);
}

std::string not_a_location(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  const std::string_view scheme = uri.substr(0, colon);
  if (colon == std::string_view::npos) return "it has no scheme";
  const std::string_view rest = uri.substr(colon + 1);
  if (scheme == "file") {
    if (!rest.starts_with('/')) return "file: needs an absolute path";
    return climbs(rest);
  }
  if (scheme != "http" && scheme != "https") {
    return "scheme '" + std::string(scheme.substr(0, 20)) + "' is not one of http, https, file";
  }
  if (!rest.starts_with("//") || rest.size() < 3 || rest[2] == '/') return "it has no host";
  return {};
}

std::string not_an_archive_url(std::string_view url) {
  const std::size_t authority = url.find("://");
  if (authority != std::string_view::npos) {
    const std::string_view host =
        url.substr(authority + 3, url.find('/', authority + 3) - authority - 3);
    if (host.find('@') != std::string_view::npos) {
      return "the user or password in it would be written to the lock";
    }
  }
  return not_a_location(url);
}

// The lock and the arguments of the resolver have the address.
std::string not_an_index(std::string_view url) {
  if (url.starts_with("file:")) return "the resolver has no access to files of the host";
  const std::size_t authority = url.find("://");
  const std::string_view host =
      authority == std::string_view::npos
          ? std::string_view()
          : url.substr(authority + 3, url.find('/', authority + 3) - authority - 3);
  if (host.find('@') != std::string_view::npos) {
    return "user and password belong into ~/.netrc, or into CC_CI_PYPI_USER and "
           "CC_CI_PYPI_PASSWORD";
  }
  return not_a_location(url);
}

std::string not_a_project(std::string_view name) {
  const char last = name.back();
  return last == '-' || last == '_' || last == '.' ? "it ends with a separator" : "";
}

std::string not_a_stamp(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (i == 8 ? text[i] != 'T' : i == 15 ? text[i] != 'Z' : !digit) {
      return "it is not YYYYMMDDTHHMMSSZ";
    }
  }
  return {};
}

std::string not_a_schedule(std::string_view text) { return check_calendar(text); }

std::string not_a_unit(std::string_view text) {
  return text.ends_with(".service") && text.size() > 8 ? "" : "it does not end in '.service'";
}

std::string not_any_unit(std::string_view text) {
  for (const std::string_view type : {".service", ".socket", ".timer", ".path", ".target", ".mount",
                                      ".automount", ".swap", ".slice", ".device"}) {
    if (text.ends_with(type) && text.size() > type.size()) return {};
  }
  return "it does not end in '.service', '.socket' or another type of unit";
}

// Refuses paths that systemd would normalise or refuse.
std::string not_a_plain_path(std::string_view path) {
  if (!path.starts_with('/')) return "it is not absolute";
  if (path == "/") return {};
  for (const std::string_view part : base::split(path.substr(1), '/')) {
    if (part.empty()) return "it contains an empty part";
    if (part == "." || part == "..") return "it contains '" + std::string(part) + "'";
  }
  return {};
}

std::string not_a_daemon(std::string_view path) {
  return path == "/" ? "it is a directory" : not_a_plain_path(path);
}

std::string not_a_variables_file(std::string_view path) {
  if (path.starts_with('-')) path.remove_prefix(1);
  return path.starts_with('/') ? not_a_daemon(path) : "'-' stands before no absolute path";
}

// /home, /run and the like are the host's anyway, and /usr is always the environment's. /srv and
// /var/www are the host's too, but a package of the host may have files there, and the proof
// `closed` asks for them to be declared.
std::string not_a_host_file(std::string_view path) {
  if (path.ends_with('/') && path != "/") return "it ends with '/'";
  if (std::string reason = not_a_plain_path(path); !reason.empty()) return reason;
  for (const std::string_view place :
       {"/etc/", "/opt/", "/srv/", "/var/cache/", "/var/lib/", "/var/www/"}) {
    const std::string_view directory = place.substr(0, place.size() - 1);
    if (path == directory) {
      return std::string(directory) + " cannot be declared as a whole; name what lies in it";
    }
    if (!path.starts_with(place)) continue;
    const bool direct = path.find('/', place.size()) == std::string_view::npos;
    if (direct || place == "/etc/") return {};
    return "it is not directly below " + std::string(directory);
  }
  if (path == "/usr" || path.starts_with("/usr/")) return "/usr is the environment's";
  if (path == "/" || path == "/var") {
    return "it cannot be declared as a whole; name what lies in it";
  }
  return "jobs see it anyway: only /etc, /opt and parts of /var are the environment's";
}

std::string host_file_instead(std::string_view path) {
  constexpr std::string_view example = "name what lies in it, for example \"/etc/krb5.conf\"";
  std::string plain = std::filesystem::path(path).lexically_normal().native();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  if (!plain.starts_with('/')) return "write the absolute path, for example \"/etc/krb5.conf\"";
  if (plain != path && not_a_host_file(plain).empty()) return "write \"" + plain + "\"";
  if (plain == "/usr" || plain.starts_with("/usr/")) {
    return "declare its package under [runtime] tools or packages; own files belong below /opt or "
           "/srv";
  }
  for (const std::string_view place : {"/opt", "/srv", "/var/cache", "/var/lib", "/var/www"}) {
    if (!plain.starts_with(std::string(place) + "/")) continue;
    return "write \"" + plain.substr(0, plain.find('/', place.size() + 1)) + "\"";
  }
  for (const std::string_view whole :
       {"/", "/etc", "/opt", "/srv", "/var", "/var/cache", "/var/lib", "/var/www"}) {
    if (plain == whole) return std::string(example);
  }
  return "remove it";
}

// The value is the rest of a line in the unit, and systemd strips spaces from it.
std::string not_a_directory(std::string_view path) {
  if (path.ends_with(' ')) return "it ends with a space";
  return not_a_plain_path(path);
}

// The text is passed to ssh as an argument. So the text, its user and its host must not look like
// options.
std::string not_a_destination(std::string_view text) {
  constexpr std::string_view scheme = "ssh://";
  const bool uri = text.starts_with(scheme);
  std::string_view host = uri ? text.substr(scheme.size()) : text;
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = host.substr(0, at);
    host.remove_prefix(at + 1);
    if (user.empty()) return "it has no user before '@'";
    if (user.front() == '-') return "its user begins with '-'";
    if (user.find_first_of(":/@") != std::string_view::npos) return "its user is not a plain name";
  }
  if (host.find('/') != std::string_view::npos) return "it contains more than user, host and port";
  const auto colons = std::count(host.begin(), host.end(), ':');
  if (uri && colons == 1) {
    const std::string_view port = host.substr(host.find(':') + 1);
    if (port.empty() || port.size() > 5 ||
        !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return "its port is not a number";
    }
    host = host.substr(0, host.find(':'));
  }
  // Several ':' mean an IPv6 address.
  if (!uri && colons == 1) return "a port is written ssh://USER@HOST:PORT";
  if (uri && colons > 1) return "an IPv6 address is written without ssh://";
  if (host.empty()) return "it has no host";
  return host.front() == '-' ? "its host begins with '-'" : "";
}

// NAME:TAG, where NAME may begin with a registry: "host:5000/a/b:1.0".
std::string not_a_tag(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash))
    return "it has no tag";
  const std::string_view tag = text.substr(colon + 1);
  if (tag.empty() || tag.size() > 128) return "its tag is empty or too long";
  if (tag.front() == '.' || tag.front() == '-') return "its tag begins with '.' or '-'";
  const auto parts = base::split(text.substr(0, colon), '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) return "it contains an empty part";
    const bool host = i == 0 && parts.size() > 1;
    for (const char c : parts[i])
      if (!host && (c == ':' || (c >= 'A' && c <= 'Z')))
        return "its name has an upper-case letter or ':'";
  }
  return {};
}

// Without a 0 before them, three digits may be decimal ones by mistake.
std::string not_a_mode(std::string_view text) {
  if (text.starts_with('0') || text.size() == 4) return {};
  return "it begins with no 0 and has not four digits";
}

std::string not_a_port(std::string_view text) {
  const std::string_view digits = text.substr(0, text.find('/'));
  int number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return "it is not a number";
    if (digits.size() <= 5) number = number * 10 + (c - '0');
  }
  if (digits.size() > 5 || number < 1 || number > 65535) return "it is not between 1 and 65535";
  const std::string_view kind = text.substr(digits.size());
  if (!kind.empty() && kind != "/tcp" && kind != "/udp") return "its protocol is not tcp or udp";
  return {};
}

std::string not_in_an_image(std::string_view path) {
  if (path == "/") return "it is the root directory";
  if (std::string reason = not_a_plain_path(path); !reason.empty()) return reason;
  for (const std::string_view place : {"/dev", "/proc", "/sys"})
    if (path == place || path.starts_with(std::string(place) + "/")) return "it is the container's";
  return {};
}

std::string not_a_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return "it begins with 0";
  return text.size() > 5 || (text.size() == 5 && text > "64999") ? "it is above 64999" : "";
}

std::string not_a_size(std::string_view text) {
  if (text.starts_with('0')) return "it does not begin with a digit from 1 to 9";
  if (text.find_first_not_of("0123456789") == std::string_view::npos)
    return "the number has no unit";
  return declare::byte_count(text) ? "" : "it is not a whole number of MB, GB, TB, MiB, GiB or TiB";
}

// The declaration is committed, so it must not hold a password.
std::string not_a_results_address(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos ||
      (text.substr(0, scheme) != "postgresql" && text.substr(0, scheme) != "postgres"))
    return "it does not begin with postgresql://";
  const std::string_view rest = text.substr(scheme + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::size_t at = authority.rfind('@');
  if ((at != std::string_view::npos && authority.substr(0, at).find(':') != authority.npos) ||
      rest.find("password=") != rest.npos)
    return "it contains a password; put that into ~/.pgpass";
  return {};
}

std::string not_a_restic_repository(std::string_view text) {
  if (text.starts_with('/')) return {};
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon == text.npos ? 0 : colon);
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123";
  if (scheme.empty() || scheme.find_first_not_of(letters) != scheme.npos)
    return "it is neither an absolute path nor an address like sftp:USER@HOST:/PATH";
  const std::size_t authority = text.find("://");
  if (authority == text.npos) return {};
  const std::string_view rest = text.substr(authority + 3);
  const std::string_view host = rest.substr(0, rest.find('/'));
  const std::size_t at = host.rfind('@');
  if (at != host.npos && host.substr(0, at).find(':') != host.npos)
    return "it contains a password, and everybody on a host can read the declaration";
  return {};
}

// cc-ci reads and writes the volumes itself, so the engine is one of this machine. A port without
// TLS would make everybody who reaches it root.
std::string not_an_engine(std::string_view text) {
  if (text == own_engine) return {};
  const std::string_view scheme = text.substr(0, text.find("://"));
  if (scheme == "tcp" || scheme == "ssh" || scheme == "http" || scheme == "https")
    return "cc-ci uses engines of this machine, by a Unix socket only";
  const std::string path = engine_socket(text);
  if (path.empty()) return "it is neither 'private' nor unix://PATH";
  if (!path.starts_with('/') || path.ends_with('/')) return "it has no absolute path of a socket";
  return climbs(path);
}

std::string not_a_timeout(std::string_view text) { return check_timeout(text); }

// Who writes "30" means days, not seconds.
std::string not_a_retention(std::string_view text) {
  const std::string objection = check_timeout(text);
  return objection.empty() && !has_unit(text) ? "the number has no unit" : objection;
}

std::string not_a_deadline(std::string_view text) { return check_deadline(text); }

std::string not_a_blocked_command(std::string_view text) {
  return text == "deploy" || text == "switch" ? "" : "no gate can block this command";
}

}  // namespace ccci::declare

// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/pypi/wheels.hpp"

#include <apt-pkg/strutl.h>

#include <optional>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/pool.hpp"
#include "source/debian/setup.hpp"
#include "source/kept.hpp"
#include "source/pypi/netrc.hpp"

namespace ccci::source::pypi {

namespace {

// The user and password go into the address that libapt gets, and into nothing else.
std::string with_login(const std::string& url, const std::optional<Login>& login) {
  const std::size_t host = url.find("://");
  if (!login || host == std::string::npos) return url;
  return url.substr(0, host + 3) + QuoteString(login->user, ":/@%?#") + ":" +
         QuoteString(login->password, ":/@%?#") + "@" + url.substr(host + 3);
}

// The error for a person: the name of the project, and what the index did.
base::Error explained(base::Error error, const Package& package) {
  if (error.is(base::Condition::mismatch)) {
    error.code = package.origin == Origin::npm ? "source.npm-changed" : "source.wheel-changed";
  }
  std::erase_if(error.fields, [](const base::Field& field) {
    return field.name == "name" || field.name == "package" || field.name == "uri";
  });
  return std::move(error)
      .with("name", package.name + " " + package.version)
      .with("package", package.name)
      .with("uri", package.uri);
}

}  // namespace

std::string authority_of(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos) return {};
  std::string_view server = url.substr(start + 3);
  server = server.substr(0, server.find_first_of("/?#"));
  server.remove_prefix(server.rfind('@') + 1);
  if (server.empty()) return {};
  const std::size_t colon = server.find(':', server.rfind(']') + 1);
  std::string port(colon == std::string_view::npos ? "" : server.substr(colon + 1));
  if (port.empty()) port = url.starts_with("https:") ? "443" : "80";
  return std::string(server.substr(0, colon)) + ":" + port;
}

bool is_loopback(std::string_view url) {
  const std::string server = authority_of(url);
  return server.starts_with("localhost:") || server.starts_with("127.");
}

base::Result<void> fetch(const std::vector<Package>& packages, const std::filesystem::path& kept,
                         base::Progress& progress, const Options& options) {
  const std::string server = authority_of(options.index);
  std::vector<debian::Order> orders;
  std::vector<const Package*> wanted;
  std::vector<Package> missing;
  std::set<std::string> seen;  // npm has one file at several places
  for (const Package& package : packages) {
    if (package.origin != options.origin || !seen.insert(package.sha256).second) continue;
    if (is_kept(kept, options.origin, package.sha256, package.size)) continue;
    if (options.offline && !is_loopback(package.uri)) {
      missing.push_back(package);
      continue;
    }
    orders.push_back({.arrival = {.file = {},
                                  .name = package.name + " " + package.version,
                                  .origin = options.origin,
                                  .sha256 = package.sha256,
                                  .size = package.size,
                                  .limit = options.limit},
                      .uris = {package.uri}});
    wanted.push_back(&package);
  }
  if (!missing.empty()) return base::unexpected(not_kept(kept, missing));
  if (orders.empty()) return {};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (authority_of(wanted[i]->uri) != server) continue;
    CCCI_TRY(const std::optional<Login> login, find_login(server, options.origin));
    orders[i].uris = {with_login(wanted[i]->uri, login)};
  }
  const debian::Surroundings surroundings;
  CCCI_CHECK(base::make_directories(options.root));
  CCCI_TRY(const base::Fd held, debian::lock(options.root, progress));
  CCCI_CHECK(debian::configure(options.root, {.authorities = options.authorities}));
  debian::choose_sandbox({options.root});
  CCCI_TRY(const std::vector<debian::Failure> failures,
           debian::fetch_all(
               orders, kept,
               options.origin == Origin::npm ? "fetching packages of npm" : "fetching wheels",
               progress, {.limit = 0, .largest = options.limit}));
  std::vector<base::Error> errors;
  for (const debian::Failure& failure : failures) {
    for (const Package* package : wanted) {
      if (package->sha256 != failure.order.arrival.sha256) continue;
      errors.push_back(explained(failure.error, *package));
      break;
    }
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return {};
}

}  // namespace ccci::source::pypi

// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/network_access.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/files.hpp"
#include "source/pypi/netrc.hpp"
#include "source/pypi/wheels.hpp"

namespace ccci::project {

namespace {

std::string variable(const std::string& name) {
  const char* value = getenv(name.c_str());
  return value == nullptr ? std::string() : value;
}

// "@my-company" -> "MY_COMPANY".
std::string variable_part(std::string_view scope) {
  std::string part;
  for (const char c : scope.substr(1)) {
    const bool letter = c >= 'a' && c <= 'z';
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    part += letter ? static_cast<char>(c - 'a' + 'A') : plain ? c : '_';
  }
  return part;
}

}  // namespace

// The file of the host's own trust, which apt and git use too.
std::string authorities(const declare::Declaration& declaration) {
  constexpr std::uint64_t largest = 16U << 20U;
  std::string pem =
      base::read_file("/etc/ssl/certs/ca-certificates.crt", largest).value_or(std::string());
  for (const declare::CertificateFile& file : declaration.certificates) pem += "\n" + file.pem;
  return pem;
}

std::string house_authorities(const declare::Declaration& declaration) {
  return declaration.certificates.empty() ? std::string() : authorities(declaration);
}

std::vector<std::string> proxies() {
  std::vector<std::string> variables;
  for (const char* name : {"http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY"}) {
    const char* value = getenv(name);
    if (value != nullptr) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

// The credentials of one registry never go to another.
base::Result<node::Access> npm_access(const Project& project) {
  const declare::NpmSource& source = project.declaration.npm;
  node::Access access{.registry = {.address = source.registry,
                                   .token = variable("CC_CI_NPM_TOKEN"),
                                   .user = {},
                                   .password = {}},
                      .scopes = {},
                      .variables = proxies(),
                      .authorities = authorities(project.declaration)};
  const auto use = [](node::Registry& registry, const std::optional<source::pypi::Login>& login) {
    if (!login) return;
    registry.user = login->user;
    registry.password = login->password;
  };
  if (access.registry.token.empty()) {
    CCCI_TRY(const auto login, source::pypi::find_login(source::pypi::authority_of(source.registry),
                                                        source::Origin::npm));
    use(access.registry, login);
  }
  for (const auto& [scope, address] : source.scopes) {
    node::Registry registry{.address = address,
                            .token = variable("CC_CI_NPM_TOKEN_" + variable_part(scope)),
                            .user = {},
                            .password = {}};
    if (registry.token.empty()) {
      CCCI_TRY(const auto login, source::pypi::netrc_login(source::pypi::authority_of(address)));
      use(registry, login);
    }
    access.scopes.emplace(scope, std::move(registry));
  }
  return access;
}

bool is_on_this_machine(const node::Access& access) {
  return source::pypi::is_loopback(access.registry.address) &&
         std::all_of(access.scopes.begin(), access.scopes.end(), [](const auto& scope) {
           return source::pypi::is_loopback(scope.second.address);
         });
}

// Whether only npm can fetch the file: libapt sends no token, and one login to one server only.
bool needs_npm(const node::Access& access, const std::string& uri) {
  const std::string server = source::pypi::authority_of(uri);
  const auto is_of = [&](const node::Registry& registry) {
    return source::pypi::authority_of(registry.address) == server;
  };
  if (is_of(access.registry) && !access.registry.token.empty()) return true;
  return std::any_of(access.scopes.begin(), access.scopes.end(), [&](const auto& scope) {
    return is_of(scope.second) && !(scope.second.token.empty() && scope.second.user.empty());
  });
}

}  // namespace ccci::project

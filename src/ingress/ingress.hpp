// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the stacks of a run reachable by their names: haproxy of the environment, on ports 80 and
// 443 of 127.0.0.1 in the run's network, with a certificate of a throwaway authority. If the engine
// is shared, containers are in another network: haproxy is there too, and only its sockets are in
// the run's. All its files are in the engine's place and are removed with it:
//
//   PLACE/ingress/private/   haproxy's configuration, the key (0600), the log
//   PLACE/ingress/visitor/   hosts, ca.pem, bundle.pem: what programs see that visit the names
//   PLACE/ingress/*.sock     the same as the ports, for cc-ci itself
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/engine.hpp"
#include "ingress/configuration.hpp"
#include "ingress/visit.hpp"

namespace ccci::ingress {

// Where a visitor sees PLACE/ingress/visitor.
inline constexpr const char* visitor_directory = "/run/cc-ci-ingress";

class Ingress {
 public:
  // Makes the authority and the directories. haproxy starts with the first update(). The engine
  // must outlive the object. [ingress.certificate], [base.*]
  static base::Result<Ingress> prepare(const engine::Engine& engine);
  ~Ingress();
  Ingress(Ingress&&) noexcept;
  Ingress& operator=(Ingress&&) noexcept;

  // Call it after each deployment, because addresses of tasks change. Requests to the old routes
  // that are not answered yet are broken. After an error the old routes stay. A name without a
  // route gets the page `no_router`. [ingress.refused] with haproxy's words in `log`,
  // [ingress.slow], [ingress.too-many], [ingress.certificate], [base.*], [engine.denied]
  base::Result<void> update(const std::vector<Site>& sites);

  // Routes that were left out at the last update, and why.
  const std::vector<recipe::NotRouted>& unverified() const;
  // The names of all routes.
  const std::set<std::string>& names() const;
  // Where containers reach the ingress.
  const std::string& address() const;
  // Whether haproxy runs.
  bool runs() const;
  // See visit().
  base::Result<Answer> visit(const Visit& wanted) const;

  // Who passes where a router has users.
  const Guest& guest() const;

  // The certificate that tests trust, on the host.
  std::filesystem::path certificate() const;
  // For Chromium, which knows neither the variables nor the file:
  // --ignore-certificate-errors-spki-list=PIN
  std::string pin() const;
  // The variables that make curl, OpenSSL, Python, Node and git trust it, NAME=value.
  static std::vector<std::string> visitor_variables();
  // Starts a program for which all names are 127.0.0.1 and the certificate is trusted. The program
  // sees the names of the last update; argv[0] may be a name on the environment's PATH.
  // [engine.denied]
  base::Result<engine::Companion> start_visitor(engine::CompanionCommand command) const;

 private:
  struct State;
  explicit Ingress(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace ccci::ingress

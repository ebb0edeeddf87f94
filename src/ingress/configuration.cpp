// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/configuration.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "ingress/middleware.hpp"
#include "ingress/origin.hpp"
#include "ingress/word.hpp"

namespace ccci::ingress {

namespace {

constexpr std::size_t most_lines = 20'000;

// haproxy gets no privileges: it reads what hostile apps send. Timeouts are long, as Traefik has
// none: an app may take long to answer, and a websocket may be silent. haproxy's own client is not
// used: without `verify none` it reads 140 certificates at each start, in 40 ms.
constexpr std::string_view beginning = R"(global
  maxconn 1000
  nbthread 1
  uid 65534
  gid 65534
  tune.bufsize 65536
  tune.http.maxhdr 512
  httpclient.ssl.verify none
  ssl-default-bind-options ssl-min-ver TLSv1.2
)";

constexpr std::string_view defaults = R"(
defaults
  mode http
  timeout connect 5s
  timeout http-request 1m
  timeout client 1h
  timeout server 1h
  timeout tunnel 1d
  option redispatch
  retries 2
)";

constexpr std::string_view variables = R"(  http-request set-var(txn.host) req.hdr(host)
  http-request set-var(txn.name) var(txn.host),lower,field(1,:)
  http-request set-var(txn.uri) pathq
  http-request set-var(txn.url) var(txn.scheme),concat(://,txn.host),concat(,txn.uri)
)";

// The client is on this machine, and no proxy in front of the ingress is trusted.
constexpr std::string_view forwarded = R"(  http-request set-header X-Forwarded-For 127.0.0.1
  http-request set-header X-Real-Ip 127.0.0.1
  http-request set-header X-Forwarded-Host %[var(txn.host)]
  http-request set-header X-Forwarded-Proto %[var(txn.scheme)]
  http-request set-header X-Forwarded-Port 443 if { var(txn.scheme) -m str https }
  http-request set-header X-Forwarded-Port 80 if { var(txn.scheme) -m str http }
)";

std::string page(Origin origin) {
  const OriginRow& row = row_of(origin);
  return " status " + std::to_string(row.status) + " content-type text/plain hdr " +
         std::string(origin_header) + " " + std::string(row.mark) + " string " +
         word("cc-ci: " + std::string(row.page));
}

std::string condition(const recipe::Match& match) {
  std::string text;
  if (!match.host.empty()) text += " { var(txn.name) -m str -- " + word(match.host) + " }";
  if (!match.path.empty())
    text += std::string(" { path -m ") + (match.exact_path ? "str" : "beg") + " -- " +
            word(match.path) + " }";
  return text.empty() ? " TRUE" : text;
}

struct Entries {
  bool plain = false;
  bool secure = false;
};

Entries entries_of(const recipe::Route& route) {
  const auto any = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return std::find(route.entrypoints.begin(), route.entrypoints.end(), name) !=
             route.entrypoints.end();
    });
  };
  const bool all = route.entrypoints.empty();
  const bool plain = all || any({"web", "http"});
  return {plain && !route.tls,
          all || any({"web-secure", "websecure", "https"}) || (plain && route.tls)};
}

// Why a route cannot be served.
std::optional<std::string> problem(const recipe::Route& route) {
  const Entries entries = entries_of(route);
  if (!entries.plain && !entries.secure)
    return "no entry point of the router is known to the ingress";
  for (const recipe::Match& match : route.matches) {
    if (!match.host.empty() && !is_name(match.host)) return "the rule has a name that is none";
    if (!is_plain(match.path)) return "a path is too long or has control characters";
  }
  for (const recipe::Middleware& middleware : route.middlewares)
    if (auto why = why_not(middleware)) return why;
  return std::nullopt;
}

bool is_address(const std::string& text) {
  in_addr unused{};
  return inet_pton(AF_INET, text.c_str(), &unused) == 1;
}

struct Servers {
  std::vector<std::string> addresses;
  Origin without = Origin::no_server;  // who answers if there are none
};

Servers servers_of(const Site& site, const recipe::Route& route) {
  Servers found;
  for (const engine::Endpoint& endpoint : site.endpoints) {
    if (endpoint.service != site.stack + "_" + route.service) continue;
    found.without = Origin::no_address;
    if (is_address(endpoint.gateway)) found.addresses.push_back(endpoint.gateway);
  }
  if (route.port == 0) found = {{}, Origin::no_port};
  return found;
}

class Writer {
 public:
  explicit Writer(const Layout& layout) : layout_(layout) {}

  void add(const Site& site) {
    published_.insert(site.published.begin(), site.published.end());
    if (site.through && is_address(site.through->address)) {
      through_ = site.through;
      names_through_.merge(names_of({site}));
      return;
    }
    for (recipe::NotRouted& one : unserved(site.routing)) out_.unverified.push_back(std::move(one));
    for (const recipe::Route& route : site.routing.routes)
      if (!problem(route)) routes_.push_back({&site, &route});
  }

  base::Result<Configuration> run() {
    std::stable_sort(routes_.begin(), routes_.end(), [](const Routed& a, const Routed& b) {
      return a.route->priority > b.route->priority;
    });
    std::string backends;
    for (std::size_t i = 0; i < routes_.size(); ++i) backends += backend(i);
    out_.text = std::string(beginning) + "  chroot " + layout_.empty + "\n" + userlists();
    out_.text += defaults;
    for (const Origin origin : {Origin::bad_answer, Origin::no_connection, Origin::no_answer})
      out_.text += "  http-error" + page(origin) + "\n";
    out_.text += "\nfrontend plain\n" + listen(80, "") + "  bind unix@" + layout_.plain_socket +
                 "\n  http-request set-var(txn.scheme) str(http)\n" + std::string(variables) +
                 choices(false);
    out_.text += "\nfrontend secure\n" +
                 listen(443, " ssl crt " + layout_.certificate + " alpn h2,http/1.1") +
                 "  bind unix@" + layout_.secure_socket +
                 "\n  http-request set-var(txn.scheme) str(https)\n" + std::string(variables) +
                 choices(true);
    out_.text += "\nbackend no_router\n  http-request return" + page(Origin::no_router) + "\n";
    out_.text +=
        "\nbackend to_secure\n  http-request return status 301 content-type text/plain hdr " +
        std::string(origin_header) +
        " to-secure hdr Location https://%[var(txn.name)]%[var(txn.uri)] string 'https'\n";
    out_.text += backends + through();
    const auto lines =
        static_cast<std::size_t>(std::count(out_.text.begin(), out_.text.end(), '\n'));
    if (lines <= most_lines) return std::move(out_);
    return base::unexpected(base::fail("ingress.too-many", base::Condition::too_large)
                                .with("what", "rules")
                                .with("limit", static_cast<long long>(most_lines))
                                .with("found", static_cast<long long>(lines)));
  }

 private:
  // A stack that publishes the port, e.g. an ingress of its own, has it; a visitor by TCP gets the
  // stack then, as on a host.
  std::string listen(std::uint16_t port, const std::string& options) const {
    if (layout_.first_door != 0) {
      const int door = layout_.first_door + (port == 80 ? 0 : 1);
      return "  bind fd@" + std::to_string(door) + options + "\n";
    }
    if (published_.contains(port)) return {};
    const std::string number = ":" + std::to_string(port);
    return "  bind 127.0.0.1" + number +
           (layout_.engine.empty() ? "" : "," + layout_.engine + number) + options + "\n";
  }

  struct Routed {
    const Site* site;
    const recipe::Route* route;
  };

  // haproxy takes the first line that fits, so the order of the lines is the priority. A line has
  // at most 64 words, so each alternative has its own.
  std::string choices(bool secure) const {
    std::string text;
    const std::string other = secure ? "through_secure" : "through_plain";
    for (const std::string& name : names_through_)
      text += "  use_backend " + other + " if { var(txn.name) -m str -- " + word(name) + " }\n";
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      const Entries entries = entries_of(*routes_[i].route);
      std::string backend = "route_" + std::to_string(i);
      if (secure && !entries.secure) continue;
      if (!secure && !entries.plain) backend = "to_secure";
      for (const recipe::Match& match : routes_[i].route->matches)
        text += "  use_backend " + backend + " if" + condition(match) + "\n";
    }
    return text + "  default_backend no_router\n";
  }

  // The other proxy sets the headers that tell of the client.
  std::string through() const {
    if (!through_) return {};
    const std::string begin = "  http-response del-header " + std::string(origin_header) +
                              "\n  server proxy " + through_->address + ":";
    return "\nbackend through_plain\n" + begin + std::to_string(through_->plain) +
           "\n\nbackend through_secure\n" + begin + std::to_string(through_->secure) +
           " ssl verify none sni var(txn.name)\n";
  }

  // The list of users of the router's middleware.
  static std::string list_of(std::size_t number, std::size_t middleware) {
    return "users_" + std::to_string(number) + "_" + std::to_string(middleware);
  }

  std::string userlists() const {
    std::string text;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      const std::vector<recipe::Middleware>& all = routes_[i].route->middlewares;
      for (std::size_t k = 0; k < all.size(); ++k)
        if (const auto* auth = std::get_if<recipe::BasicAuth>(&all[k]))
          text += userlist(*auth, list_of(i, k), layout_.guest);
    }
    return text;
  }

  std::string backend(std::size_t number) const {
    const auto& [site, route] = routes_[number];
    std::string text = "\nbackend route_" + std::to_string(number) + "\n";
    for (std::size_t i = 0; i < route->middlewares.size(); ++i)
      text += rules_of(route->middlewares[i], {i, list_of(number, i), layout_.guest});
    const Servers servers = servers_of(*site, *route);
    if (servers.addresses.empty())
      return text + "  http-request return" + page(servers.without) + "\n";
    text += forwarded;
    text += "  http-response del-header " + std::string(origin_header) + "\n";
    text += "  balance roundrobin\n";
    for (std::size_t i = 0; i < servers.addresses.size(); ++i) {
      text += "  server task_" + std::to_string(i) + " " + servers.addresses[i] + ":" +
              std::to_string(route->port);
      // Traefik verifies such a certificate. Recipes switch this off in a file of Traefik's.
      if (route->scheme == "https") text += " ssl verify none";
      if (route->scheme == "h2c") text += " proto h2";
      text += "\n";
    }
    return text;
  }

  const Layout& layout_;
  std::vector<Routed> routes_;
  std::set<std::uint16_t> published_;
  std::optional<Through> through_;
  std::set<std::string> names_through_;
  Configuration out_;
};

}  // namespace

std::string rule_label(const recipe::Route& route) {
  return "traefik.http.routers." + route.router + ".rule";
}

bool is_plain_only(const recipe::Route& route) {
  const Entries entries = entries_of(route);
  return entries.plain && !entries.secure;
}

std::vector<recipe::NotRouted> unserved(const recipe::Routing& routing) {
  std::vector<recipe::NotRouted> all;
  for (const recipe::Route& route : routing.routes)
    if (auto why = problem(route))
      all.push_back({route.service, rule_label(route), std::move(*why), false});
  return all;
}

base::Result<Configuration> make_configuration(const Layout& layout,
                                               const std::vector<Site>& sites) {
  Writer writer(layout);
  for (const Site& site : sites) writer.add(site);
  return writer.run();
}

}  // namespace ccci::ingress

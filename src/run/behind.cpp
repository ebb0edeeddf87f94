// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/behind.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/lock_file.hpp"

namespace ccci::run {

namespace {

// Why a rule could take a request of somebody else; empty: it cannot.
std::string objection(const recipe::Match& match, const engine::Traefik& traefik,
                      const std::string& domain) {
  const std::string& host = match.host;
  if (host.empty()) return "a rule has no Host, so it would take the requests of others";
  if (host != domain && !host.ends_with("." + domain))
    return "a rule has Host(`" + host + "`), which is no name of the test";
  if (traefik.taken.contains(host)) return "another service has a rule with " + host;
  return {};
}

}  // namespace

std::string objection(const engine::Traefik& traefik, const Deployable& app) {
  // All labels go to Traefik, also those that are not understood here.
  for (const recipe::NotRouted& one : app.routing.unverified)
    if (one.label.ends_with(".rule") || one.label.ends_with(".entrypoints"))
      return one.label + ": " + one.why;
  for (const recipe::Route& route : app.routing.routes) {
    for (const std::string& entry : route.entrypoints)
      if (!traefik.entries.contains(entry))
        return "it has no published entry point '" + entry + "'";
    for (const recipe::Match& match : route.matches)
      if (std::string why = objection(match, traefik, app.domain); !why.empty()) return why;
  }
  return app.routing.routes.empty() ? "the app has no router" : "";
}

base::Fd take_turn(const std::filesystem::path& state) {
  const std::filesystem::path place = state / "locks";
  if (!base::make_directories(place)) return {};
  const auto directory = base::open_path(place, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) return {};
  auto opened = base::open_lock_file(directory->get(), "traefik");
  if (!opened) return {};
  base::Fd file = std::move(*opened);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) return {};
  return file;
}

}  // namespace ccci::run

// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/rejection.hpp"

#include <string>

#include "engine/convergence.hpp"

namespace ccci::run {

namespace {

// A swarm takes fewer characters in names than compose files do.
std::string refused_name(std::string problem) {
  if (problem.find("valid as a DNS name component") != std::string::npos)
    problem += ": only letters, digits, '-' and '_'";
  return problem;
}

}  // namespace

std::optional<Outcome> rejection_of(const base::Error& error) {
  // The second: a part of the engine did not answer another one in time.
  const std::string_view problem = error.field("problem");
  if (engine::is_of_engine(std::string(problem)) ||
      problem.find("code = DeadlineExceeded") != std::string_view::npos)
    return std::nullopt;
  const std::string object =
      std::string(error.field("kind")) + " '" + std::string(error.field("name")) + "'";
  if (error.is(base::Condition::conflict)) {
    return Outcome::red(object +
                        " has another content than the deployed one: a new content needs "
                        "a new name, so change its version in abra.sh");
  }
  const char* const remedy =
      error.field("kind") == "secret"
          ? "; a line SECRET_NAME_VERSION=v1 in .env.sample lets cc-ci generate it"
          : "; remove `external`, and it is made with the stack";
  if (error.code == "engine.missing")
    return Outcome::red(object + " is external, but the engine does not have it" + remedy);
  if (!error.is(base::Condition::refused) && !error.is(base::Condition::not_found))
    return std::nullopt;
  const std::string_view name = error.field("name");
  // "demo_key_": the engine says only which characters it takes.
  const bool unfinished = name.ends_with('_') || name.ends_with('-') || name.ends_with('.');
  return Outcome::red("the engine refused " + (name.empty() ? "the stack" : object) + ": " +
                      (unfinished ? "a variable at the end of its name has no value; cc-ci lint "
                                    "names it"
                                  : refused_name(std::string(error.field("problem")))));
}

}  // namespace ccci::run

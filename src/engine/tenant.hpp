// SPDX-License-Identifier: GPL-3.0-or-later
// A stack as an engine of its own can have it, and as one can that others use too. Pure functions:
// each change that a recipe could notice is a deviation of the result.
#pragma once

#include <string>

#include "recipe/stack.hpp"

namespace ccci::engine {

// Who has something in a shared engine. Both are labels of all its objects there, and nothing else
// says whose an object is: names prove nothing.
struct Tenant {
  std::string lease;  // of the records that know the run (record.hpp)
  std::string run;    // its name there

  recipe::Labels marks() const;
  // The repository of its images. An image cannot get a label without becoming another image, so
  // this name is its label. No registry has it: names below .invalid do not exist (RFC 6761).
  std::string images() const { return "cc-ci.invalid/" + lease + "/" + run; }
};

inline constexpr const char* lease_label = "cc-ci.lease";
inline constexpr const char* run_label = "cc-ci.run";

// Where an engine has its socket and its data, as its daemon sees them.
struct EnginePlaces {
  std::string socket;
  std::string data;
};

// Who mounts the usual socket or data directory of an engine means the one that runs it.
void lead_to_engine(recipe::Stack& stack, const EnginePlaces& places);

// In an engine of its own nothing external exists before, so external networks and volumes become
// the stack's. External secrets need values: the caller has them.
recipe::Stack with_own_parts(recipe::Stack stack);

// The same, and: all objects get the tenant's marks and names that begin with the stack's, ports
// are chosen by the engine, tasks stay on `node`, and programs that watch the engine do not see the
// labels that are meant for them.
recipe::Stack among_others(recipe::Stack stack, const Tenant& tenant, const std::string& node);

}  // namespace ccci::engine

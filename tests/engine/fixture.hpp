// SPDX-License-Identifier: GPL-3.0-or-later
// Real engines for tests. tests/engine/run sets the variable with the entrypoint.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "engine/private_engine.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::engine {

inline EngineSetup setup_in(const std::filesystem::path& directory, const std::string& name) {
  EngineSetup setup;
  setup.directory = directory;
  setup.name = name;
  const char* const entry = getenv("CCCI_ENGINE_ENTRY");
  if (entry != nullptr) setup.entry = {entry};
  return setup;
}

// All that an error says, for a failed assertion.
inline std::string words(const base::Error& error) {
  std::string text = error.code;
  for (const base::Field& field : error.fields) text += " " + field.name + "=" + field.value;
  return text;
}

}  // namespace ccci::engine

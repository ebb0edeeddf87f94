// SPDX-License-Identifier: GPL-3.0-or-later
// What parses must come back byte for byte the same once written and parsed again, and what the
// parser refuses must be refused with a reason.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "enter/entrypoint_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  std::string problem;
  const auto entrypoint = ccci::enter::read_entrypoint(bytes, problem);
  if (!problem.empty()) return 0;
  const std::string written = ccci::enter::write_entrypoint(entrypoint);
  const auto back = ccci::enter::read_entrypoint(written, problem);
  if (!problem.empty() || back != entrypoint) std::abort();
  return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a program of a package: the names of its libraries are bounded, and reading in parts
// gives the same as reading the whole.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "environment/elf.hpp"
#include "environment/needs.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const auto whole = environment::read_elf(std::string_view(bytes));
  const auto in_parts =
      environment::read_elf([&](std::uint64_t offset, char* into, std::size_t count) {
        if (offset > bytes.size() || count > bytes.size() - offset) return false;
        std::memcpy(into, bytes.data() + offset, count);
        return true;
      });
  require(whole == in_parts);
  if (const auto call = environment::read_env_call(bytes.substr(0, bytes.find('\n')))) {
    require(!call->program.empty() && call->program.find('/') == std::string::npos);
    static_cast<void>(environment::with_path(*call, "/usr/bin/x"));
  }
  return 0;
}

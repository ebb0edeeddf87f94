// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a lock: refused, or read to something that writes back the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/hash.hpp"
#include "lock/lock.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ccci;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // As it is, and with a digest that is right: no fuzzer would find that by itself.
  const std::string body = text.substr(0, text.rfind("digest "));
  for (const std::string& input : {text, body + "digest " + base::sha256(body).hex() + "\n"}) {
    const auto lock = lock::read(input, "cc-ci.lock");
    if (lock && lock::write(*lock) != input) std::abort();
  }
  return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/progress.hpp"

namespace ccci::base {

Progress& silent() {
  class Silent final : public Progress {
    void begin(std::string_view /*what*/, std::uint64_t /*total*/, Unit /*unit*/) override {}
    void advance(std::uint64_t /*done*/, std::string_view /*item*/) override {}
    void end() override {}
    void note(std::string_view /*text*/) override {}
  };
  static Silent instance;
  return instance;
}

}  // namespace ccci::base

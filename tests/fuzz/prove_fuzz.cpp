// SPDX-License-Identifier: GPL-3.0-or-later
// The first byte picks a reader, the rest is a file of the repository: reading it twice says the
// same, and every finding points into the file and carries nothing that could repaint a terminal.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "prove/readers.hpp"

namespace {

using namespace ccci::prove;

constexpr std::array paths{"x.nix",     "Dockerfile",     "x.sh",      ".drone.yml", "x.yml",
                           "x.service", ".tool-versions", "mise.toml", "devbox.json"};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string path = paths[data[0] % paths.size()];
  const std::string text(data + 1, data + size);
  const Reading once = read_file(path, text);
  const Reading twice = read_file(path, text);
  require(once.findings == twice.findings && once.unavailable == twice.unavailable);
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const Finding& finding : once.findings) {
    require(finding.file == path && finding.line >= 1 && finding.line <= lines);
    require(finding.column >= 1);
    require(ccci::base::printable(finding.excerpt) == finding.excerpt);
    for (const Mention& mention : finding.tools)
      require(mention.at.line >= 1 && mention.at.column >= 1 && !mention.name.empty());
    require(finding.kind == Kind::path ? !finding.directories.empty() : finding.side == Side::none);
  }
  return 0;
}

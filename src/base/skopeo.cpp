// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/skopeo.hpp"

#include <string_view>

#include "base/text.hpp"

namespace ccci::base {

bool is_local_registry(const std::string& registry) {
  const std::string host = registry.substr(0, registry.rfind(':'));
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// skopeo writes log lines; the last one has the cause in quotes.
std::string skopeo_problem(const Outcome& outcome, const std::string& late) {
  if (outcome.timed_out) return late;
  std::string last;
  for (const std::string_view line : split(outcome.err, '\n'))
    if (!line.empty()) last = line;
  constexpr std::string_view mark = "msg=\"";
  const std::size_t begin = last.find(mark);
  if (begin != std::string::npos && last.ends_with('"'))
    last = last.substr(begin + mark.size(), last.size() - begin - mark.size() - 1);
  return printable(last);
}

}  // namespace ccci::base

// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/browser_keys.hpp"

#include <string>

namespace ccci::declare {

namespace {

std::string not_a_browser(std::string_view name) {
  if (name == "chromium") return {};
  if (name == "firefox" || name == "webkit") {
    return "Playwright's Firefox and WebKit are patched builds of its own, and Debian has neither";
  }
  return "Debian's chromium is the only browser that Playwright can drive";
}

constexpr Form browser{"a-z", "a-z-", 1, 30, "'chromium'", not_a_browser};

constexpr Key rows_of_browsers[] = {
    {.path = "runtime.browsers",
     .type = Type::list,
     .value = &browser,
     .meaning = "browsers for Playwright: Debian's chromium, where Playwright looks for its own",
     .example = R"(["chromium"])",
     .shown = Shown::hidden},
};

}  // namespace

std::span<const Key> browser_keys() { return rows_of_browsers; }

}  // namespace ccci::declare

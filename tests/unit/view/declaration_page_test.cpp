// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/declaration_page.hpp"

#include <gtest/gtest.h>

#include <string>

#include "declare/keys.hpp"

namespace ccci::view {
namespace {

TEST(DeclarationPage, HasEveryKey) {
  const std::string page = declaration_page().text;
  for (const declare::Key& key : declare::keys()) {
    EXPECT_NE(page.find(command::roff(key.meaning)), std::string::npos) << key.path;
  }
  EXPECT_NE(page.find(".SS [packages.NAME]"), std::string::npos);
  EXPECT_NE(page.find("\\fBsha256\\fR (string)"), std::string::npos);
}

}  // namespace
}  // namespace ccci::view

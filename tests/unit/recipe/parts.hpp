// SPDX-License-Identifier: GPL-3.0-or-later
// A recipe in a scratch directory, and short ways to read it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "recipe/compose.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::recipe {

inline std::string described(const base::Error& error) {
  std::string out = error.code;
  for (const base::Field& field : error.fields)
    if (!field.value.empty()) out += " " + field.name + "=" + field.value;
  for (const base::Position& at : error.where)
    out += " @" + at.file + ":" + std::to_string(at.line);
  for (const base::Error& other : error.also) out += "\n" + described(other);
  return out;
}

class RecipeTest : public testing::Test {
 protected:
  void file(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((scratch_ / name).parent_path());
    test::write_text(scratch_ / name, text);
  }

  base::Result<Composed> composed(std::vector<std::string> files, Variables variables = {}) {
    auto folder = Folder::open(scratch_.path());
    if (!folder) return base::unexpected(folder.error());
    ComposeRequest request;
    request.stack = "demo";
    request.files = std::move(files);
    request.variables = std::move(variables);
    request.variables.emplace("STACK_NAME", "demo");
    return compose(*folder, request);
  }

  // The stack of compose.yml with this text; an empty one after a failure.
  Stack stack(std::string_view text, Variables variables = {}) {
    file("compose.yml", text);
    auto result = composed({"compose.yml"}, std::move(variables));
    if (!result) {
      ADD_FAILURE() << described(result.error());
      return {};
    }
    return result->stack;
  }

  Service app(std::string_view text, Variables variables = {}) {
    const Stack made = stack(text, std::move(variables));
    const Service* found = made.find("app");
    EXPECT_NE(found, nullptr);
    return found == nullptr ? Service{} : *found;
  }

  // The service `app` with an image and these further lines, indented by four.
  Service app_with(std::string_view lines, Variables variables = {}) {
    return app("services:\n  app:\n    image: x:1\n" + std::string(lines), std::move(variables));
  }

  std::string refusal(std::string_view text, Variables variables = {}) {
    file("compose.yml", text);
    const auto result = composed({"compose.yml"}, std::move(variables));
    return result ? "accepted" : described(result.error());
  }

  std::string refusal_with(std::string_view lines, Variables variables = {}) {
    return refusal("services:\n  app:\n    image: x:1\n" + std::string(lines),
                   std::move(variables));
  }

  test::Scratch scratch_;
};

}  // namespace ccci::recipe

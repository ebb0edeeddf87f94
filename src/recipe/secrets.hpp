// SPDX-License-Identifier: GPL-3.0-or-later
// The secrets that an app needs before it can be deployed, and how each is generated.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/compose.hpp"
#include "recipe/env_file.hpp"

namespace ccci::recipe {

enum class Charset { standard, special, safe_special, hex, alnum };

// The characters of the set, each once.
std::string_view alphabet(Charset charset);

struct SecretSpec {
  std::string key;      // in the compose file
  std::string name;     // what the engine calls it
  std::string env_key;  // "SECRET_DB_PASSWORD_VERSION"; empty: no variable names its version
  std::optional<unsigned> length;  // absent: a passphrase of words
  Charset charset = Charset::standard;
  bool generate = true;               // false: only a person knows the value
  std::vector<std::string> services;  // that use it
  std::vector<std::string> ignored;   // directives that mean nothing, e.g. "length=many"
  std::optional<std::string> value;   // given for this app; then nothing is generated

  bool operator==(const SecretSpec&) const = default;
};

// The variable in which somebody may give the value of a secret: "smtp-password" is SMTP_PASSWORD.
std::string secret_value_key(std::string_view key);

// The external secrets that services of the stack use, in the order of their keys. Directives come
// from the line of the env file whose key is in the `name` of the secret. A line that is commented
// out directs nothing.
std::vector<SecretSpec> secrets_of(const Composed& composed, const EnvFile& sample);

}  // namespace ccci::recipe

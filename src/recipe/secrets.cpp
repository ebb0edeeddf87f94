// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/secrets.hpp"

#include <array>

#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr std::uint64_t longest_secret = 10'000;

struct CharsetName {
  std::string_view name;
  Charset charset;
};
constexpr std::array charset_names{
    CharsetName{"default", Charset::standard},
    CharsetName{"special", Charset::special},
    CharsetName{"safespecial", Charset::safe_special},
    CharsetName{"hex", Charset::hex},
    CharsetName{"alnum", Charset::alnum},
};

// The variable in the secret's name that holds its version.
std::string version_key(const std::string& raw_name) {
  std::string best;
  for (const std::string& name : variables_in(raw_name)) {
    if (name == "STACK_NAME") continue;
    if (name.starts_with("SECRET_") || best.empty()) best = name;
  }
  return best;
}

void direct(SecretSpec& spec, const EnvEntry& entry) {
  for (const auto& [name, value] : entry.directives) {
    bool known = false;
    if (name == "length") {
      const auto length = read_number(value, longest_secret);
      known = length && *length > 0;
      if (known) spec.length = static_cast<unsigned>(*length);
    } else if (name == "charset") {
      for (const CharsetName& row : charset_names) {
        if (row.name != value) continue;
        spec.charset = row.charset;
        known = true;
      }
    } else if (name == "generate") {
      known = value == "true" || value == "false";
      spec.generate = value != "false";
    }
    if (known) continue;
    std::string& ignored = spec.ignored.emplace_back(name);
    ignored.append("=").append(value);
  }
}

}  // namespace

std::string_view alphabet(Charset charset) {
  switch (charset) {
    case Charset::special:
      return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%^&*_-+=";
    case Charset::safe_special:
      return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#%^&*_-+=";
    case Charset::hex:
      return "0123456789abcdef";
    case Charset::standard:
    case Charset::alnum:
      break;
  }
  return "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
}

std::string secret_value_key(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c >= 'a' && c <= 'z')
      out += static_cast<char>(c - 'a' + 'A');
    else
      out += c == '-' || c == '.' ? '_' : c;
  }
  return out;
}

std::vector<SecretSpec> secrets_of(const Composed& composed, const EnvFile& sample) {
  std::map<std::string, std::vector<std::string>> users;
  for (const Service& service : composed.stack.services)
    for (const FileReference& reference : service.secrets)
      users[reference.source].push_back(service.key);
  std::vector<SecretSpec> out;
  for (const auto& [key, secret] : composed.stack.secrets) {
    if (!secret.external) continue;
    SecretSpec spec;
    spec.key = key;
    spec.name = secret.name;
    spec.services = users[key];
    const auto raw = composed.raw_secret_names.find(key);
    if (raw != composed.raw_secret_names.end()) spec.env_key = version_key(raw->second);
    if (const EnvEntry* entry = sample.find(spec.env_key)) direct(spec, *entry);
    out.push_back(std::move(spec));
  }
  return out;
}

}  // namespace ccci::recipe

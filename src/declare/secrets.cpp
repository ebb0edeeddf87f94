// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/secrets.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace ccci::declare {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool belongs_to_token(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-';
}

// The words of a variable's name in upper case: API_TOKEN gives API and TOKEN.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  for (const std::string_view part : base::split(name, '_')) {
    std::string word(part);
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

// PGPASSWORD and GITHUBTOKEN have no separator.
bool ends_as_secret(std::string_view word) {
  constexpr std::array endings{"TOKEN",      "SECRET",      "PASSWORD",   "PASSWD", "PASSPHRASE",
                               "CREDENTIAL", "CREDENTIALS", "PRIVATEKEY", "APIKEY"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

bool is_secret_name(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  if (words.empty()) return false;
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (has("PUBLIC")) return false;
  const std::string& last = words.back();
  if (ends_as_secret(last)) return true;
  // MYSQL_PWD; the plain PWD is the working directory.
  if (words.size() > 1 && (last == "PASS" || last == "PWD")) return true;
  const bool kind = has("API") || has("ACCESS") || has("SECRET") || has("PRIVATE") || has("AUTH") ||
                    has("SIGNING") || has("ENCRYPTION");
  return (last == "KEY" || last == "KEYS") && kind;
}

// A switch, a number, a path or a reference to a variable.
bool is_plain(std::string_view value) {
  constexpr std::array plain{"", "true", "false", "yes", "no", "on", "off", "none", "auto"};
  if (std::find(plain.begin(), plain.end(), value) != plain.end()) return true;
  if (value.front() == '/' || value.front() == '$' || value.starts_with("./")) return true;
  return value.size() < 6 && std::all_of(value.begin(), value.end(), is_digit);
}

// Begins of the tokens that services give out, and the number of characters that follow at least.
struct Prefix {
  std::string_view begin;
  std::size_t rest;
  std::string_view what;
};
constexpr std::array prefixes{
    Prefix{"ghp_", 30, "a token of GitHub"},        Prefix{"gho_", 30, "a token of GitHub"},
    Prefix{"ghs_", 30, "a token of GitHub"},        Prefix{"ghu_", 30, "a token of GitHub"},
    Prefix{"github_pat_", 30, "a token of GitHub"}, Prefix{"glpat-", 16, "a token of GitLab"},
    Prefix{"glrt-", 16, "a token of GitLab"},       Prefix{"xoxb-", 16, "a token of Slack"},
    Prefix{"xoxp-", 16, "a token of Slack"},        Prefix{"AKIA", 16, "an access key of AWS"},
    Prefix{"sk_live_", 16, "a key of Stripe"},      Prefix{"npm_", 30, "a token of npm"},
    Prefix{"pypi-", 40, "a token of PyPI"},         Prefix{"dckr_pat_", 16, "a token of Docker"},
    Prefix{"hvs.", 20, "a token of Vault"},
};

std::string known_token(std::string_view text) {
  for (const Prefix& prefix : prefixes) {
    for (std::size_t at = text.find(prefix.begin); at != std::string_view::npos;
         at = text.find(prefix.begin, at + 1)) {
      if (at > 0 && belongs_to_token(text[at - 1])) continue;
      std::size_t end = at + prefix.begin.size();
      while (end < text.size() && belongs_to_token(text[end])) ++end;
      if (end - at >= prefix.begin.size() + prefix.rest)
        return "it has the form of " + std::string(prefix.what);
    }
  }
  return {};
}

// https://USER:PASSWORD@HOST
bool has_password_in_address(std::string_view text) {
  for (std::size_t at = text.find("://"); at != std::string_view::npos;
       at = text.find("://", at + 1)) {
    const std::string_view rest = text.substr(at + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?# '\""));
    const std::size_t user_end = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    const bool has = user_end != std::string_view::npos && colon < user_end;
    // A job may put the password in by a variable.
    if (has && colon + 1 < user_end && authority[colon + 1] != '$') return true;
  }
  return false;
}

}  // namespace

std::string secret_in_text(std::string_view text) {
  if (text.find("-----BEGIN ") != std::string_view::npos &&
      text.find("PRIVATE KEY") != std::string_view::npos) {
    return "it has a private key";
  }
  if (has_password_in_address(text)) return "its address has a password";
  return known_token(text);
}

std::string secret_in_variable(std::string_view name, std::string_view value) {
  if (std::string why = secret_in_text(value); !why.empty()) return why;
  if (is_secret_name(name) && !is_plain(value)) return "its name says so";
  return {};
}

}  // namespace ccci::declare

// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/failure.hpp"

#include <apt-pkg/error.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/text.hpp"
#include "source/debian/entries.hpp"

namespace ccci::source::debian {

namespace {

struct Sign {
  std::string_view text;
  std::string_view code;
  base::Condition condition = base::Condition::none;
};

// The first matching sign decides. So signs for causes are listed before signs for consequences.
constexpr auto signs = std::to_array<Sign>({
    {"NO_PUBKEY", "source.wrong-key"},
    // apt of Debian 13 verifies with sqv, which has other words than gpgv.
    {"Missing key", "source.wrong-key"},
    {"Message has been manipulated", "source.tampered"},
    {"EXPKEYSIG", "source.key-expired"},
    {"KEYEXPIRED", "source.key-expired"},
    {"REVKEYSIG", "source.key-revoked"},
    {"KEYREVOKED", "source.key-revoked"},
    {"BADSIG", "source.tampered"},
    {"weak digest algorithm", "source.weak-hash"},
    {"weak security information", "source.weak-hash"},
    {"considered strong enough", "source.weak-hash"},
    {"Insufficient information available", "source.weak-hash"},
    {"is expired (invalid since", "source.expired"},
    {"is not valid yet", "source.not-yet-valid"},
    {"Clearsigned file isn't valid", "source.tampered"},
    {"Splitting up", "source.tampered"},
    {"Expected ASCII armored", "source.tampered"},
    {"Signed file isn't valid", "source.tampered"},
    {"invalid signature", "source.tampered"},
    {"The following signatures were invalid", "source.tampered"},
    {"is not signed", "source.unsigned", base::Condition::not_signed},
    {"Hash Sum mismatch", "source.tampered"},
    {"has unexpected size", "source.tampered"},
    {"does not have a Release file", "source.no-suite"},
    {"no longer has a Release file", "source.no-suite"},
    {"doesn't have the component", "source.no-component"},
    {"Unable to find expected entry", "source.no-component"},
    {"Unable to parse Release file", "source.tampered"},
    {"Release file", "source.tampered"},
    {"File not found", "source.missing-file", base::Condition::not_found},
    {"404", "source.missing-file", base::Condition::not_found},
    {"Unauthorized", "source.refused"},
    {"Forbidden", "source.refused"},
    {"Permission denied", "source.denied"},
    {"No space left on device", "source.no-space", base::Condition::no_space},
    {"Could not", "source.unreachable"},
    {"connect", "source.unreachable"},
    {"resolving", "source.unreachable"},
    {"timed out", "source.unreachable"},
});

// The key ids after the words: "NO_PUBKEY 0E98404D386FA1D9 NO_PUBKEY …". sqv has whole
// fingerprints, of which the last 16 digits are the key id.
std::string after(std::string_view text, std::string_view word) {
  std::set<std::string> found;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::string_view rest = base::trim(text.substr(at + word.size()));
    const std::string_view key = rest.substr(0, rest.find_first_not_of("0123456789ABCDEFabcdef"));
    constexpr std::size_t digits = 16;
    found.insert(std::string(key.substr(key.size() - std::min(digits, key.size()))));
  }
  found.erase("");
  const std::vector<std::string> list(found.begin(), found.end());
  return base::join(list, ", ");
}

// "Release file for URI is expired (invalid since 3d 4h 5min 6s)."
std::string between(std::string_view text, std::string_view before, std::string_view behind) {
  const std::size_t start = text.find(before);
  if (start == std::string_view::npos) return {};
  const std::string_view rest = text.substr(start + before.size());
  return std::string(rest.substr(0, rest.find(behind)));
}

constexpr std::string_view copied_file = "copy:/";  // see for_libapt in entries.cpp

// The first uri in the text.
std::string uri_in(std::string_view text) {
  const std::size_t scheme = text.find(":/");
  if (scheme == std::string_view::npos) return {};
  std::size_t start = scheme;
  while (start > 0 && (std::isalnum(static_cast<unsigned char>(text[start - 1])) != 0 ||
                       text[start - 1] == '+')) {
    --start;
  }
  const std::string_view rest = text.substr(start);
  return std::string(rest.substr(0, rest.find_first_of(" '\"\n")));
}

}  // namespace

std::string one_line(const std::string& text) {
  std::string line;
  std::string word;
  const auto finish = [&] {
    if (word.empty()) return;
    if (!line.empty()) line.push_back(' ');
    const std::size_t scheme = word.find("://");
    line += scheme == std::string::npos ? word : without_password(word);
    word.clear();
  };
  for (const char character : text) {
    if (static_cast<unsigned char>(character) <= ' ') {
      finish();
    } else {
      word.push_back(character);
    }
  }
  finish();
  for (std::size_t at = line.find(copied_file); at != std::string::npos;
       at = line.find(copied_file, at)) {
    line.replace(at, copied_file.size(), "file:/");
  }
  return line.substr(0, 400);
}

base::Error classify(const std::string& text, const std::string& uri) {
  // apt 3 copies a file of a local mirror and fails without a word if its digest is another one. It
  // has words for all other failures.
  if (text == "Undetermined Error" && uri.starts_with(copied_file)) {
    return base::fail("source.tampered")
        .with("uri", one_line(uri))
        .with("cause", "another digest than in the release file");
  }
  const auto found = std::find_if(signs.begin(), signs.end(), [&](const Sign& sign) {
    return text.find(sign.text) != std::string::npos;
  });
  base::Error error =
      found == signs.end() ? base::fail("source.apt") : base::fail(found->code, found->condition);
  std::string place = uri.empty() ? uri_in(text) : uri;
  place = without_password(place);
  if (!place.empty()) error.fields.push_back({"uri", place});
  error.fields.push_back({"cause", one_line(text)});
  std::string keys = after(text, "NO_PUBKEY");
  if (keys.empty()) keys = after(text, "Missing key");
  if (!keys.empty()) error.fields.push_back({"keys", keys});
  const std::string since = between(text, "(invalid since ", ")");
  if (!since.empty()) error.fields.push_back({"since", since});
  return error;
}

std::vector<std::string> pending_errors() {
  std::vector<std::string> texts;
  while (!_error->empty(GlobalError::DEBUG)) {
    std::string text;
    if (_error->PopMessage(text)) texts.push_back(text);
  }
  _error->Discard();
  return texts;
}

base::Error apt_failure(const std::string& doing) {
  std::vector<base::Error> errors;
  for (const std::string& text : pending_errors()) errors.push_back(classify(text, {}));
  if (errors.empty()) errors.push_back(base::fail("source.apt").with("cause", doing));
  return base::together(distinct(std::move(errors)));
}

std::vector<base::Error> distinct(std::vector<base::Error> errors) {
  // If libapt cannot accept a signature, it also reports that there is no signature.
  const auto explained = [&](const base::Error& error) {
    return error.is(base::Condition::not_signed) &&
           std::any_of(errors.begin(), errors.end(), [&](const base::Error& other) {
             const std::string_view place = error.field("uri");
             return other.code != error.code && other.field("uri").substr(0, place.size()) == place;
           });
  };
  std::vector<base::Error> kept;
  for (const base::Error& error : errors) {
    const bool told = std::any_of(kept.begin(), kept.end(), [&](const base::Error& other) {
      return other.code == error.code && other.field("uri") == error.field("uri");
    });
    if (!told && !explained(error)) kept.push_back(error);
  }
  return kept;
}

}  // namespace ccci::source::debian

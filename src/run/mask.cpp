// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/mask.hpp"

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "engine/api.hpp"
#include "engine/spec.hpp"

namespace ccci::run {

namespace {

constexpr std::string_view stars = "***";

// The characters of base64 that depend on the secret only, for each of the three positions that it
// may have in a longer text.
std::array<std::string, 3> base64_cores(std::string_view secret) {
  std::array<std::string, 3> cores;
  for (std::size_t offset = 0; offset < cores.size(); ++offset) {
    const std::string coded = base::base64(std::string(offset, 'x') + std::string(secret));
    const std::size_t from = offset == 0 ? 0 : offset + 1;
    const std::size_t whole = (offset + secret.size()) / 3 * 4;
    const std::size_t to = std::max(from, whole);
    cores.at(offset) = coded.substr(from, to - from);
  }
  return cores;
}

std::string in_json(std::string_view secret) {
  const std::string text = base::Json(secret).dump();
  return text.substr(1, text.size() - 2);
}

std::string lower_escapes(std::string text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] != '%') continue;
    for (const std::size_t at : {i + 1, i + 2})
      if (text[at] >= 'A' && text[at] <= 'F') text[at] = static_cast<char>(text[at] - 'A' + 'a');
  }
  return text;
}

bool breaks(char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; }

// Where the form ends in the text if it begins at `at`, with breaks of lines inside of it; else 0.
std::size_t match(std::string_view text, std::size_t at, std::string_view form) {
  std::size_t i = at;
  for (std::size_t k = 0; k < form.size(); ++k) {
    if (i < text.size() && text[i] == form[k]) {
      ++i;
      continue;
    }
    // Only a line's end, with the indentation that follows it.
    if (k == 0 || i >= text.size() || (text[i] != '\n' && text[i] != '\r')) return 0;
    while (i < text.size() && breaks(text[i])) ++i;
    if (i >= text.size() || text[i] != form[k]) return 0;
    ++i;
  }
  return i;
}

}  // namespace

void Mask::add(std::string_view secret) {
  secret = base::trim(secret);
  if (secret.size() < shortest) return;
  std::vector<std::string> found{std::string(secret), in_json(secret),
                                 base::percent_encoded(secret),
                                 lower_escapes(base::percent_encoded(secret))};
  for (std::string& core : base64_cores(secret)) {
    if (core.size() >= 6) {
      std::string url = core;
      std::replace(url.begin(), url.end(), '+', '-');
      std::replace(url.begin(), url.end(), '/', '_');
      found.push_back(std::move(url));
      found.push_back(std::move(core));
    }
  }
  for (std::string& form : found) {
    if (std::find(forms_.begin(), forms_.end(), form) == forms_.end())
      forms_.push_back(std::move(form));
  }
  std::stable_sort(forms_.begin(), forms_.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string Mask::masked(std::string_view text) const {
  std::string out;
  out.reserve(text.size());
  std::array<bool, 256> begins{};
  for (const std::string& form : forms_) begins.at(static_cast<unsigned char>(form[0])) = true;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = 0;
    if (begins.at(static_cast<unsigned char>(text[i]))) {
      for (const std::string& form : forms_) {
        if ((end = match(text, i, form)) != 0) break;
      }
    }
    if (end != 0) {
      out += stars;
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

}  // namespace ccci::run

// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/secret_values.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace ccci::run {

namespace {

constexpr int words_of_a_passphrase = 6;
constexpr unsigned longest_secret = 4096;

// Two syllables: 100 of each, so a word has 13 bits and a passphrase has 79.
std::string word(Random& random) {
  static constexpr std::string_view consonants = "bdfghjklmnprstvwyzcq";
  static constexpr std::string_view vowels = "aeiou";
  std::string text;
  for (int syllable = 0; syllable < 2; ++syllable) {
    text += consonants[random.below(static_cast<unsigned>(consonants.size()))];
    text += vowels[random.below(static_cast<unsigned>(vowels.size()))];
  }
  return text;
}

}  // namespace

unsigned Random::below(unsigned limit) {
  // The last, incomplete range would make small numbers likelier.
  const std::uint32_t whole = std::numeric_limits<std::uint32_t>::max() / limit * limit;
  for (;;) {
    std::uint32_t number = 0;
    const ssize_t size = getrandom(&number, sizeof number, 0);
    if (size < 0 && errno != EINTR) throw std::runtime_error("getrandom");
    if (size == static_cast<ssize_t>(sizeof number) && number < whole) return number % limit;
  }
}

Random& real_random() {
  static Random random;
  return random;
}

std::string generate(const recipe::SecretSpec& secret, Random& random) {
  std::string text;
  if (!secret.length) {
    for (int i = 0; i < words_of_a_passphrase; ++i) text += (i == 0 ? "" : "-") + word(random);
    return text;
  }
  const std::string_view set = recipe::alphabet(secret.charset);
  for (unsigned i = 0; i < std::min(*secret.length, longest_secret); ++i)
    text += set[random.below(static_cast<unsigned>(set.size()))];
  return text;
}

SecretValues values_of(const std::vector<recipe::SecretSpec>& secrets, Random& random) {
  SecretValues result;
  for (const recipe::SecretSpec& secret : secrets) {
    if (secret.value) {
      result.values[secret.key] = *secret.value;
    } else if (secret.generate) {
      result.values[secret.key] = generate(secret, random);
    } else {
      result.missing.push_back(secret.key);
    }
  }
  return result;
}

std::vector<recipe::Deviation> made_up(const std::vector<recipe::SecretSpec>& secrets) {
  std::vector<recipe::Deviation> found;
  for (const recipe::SecretSpec& secret : secrets) {
    if (!secret.env_key.empty() || secret.value) continue;
    found.push_back({"", "secrets",
                     "'" + secret.name +
                         "' is external, and no line of .env.sample directs it: the test "
                         "generates its value"});
  }
  return found;
}

}  // namespace ccci::run

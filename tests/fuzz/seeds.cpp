// SPDX-License-Identifier: GPL-3.0-or-later
// seeds DIRECTORY: runs each harness on its seeds in DIRECTORY/NAME, and on parts of them. A
// harness aborts if one of its promises does not hold, so it is enough that the program ends.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// CCCI_HARNESSES is HARNESS(NAME) for each of them.
#define HARNESS(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
CCCI_HARNESSES
#undef HARNESS

namespace {

struct Harness {
  const char* name;
  int (*run)(const std::uint8_t*, std::size_t);
};

constexpr Harness harnesses[] = {
#define HARNESS(name) {#name, &fuzz_##name},
    CCCI_HARNESSES
#undef HARNESS
};

constexpr std::size_t parts = 8;

std::vector<std::uint8_t> read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) return 2;
  int bare = 0;
  for (const Harness& harness : harnesses) {
    std::size_t seeds = 0;
    const auto directory = std::filesystem::path(words[1]) / harness.name;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
      // An abort names the seed by the last line.
      std::printf("%s %s\n", harness.name, entry.path().filename().c_str());
      std::fflush(stdout);
      const std::vector<std::uint8_t> bytes = read(entry.path());
      for (std::size_t part = 0; part <= parts; ++part)
        harness.run(bytes.data(), bytes.size() * part / parts);
      ++seeds;
    }
    if (seeds == 0) {
      std::printf("%s: no seeds in %s\n", harness.name, directory.c_str());
      ++bare;
    }
  }
  return bare == 0 ? 0 : 1;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The volumes of a private engine, as directories of the host. Apps own them and are not trusted:
// no link in them is followed out of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::run {

class Volumes {
 public:
  // `data` is the data directory of the engine.
  explicit Volumes(std::filesystem::path data) : data_(std::move(data)) {}

  std::filesystem::path directory(const std::string& volume) const;
  bool exists(const std::string& volume) const;

  // A file of cc-ci's in the volume, which proves that the volume's files are the same ones.
  static constexpr const char* witness = ".cc-ci-witness";
  base::Result<void> put_witness(const std::string& volume, const std::string& text) const;
  // Empty if there is none.
  std::string witness_of(const std::string& volume) const;

  struct Kept {
    bool exists = false;
    bool directory = false;
    std::uint64_t bytes = 0;
    std::string digest;  // of a regular file
  };
  // A large file takes long: `interrupted` is asked meanwhile, and then there is no digest.
  Kept look(const std::string& volume, const std::string& path,
            const std::function<bool()>& interrupted = {}) const;

  // What sparse files announce and the disk does not have: who copies them writes it.
  struct Holes {
    std::uint64_t bytes = 0;
    std::string file;             // the one with the largest, relative to the volume
    std::uint64_t announced = 0;  // its length
    std::uint64_t largest = 0;    // its holes
  };
  // Of the path and all below it; empty: of the whole volume. Of many files the first ones count.
  Holes holes(const std::string& volume, const std::string& path) const;
  void remove(const std::string& volume, const std::string& path) const;
  // Bytes on the disk of all volumes, of what containers wrote into their own layers, and of their
  // logs. The images are not counted.
  std::uint64_t bytes_in_use() const;
  // Removes everything in it.
  base::Result<void> clear(const std::string& volume) const;

 private:
  std::filesystem::path data_;
};

}  // namespace ccci::run

// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/declared_files.hpp"

#include <deque>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "python/requirements.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_requirements = 1U << 20U;
constexpr std::uint64_t largest_npm_lock = 64U << 20U;
constexpr std::size_t most_files = 100;

using ReadOne = std::function<base::Result<std::string>(const std::string& path)>;

// The two declared files, and the files that they include.
base::Result<void> read_requirements(declare::PypiSource& source, const ReadOne& read) {
  std::deque<declare::Name> open;
  for (const declare::Name* name : {&source.requirements, &source.constraints}) {
    if (!name->text.empty()) open.push_back(*name);
  }
  while (!open.empty()) {
    const declare::Name name = std::move(open.front());
    open.pop_front();
    if (source.files.contains(name.text)) continue;
    auto text = read(name.text);
    if (!text || source.files.size() >= most_files) {
      return base::unexpected(
          base::fail("python.missing-file").with("path", name.text).at(name.at));
    }
    CCCI_TRY(const std::vector<declare::Name> named, python::files_named_in(*text, name.text));
    open.insert(open.end(), named.begin(), named.end());
    source.files.emplace(name.text, std::move(*text));
  }
  return {};
}

// The locks of npm, and the package.json beside each if there is one.
base::Result<void> read_npm_locks(declare::Declaration& declaration, const ReadOne& read) {
  for (const auto& [path, tools] : declaration.npm_locks()) {
    auto text = read(path);
    if (!text) {
      const auto* npm =
          std::get_if<declare::NpmPackage>(&declaration.rule(tools.front().text)->from);
      return base::unexpected(base::fail("node.missing-lock").with("path", path).at(npm->lock.at));
    }
    declaration.npm.files.emplace(path, std::move(*text));
    const std::string description = declare::npm_description(path);
    if (auto more = read(description)) {
      declaration.npm.files.emplace(description, std::move(*more));
    }
  }
  return {};
}

base::Result<void> read_all(declare::Declaration& declaration, const ReadOne& read) {
  CCCI_CHECK(read_requirements(declaration.pypi, read));
  return read_npm_locks(declaration, read);
}

// By its name, the file may be larger than people write by hand.
std::uint64_t limit_of(const std::string& path) {
  return path.ends_with("package-lock.json") ? largest_npm_lock : largest_requirements;
}

}  // namespace

base::Result<void> read_declared_files(declare::Declaration& declaration, const FindFile& find) {
  CCCI_CHECK(read_certificates(declaration, find));
  return read_all(declaration, [&](const std::string& path) -> base::Result<std::string> {
    CCCI_TRY(const fs::path file, find(path));
    return base::read_file(file, limit_of(path));
  });
}

base::Result<void> read_declared_files(declare::Declaration& declaration,
                                       const fs::path& directory) {
  CCCI_CHECK(read_certificates(declaration, directory));
  return read_all(declaration, [&](const std::string& path) {
    return base::read_of_project(directory, path, limit_of(path));
  });
}

base::Result<void> read_declared_texts(declare::Declaration& declaration, const ReadText& read) {
  CCCI_CHECK(read_certificate_texts(declaration, read));
  return read_all(declaration, [&](const std::string& path) { return read(path, limit_of(path)); });
}

std::map<std::string, std::string> file_digests(const declare::Declaration& declaration) {
  std::map<std::string, std::string> digests = certificate_digests(declaration);
  for (const auto& [path, text] : declaration.pypi.files) {
    digests.emplace(path, base::sha256(text).hex());
  }
  for (const auto& [path, text] : declaration.npm.files) {
    digests.emplace(path, base::sha256(text).hex());
  }
  return digests;
}

}  // namespace ccci::project

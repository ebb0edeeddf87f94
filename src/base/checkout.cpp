// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/checkout.hpp"

#include <fcntl.h>

#include <algorithm>
#include <system_error>

#include "base/files.hpp"

namespace ccci::base {

namespace fs = std::filesystem;

namespace {

fs::path root_of(const fs::path& directory) {
  std::error_code error;
  for (fs::path at = directory;; at = at.parent_path()) {
    if (fs::exists(fs::symlink_status(at / ".git", error))) return at;
    if (at == at.parent_path()) return directory;
  }
}

}  // namespace

Result<Fd> open_of_project(const fs::path& directory, const std::string& name) {
  const fs::path shown = directory / name;
  const auto named = [&](Error error) {
    for (Field& field : error.fields) {
      if (field.name == "path") field.value = shown.native();
    }
    return unexpected(std::move(error));
  };
  std::error_code error;
  const fs::path here = fs::canonical(directory.empty() ? "." : directory, error);
  if (error) {
    return unexpected(fail("base.open").with("path", shown.native()).with_errno(error.value()));
  }
  const fs::path root = root_of(here);
  auto top = open_path(root, O_RDONLY | O_DIRECTORY);
  if (!top) return named(std::move(top).error());
  auto file = open_within(top->get(), (here.lexically_relative(root) / name).native());
  if (!file) return named(std::move(file).error());
  return file;
}

Result<std::string> read_of_project(const fs::path& directory, const std::string& name,
                                    std::uint64_t limit) {
  CCCI_TRY(const Fd file, open_of_project(directory, name));
  return read_fd(file.get(), limit, (directory / name).native());
}

Result<std::string> read_of_project(const fs::path& file, std::uint64_t limit) {
  CCCI_TRY(const Fd opened, open_of_project(file.parent_path(), file.filename().native()));
  return read_fd(opened.get(), limit, file.native());
}

}  // namespace ccci::base

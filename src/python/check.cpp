// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/check.hpp"

#include "python/tags.hpp"
#include "store/wheel_text.hpp"

namespace ccci::python {

base::Result<void> check_wheels(const lock::Lock& lock) {
  const source::Package* python = lock.find("python3");
  const auto target =
      python == nullptr ? std::nullopt : target_of(python->version, lock.architecture);
  std::vector<base::Error> errors;
  for (const source::Package& package : lock.packages) {
    if (package.origin != source::Origin::pypi) continue;
    if (!target) return base::unexpected(base::fail("python.no-python"));
    const std::string file = package.uri.substr(package.uri.rfind('/') + 1);
    const auto wheel = read_wheel_name(file);
    const std::string project = package.name.substr(package.name.find(':') + 1);
    const bool same = wheel && store::normal_project(wheel->project) == project;
    if (same && fits(*wheel, *target)) continue;
    errors.push_back(base::fail("python.wrong-wheel")
                         .with("name", package.name)
                         .with("file", file)
                         .with("python", std::to_string(target->minor))
                         .with("architecture", lock.architecture));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::python

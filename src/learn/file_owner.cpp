// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/file_owner.hpp"

namespace ccci::learn {

std::string module_of_pip(std::string_view path) {
  for (const std::string_view place : {"/dist-packages/", "/site-packages/"}) {
    const std::size_t at = path.find(place);
    if (at == std::string_view::npos) continue;
    std::string_view rest = path.substr(at + place.size());
    if (rest.starts_with("__pycache__/")) rest.remove_prefix(rest.find('/') + 1);
    const bool code = rest.ends_with(".py") || rest.ends_with(".pyc") || rest.ends_with(".so");
    const std::string_view module = rest.substr(0, rest.find_first_of("/."));
    const bool own = module == "pip" || module == "setuptools" || module == "sitecustomize" ||
                     module.starts_with("_");
    return code && !own ? std::string(module) : std::string();
  }
  return {};
}

std::string package_of_npm(std::string_view path) {
  constexpr std::string_view place = "/node_modules/";
  const std::size_t at = path.find(place);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = path.substr(at + place.size());
  std::size_t end = rest.find('/');
  if (rest.starts_with('@') && end != std::string_view::npos) end = rest.find('/', end + 1);
  if (end == std::string_view::npos || rest.starts_with('.')) return {};
  return std::string(rest.substr(0, end));
}

bool is_module_file(std::string_view path) {
  if (!path.starts_with(python_directory)) return false;
  path.remove_prefix(python_directory.size());
  if (path.starts_with("_distutils_hack/") || path.starts_with("sitecustomize") ||
      path.starts_with("apport_python_hook") || path.starts_with("__pycache__/sitecustomize") ||
      path.starts_with("__pycache__/apport_python_hook")) {
    return false;
  }
  return path.ends_with(".py") || path.ends_with(".pyc") || path.ends_with(".so");
}

}  // namespace ccci::learn

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/env_scripts.hpp"

#include <fcntl.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::store {

namespace {

constexpr const char* list_name = "env-scripts";
constexpr std::uint64_t largest_list = 64U << 20U;

}  // namespace

std::string env_line(std::string_view head) {
  if (!head.starts_with("#!")) return {};
  const std::size_t end = head.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = head.substr(0, end);
  std::string_view interpreter = base::trim(line.substr(2));
  interpreter = interpreter.substr(0, interpreter.find_first_of(" \t"));
  const bool env = interpreter == "/usr/bin/env" || interpreter == "/bin/env";
  return env ? std::string(line) : std::string();
}

base::Result<void> write_env_scripts(int object, const std::vector<EnvScript>& scripts) {
  std::string text;
  for (const EnvScript& script : scripts) {
    if (script.path.find_first_of("\t\n") != std::string::npos) continue;
    text.append(script.path).append("\t").append(script.line).append("\n");
  }
  if (text.empty()) return {};
  CCCI_TRY(const base::Fd file,
           base::open_in_root(object, list_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644));
  if (auto written = base::write_all(file.get(), text); !written) {
    return base::unexpected(std::move(written).error().with("path", list_name));
  }
  return {};
}

base::Result<std::vector<EnvScript>> env_scripts(const Store& store, const Address& address) {
  std::vector<EnvScript> scripts;
  const auto file = base::open_path(store.path(address) / list_name, O_RDONLY | O_NOFOLLOW);
  if (!file) {
    if (file.error().is(std::errc::no_such_file_or_directory)) return scripts;
    return base::unexpected(file.error());
  }
  CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_list, list_name));
  for (const std::string_view row : base::split(text, '\n')) {
    const std::size_t tab = row.find('\t');
    if (tab == std::string_view::npos) continue;
    scripts.push_back({std::string(row.substr(0, tab)), std::string(row.substr(tab + 1))});
  }
  return scripts;
}

}  // namespace ccci::store

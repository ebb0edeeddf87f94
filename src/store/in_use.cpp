// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/in_use.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace ccci::store {

namespace {

constexpr std::uint64_t largest_proc_file = 8U << 20U;
constexpr std::string_view marker = "CC_CI_ENVIRONMENT=";

std::string read_or_empty(const std::filesystem::path& path) {
  auto text = base::read_file(path, largest_proc_file);
  return text ? std::move(*text) : std::string();
}

std::string_view marked(std::string_view variables) {
  for (const std::string_view variable : base::split(variables, '\0')) {
    if (variable.starts_with(marker)) return variable.substr(marker.size());
  }
  return {};
}

bool is_number(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char byte) { return byte >= '0' && byte <= '9'; });
}

std::string namespace_of(const std::filesystem::path& process) {
  std::error_code error;
  return std::filesystem::read_symlink(process / "ns/mnt", error).native();
}

class Search {
 public:
  explicit Search(const std::vector<Address>& candidates) : candidates_(candidates) {}

  std::vector<Root> found;

  void look_at(const std::filesystem::path& process) {
    const std::string variables = read_or_empty(process / "environ");
    const std::string_view hash = marked(variables);
    const std::vector<bool>& mounted = mounted_in(process);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!mounted[i] && candidates_[i].hash != hash) continue;
      const std::string command = read_or_empty(process / "comm");
      found.push_back({"process " + process.filename().native() + " (" +
                           base::printable(base::trim(command)) + ")",
                       candidates_[i]});
    }
  }

 private:
  // Most processes share one namespace, so it is read once.
  const std::vector<bool>& mounted_in(const std::filesystem::path& process) {
    const std::string name = namespace_of(process);
    const auto known = name.empty() ? by_namespace_.end() : by_namespace_.find(name);
    if (known != by_namespace_.end()) return known->second;
    const std::string mountinfo = read_or_empty(process / "mountinfo");
    std::vector<bool> mounted(candidates_.size());
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      mounted[i] = mounts(mountinfo, candidates_[i]);
    }
    return by_namespace_[name] = std::move(mounted);
  }

  const std::vector<Address>& candidates_;
  std::map<std::string, std::vector<bool>> by_namespace_;
};

}  // namespace

bool mounts(std::string_view mountinfo, const Address& object) {
  constexpr std::size_t root_field = 3;
  const std::string component = "/" + object.directory() + "/";
  for (const std::string_view line : base::split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = base::split(line, ' ');
    if (fields.size() <= root_field) continue;
    if ((std::string(fields[root_field]) + "/").find(component) != std::string::npos) return true;
  }
  return false;
}

std::vector<Root> in_use(const std::vector<Address>& candidates,
                         const std::filesystem::path& proc) {
  Search search(candidates);
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(proc, error)) {
    if (is_number(item.path().filename().native())) search.look_at(item.path());
  }
  std::sort(search.found.begin(), search.found.end(),
            [](const Root& a, const Root& b) { return a.name < b.name; });
  return std::move(search.found);
}

base::Result<std::vector<Root>> roots_in_use(const Store& store) {
  return in_use(store.list(Kind::environment));
}

}  // namespace ccci::store

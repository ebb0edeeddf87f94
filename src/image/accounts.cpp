// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/accounts.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace ccci::image {

namespace {

constexpr const char* root_alone = "root:x:0:0:root:/root:/bin/sh\n";
constexpr const char* root_group = "root:x:0:\n";

std::optional<unsigned> number_in(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// The lines of an account file, as fields.
std::vector<std::vector<std::string_view>> lines_of(std::string_view file) {
  std::vector<std::vector<std::string_view>> lines;
  for (const std::string_view line : base::split(file, '\n'))
    if (!line.empty()) lines.push_back(base::split(line, ':'));
  return lines;
}

// Debian's own template has '*' in place of a password. 'x' means: in shadow.
std::string with_shadow(std::string_view passwd) {
  std::string out;
  for (const auto& fields : lines_of(passwd)) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      out += i == 0 ? "" : ":";
      out += i == 1 ? std::string_view("x") : fields[i];
    }
    out += "\n";
  }
  return out;
}

}  // namespace

base::Result<Accounts> make_accounts(std::string passwd, std::string group, std::int64_t day,
                                     const std::map<std::string, declare::ImageUser>& users) {
  Accounts accounts{with_shadow(passwd.empty() ? root_alone : passwd),
                    group.empty() ? root_group : std::move(group),
                    {}};
  for (const auto& [name, user] : users) {
    for (const std::string& file : {accounts.passwd, accounts.group}) {
      for (const auto& fields : lines_of(file)) {
        if (fields.size() < 3) continue;
        const bool same_name = fields[0] == name;
        if (!same_name && number_in(fields[2]) != user.id) continue;
        return base::unexpected(base::fail("image.user")
                                    .with("user", name)
                                    .with("id", static_cast<long long>(user.id))
                                    .with("other", fields[0])
                                    .with("other_id", fields[2]));
      }
    }
    const std::string id = std::to_string(user.id);
    accounts.passwd.append(name).append(":x:").append(id).append(":").append(id);
    accounts.passwd.append("::").append(user.home).append(":").append(user.shell).append("\n");
    accounts.group.append(name).append(":x:").append(id).append(":\n");
  }
  for (const auto& fields : lines_of(accounts.passwd))
    accounts.shadow.append(fields[0])
        .append(":*:")
        .append(std::to_string(day))
        .append(":0:99999:7:::\n");
  return accounts;
}

base::Result<Owner> owner_of(const Accounts& accounts, const std::string& name) {
  if (name.empty()) return Owner{};
  for (const auto& fields : lines_of(accounts.passwd)) {
    if (fields.size() < 4 || fields[0] != name) continue;
    return Owner{number_in(fields[2]).value_or(0), number_in(fields[3]).value_or(0)};
  }
  if (const auto number = number_in(name)) return Owner{*number, *number};
  return base::unexpected(base::fail("image.no-user").with("user", name));
}

}  // namespace ccci::image

// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "base/text.hpp"
#include "recipe/draft.hpp"
#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr std::array<std::string_view, 6> propagations{"private", "rprivate", "shared",
                                                       "rshared", "slave",    "rslave"};

bool is_propagation(std::string_view option) {
  for (const std::string_view known : propagations)
    if (option == known) return true;
  return false;
}

bool is_path(std::string_view source) {
  return source.starts_with('.') || source.starts_with('/') || source.starts_with('~');
}

void mount_option(Reading& reading, std::string_view option, const std::string& service,
                  Mount& mount) {
  if (option == "ro")
    mount.read_only = true;
  else if (option == "rw")
    mount.read_only = false;
  else if (option == "nocopy")
    mount.no_copy = true;
  else if (is_propagation(option))
    mount.propagation = option;
  else
    reading.deviates(service, "volumes",
                     "the option '" + std::string(option) + "' of " + mount.target +
                         " is ignored, as Docker does in a swarm");
}

// SOURCE:TARGET:OPTIONS
std::optional<Mount> short_mount(Reading& reading, const Node& node, const Trail& trail,
                                 const std::string& service) {
  const std::vector<std::string_view> parts = base::split(node.text, ':');
  bool good = parts.size() <= 3;
  for (const std::string_view part : parts) good = good && !part.empty();
  if (!good) {
    reading.wrong_value(node, trail, "SOURCE:TARGET or SOURCE:TARGET:OPTIONS");
    return std::nullopt;
  }
  Mount mount;
  mount.target = parts.back();
  if (parts.size() > 1) {
    mount.source = parts[0];
    mount.target = parts[1];
    if (is_path(mount.source)) mount.type = Mount::Type::bind;
  }
  if (parts.size() == 3)
    for (const std::string_view option : base::split(parts[2], ','))
      mount_option(reading, option, service, mount);
  return mount;
}

void tmpfs_keys(Reading& reading, const Node& node, const Trail& trail, Mount& mount) {
  if (!reading.is_map(node, trail)) return;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "size") {
      const auto size = reading.bytes(member.value, at);
      mount.tmpfs_size = static_cast<std::uint64_t>(size.value_or(0));
    } else if (member.key == "mode") {
      if (const auto mode = reading.count(member.value, at))
        mount.tmpfs_mode = static_cast<unsigned>(*mode);
    } else {
      reading.unknown_key(member, trail, std::array<std::string_view, 2>{"size", "mode"});
    }
  }
}

// Keys of `bind` and `volume`: Docker ignores those that it does not know.
void option_keys(Reading& reading, const Node& node, const Trail& trail, const std::string& service,
                 Mount& mount) {
  if (!reading.is_map(node, trail)) return;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "propagation") {
      mount.propagation = reading.text(member.value, at).value_or("");
    } else if (member.key == "nocopy") {
      mount.no_copy = reading.boolean(member.value, at).value_or(false);
    } else {
      reading.deviates(service, at.text(), "a swarm has no such setting; it is ignored");
    }
  }
}

void mount_type(Reading& reading, const Node& node, const Trail& trail, Mount& mount) {
  const std::string type = reading.text(node, trail).value_or("volume");
  if (type == "bind")
    mount.type = Mount::Type::bind;
  else if (type == "tmpfs")
    mount.type = Mount::Type::tmpfs;
  else if (type != "volume")
    reading.wrong_value(node, trail, "volume, bind or tmpfs");
}

std::optional<Mount> long_mount(Reading& reading, const Node& node, const Trail& trail,
                                const std::string& service) {
  static constexpr std::array<std::string_view, 8> known{
      "type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"};
  Mount mount;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    if (member.key == "type")
      mount_type(reading, value, at, mount);
    else if (member.key == "source")
      mount.source = reading.text(value, at).value_or("");
    else if (member.key == "target")
      mount.target = reading.text(value, at).value_or("");
    else if (member.key == "read_only")
      mount.read_only = reading.boolean(value, at).value_or(false);
    else if (member.key == "consistency")
      reading.deviates(service, at.text(), "it only matters on macOS; it is ignored");
    else if (member.key == "tmpfs")
      tmpfs_keys(reading, value, at, mount);
    else if (member.key == "bind" || member.key == "volume")
      option_keys(reading, value, at, service, mount);
    else if (!member.key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
  if (mount.target.empty()) {
    reading.report(base::fail("recipe.missing").with("key", trail.text()).with("missing", "target"),
                   node.at);
    return std::nullopt;
  }
  return mount;
}

bool source_fits(const Mount& mount) {
  if (mount.type == Mount::Type::tmpfs) return mount.source.empty();
  if (mount.type == Mount::Type::bind)
    return mount.source.starts_with('/') || mount.source.starts_with('.');
  return !is_path(mount.source);
}

}  // namespace

std::vector<Mount> read_mounts(Reading& reading, const Node& node, const Trail& trail,
                               const std::string& service) {
  std::vector<Mount> mounts;
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::null) reading.wrong_type(node, trail, "a list");
    return mounts;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Trail at = trail / i;
    std::optional<Mount> mount;
    if (item.kind == Node::Kind::text)
      mount = short_mount(reading, item, at, service);
    else if (item.kind == Node::Kind::map)
      mount = long_mount(reading, item, at, service);
    else
      reading.wrong_type(item, at, "a text or a map");
    if (!mount) continue;
    if (!source_fits(*mount)) {
      reading.report(
          base::fail("recipe.source").with("key", at.text()).with("source", mount->source),
          item.at);
    } else if (!mount->target.starts_with('/')) {
      reading.report(base::fail("recipe.value")
                         .with("key", at.text())
                         .with("expected", "an absolute path in the container")
                         .with("found", mount->target),
                     item.at);
    } else {
      mounts.push_back(std::move(*mount));
    }
  }
  return mounts;
}

std::vector<Mount> read_tmpfs(Reading& reading, const Node& node, const Trail& trail,
                              const std::string& service) {
  std::vector<Mount> mounts;
  for (const std::string& entry : reading.text_or_texts(node, trail)) {
    Mount mount;
    mount.type = Mount::Type::tmpfs;
    const std::size_t colon = entry.find(':');
    mount.target = entry.substr(0, colon);
    const std::string_view options =
        colon == std::string::npos ? "" : std::string_view(entry).substr(colon + 1);
    for (const std::string_view option : base::split(options, ',')) {
      if (option.empty()) continue;
      const std::string_view value = option.substr(std::min(option.size(), option.find('=') + 1));
      const auto size = option.starts_with("size=") ? read_bytes(value) : std::nullopt;
      const bool octal = value.find_first_not_of("01234567") == std::string_view::npos;
      if (size) {
        mount.tmpfs_size = static_cast<std::uint64_t>(*size);
      } else if (option.starts_with("mode=") && octal && !value.empty() && value.size() < 6) {
        mount.tmpfs_mode = static_cast<unsigned>(std::stoul(std::string(value), nullptr, 8));
      } else {
        reading.deviates(service, "tmpfs",
                         "the option '" + std::string(option) + "' of " + mount.target +
                             " cannot be set in a swarm; it is ignored");
      }
    }
    if (mount.target.starts_with('/'))
      mounts.push_back(std::move(mount));
    else
      reading.wrong_value(node, trail, "an absolute path in the container");
  }
  return mounts;
}

}  // namespace ccci::recipe

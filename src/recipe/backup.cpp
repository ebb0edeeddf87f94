// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/backup.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

constexpr std::string_view backup_prefix = "backupbot.";
constexpr std::string_view volume_prefix = "backup.volumes.";

bool is_yes(std::string_view value) { return value == "true" || value == "1" || value == "yes"; }

// A path below the volume; `..` could name another one.
bool is_inner(std::string_view path) {
  if (path.empty() || path.starts_with('/')) return false;
  const std::vector<std::string_view> parts = base::split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") == parts.end();
}

// "NAME" or "NAME.path" of a volume label. False if the service does not mount the volume.
bool volume_label(std::string_view rest, const std::string& value, Backup& backup) {
  const bool path = rest.ends_with(".path");
  const std::string name(path ? rest.substr(0, rest.size() - 5) : rest);
  const auto at = std::find_if(backup.volumes.begin(), backup.volumes.end(),
                               [&](const VolumeBackup& one) { return one.volume == name; });
  if (at == backup.volumes.end()) return false;
  if (!path) {
    if (!is_yes(value)) backup.volumes.erase(at);
    return true;
  }
  bool good = true;
  for (const std::string_view part : base::split(value, ',')) {
    const std::string_view trimmed = base::trim(part);
    if (is_inner(trimmed))
      at->paths.emplace_back(trimmed);
    else
      good = false;
  }
  return good;
}

std::string* hook_of(std::string_view name, Backup& backup) {
  if (name == "backup.pre-hook") return &backup.pre_hook;
  if (name == "backup.post-hook") return &backup.post_hook;
  if (name == "restore.pre-hook") return &backup.restore_pre_hook;
  if (name == "restore.post-hook") return &backup.restore_post_hook;
  return nullptr;
}

}  // namespace

std::vector<Backup> backups_of(const Stack& stack) {
  std::vector<Backup> out;
  for (const Service& service : stack.services) {
    const Labels& labels = service.deploy.labels;
    const auto enabled = labels.find("backupbot.backup");
    if (enabled == labels.end() || !is_yes(enabled->second)) continue;
    Backup& backup = out.emplace_back();
    backup.service = service.key;
    for (const Mount& mount : service.mounts)
      if (mount.type == Mount::Type::volume && !mount.source.empty())
        backup.volumes.push_back({mount.source, mount.target, {}});
    for (const auto& [label, value] : labels) {
      if (!label.starts_with(backup_prefix) || label == "backupbot.backup") continue;
      const std::string_view name = std::string_view(label).substr(backup_prefix.size());
      if (std::string* hook = hook_of(name, backup))
        *hook = value;
      else if (name == "restore")
        continue;  // of an older version; a restore is always possible
      else if (!name.starts_with(volume_prefix) ||
               !volume_label(name.substr(volume_prefix.size()), value, backup))
        backup.unread.push_back(label);
    }
  }
  return out;
}

}  // namespace ccci::recipe

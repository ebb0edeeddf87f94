// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/backup.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

constexpr std::string_view backup_prefix = "backupbot.";
constexpr std::string_view volume_prefix = "backup.volumes.";

bool is_yes(std::string_view value) { return value == "true" || value == "1" || value == "yes"; }

// Of the host or of another volume.
bool leads_out(std::string_view path) {
  if (path.starts_with('/')) return true;
  const std::vector<std::string_view> parts = base::split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

VolumeBackup* volume_in(std::vector<Backup>& all, std::string_view name) {
  for (Backup& backup : all)
    for (VolumeBackup& volume : backup.volumes)
      if (volume.volume == name) return &volume;
  return nullptr;
}

void leave_out(std::vector<Backup>& all, std::string_view name) {
  for (Backup& backup : all)
    std::erase_if(backup.volumes, [&](const VolumeBackup& one) { return one.volume == name; });
}

void add_path(VolumeBackup& volume, std::string_view path) {
  if (std::find(volume.paths.begin(), volume.paths.end(), path) == volume.paths.end())
    volume.paths.emplace_back(path);
}

// What follows "backup.volumes.": "NAME" or "NAME.path". False if it means nothing.
bool volume_label(std::string_view rest, const std::string& value, const Stack& stack,
                  Backup& backup, std::vector<Backup>& all) {
  const bool path = rest.ends_with(".path");
  const std::string_view name = path ? rest.substr(0, rest.size() - 5) : rest;
  if (!stack.volumes.contains(std::string(name))) return false;
  if (!path) {
    if (!is_yes(value)) leave_out(all, name);
    return true;
  }
  VolumeBackup* volume = volume_in(all, name);
  bool good = true;
  for (const std::string_view part : base::split(value, ',')) {
    const std::string_view trimmed = base::trim(part);
    if (leads_out(trimmed))
      backup.leading_out.push_back("backupbot.backup.volumes." + std::string(rest) + ": '" +
                                   base::printable(trimmed) + "'");
    else if (trimmed.empty())
      good = false;
    else if (volume != nullptr)  // otherwise another label leaves it out
      add_path(*volume, trimmed);
  }
  return good || volume == nullptr;
}

std::string* hook_of(std::string_view name, Backup& backup) {
  if (name == "backup.pre-hook") return &backup.pre_hook;
  if (name == "backup.post-hook") return &backup.post_hook;
  if (name == "restore.pre-hook") return &backup.restore_pre_hook;
  if (name == "restore.post-hook") return &backup.restore_post_hook;
  return nullptr;
}

enum class Said { nothing, yes, no };

Said said_by(const Service& service) {
  const auto label = service.deploy.labels.find("backupbot.backup");
  if (label == service.deploy.labels.end()) return Said::nothing;
  return is_yes(label->second) ? Said::yes : Said::no;
}

// The volumes of each service that takes part. A service without tasks makes no volume.
std::vector<Backup> whole_stack(const Stack& stack) {
  std::vector<Backup> all;
  std::set<std::string> taken;
  for (const Service& service : stack.services) {
    if (said_by(service) == Said::no) continue;
    Backup& backup = all.emplace_back();
    backup.service = service.key;
    if (service.deploy.replicas == 0) continue;
    for (const Mount& mount : service.mounts) {
      const bool named = mount.type == Mount::Type::volume && !mount.source.empty();
      if (named && taken.insert(mount.source).second)
        backup.volumes.push_back({mount.source, mount.target, {}});
    }
  }
  return all;
}

void read_labels(const Service& service, const Stack& stack, Backup& backup,
                 std::vector<Backup>& all) {
  for (const auto& [label, value] : service.deploy.labels) {
    if (!label.starts_with(backup_prefix) || label == "backupbot.backup") continue;
    const std::string_view name = std::string_view(label).substr(backup_prefix.size());
    if (std::string* hook = hook_of(name, backup))
      *hook = value;
    else if (name == "restore")
      continue;  // of an older version; a restore is always possible
    else if (!name.starts_with(volume_prefix) ||
             !volume_label(name.substr(volume_prefix.size()), value, stack, backup, all))
      backup.unread.push_back(label);
  }
}

bool has_nothing(const Backup& backup) {
  return backup.volumes.empty() && backup.unread.empty() && backup.leading_out.empty() &&
         backup.pre_hook.empty() && backup.post_hook.empty() && backup.restore_pre_hook.empty() &&
         backup.restore_post_hook.empty();
}

}  // namespace

std::vector<Backup> backups_of(const Stack& stack) {
  const bool on = std::any_of(stack.services.begin(), stack.services.end(),
                              [](const Service& one) { return said_by(one) == Said::yes; });
  if (!on) return {};
  std::vector<Backup> all = whole_stack(stack);
  for (Backup& backup : all)
    if (const Service* service = stack.find(backup.service))
      read_labels(*service, stack, backup, all);
  // Who turned backups on stays, so that a backup of nothing is noticed.
  std::erase_if(all, [&](const Backup& backup) {
    return has_nothing(backup) && said_by(*stack.find(backup.service)) != Said::yes;
  });
  return all;
}

}  // namespace ccci::recipe

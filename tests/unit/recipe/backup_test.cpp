// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/backup.hpp"

#include <gmock/gmock.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using BackupTest = RecipeTest;

TEST_F(BackupTest, KeepsAllVolumesOfEnabledServices) {
  const auto backups = backups_of(
      stack("services:\n"
            "  app: {image: x, volumes: ['a:/a', 'b:/b', '/c', '/host:/d'],"
            " deploy: {labels: [backupbot.backup=true]}}\n"
            "  off: {image: x, volumes: ['a:/a'], deploy: {labels: [backupbot.backup=false]}}\n"
            "  none: {image: x, volumes: ['a:/a']}\n"
            "volumes: {a: , b: }\n"));
  ASSERT_EQ(backups.size(), 1U);
  EXPECT_EQ(backups[0].service, "app");
  EXPECT_THAT(backups[0].volumes,
              ElementsAre(VolumeBackup{"a", "/a", {}}, VolumeBackup{"b", "/b", {}}));
}

TEST_F(BackupTest, ReadsVolumesPathsAndHooks) {
  const auto backups = backups_of(stack(
      "services:\n  db:\n    image: x\n    volumes: ['a:/a', 'b:/b']\n    deploy:\n      labels:\n"
      "        backupbot.backup: 'true'\n"
      "        backupbot.backup.volumes.a: 'false'\n"
      "        backupbot.backup.volumes.b.path: 'dump.sql, sub/x'\n"
      "        backupbot.backup.pre-hook: pg_dump > /b/dump.sql\n"
      "        backupbot.backup.post-hook: rm /b/dump.sql\n"
      "        backupbot.restore.pre-hook: stop\n"
      "        backupbot.restore.post-hook: psql\n"
      "volumes: {a: , b: }\n"));
  ASSERT_EQ(backups.size(), 1U);
  EXPECT_THAT(backups[0].volumes, ElementsAre(VolumeBackup{"b", "/b", {"dump.sql", "sub/x"}}));
  EXPECT_EQ(backups[0].pre_hook, "pg_dump > /b/dump.sql");
  EXPECT_EQ(backups[0].post_hook, "rm /b/dump.sql");
  EXPECT_EQ(backups[0].restore_pre_hook, "stop");
  EXPECT_EQ(backups[0].restore_post_hook, "psql");
  EXPECT_THAT(backups[0].unread, IsEmpty());
}

TEST_F(BackupTest, NamesLabelsThatMeanNothing) {
  const auto backups = backups_of(
      stack("services:\n  app:\n    image: x\n    volumes: ['a:/a']\n    deploy:\n      labels:\n"
            "        - backupbot.backup=true\n"
            "        - backupbot.backup.path=/a\n"
            "        - backupbot.backup.command=x\n"
            "        - backupbot.backup.volumes.away=false\n"
            "        - backupbot.backup.volumes.a.path=../b\n"
            "volumes: {a: }\n"));
  EXPECT_THAT(backups[0].unread,
              ElementsAre("backupbot.backup.command", "backupbot.backup.path",
                          "backupbot.backup.volumes.a.path", "backupbot.backup.volumes.away"));
}

}  // namespace
}  // namespace ccci::recipe

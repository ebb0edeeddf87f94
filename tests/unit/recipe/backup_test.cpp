// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/backup.hpp"

#include <gmock/gmock.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using BackupTest = RecipeTest;

std::vector<std::string> kept(const std::vector<Backup>& backups) {
  std::vector<std::string> out;
  for (const Backup& backup : backups) {
    for (const VolumeBackup& volume : backup.volumes) {
      std::string text = backup.service + " " + volume.volume;
      for (const std::string& path : volume.paths) text += " " + path;
      out.push_back(text);
    }
  }
  return out;
}

TEST_F(BackupTest, OneLabelKeepsAllVolumesOfTheStack) {
  const auto backups =
      backups_of(stack("services:\n"
                       "  app: {image: x, volumes: ['a:/a', 'b:/b', '/c', '/host:/d'],"
                       " deploy: {labels: [backupbot.backup=true]}}\n"
                       "  db: {image: x, volumes: ['a:/other', 'd:/d']}\n"
                       "  none: {image: x}\n"
                       "volumes: {a: , b: , d: , unused: }\n"));
  ASSERT_EQ(backups.size(), 2U);
  EXPECT_THAT(backups[0].volumes,
              ElementsAre(VolumeBackup{"a", "/a", {}}, VolumeBackup{"b", "/b", {}}));
  EXPECT_THAT(backups[1].volumes, ElementsAre(VolumeBackup{"d", "/d", {}}));
}

TEST_F(BackupTest, LabelsOfAnyServiceSayWhatIsKept) {
  const auto backups =
      backups_of(stack("services:\n"
                       "  app: {image: x, volumes: ['a:/a'], deploy: {labels: ["
                       "backupbot.backup=true, backupbot.backup.volumes.cache=false, "
                       "backupbot.backup.volumes.db.path=dump.sql]}}\n"
                       "  db: {image: x, volumes: ['db:/d'], deploy: {labels: ["
                       "backupbot.backup.pre-hook=dump, "
                       "backupbot.backup.volumes.db.path=dump.sql]}}\n"
                       "  cache: {image: x, volumes: ['cache:/c']}\n"
                       "volumes: {a: , db: , cache: }\n"));
  EXPECT_THAT(kept(backups), ElementsAre("app a", "db db dump.sql"));
  ASSERT_EQ(backups.size(), 2U);
  EXPECT_EQ(backups[1].pre_hook, "dump");
  EXPECT_THAT(backups[0].unread, IsEmpty());
}

TEST_F(BackupTest, AServiceMayStayOut) {
  EXPECT_THAT(
      kept(backups_of(
          stack("services:\n"
                "  app: {image: x, volumes: ['a:/a'], deploy: {labels: [backupbot.backup=true]}}\n"
                "  off: {image: x, volumes: ['a:/a', 'b:/b'], deploy: {labels: "
                "[backupbot.backup=false, backupbot.backup.pre-hook=x]}}\n"
                "  idle: {image: x, volumes: ['c:/c'], deploy: {replicas: 0}}\n"
                "volumes: {a: , b: , c: }\n"))),
      ElementsAre("app a"));
  EXPECT_THAT(backups_of(stack("services:\n"
                               "  app: {image: x, volumes: ['a:/a'], deploy: {labels: "
                               "[backupbot.backup=false]}}\n"
                               "  db: {image: x, deploy: {labels: [backupbot.backup.pre-hook=x]}}\n"
                               "volumes: {a: }\n")),
              IsEmpty());
}

TEST_F(BackupTest, KeepsWhoTurnedItOnThoughThereIsNothing) {
  EXPECT_EQ(
      backups_of(stack("services: {app: {image: x, deploy: {labels: [backupbot.backup=true]}}}\n"))
          .size(),
      1U);
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
            "        - backupbot.backup.volumes.a.path=x,,y\n"
            "volumes: {a: }\n"));
  EXPECT_THAT(backups[0].unread,
              ElementsAre("backupbot.backup.command", "backupbot.backup.path",
                          "backupbot.backup.volumes.a.path", "backupbot.backup.volumes.away"));
}

TEST_F(BackupTest, NamesPathsThatLeadOutOfTheirVolume) {
  const auto backups = backups_of(
      stack("services:\n  app:\n    image: x\n    volumes: ['a:/a', 'b:/b']\n    deploy:\n      "
            "labels:\n"
            "        - backupbot.backup=true\n"
            "        - backupbot.backup.volumes.b=false\n"
            "        - backupbot.backup.volumes.a.path=dump,../../etc, /root,x/../y,..z\n"
            "        - backupbot.backup.volumes.b.path=..\n"
            "volumes: {a: , b: }\n"));
  ASSERT_EQ(backups.size(), 1U);
  EXPECT_THAT(backups[0].leading_out, ElementsAre("backupbot.backup.volumes.a.path: '../../etc'",
                                                  "backupbot.backup.volumes.a.path: '/root'",
                                                  "backupbot.backup.volumes.a.path: 'x/../y'",
                                                  "backupbot.backup.volumes.b.path: '..'"));
  EXPECT_THAT(kept(backups), ElementsAre("app a dump ..z"));
  EXPECT_THAT(backups[0].unread, IsEmpty());
}

}  // namespace
}  // namespace ccci::recipe

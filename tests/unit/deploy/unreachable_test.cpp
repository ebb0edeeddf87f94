// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/unreachable.hpp"

#include <gtest/gtest.h>

namespace ccci::deploy {
namespace {

TEST(Unreachable, WhatProgramsPrintIsNamed) {
  struct Case {
    int status;
    const char* printed;
    const char* code;
  };
  for (const Case& one : {
           Case{255, "ssh: connect to host b port 22: No route to host", "deploy.unreachable"},
           Case{255, "ssh: Could not resolve hostname b: Name or service not known",
                "deploy.unreachable"},
           Case{255, "Connection timed out during banner exchange", "deploy.unreachable"},
           Case{255, "", "deploy.unreachable"},
           Case{255, "No ED25519 host key is known for b\nHost key verification failed.",
                "deploy.host-key"},
           Case{255,
                "@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@\n"
                "Host key verification failed.",
                "deploy.host-key-changed"},
           Case{255, "root@b: Permission denied (publickey,password).", "deploy.login"},
           Case{1, "sudo: a password is required", "deploy.sudo"},
           Case{1, "Sorry, user ci is not allowed to execute '/usr/bin/cc-ci' as root on b.",
                "deploy.sudo"},
           Case{1, "sudo: cc-ci: command not found", "deploy.absent"},
           Case{127, "bash: line 1: sudo: command not found", "deploy.sudo"},
           Case{127, "sh: 1: cc-ci: not found", "deploy.absent"},
           Case{2, "cc-ci: error: unknown command 'receive' [cli.unknown-command]", "deploy.old"},
           Case{3, "cc-ci: error: this command changes the host", "deploy.cut"},
           Case{0, "", "deploy.cut"},
       }) {
    const base::Error error =
        unreachable_error("b", "root@b", {one.status, "", one.printed, false, false});
    EXPECT_EQ(error.code, one.code) << one.printed;
    EXPECT_EQ(error.field("host"), "b");
    EXPECT_FALSE(error.field("output").empty());
  }
}

}  // namespace
}  // namespace ccci::deploy

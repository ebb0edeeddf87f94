// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/start_lines.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::environment {
namespace {

std::string rest(const std::string& head) {
  return start_lines(head + "\nmore\n", "/usr/bin/x", "pkg").rest;
}

TEST(StartLines, AreInTheLanguageOfTheProgram) {
  EXPECT_EQ(rest("#!/bin/sh -e"),
            "case $0 in */x) PATH=$PATH:/usr/lib/cc-ci/needs/pkg ;; esac; . /usr/bin/x\n");
  EXPECT_EQ(rest("#! /usr/bin/env bash"),
            "case $0 in */x) PATH=$PATH:/usr/lib/cc-ci/needs/pkg ;; esac; . /usr/bin/x\n");
  EXPECT_EQ(rest("#!/usr/bin/python3.11"),
            "import os, runpy, sys; os.environ[\"PATH\"] = os.environ.get(\"PATH\", os.defpath) + "
            "\":/usr/lib/cc-ci/needs/pkg\"; sys.argv[0] = \"/usr/bin/x\"; "
            "runpy.run_path(sys.argv[0], run_name=\"__main__\")\n");
  EXPECT_EQ(rest("#!/usr/bin/env -S node --no-warnings"),
            "process.env.PATH = (process.env.PATH || \"/usr/bin\") + "
            "\":/usr/lib/cc-ci/needs/pkg\"; process.argv[1] = \"/usr/bin/x\"; "
            "require(\"module\").runMain();\n");
  EXPECT_TRUE(rest("#!/usr/bin/php").starts_with("<?php "));
}

TEST(StartLines, PerlAndRubyMustFindTheirNamesInTheFirstLine) {
  EXPECT_EQ(start_lines("#!/usr/bin/perl -w\n", "/usr/bin/x", "pkg").word, "perl");
  EXPECT_EQ(start_lines("#!/usr/bin/ruby\n", "/usr/bin/x", "pkg").word, "ruby");
  EXPECT_EQ(start_lines("#!/usr/bin/python3\n", "/usr/bin/x", "pkg").word, "");
}

TEST(StartLines, AreNotMadeForOthers) {
  EXPECT_EQ(rest("\177ELF"), "");
  EXPECT_EQ(rest("#!"), "");
  EXPECT_EQ(rest("#!/usr/bin/tclsh"), "");
  EXPECT_EQ(start_lines("#!/bin/sh\n", "/usr/bin/a b", "pkg").rest, "");
  EXPECT_EQ(start_lines("#!/bin/sh\n", "/usr/bin/$(x)", "pkg").rest, "");
}

}  // namespace
}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/start_lines.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::environment {
namespace {

std::string rest(const std::string& head) {
  return start_lines(head + "\nmore\n", "/usr/bin/x").rest;
}

TEST(StartLines, AreInTheLanguageOfTheProgram) {
  EXPECT_EQ(rest("#!/bin/sh -e"), ". /usr/bin/x\n");
  EXPECT_EQ(rest("#! /usr/bin/env bash"), ". /usr/bin/x\n");
  EXPECT_EQ(rest("#!/usr/bin/python3.11"),
            "import runpy, sys; sys.argv[0] = \"/usr/bin/x\"; "
            "runpy.run_path(sys.argv[0], run_name=\"__main__\")\n");
  EXPECT_EQ(rest("#!/usr/bin/env -S node --no-warnings"),
            "process.argv[1] = \"/usr/bin/x\"; require(\"module\").runMain();\n");
  EXPECT_TRUE(rest("#!/usr/bin/php").starts_with("<?php "));
}

TEST(StartLines, PerlAndRubyMustFindTheirNamesInTheFirstLine) {
  EXPECT_EQ(start_lines("#!/usr/bin/perl -w\n", "/usr/bin/x").word, "perl");
  EXPECT_EQ(start_lines("#!/usr/bin/ruby\n", "/usr/bin/x").word, "ruby");
  EXPECT_EQ(start_lines("#!/usr/bin/python3\n", "/usr/bin/x").word, "");
}

TEST(StartLines, AreNotMadeForOthers) {
  EXPECT_EQ(rest("\177ELF"), "");
  EXPECT_EQ(rest("#!"), "");
  EXPECT_EQ(rest("#!/usr/bin/tclsh"), "");
  EXPECT_EQ(start_lines("#!/bin/sh\n", "/usr/bin/a b").rest, "");
  EXPECT_EQ(start_lines("#!/bin/sh\n", "/usr/bin/$(x)").rest, "");
}

}  // namespace
}  // namespace ccci::environment

// SPDX-License-Identifier: GPL-3.0-or-later
// [images.NAME]: container images that are made of the same packages as the environment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

struct ImageUser {
  unsigned id = 0;    // of the user and of the group of the same name
  std::string home;   // absolute
  std::string shell;  // absolute

  bool operator==(const ImageUser&) const = default;
};

// A directory or a file in an image.
struct ImagePath {
  Name source = {};   // of a file: relative to the declaration's directory
  std::string owner;  // a user's name; empty: root
  unsigned mode = 0;

  bool operator==(const ImagePath&) const = default;
};

struct Image {
  Name name;
  std::vector<std::string> tags;  // "example.org/python:3.11.2"; empty: NAME:latest
  std::vector<Name> tools;
  std::vector<Name> packages;
  bool essential = true;  // with Debian's essential packages
  std::map<std::string, ImageUser> users;
  std::map<std::string, ImagePath> directories;  // by absolute path
  std::map<std::string, ImagePath> files;
  std::map<std::string, std::string> links;  // absolute path -> target
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> labels;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<std::string> ports;  // "8080/tcp"
  std::string workdir;
  std::string user;

  bool operator==(const Image&) const = default;
};

}  // namespace ccci::declare

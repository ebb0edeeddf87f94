// SPDX-License-Identifier: GPL-3.0-or-later
// All paths of an image, before its layer is written.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "declare/image.hpp"
#include "image/accounts.hpp"
#include "image/tar.hpp"
#include "store/manifest.hpp"

namespace ccci::image {

struct Item {
  TarMember about;
  enum class From { nothing, root, project, text };
  From from = From::nothing;  // of a file's content: the composed root, the project, `content`
  std::string content;        // From::project: the path there
};

class Tree {
 public:
  // The entries of the composed root, with the directories that every system has. New items have
  // the time.
  Tree(const store::Manifest& root, std::int64_t time);

  const std::map<std::string, Item>& items() const { return items_; }
  bool has(const std::string& path) const { return items_.contains(path); }

  // Paths are absolute. Links on the way to a path are followed, so /bin/sh becomes /usr/bin/sh.
  // Parents that are missing are made. [image.path]: the way leads through a file, or a directory
  // would be replaced by something else.
  base::Result<void> add_text(const std::string& path, std::string content, unsigned mode,
                              Owner owner = {});
  // The declared directories, files and links. [image.no-user] and the above
  base::Result<void> add(const declare::Image& image, const Accounts& accounts);

 private:
  base::Result<std::string> place(const std::string& path);
  base::Result<void> put(const std::string& path, Item item);

  std::map<std::string, Item> items_;
  std::int64_t time_;
};

}  // namespace ccci::image

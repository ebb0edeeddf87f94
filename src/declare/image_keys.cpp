// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/image_keys.hpp"

#include <charconv>

namespace ccci::declare {

namespace {

using enum Type;

constexpr unsigned usual_directory = 0755;
constexpr unsigned usual_file = 0644;

constexpr Key image_rows[] = {
    {.path = "images",
     .meaning = "container images of the same packages; `cc-ci image` makes them",
     .shown = Shown::hidden},
    {.path = "images.*", .name = &forms::service, .meaning = "a container image", .example = "web"},
    {.path = "images.*.tags",
     .type = list,
     .value = &forms::image_tag,
     .meaning = "the names of the image, each with a tag; default: NAME:latest",
     .example = R"(["example.org/web:1.0"])"},
    {.path = "images.*.tools",
     .type = list,
     .value = &forms::tool,
     .meaning = "tools in the image, by the same names as in [runtime]",
     .example = R"(["python3"])"},
    {.path = "images.*.packages",
     .type = list,
     .value = &forms::debian_package,
     .meaning = "further Debian packages in the image",
     .example = R"(["python3-psycopg2"])"},
    {.path = "images.*.essential",
     .type = flag,
     .meaning = "false: without Debian's essential packages, for an image of static programs; then "
                "no maintainer script is run",
     .example = "false",
     .shown = Shown::hidden},
    {.path = "images.*.entrypoint",
     .type = list,
     .value = &forms::argument,
     .meaning = "the program that a container runs, and its first arguments",
     .example = R"(["python3"])"},
    {.path = "images.*.command",
     .type = list,
     .value = &forms::argument,
     .meaning = "the default arguments of the program; without entrypoint, the default program",
     .example = R"(["-m", "http.server"])"},
    {.path = "images.*.workdir",
     .type = text,
     .value = &forms::directory,
     .meaning = "the working directory of the program",
     .example = R"("/srv")"},
    {.path = "images.*.user",
     .type = text,
     .value = &forms::image_owner,
     .meaning = "the user of the program; default: root",
     .example = R"("web")"},
    {.path = "images.*.ports",
     .type = list,
     .value = &forms::image_port,
     .meaning = "the ports on which the program listens",
     .example = R"(["8000/tcp"])"},
    {.path = "images.*.variables",
     .meaning = "environment variables of the program",
     .shown = Shown::hidden},
    {.path = "images.*.variables.*",
     .type = text,
     .name = &forms::variable,
     .value = &forms::variable_value,
     .meaning = "a variable",
     .example = R"(PORT = "8000")",
     .shown = Shown::hidden},
    {.path = "images.*.labels", .meaning = "labels of the image", .shown = Shown::hidden},
    {.path = "images.*.labels.*",
     .type = text,
     .name = &forms::image_label,
     .value = &forms::variable_value,
     .meaning = "a label",
     .example = R"("org.opencontainers.image.title" = "Web")",
     .shown = Shown::hidden},
    {.path = "images.*.users", .meaning = "users of the image", .shown = Shown::hidden},
    {.path = "images.*.users.*",
     .name = &forms::user,
     .meaning = "a user, and the group of the same name",
     .example = "web",
     .shown = Shown::hidden},
    {.path = "images.*.users.*.id",
     .type = text,
     .value = &forms::account_number,
     .required = true,
     .meaning = "the number of the user and of the group",
     .example = R"("1000")",
     .shown = Shown::hidden},
    {.path = "images.*.users.*.home",
     .type = text,
     .value = &forms::account_path,
     .meaning = "the home directory, which is not made; default: /",
     .example = R"("/srv")",
     .shown = Shown::hidden},
    {.path = "images.*.users.*.shell",
     .type = text,
     .value = &forms::account_path,
     .meaning = "the login shell; default: /usr/sbin/nologin",
     .example = R"("/bin/sh")",
     .shown = Shown::hidden},
    {.path = "images.*.directories", .meaning = "directories of the image", .shown = Shown::hidden},
    {.path = "images.*.directories.*",
     .name = &forms::image_path,
     .meaning = "a directory, which is made or gets another owner or mode",
     .example = R"("/data")",
     .shown = Shown::hidden},
    {.path = "images.*.directories.*.owner",
     .type = text,
     .value = &forms::image_owner,
     .meaning = "its user and group: a name or a number; default: root",
     .example = R"("web")",
     .shown = Shown::hidden},
    {.path = "images.*.directories.*.mode",
     .type = text,
     .value = &forms::octal_mode,
     .meaning = "its mode, like 0750 or 1777; default: 0755",
     .example = R"("0750")",
     .shown = Shown::hidden},
    {.path = "images.*.files",
     .meaning = "files of the project in the image",
     .shown = Shown::hidden},
    {.path = "images.*.files.*",
     .name = &forms::image_path,
     .meaning = "a file",
     .example = R"("/srv/index.html")",
     .shown = Shown::hidden},
    {.path = "images.*.files.*.source",
     .type = text,
     .value = &forms::project_file,
     .required = true,
     .meaning = "the file with its content, relative to this file",
     .example = R"("web/index.html")",
     .shown = Shown::hidden},
    {.path = "images.*.files.*.owner",
     .type = text,
     .value = &forms::image_owner,
     .meaning = "its user and group: a name or a number; default: root",
     .example = R"("web")",
     .shown = Shown::hidden},
    {.path = "images.*.files.*.mode",
     .type = text,
     .value = &forms::octal_mode,
     .meaning = "its mode; default: 0644",
     .example = R"("0755")",
     .shown = Shown::hidden},
    {.path = "images.*.links", .meaning = "symbolic links of the image", .shown = Shown::hidden},
    {.path = "images.*.links.*",
     .type = text,
     .name = &forms::image_path,
     .value = &forms::link_target,
     .meaning = "a link and its target",
     .example = R"("/bin/sh" = "/usr/bin/busybox")",
     .shown = Shown::hidden},
};

std::string text_in(const Node* node) { return node == nullptr ? std::string() : node->text; }

std::vector<std::string> texts_in(const Node* list) {
  std::vector<std::string> texts;
  if (list != nullptr)
    for (const Node& item : list->items) texts.push_back(item.text);
  return texts;
}

std::vector<Name> names_in(const Node* list, const Lines& lines) {
  std::vector<Name> names;
  if (list != nullptr)
    for (const Node& item : list->items) names.push_back({item.text, lines.at(item.at)});
  return names;
}

std::map<std::string, std::string> text_map(const Node* table) {
  std::map<std::string, std::string> map;
  if (table != nullptr)
    for (const Entry& entry : table->entries) map.emplace(entry.key, entry.value.text);
  return map;
}

unsigned number(const std::string& text, int base, unsigned otherwise) {
  unsigned value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::map<std::string, ImagePath> paths_in(const Node* table, const Lines& lines, unsigned usual) {
  std::map<std::string, ImagePath> paths;
  if (table == nullptr) return paths;
  for (const Entry& entry : table->entries) {
    ImagePath path;
    if (const Node* source = entry.value.find("source"))
      path.source = {source->text, lines.at(source->at)};
    path.owner = text_in(entry.value.find("owner"));
    path.mode = number(text_in(entry.value.find("mode")), 8, usual);
    paths.emplace(entry.key, std::move(path));
  }
  return paths;
}

}  // namespace

std::span<const Key> image_keys() { return image_rows; }

Image read_image(const Entry& entry, const Lines& lines) {
  const Node& from = entry.value;
  Image image;
  image.name = {entry.key, lines.at(entry.at)};
  image.tags = texts_in(from.find("tags"));
  if (image.tags.empty()) image.tags.push_back(entry.key + ":latest");
  image.tools = names_in(from.find("tools"), lines);
  image.packages = names_in(from.find("packages"), lines);
  image.essential = text_in(from.find("essential")) != "false";
  if (const Node* users = from.find("users")) {
    for (const Entry& user : users->entries) {
      const std::string home = text_in(user.value.find("home"));
      const std::string shell = text_in(user.value.find("shell"));
      image.users.emplace(user.key, ImageUser{number(text_in(user.value.find("id")), 10, 0),
                                              home.empty() ? "/" : home,
                                              shell.empty() ? "/usr/sbin/nologin" : shell});
    }
  }
  image.directories = paths_in(from.find("directories"), lines, usual_directory);
  image.files = paths_in(from.find("files"), lines, usual_file);
  image.links = text_map(from.find("links"));
  image.variables = text_map(from.find("variables"));
  image.labels = text_map(from.find("labels"));
  image.entrypoint = texts_in(from.find("entrypoint"));
  image.command = texts_in(from.find("command"));
  image.ports = texts_in(from.find("ports"));
  image.workdir = text_in(from.find("workdir"));
  image.user = text_in(from.find("user"));
  return image;
}

}  // namespace ccci::declare

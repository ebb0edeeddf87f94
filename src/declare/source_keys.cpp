// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/source_keys.hpp"

namespace ccci::declare {

namespace {

using enum Type;

constexpr Key source_rows[] = {
    {.path = "sources", .meaning = "where packages come from", .shown = Shown::hidden},
    {.path = "sources.debian",
     .meaning = "the Debian archive; the default of each key is the value from this machine's apt"},
    {.path = "sources.debian.suite",
     .type = texts,
     .value = &forms::suite,
     .meaning = "the release to take packages from, or a list of suites",
     .example = R"("bookworm")"},
    {.path = "sources.debian.uri",
     .type = text,
     .value = &forms::uri,
     .meaning = "the mirror: http, https or file",
     .example = R"("https://deb.example.org/debian")"},
    {.path = "sources.debian.components",
     .type = list,
     .value = &forms::component,
     .meaning = "the parts of the archive",
     .example = R"(["main"])"},
    {.path = "sources.debian.signed-by",
     .type = text,
     .value = &forms::keyring,
     .meaning = "the keyring that must have signed the archive: absolute, or relative to this file",
     .example = R"("/usr/share/keyrings/debian-archive-keyring.gpg")"},
    {.path = "sources.debian.snapshot",
     .type = text,
     .value = &forms::snapshot,
     .meaning = "the state of the mirror at this time, if it offers dated states",
     .example = R"("20260901T000000Z")",
     .shown = Shown::hidden},
    {.path = "sources.pypi",
     .meaning = "the Python package index, for the modules that Debian does not have"},
    {.path = "sources.pypi.index",
     .type = text,
     .value = &forms::index,
     .meaning = "its address; default: the public index",
     .example = R"("https://pypi.example.org/simple")"},
    {.path = "sources.pypi.requirements",
     .type = text,
     .value = &forms::project_file,
     .meaning = "a file with more modules, in pip's form; relative to this file",
     .example = R"("requirements.txt")"},
    {.path = "sources.pypi.constraints",
     .type = text,
     .value = &forms::project_file,
     .meaning = "a file with versions that modules must have if they are needed, in pip's form",
     .example = R"("constraints.txt")"},
    {.path = "sources.*",
     .name = &forms::source_name,
     .meaning =
         "another apt archive; it supplies what [packages] asks of it, and those dependencies "
         "of it that Debian does not have",
     .example = "vendor",
     .shown = Shown::hidden},
    {.path = "sources.*.uri",
     .type = text,
     .value = &forms::uri,
     .required = true,
     .meaning = "its address: http, https or file",
     .example = R"("https://apt.example.com")",
     .shown = Shown::hidden},
    {.path = "sources.*.suite",
     .type = texts,
     .value = &forms::archive_suite,
     .required = true,
     .meaning = "its suite, or a list; a flat archive has a path that ends in '/', like './'",
     .example = R"("bookworm")",
     .shown = Shown::hidden},
    {.path = "sources.*.components",
     .type = list,
     .value = &forms::archive_component,
     .meaning = "the parts of the archive; default: main",
     .example = R"(["main"])",
     .shown = Shown::hidden},
    {.path = "sources.*.signed-by",
     .type = text,
     .value = &forms::keyring,
     .required = true,
     .meaning = "the file of the key that must have signed it: absolute, or relative to this file",
     .example = R"("keys/vendor.asc")",
     .shown = Shown::hidden},
    {.path = "sources.*.snapshot",
     .type = text,
     .value = &forms::snapshot,
     .meaning = "the state of the archive at this time, if it offers dated states",
     .example = R"("20260901T000000Z")",
     .shown = Shown::hidden},
    {.path = "sources.*.packages",
     .type = list,
     .value = &forms::debian_package,
     .meaning = "further packages that come from this archive where something needs them",
     .example = R"(["libvendor1"])",
     .shown = Shown::hidden},
};

std::string text_in_source(const Node* node) {
  return node == nullptr ? std::string() : node->text;
}

// A single string is a list of one.
std::vector<std::string> texts_in_source(const Node* node) {
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  if (node->kind == Kind::text) texts.push_back(node->text);
  for (const Node& item : node->items) texts.push_back(item.text);
  return texts;
}

Name name_in_source(const Node* node, const Lines& lines) {
  return node == nullptr ? Name{} : Name{node->text, lines.at(node->at)};
}

}  // namespace

std::span<const Key> source_keys() { return source_rows; }

DebianSource read_debian_source(const Node& node) {
  DebianSource source{.suite = {},
                      .uri = text_in_source(node.find("uri")),
                      .components = texts_in_source(node.find("components")),
                      .signed_by = text_in_source(node.find("signed-by")),
                      .further_suites = texts_in_source(node.find("suite")),
                      .snapshot = text_in_source(node.find("snapshot"))};
  if (!source.further_suites.empty()) {
    source.suite = source.further_suites.front();
    source.further_suites.erase(source.further_suites.begin());
  }
  return source;
}

AptSource read_apt_source(const Entry& entry, const Lines& lines) {
  const Node& from = entry.value;
  AptSource source{.name = {entry.key, lines.at(entry.at)},
                   .uri = text_in_source(from.find("uri")),
                   .suites = texts_in_source(from.find("suite")),
                   .components = texts_in_source(from.find("components")),
                   .signed_by = text_in_source(from.find("signed-by")),
                   .snapshot = text_in_source(from.find("snapshot")),
                   .packages = {}};
  if (const Node* packages = from.find("packages")) {
    for (const Node& item : packages->items) {
      source.packages.push_back({item.text, lines.at(item.at)});
    }
  }
  return source;
}

DebianPackage read_debian_package(const Node& rule, const Lines& lines) {
  DebianPackage package{.name = text_in_source(rule.find("debian")),
                        .recommends = text_in_source(rule.find("recommends")) == "true",
                        .source = name_in_source(rule.find("source"), lines),
                        .suite = name_in_source(rule.find("suite"), lines),
                        .version = name_in_source(rule.find("version"), lines)};
  if (package.source.text == debian_name) package.source = {};
  return package;
}

}  // namespace ccci::declare

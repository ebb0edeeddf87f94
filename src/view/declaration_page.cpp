// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/declaration_page.hpp"

#include "base/text.hpp"
#include "declare/declaration.hpp"
#include "declare/keys.hpp"

namespace ccci::view {

using command::page_head;
using command::roff;
using command::roff_paragraphs;

namespace {

// "packages.NAME.sha256" from "packages.*.sha256".
std::string with_name(std::string_view path) {
  std::string text(path);
  if (const std::size_t star = text.find('*'); star != std::string::npos)
    text.replace(star, 1, "NAME");
  return text;
}

std::string_view type_name(declare::Type type) {
  switch (type) {
    case declare::Type::table:
      return "table";
    case declare::Type::text:
      return "string";
    case declare::Type::flag:
      return "true or false";
    case declare::Type::integer:
      return "integer";
    case declare::Type::list:
      return "list of strings";
    case declare::Type::texts:
      return "string or list of strings";
    case declare::Type::lines:
      return "list of commands, each a list of strings";
    case declare::Type::commands:
      return "list of names, or table of names and paths";
    case declare::Type::baseline:
      return "list of names, or table";
    case declare::Type::npm:
      return "string, or table";
  }
  return "";
}

std::string key_entry(const declare::Key& key) {
  std::string text;
  if (key.type == declare::Type::table) {
    text = ".SS [" + roff(with_name(key.path)) + "]\n" + roff(key.meaning) + "\n";
  } else {
    text = ".TP\n\\fB" + roff(with_name(key.last())) + "\\fR (" + roff(type_name(key.type)) +
           (key.required ? ", required)\n" : ")\n") + roff(key.meaning) + "\n";
  }
  if (key.choices != nullptr) {
    text += ".br\none of: " + roff(base::join(key.choices(), ", ")) + "\n";
  }
  if (key.example.empty() || key.type == declare::Type::table) return text;
  const std::string example = key.last() == "*"
                                  ? std::string(key.example)
                                  : std::string(key.last()) + " = " + std::string(key.example);
  // Filling is off: roff cannot break a digest into lines and would print a warning.
  return text + ".nf\nexample: " + roff(example) + "\n.fi\n";
}

}  // namespace

command::ManPage declaration_page() {
  std::string text = page_head("cc-ci.toml", "the declaration of a CI environment", '5');
  text += ".SH DESCRIPTION\n" +
          roff_paragraphs(
              "This file declares the environment of every job. \"cc-ci lock\" and \"cc-ci build\" "
              "read it. It is TOML 1.0, at most 1 MiB, in the top directory of a repository. Keys "
              "that are not listed below are errors. All errors are reported together.\n\n"
              "\"cc-ci init\" writes a commented example, \"cc-ci schema\" prints a JSON Schema "
              "for editors.");
  text += ".SH KEYS\n";
  for (const declare::Key& key : declare::keys()) text += key_entry(key);
  text += ".SH EXAMPLE\n.nf\n" + roff(declare::starter()) + ".fi\n";
  return {"cc-ci.toml.5", text +
                              ".SH SEE ALSO\n.BR cc\\-ci (1),\n.BR cc\\-ci\\-init (1),\n.BR "
                              "cc\\-ci\\-schema (1)\n"};
}

}  // namespace ccci::view

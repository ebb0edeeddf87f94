// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include "base/files.hpp"
#include "cli/commands.hpp"
#include "command/help.hpp"
#include "command/invocation.hpp"
#include "command/man.hpp"
#include "command/parse.hpp"
#include "view/declaration_page.hpp"

namespace ccci::cli {

namespace {

base::Result<int> run_man(Invocation& invocation) {
  if (const auto directory = invocation.value("into")) {
    CCCI_CHECK(base::make_directories(*directory));
    std::vector<command::ManPage> pages = man_pages(commands());
    pages.push_back(view::declaration_page());
    for (const command::ManPage& page : pages) {
      CCCI_CHECK(base::replace_file(std::filesystem::path(*directory) / page.file, page.text));
    }
    return 0;
  }
  std::vector<std::string> words = invocation.operands();
  if (words.empty()) {
    invocation.out().write(report::Document(man_page(commands()).text));
    return 0;
  }
  if (words.size() == 1 && words.front() == "cc-ci.toml") {
    invocation.out().write(report::Document(view::declaration_page().text));
    return 0;
  }
  words.emplace_back("--help");  // with --help the parser requires no operands
  CCCI_TRY(const command::Call call, parse(words, commands()));
  if (call.command == nullptr) {
    words.pop_back();
    return parse(words, commands()).map([](const command::Call&) { return 0; });
  }
  invocation.out().write(report::Document(man_page(*call.command).text));
  return 0;
}

}  // namespace

const Command& man_command() {
  static const Command command{
      .name = "man",
      .section = "Help",
      .purpose = "print a man page, or write all man pages",
      .operands = {{.name = "COMMAND",
                    .optional = true,
                    .repeatable = true,
                    .completes = Completion::command}},
      .options = {{.name = "into",
                   .value = "DIR",
                   .help = "write every page into DIR instead",
                   .completes = Completion::directory}},
      .prose =
          "Prints roff. The page 'cc-ci.toml' describes the declaration. Packages install the "
          "pages that --into writes.",
      .example = "cc-ci man run | man -l -",
      .run = &run_man,
      .hidden = true,
  };
  return command;
}

}  // namespace ccci::cli

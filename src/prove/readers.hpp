// SPDX-License-Identifier: GPL-3.0-or-later
// Readers of second declarations. Each is a pure, total function of a path and its bytes: any input
// gives a Reading in time linear to its size. They read words, strings and comments as the format
// does, so that a tool named in a comment or echoed in a message is not a finding.
#pragma once

#include <string_view>

#include "prove/finding.hpp"
#include "prove/snippet.hpp"

namespace ccci::prove {

// What read_file() would read the file as, or an empty string: "nix", "image", "shell", "workflow",
// "tasks", "unit", "versions". Decided by name, else by the `#!` line that `text` begins with, so
// that a gatherer need not hand in what no reader wants.
std::string_view format_of(std::string_view path, std::string_view text);

// Picks the reader by format_of(); a file that no reader wants gives no findings.
Reading read_file(std::string_view path, std::string_view text);

Reading read_nix(std::string_view path, std::string_view text);
Reading read_image(std::string_view path, std::string_view text);  // Dockerfile, Containerfile
Reading read_shell(std::string_view path, std::string_view text);
Reading read_workflow(std::string_view path, std::string_view text);
Reading read_tasks(std::string_view path, std::string_view text);  // Ansible
Reading read_unit(std::string_view path, std::string_view text);   // systemd
Reading read_versions(std::string_view path, std::string_view text);

// The shell of part of a file. `lines` is the whole file, for excerpts.
void read_shell_in(const Snippet& shell, std::string_view path, const Lines& lines,
                   Reading& reading);

// The tools that a file's lists name, each once, in order: a baseline read from where it stood.
std::vector<Mention> tools_in(const Reading& reading);

}  // namespace ccci::prove

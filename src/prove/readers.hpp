// SPDX-License-Identifier: GPL-3.0-or-later
// Readers of second declarations. Each is a pure function of a path and its bytes. It never fails:
// any input gives a Reading in time linear to its size. It reads words, strings and comments by the
// rules of the format, so a tool named in a comment or in an echoed message is not a finding.
#pragma once

#include <string_view>

#include "prove/finding.hpp"
#include "prove/snippet.hpp"

namespace ccci::prove {

// The format in which read_file() reads the file, or an empty string: "nix", "image", "shell",
// "workflow", "tasks", "unit", "versions", "modules", "crontab", "runner". The name decides, or
// else the `#!` line at the start of `text`; for YAML of a runner also what is in it. So the caller
// need not pass files that no reader handles.
std::string_view format_of(std::string_view path, std::string_view text);

// Selects the reader by format_of(). A file that no reader handles gives no findings.
Reading read_file(std::string_view path, std::string_view text);

Reading read_nix(std::string_view path, std::string_view text);
Reading read_image(std::string_view path, std::string_view text);  // Dockerfile, Containerfile
Reading read_shell(std::string_view path, std::string_view text);
Reading read_workflow(std::string_view path, std::string_view text);
Reading read_tasks(std::string_view path, std::string_view text);   // Ansible
Reading read_unit(std::string_view path, std::string_view text);    // systemd
Reading read_runner(std::string_view path, std::string_view text);  // of gitlab-runner, Gitea's
Reading read_crontab(std::string_view path, std::string_view text);
Reading read_versions(std::string_view path, std::string_view text);
Reading read_modules(std::string_view path, std::string_view text);  // of Python and of npm

// Reads shell text that is part of a file. `lines` is the whole file, for excerpts.
void read_shell_in(const Snippet& shell, std::string_view path, const Lines& lines,
                   Reading& reading);

// The tools in a file's lists, each once, in order: a baseline that is read from its old place.
std::vector<Mention> tools_in(const Reading& reading);

}  // namespace ccci::prove

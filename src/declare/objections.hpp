// SPDX-License-Identifier: GPL-3.0-or-later
// What the character classes of a form cannot express (forms.hpp). Each function returns why it
// refuses the text, as the end of a message ("it contains '..'"), or an empty string.
#pragma once

#include <string>
#include <string_view>

namespace ccci::declare {

// What to write instead of an entry of host_files that is refused.
std::string host_file_instead(std::string_view path);

std::string climbs(std::string_view path);
std::string absolute_or_climbs(std::string_view path);
std::string like_an_option(std::string_view text);
std::string not_a_tier(std::string_view text);
std::string not_a_hook_point(std::string_view text);
std::string leaves_the_repository(std::string_view path);
std::string not_a_revision_file(std::string_view from);
std::string not_a_program(std::string_view path);
std::string not_a_location(std::string_view uri);
std::string not_an_archive_url(std::string_view url);
std::string not_an_index(std::string_view url);
std::string not_a_project(std::string_view name);
std::string not_a_stamp(std::string_view text);
std::string not_a_schedule(std::string_view text);
std::string not_a_unit(std::string_view text);
std::string not_any_unit(std::string_view text);
std::string not_a_plain_path(std::string_view path);
std::string not_a_variables_file(std::string_view path);
std::string not_a_daemon(std::string_view path);
std::string not_a_host_file(std::string_view path);
std::string not_a_directory(std::string_view path);
std::string not_a_destination(std::string_view text);
std::string not_a_tag(std::string_view text);
std::string not_a_mode(std::string_view text);
std::string not_a_port(std::string_view text);
std::string not_in_an_image(std::string_view path);
std::string not_a_number(std::string_view text);
std::string not_a_size(std::string_view text);
std::string not_a_results_address(std::string_view text);
std::string not_a_restic_repository(std::string_view text);
std::string not_an_engine(std::string_view text);
std::string not_a_timeout(std::string_view text);
std::string not_a_retention(std::string_view text);
std::string not_a_deadline(std::string_view text);
std::string not_a_blocked_command(std::string_view text);

}  // namespace ccci::declare

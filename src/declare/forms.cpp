// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/forms.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "declare/objections.hpp"

namespace ccci::declare {

namespace {

bool in_class(std::string_view set, char c) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    const bool range = i + 2 < set.size() && set[i + 1] == '-';
    if (range && c >= set[i] && c <= set[i + 2]) return true;
    if (!range && c == set[i]) return true;
    if (range) i += 2;
  }
  return false;
}

// Control characters: C0, DEL, and C1 encoded in UTF-8.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

constexpr std::size_t long_text = 4096;

}  // namespace

namespace forms {

// In each class '-' is the last character.
constexpr std::string_view lower = "a-z0-9";
constexpr std::string_view lower_rest = "a-z0-9+.-";
constexpr std::string_view any_name = "A-Za-z0-9._+-";

// dpkg writes NAME:ARCHITECTURE.
constexpr std::string_view one_architecture = "a lock has packages of one architecture";
const Form tool{
    lower,   lower_rest,      1, 100, "a name of lower-case letters, digits, '+', '.' and '-'",
    nullptr, one_architecture};
const Form module{"A-Za-z0-9_", "A-Za-z0-9._-", 1, 100,
                  "a Python module's name of letters, digits, '.', '_' and '-'"};
const Form package{"A-Za-z0-9_", any_name, 1, 100, "the name of a tool or of a Python module"};
const Form debian_package{lower,
                          lower_rest,
                          2,
                          100,
                          "a Debian package's name of lower-case letters, digits, '+', '.' and '-'",
                          nullptr,
                          one_architecture};
const Form host_file{
    "/", "A-Za-z0-9._/+@:-", 2, 1000, "the absolute path of a file of the host", not_a_host_file,
    {},  host_file_instead};
const Form service{lower, "a-z0-9._-", 1, 100,
                   "a name of lower-case letters, digits, '.', '_' and '-'"};
const Form baseline{"A-Za-z0-9", any_name, 1, 100,
                    "a name of letters, digits, '.', '_', '+' and '-'"};
// '[' is a command of coreutils.
const Form command{"A-Za-z0-9_[", "A-Za-z0-9._+:@-", 1, 100,
                   "a command's name of letters, digits and '._+:@-'"};
const Form command_path{{}, {}, 1, 1000, "the path of a program, without '..'", not_a_program};
const Form variable{"A-Za-z_", "A-Za-z0-9_", 1, 100,
                    "a variable's name of letters, digits and '_'"};
const Form variable_value{{}, {}, 0, 32768, "text without control characters"};
const Form argument{{}, {}, 0, long_text, "an argument without control characters"};
const Form schedule{
    {}, {}, 1, 200, "a systemd calendar expression like 'Sun *-*-* 03:00'", not_a_schedule};
const Form runner_kind{{}, {}, 1, 100, "a kind of runner"};
const Form unit{"A-Za-z0-9_", "A-Za-z0-9:_.@-", 9, 200, "a unit's name like 'act-runner.service'",
                not_a_unit};
const Form any_unit{"A-Za-z0-9_", "A-Za-z0-9:_.@-", 1, 200, "a unit's name like 'docker.service'",
                    not_any_unit};
// No space, ':' or '%', because the path is written to units, and ':' separates it from another
// path there.
const Form program{"/", "A-Za-z0-9._/+@-", 2, 1000, "the absolute path of a program", not_a_daemon};
const Form directory{{}, {}, 1, 1000, "an absolute path", not_a_directory};
const Form user{"A-Za-z_", "A-Za-z0-9_-", 1, 31, "a user's name of letters, digits, '_' and '-'"};
// Names and paths are written to units, where ':' separates them and '%' is special.
const Form secret_file{
    "/", "A-Za-z0-9._/+@-", 2, 1000, "the absolute path of a file of the host", not_a_daemon};
const Form variables_file{"-/",
                          "A-Za-z0-9._/+@-",
                          2,
                          1000,
                          "the absolute path of a file of the host, after '-' if it may be absent",
                          not_a_variables_file};
const Form credential{"A-Za-z0-9_", "A-Za-z0-9._-", 1, 100,
                      "a credential's name of letters, digits, '.', '_' and '-'"};
const Form address{
    "A-Za-z0-9_:",    "A-Za-z0-9._:/@-", 1, 255, "an ssh destination like 'root@ci.example.org'",
    not_a_destination};
const Form timeout{{}, {}, 1, 100, "a time span like '90min' or '2h'", not_a_timeout};
const Form deadline{
    {}, {}, 1, 100, "a time span from 1s to 1h like '90s' or '2min'", not_a_deadline};
const Form gate{"A-Za-z0-9", any_name, 1, 100,
                "a gate's name of letters, digits, '.', '_', '+' and '-'"};
const Form blocked{"a-z", "a-z", 1, 20, "'deploy' or 'switch'", not_a_blocked_command};
const Form suite{lower, "a-z0-9./+-", 1, 100, "a suite like 'bookworm'", climbs};
const Form component{lower, "a-z0-9./+-", 1, 100, "a component like 'main'", climbs};
const Form source_name{lower, "a-z0-9.-", 1, 60,
                       "a source's name of lower-case letters, digits, '.' and '-'"};
const Form archive_suite{"A-Za-z0-9./",
                         "A-Za-z0-9._/+~-",
                         1,
                         200,
                         "a suite like 'bookworm', or a path like './' of a flat archive",
                         climbs};
const Form archive_component{"A-Za-z0-9", "A-Za-z0-9._/+-",          1,
                             100,         "a component like 'main'", climbs};
const Form snapshot{"0-9", "0-9TZ", 16, 16, "a time like '20260901T000000Z'", not_a_stamp};
// No '$', '(', '[', '#' or space: these are special characters in apt's lists.
const Form uri{"a-z",
               "A-Za-z0-9._~:/?@&+,;=%-",
               1,
               1000,
               "an http, https or file address of a Debian archive",
               not_a_location};
const Form keyring{"A-Za-z0-9_./~", "A-Za-z0-9_./+~@-", 1, 1000, "the path of a keyring", climbs};
const Form url{"a-z",
               "A-Za-z0-9._~:/?@&+,;=%*!-",
               1,
               2000,
               "an http, https or file address of an archive",
               not_an_archive_url};
const Form archive_file{
    {}, {}, 1, 1000, "a path below the declaration's directory", absolute_or_climbs};
const Form project_file = archive_file;
const Form library{"A-Za-z0-9_", "A-Za-z0-9._+-", 1, 200, "the name of a shared library"};
const Form pypi_name{
    "A-Za-z0-9",  "A-Za-z0-9._-", 1, 100, "the name of a project of the Python package index",
    not_a_project};
const Form version{"<>=!~^*0-9", "A-Za-z0-9.*+!<>=~^:, -", 1, 200,
                   "versions like '>=1.50', '==2.1' or '1.9.*'"};
const Form index{"a-z",
                 "A-Za-z0-9._~:/?@&+,;=%-",
                 1,
                 1000,
                 "the http or https address of a package index, like "
                 "'https://pypi.example.org/simple'",
                 not_an_index};
const Form sha256{"0-9a-f", "0-9a-f", 64, 64, "64 lower-case hex digits"};
const Form revision_file{{},
                         {},
                         3,
                         1000,
                         "PATH@REVISION, a file of the repository at a git revision",
                         not_a_revision_file};
const Form repository_path{{}, {}, 1, 1000, "a path of the repository", leaves_the_repository};
const Form reason{{}, {}, 1, 1000, "a reason, on one line"};
const Form image_tag{"a-z0-9A-Z", "A-Za-z0-9._/:-", 3, 255, "NAME:TAG like 'example.org/web:1.0'",
                     not_a_tag};
const Form image_port{"0-9",
                      "0-9a-z/",
                      1,
                      9,
                      "a port like '8000' or '53/udp'",
                      not_a_port,
                      {},
                      nullptr,
                      "it is not between 1 and 65535"};
const Form image_label{"A-Za-z0-9", "A-Za-z0-9._/-", 1, 200, "the name of a label"};
const Form image_path{
    "/", "A-Za-z0-9._/+@:-", 2, 1000, "an absolute path in the image", not_in_an_image};
const Form image_owner{"A-Za-z0-9_", "A-Za-z0-9_-", 1, 31, "the name or the number of a user"};
const Form account_number{"0-9",
                          "0-9",
                          1,
                          5,
                          "a number from 0 to 64999",
                          not_a_number,
                          {},
                          nullptr,
                          "it is not from 0 to 64999"};
const Form account_path{"/", "A-Za-z0-9._/+@-", 1, 255, "an absolute path", not_a_plain_path};
const Form octal_mode{"0-7", "0-7", 3, 5, "a mode like '0755' or '1777'", not_a_mode};
const Form link_target{"A-Za-z0-9._/", "A-Za-z0-9._/+@:-", 1, 1000, "a path"};
const Form recipe{"a-z0-9", "a-z0-9._-", 1, 60,
                  "a name of lower-case letters, digits, '.', '_' and '-'"};
const Form recipe_source{{}, {}, 1, 1000, "a directory or a git URL", like_an_option};
const Form engine_address{"a-z",
                          "A-Za-z0-9._/:@+,=-",
                          7,
                          107 + 7,
                          "'private' or the socket of an engine, like "
                          "'unix:///var/run/docker.sock'",
                          not_an_engine};
const Form results_address{{},
                           "A-Za-z0-9._~:/?@&+,;=%-",
                           1,
                           1000,
                           "the address of a PostgreSQL database like "
                           "'postgresql://ci@db.example.org/cc-ci'",
                           not_a_results_address};
const Form restic_repository{{},
                             {},
                             2,
                             1000,
                             "a restic repository like '/srv/backup/cc-ci' or "
                             "'sftp:backup@nas.example.org:/srv/cc-ci'",
                             not_a_restic_repository};
const Form job_count{
    "1-9", "0-9", 1, 2, "a number from 1 to 99", nullptr, {}, nullptr, "it is not from 1 to 99"};
const Form retention{{}, {}, 1, 100, "a time span like '30d' or '12h'", not_a_retention};
const Form byte_count{{}, "0-9A-Za-z. ", 1, 20, "a size like '500MB' or '20GB'", not_a_size};
const Form branch{"A-Za-z0-9._/", "A-Za-z0-9._/+@-", 1, 200, "the name of a branch", climbs};
const Form image_archive{{}, {}, 1, 1000, "the path of an image archive", like_an_option};
const Form url_path{"/", "A-Za-z0-9._~:/?@&+,;=%!$'()*#-", 1, 1000, "a path like '/login'"};
const Form permission{lower, "a-z-", 1, 40, "a permission"};
const Form tier{"a-z", "a-z", 1, 20, "the name of a tier", not_a_tier};
const Form hook_point{"a-z", "a-z-", 1, 20, "a point of a test", not_a_hook_point};
const Form hook_line{{}, {}, 1, long_text, "a command line without control characters"};
const Form host_name{"a-z0-9", "a-z0-9.-", 1, 253, "the name of a host"};
const Form http_status{"1-5",
                       "0-9",
                       3,
                       3,
                       "an HTTP status like 200",
                       nullptr,
                       {},
                       nullptr,
                       "it is not from 100 to 599"};
const Form page_text{{}, {}, 1, 1000, "text without control characters"};

}  // namespace forms

std::string Form::pattern() const {
  if (first.empty()) return "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
  const std::string bounds =
      "{" + std::to_string(shortest - 1) + "," + std::to_string(longest - 1) + "}";
  std::string head(first);
  if (const std::size_t bracket = head.find('['); bracket != std::string::npos) {
    head.insert(bracket, "\\");
  }
  return "^[" + head + "][" + std::string(rest) + "]" + bounds + "$";
}

namespace {

// The whole first character of the text. A search for bytes finds only its first byte.
std::string character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80) {
    ++length;
  }
  return base::printable(text.substr(0, length));
}

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string objection(const Form& form, std::string_view text) {
  if (text.empty() && form.shortest > 0) return "it is empty";
  if (has_control(text)) return "it contains a control character";
  for (std::size_t i = 0; i < text.size() && !form.first.empty(); ++i) {
    if (in_class(i == 0 ? form.first : form.rest, text[i])) continue;
    if (is_number(text) && !form.out_of_range.empty()) return std::string(form.out_of_range);
    const std::string why = i > 0 && text[i] == ':' && !form.colon.empty()
                                ? ": " + std::string(form.colon)
                                : std::string();
    return (i == 0 ? "it begins with '" : "it contains '") + character(text.substr(i)) + "'" + why;
  }
  const bool other_length = text.size() > form.longest || text.size() < form.shortest;
  if (other_length && is_number(text) && !form.out_of_range.empty())
    return std::string(form.out_of_range);
  if (text.size() > form.longest) {
    return "it is longer than " + base::counted(form.longest, "byte");
  }
  if (text.size() < form.shortest) {
    return "it is shorter than " + base::counted(form.shortest, "byte");
  }
  return form.objection != nullptr ? form.objection(text) : std::string();
}

std::string mended(const Form& form, std::string_view text) {
  // Addresses are not corrected: the suggestion could print a user and password.
  if (form.first.empty() || text.size() > form.longest || text.find(':') != text.npos) return {};
  std::string better(base::trim(text));
  for (const bool dashes : {false, true}) {
    for (char& c : better) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      if (dashes && (c == '_' || c == ' ')) c = '-';
    }
    if (better != text && objection(form, better).empty()) return better;
  }
  return {};
}

}  // namespace ccci::declare

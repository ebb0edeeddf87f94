// SPDX-License-Identifier: GPL-3.0-or-later
// The checks of the rules. Each adds what breaks its rule, and returns why it cannot be checked, or
// an empty text.
#pragma once

#include <string_view>
#include <vector>

#include "recipe/lint.hpp"

namespace ccci::recipe::check {

using Findings = std::vector<LintFinding>;

// abra's.
std::string_view compose_version(const LintInput& input, Findings& findings);
std::string_view health_checks(const LintInput& input, Findings& findings);
std::string_view tagged_images(const LintInput& input, Findings& findings);
std::string_view stable_tags(const LintInput& input, Findings& findings);
std::string_view semantic_tags(const LintInput& input, Findings& findings);
std::string_view published(const LintInput& input, Findings& findings);
std::string_view readme_metadata(const LintInput& input, Findings& findings);
std::string_view env_sample(const LintInput& input, Findings& findings);
std::string_view service_app(const LintInput& input, Findings& findings);
std::string_view traefik_enabled(const LintInput& input, Findings& findings);
std::string_view images(const LintInput& input, Findings& findings);
std::string_view config_versions(const LintInput& input, Findings& findings);
std::string_view upstream(const LintInput& input, Findings& findings);
std::string_view annotated_tags(const LintInput& input, Findings& findings);
std::string_view secret_names(const LintInput& input, Findings& findings);

// cc-ci's own.
std::string_view clear_passwords(const LintInput& input, Findings& findings);
std::string_view engine_socket(const LintInput& input, Findings& findings);
std::string_view privileged(const LintInput& input, Findings& findings);
std::string_view host_paths(const LintInput& input, Findings& findings);
std::string_view secret_directives(const LintInput& input, Findings& findings);
std::string_view variables(const LintInput& input, Findings& findings);
std::string_view deviations(const LintInput& input, Findings& findings);
std::string_view routers(const LintInput& input, Findings& findings);
std::string_view backup_labels(const LintInput& input, Findings& findings);
std::string_view overlays(const LintInput& input, Findings& findings);
std::string_view changing_configs(const LintInput& input, Findings& findings);

// Adds a finding at a value of a compose file, once.
void add(Findings& findings, const Composed& composed, const std::vector<std::string>& path,
         std::string what);
void add(Findings& findings, LintFinding finding);

}  // namespace ccci::recipe::check

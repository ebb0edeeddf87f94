// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/invocation.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/clock.hpp"
#include "cli/signals.hpp"
#include "report/error_text.hpp"
#include "report/progress.hpp"

namespace ccci::cli {

Invocation::Invocation(const Command& command, Globals globals, std::vector<Given> given,
                       std::vector<std::string> operands, report::Output& out,
                       const report::Style& out_style, const report::Style& err_style)
    : command_(command),
      globals_(std::move(globals)),
      given_(std::move(given)),
      operands_(std::move(operands)),
      out_(out),
      out_style_(out_style),
      err_style_(err_style) {}

Invocation::~Invocation() = default;

const Option& Invocation::declared(std::string_view name) const {
  const auto found = std::ranges::find(command_.options, name, &Option::name);
  if (found != command_.options.end()) return *found;
  throw std::logic_error("option --" + std::string(name) + " is not in the table of " +
                         std::string(command_.name));
}

std::vector<std::string> Invocation::values(std::string_view option) const {
  const Option* record = &declared(option);
  std::vector<std::string> found;
  for (const Given& one : given_) {
    if (one.option == record) found.push_back(one.value);
  }
  return found;
}

bool Invocation::has(std::string_view option) const { return !values(option).empty(); }

std::optional<std::string> Invocation::value(std::string_view option) const {
  std::vector<std::string> all = values(option);
  if (all.empty()) return std::nullopt;
  return std::move(all.back());
}

base::Result<std::uint64_t> Invocation::number(std::string_view option, std::uint64_t otherwise,
                                               std::uint64_t most) const {
  const auto text = value(option);
  if (!text) return otherwise;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, problem] = std::from_chars(text->data(), end, number);
  if (problem == std::errc() && stop == end && number <= most) return number;
  return base::unexpected(base::fail("cli.number")
                              .with("command", "cc-ci " + std::string(command_.name))
                              .with("what", "--" + std::string(option))
                              .with("most", std::to_string(most))
                              .with("value", *text));
}

bool Invocation::json() const {
  const bool known = std::ranges::any_of(
      command_.options, [](const Option& option) { return option.name == "json"; });
  return known && has("json");
}

void Invocation::print(const report::Table& table) { out_.write(table.text(out_style_)); }

void Invocation::print(const base::Json& json) {
  // Jobs, paths and programs' output are bytes, and JSON is text.
  out_.line(json.dump(2, ' ', false, base::Json::error_handler_t::replace));
}

base::Progress& Invocation::progress() {
  if (progress_ == nullptr) {
    progress_ = report::make_progress(report::standard_error(), err_style_, globals_.verbosity,
                                      base::real_clock());
  }
  return *progress_;
}

void Invocation::end_progress() { progress_.reset(); }

void Invocation::warn(std::string_view text) {
  const std::string line = report::render_warning(text, err_style_);
  if (progress_ != nullptr) {
    progress_->print(line);
  } else {
    report::standard_error().write(line);
  }
}

base::Result<void> Invocation::hand_over() {
  end_progress();
  restore_broken_pipe();
  return out_.flush();
}

}  // namespace ccci::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/invocation.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "command/signals.hpp"
#include "project/project.hpp"
#include "report/error_text.hpp"
#include "report/progress.hpp"

namespace ccci::command {

// A display is made for the first progress of a line and deleted with the line. So one reference is
// valid for the whole command.
class Invocation::Progress final : public base::Progress {
 public:
  Progress(report::Style style, int verbosity) : style_(style), verbosity_(verbosity) {}

  void begin(std::string_view what, std::uint64_t total, Unit unit) override {
    display().begin(what, total, unit);
  }
  void advance(std::uint64_t done, std::string_view item) override {
    display().advance(done, item);
  }
  void end() override { display().end(); }
  void note(std::string_view text) override { display().note(text); }

  void clear() { display_.reset(); }
  // Prints a line above the progress line. Returns false if there is no progress line.
  bool print(const std::string& line) {
    if (display_ != nullptr) display_->print(line);
    return display_ != nullptr;
  }

 private:
  report::Display& display() {
    if (display_ == nullptr) {
      display_ =
          report::make_progress(report::standard_error(), style_, verbosity_, base::real_clock());
    }
    return *display_;
  }

  report::Style style_;
  int verbosity_;
  std::unique_ptr<report::Display> display_;
};

Invocation::Invocation(const Command& command, Globals globals, std::vector<Given> given,
                       std::vector<std::string> operands, report::Output& out,
                       const report::Style& out_style, const report::Style& err_style)
    : command_(command),
      globals_(std::move(globals)),
      given_(std::move(given)),
      operands_(std::move(operands)),
      out_(out),
      out_style_(out_style),
      err_style_(err_style),
      progress_(std::make_unique<Progress>(err_style_, globals_.verbosity)) {}

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
                                               std::uint64_t most, std::uint64_t least) const {
  const auto text = value(option);
  if (!text) return otherwise;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, problem] = std::from_chars(text->data(), end, number);
  if (problem == std::errc() && stop == end && number >= least && number <= most) return number;
  return base::unexpected(base::fail("cli.number")
                              .with("command", "cc-ci " + std::string(command_.name))
                              .with("what", "--" + std::string(option))
                              .with("least", std::to_string(least))
                              .with("most", std::to_string(most))
                              .with("value", *text));
}

bool Invocation::json() const {
  const bool known = std::ranges::any_of(
      command_.options, [](const Option& option) { return option.name == "json"; });
  return known && has("json");
}

void Invocation::print(const report::Table& table) {
  out_.write(report::Document(table.text(out_style_)));
}

void Invocation::print(const base::Json& json) {
  // The values may contain bytes that are not UTF-8. dump() replaces them, because JSON is text.
  out_.write(report::Document(base::printable_json(json.dump(2)) + "\n"));
}

base::Progress& Invocation::progress() { return *progress_; }

void Invocation::end_progress() { progress_->clear(); }

project::Context Invocation::context() { return {globals_.state, globals_.offline, progress()}; }

void Invocation::warn(const base::Error& error) {
  report::standard_error().write(report::render_warning(error, err_style_));
}

void Invocation::warn(std::string_view text) {
  const std::string line = report::render_warning(text, err_style_);
  if (!progress_->print(line)) report::standard_error().write(line);
}

base::Result<void> Invocation::hand_over() {
  end_progress();
  restore_broken_pipe();
  return out_.flush();
}

}  // namespace ccci::command

// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/run_log.hpp"

#include <fcntl.h>

#include <array>
#include <ctime>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::job {

namespace {

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%SZ", &parts)};
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

}  // namespace

std::string rung_line(const run::Rung& rung) {
  std::string line =
      padded(rung.name, 10) + padded(std::string(run::name(rung.verdict)), 12) +
      padded((rung.time.count() == 0
                  ? ""
                  : base::human_seconds(static_cast<double>(rung.time.count()) / 1000)) +
                 " ",
             9) +
      base::printable(rung.reason);
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

base::Result<RunLog> RunLog::open(const std::filesystem::path& log, base::Progress& progress,
                                  const run::Mask& mask) {
  CCCI_TRY(base::Fd file, base::open_path(log, O_WRONLY | O_CREAT | O_EXCL, 0644));
  return RunLog(std::move(file), progress, mask);
}

void RunLog::line(const std::string& text) {
  const std::string whole = time_of_day() + " " + base::printable_lines(mask_->masked(text)) + "\n";
  // A full disk must not end the run: the result says what counts.
  static_cast<void>(base::write_all(log_.get(), whole));
}

void RunLog::begin(std::string_view tier) {
  tier_ = tier;
  waits_for_.clear();
  line("begin " + tier_);
  show(tier_);
}

void RunLog::wait(std::string_view what) {
  if (what == waits_for_) return;
  waits_for_ = what;
  line("waits for " + waits_for_);
  show((tier_.empty() ? "" : tier_ + ": ") + "waits for " + waits_for_);
}

void RunLog::show(const std::string& text) {
  progress_->advance(0, base::printable(mask_->masked(text)));
}

void RunLog::end(const run::Rung& rung) {
  tier_.clear();
  line(rung_line(rung));
  if (!rung.last_words.empty()) line("last words:\n" + rung.last_words);
  progress_->advance(1, rung.name + " " + std::string(run::name(rung.verdict)));
}

void RunLog::log(std::string_view text) { line(std::string(text)); }

void RunLog::note(std::string_view text) {
  line("note: " + std::string(text));
  progress_->note(base::printable(mask_->masked(text)));
}

}  // namespace ccci::job

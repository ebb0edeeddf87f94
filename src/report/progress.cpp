// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>

#include "base/text.hpp"
#include "report/error_text.hpp"
#include "report/width.hpp"

namespace ccci::report {

namespace {

using Time = base::Clock::Time;
using std::chrono::milliseconds;

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(to - from).count();
}

constexpr std::uint64_t least_to_estimate = 20;

// The state of a step, independent of how it is displayed.
struct Step {
  std::string what;
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  base::Progress::Unit unit = base::Progress::Unit::things;
  std::string item;
  Time begun;
  Time reached;  // when `done` grew the last time

  bool bytes() const { return unit == base::Progress::Unit::bytes; }

  std::string amount(std::uint64_t number) const {
    return bytes() ? base::human_bytes(number) : std::to_string(number);
  }

  // "unpacking packages: 145 in 2.1 s", or "12 of 145" if it stopped early.
  std::string summary(Time now) const {
    const double taken = seconds_between(begun, now);
    std::string text = what + ": " + amount(done);
    if (total > 0 && done < total) text += " of " + amount(total);
    text += " in " + base::human_seconds(taken);
    if (bytes() && taken >= 0.1) text += ", " + rate(taken);
    return text;
  }

  std::string rate(double taken) const {
    return base::human_bytes(static_cast<std::uint64_t>(static_cast<double>(done) / taken)) + "/s";
  }

  // "12.3 MB/s  3 s left"; empty at the start, without data for an estimate.
  std::string pace(Time now) const {
    const double taken = seconds_between(begun, now);
    if (taken < 0.5 || done == 0) return {};
    std::string text;
    if (bytes()) text += "  " + rate(taken);
    // A few things are too different from each other, and what waits has no rate: between two of
    // them the estimate counts down, and when it is over there is none.
    if (total <= done || (!bytes() && total < least_to_estimate)) return text;
    const double until_then = seconds_between(begun, reached);
    const double left = until_then * static_cast<double>(total - done) / static_cast<double>(done) -
                        seconds_between(reached, now);
    if (left > 0) text += "  " + base::human_seconds(std::max(left, 1.0)) + " left";
    return text;
  }

  std::string counter() const {
    if (total == 0) return done == 0 ? "" : "[" + amount(done) + "] ";
    const std::string all = amount(total);
    std::string now = amount(std::min(done, total));
    // Padded, so that the line does not jump as the number grows.
    if (now.size() < all.size()) now.insert(0, all.size() - now.size(), ' ');
    return "[" + now + "/" + all + "] ";
  }

  unsigned percent() const {
    if (total == 0) return 0;
    return static_cast<unsigned>(100.0 * static_cast<double>(std::min(done, total)) /
                                 static_cast<double>(total));
  }
};

class Renderer : public Display {
 public:
  Renderer(Lines& lines, const Style& style, base::Clock& clock)
      : lines_(lines), style_(style), clock_(clock) {}

  void begin(std::string_view what, std::uint64_t total, Unit unit) final {
    const std::scoped_lock lock(mutex_);
    step_ = Step{base::printable(what), total, 0, unit, {}, clock_.now(), clock_.now()};
    begun();
  }

  void advance(std::uint64_t done, std::string_view item) final {
    const std::scoped_lock lock(mutex_);
    step_.done += done;
    if (done > 0) step_.reached = clock_.now();
    if (!item.empty()) step_.item = base::printable(item);
    advanced(item);
  }

  void end() final {
    const std::scoped_lock lock(mutex_);
    ended();
    step_ = {};
  }

  void note(std::string_view text) final { print(render_note(text, style_)); }

  void print(std::string_view text) final {
    const std::scoped_lock lock(mutex_);
    between(text);
  }

 protected:
  virtual void begun() = 0;
  virtual void advanced(std::string_view item) = 0;
  virtual void ended() = 0;
  virtual void between(std::string_view text) { write(text); }

  void write(std::string_view text) { lines_.write(text); }
  const Step& step() const { return step_; }
  const Style& style() const { return style_; }
  Time now() { return clock_.now(); }

 private:
  Lines& lines_;
  Style style_;
  base::Clock& clock_;
  std::mutex mutex_;
  Step step_;
};

class Quiet final : public Renderer {
 public:
  using Renderer::Renderer;

 private:
  void begun() override {}
  void advanced(std::string_view /*item*/) override {}
  void ended() override {}
};

// One line when a step begins, one every ten seconds, one at the end; with `every_item` one for
// each item instead of one every ten seconds.
class Plain final : public Renderer {
 public:
  Plain(Lines& lines, const Style& style, base::Clock& clock, bool every_item)
      : Renderer(lines, style, clock), every_item_(every_item) {}

 private:
  void begun() override {
    told_ = step().begun;
    std::string line = step().what;
    if (step().total > 0) line += " (" + step().amount(step().total) + ")";
    write(line + "\n");
  }

  void advanced(std::string_view item) override {
    const Time time = now();
    if (every_item_ ? item.empty() : time - told_ < std::chrono::seconds(10)) return;
    told_ = time;
    std::string line = step().counter() + step().what;
    if (!step().item.empty()) line += "  " + step().item;
    write(line + (every_item_ ? "" : step().pace(time)) + "\n");
  }

  void ended() override {
    if (!step().what.empty()) write(step().summary(now()) + "\n");
  }

  bool every_item_;
  Time told_;
};

class Redrawn final : public Renderer {
 public:
  using Renderer::Renderer;
  Redrawn(const Redrawn&) = delete;
  Redrawn& operator=(const Redrawn&) = delete;
  ~Redrawn() override { erase(); }

 private:
  static constexpr milliseconds pause{100};

  void begun() override {
    erase();
    draw(step().begun);
  }

  void advanced(std::string_view /*item*/) override {
    const Time time = now();
    if (time - drawn_ >= pause) draw(time);
  }

  void ended() override {
    erase();
    // A step without work leaves no line.
    if (step().done > 0) write(step().summary(now()) + "\n");
  }

  void between(std::string_view text) override {
    const bool redraw = visible_;
    erase();
    write(text);
    if (redraw) draw(now());
  }

  void erase() {
    if (visible_) write("\r\x1b[K");
    visible_ = false;
  }

  std::string line(Time time) const {
    // Do not use the last column: some terminals would wrap the line and scroll.
    const auto room = static_cast<std::size_t>(style().columns) - 1;
    std::string begin = step().counter() + step().what;
    std::string end;
    if (step().total > 0) {
      end = "  " + bar() + " " + std::to_string(step().percent()) + "%" + step().pace(time);
    }
    if (width_of(begin) + width_of(end) > room) end = "  " + std::to_string(step().percent()) + "%";
    if (width_of(begin) + width_of(end) > room) return cut(begin, room);
    const std::size_t left = room - width_of(begin) - width_of(end);
    constexpr std::size_t shortest = 10;
    if (!step().item.empty() && left >= shortest) begin += "  " + cut(step().item, left - 2);
    return begin + end;
  }

  std::string bar() const {
    constexpr unsigned cells = 10;
    std::string text;
    for (unsigned i = 0; i < cells; ++i) text += i < step().percent() * cells / 100 ? "█" : "░";
    return text;
  }

  void draw(Time time) {
    write("\r" + line(time) + "\x1b[K");
    visible_ = true;
    drawn_ = time;
  }

  bool visible_ = false;
  Time drawn_;
};

}  // namespace

Lines& standard_error() {
  class Stderr final : public Lines {
    void write(std::string_view text) override {
      while (!text.empty()) {
        const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
      }
    }
  };
  // Never destroyed: it is also used while the process exits.
  static auto* const instance = new Stderr;
  return *instance;
}

std::unique_ptr<Display> make_progress(Lines& lines, const Style& style, int verbosity,
                                       base::Clock& clock) {
  if (verbosity < 0) return std::make_unique<Quiet>(lines, style, clock);
  if (verbosity > 0 || !style.terminal) {
    return std::make_unique<Plain>(lines, style, clock, verbosity > 0);
  }
  return std::make_unique<Redrawn>(lines, style, clock);
}

}  // namespace ccci::report

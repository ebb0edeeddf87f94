// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/confirmation.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "base/files.hpp"
#include "deploy/message.hpp"

namespace ccci::deploy {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_state = 2U << 20U;
constexpr std::chrono::milliseconds between_looks{50};
constexpr std::chrono::hours kept_for{24};
constexpr std::array phases{Phase::none, Phase::switching, Phase::waiting, Phase::ended,
                            Phase::died};

}  // namespace

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::switching:
      return "switching";
    case Phase::waiting:
      return "waiting";
    case Phase::ended:
      return "ended";
    case Phase::died:
      return "died";
    case Phase::none:
      break;
  }
  return "none";
}

base::Json to_json(const SwitchState& state) {
  base::Json json{{"phase", phase_name(state.phase)},
                  {"outcome", state.outcome.word},
                  {"before", state.outcome.before},
                  {"after", state.outcome.after}};
  if (state.outcome.error) json["error"] = write(*state.outcome.error);
  return json;
}

base::Result<SwitchState> state_from(const base::Json& json) {
  const auto bad = [](std::string_view cause) {
    return base::unexpected(
        base::fail("deploy.message").with("message", "state").with("cause", cause));
  };
  if (!json.is_object()) return bad("no object");
  const std::string* const phase = json["phase"].text();
  const std::string* const word = json["outcome"].text();
  const auto before = json["before"].number();
  const auto after = json["after"].number();
  const bool there = phase != nullptr && word != nullptr && before && after;
  if (!there) return bad("its members");
  SwitchState state;
  const auto known = std::ranges::find(phases, *phase, &phase_name);
  if (known == phases.end()) return bad("phase");
  state.phase = *known;
  state.outcome.word = *word;
  state.outcome.before = *before;
  state.outcome.after = *after;
  if (const std::string* const error = json["error"].text()) {
    state.outcome.error = read_error(*error);
  }
  return state;
}

bool Confirmation::is_token(std::string_view text) {
  constexpr std::size_t digits = 32;
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string Confirmation::new_token() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("the kernel gives no random bytes");
  }
  std::string token;
  for (const unsigned char byte : bytes) {
    token.push_back("0123456789abcdef"[byte >> 4U]);
    token.push_back("0123456789abcdef"[byte & 15U]);
  }
  return token;
}

base::Result<Confirmation> Confirmation::of(const activate::Layout& layout,
                                            const std::string& token) {
  if (!is_token(token)) {
    return base::unexpected(
        base::fail("deploy.token").with("token", token).with("cause", "no token"));
  }
  return Confirmation(layout.at("/run/cc-ci/deploy") / token);
}

// Removes the files of earlier switches, because nobody asks for them any more.
void Confirmation::forget_old() const {
  std::error_code error;
  const auto latest = fs::file_time_type::clock::now() - kept_for;
  for (fs::directory_iterator at(place_.parent_path(), error), end; at != end && !error;
       at.increment(error)) {
    std::error_code ignored;
    const Confirmation old(at->path());
    const bool over = is_token(at->path().filename().native()) &&
                      fs::last_write_time(at->path(), ignored) < latest && !ignored && !old.alive();
    if (over) static_cast<void>(base::remove_tree(at->path()));
  }
}

base::Result<base::Fd> Confirmation::begin() const {
  CCCI_CHECK(base::make_directories(place_.parent_path()));
  forget_old();
  if (mkdir(place_.c_str(), 0700) != 0) {
    return base::unexpected(
        base::fail("deploy.token").with("token", place_.filename().native()).with_errno(errno));
  }
  CCCI_TRY(base::Fd alive, base::open_path(place_ / "alive", O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  if (flock(alive.get(), LOCK_EX | LOCK_NB) != 0) {
    return base::unexpected(
        base::fail("deploy.token").with("token", place_.filename().native()).with_errno(errno));
  }
  CCCI_CHECK(say({Phase::switching, {}}));
  return alive;
}

base::Result<void> Confirmation::say(const SwitchState& state) const {
  return base::replace_file(place_ / "state", to_json(state).dump(), 0600);
}

base::Result<bool> Confirmation::wait(std::chrono::milliseconds within, const Pause& pause,
                                      const std::function<bool()>& interrupted) const {
  CCCI_CHECK(say({Phase::waiting, {}}));
  std::error_code error;
  for (std::chrono::milliseconds waited{0}; waited < within; waited += between_looks) {
    if (fs::exists(place_ / "confirmed", error)) return true;
    if (interrupted()) return false;
    pause(between_looks);
  }
  return fs::exists(place_ / "confirmed", error);
}

base::Result<void> Confirmation::end(const Outcome& outcome) const {
  return say({Phase::ended, outcome});
}

base::Result<void> Confirmation::confirm() const {
  const auto file = base::open_path(place_ / "confirmed", O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
  if (file) return {};
  return base::unexpected(base::fail("deploy.token")
                              .with("token", place_.filename().native())
                              .with("cause", "no switch waits for it"));
}

bool Confirmation::alive() const {
  const auto file = base::open_path(place_ / "alive", O_RDWR | O_NOFOLLOW);
  return file && flock(file->get(), LOCK_EX | LOCK_NB) != 0;
}

base::Result<SwitchState> Confirmation::look() const {
  // The lock is checked only if a state exists. Before that, the switch may not have taken it yet.
  std::error_code error;
  if (!fs::exists(place_ / "state", error)) return SwitchState{};
  // The lock is checked before the state is read. If the switch ends in between, the state already
  // has its outcome.
  const bool lives = alive();
  CCCI_TRY(const std::string text, base::read_file(place_ / "state", largest_state));
  CCCI_TRY(const base::Json json, parse(text, "state"));
  CCCI_TRY(SwitchState state, state_from(json));
  if (!lives && state.phase != Phase::ended) state.phase = Phase::died;
  return state;
}

base::Result<SwitchState> Confirmation::look_beyond(std::initializer_list<Phase> beyond,
                                                    std::chrono::milliseconds within,
                                                    const Pause& pause) const {
  for (std::chrono::milliseconds waited{0};; waited += between_looks) {
    CCCI_TRY(const SwitchState state, look());
    const bool passed = std::ranges::find(beyond, state.phase) == beyond.end();
    if (passed || waited >= within) return state;
    pause(between_looks);
  }
}

}  // namespace ccci::deploy

// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/bringing.hpp"

#include <sys/utsname.h>

#include <charconv>
#include <optional>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "deploy/unreachable.hpp"

namespace ccci::deploy {

namespace {

constexpr std::string_view greeting = "cc-ci-bring 1";
constexpr std::size_t longest_line = 200;
constexpr std::size_t part_size = 64U << 10U;

std::string machine_here() {
  utsname names{};
  return uname(&names) == 0 ? names.machine : "";
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The dialogue with the script.
class Bringing {
 public:
  Bringing(Stream& stream, const Start& start, const Watch& watch)
      : stream_(stream), start_(start), watch_(watch) {}

  // Returns what was sent. `conversation` stays empty.
  base::Result<Started> run() {
    auto done = converse();
    if (done) return std::move(started_);
    base::Error error = std::move(done).error();
    if (error.is(base::Condition::silent)) error = std::move(error).with("waiting", waiting_);
    return base::unexpected(std::move(error));
  }

  // The host can run the program now.
  bool runs() const { return runs_; }
  bool greeted() const { return greeted_; }

 private:
  base::Result<void> converse() {
    CCCI_CHECK(greet());
    while (!runs_) {
      CCCI_TRY(const std::string line, read_line());
      const std::size_t space = line.find(' ');
      const std::string word = line.substr(0, space);
      const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
      if (word == "run") {
        runs_ = true;
        started_.command = start_.program->command(form_called(rest)).native();
      } else if (word == "lacks") {
        CCCI_CHECK(offer(rest));
        if (start_.dry) return {};
      } else if (word == "from" && form_ != nullptr) {
        CCCI_CHECK(send_from(rest));
      } else if (word == "got") {
        watch_.sent(number_in(rest).value_or(0), started_.lacked);
      } else if (word == "wait") {
        watch_.step("waiting for another deployment");
      } else {
        return base::unexpected(refused(word, rest));
      }
    }
    return {};
  }

  const ProgramForm& form_called(const std::string& name) const {
    return name == "own" ? start_.program->with_own_libc() : start_.program->shared();
  }

  base::Error refused(const std::string& word, const std::string& rest) const {
    if (word == "machine") {
      return base::fail("deploy.machine").with("expected", machine_here()).with("found", rest);
    }
    if (word == "busy") return base::fail("deploy.busy");
    if (word == "corrupt" && form_ != nullptr) {
      return base::fail("deploy.corrupt")
          .with("name", "cc-ci")
          .with("expected", form_->archive_digest())
          .with("found", "other bytes");
    }
    return base::fail("deploy.message")
        .with("message", "bring")
        .with("cause", "'" + base::printable(word) + "'");
  }

  base::Result<void> greet() {
    const auto lost = [](const auto& done) {
      return !done && (done.error().is(base::Condition::disconnected) ||
                       done.error().is(base::Condition::ended));
    };
    const auto sent = write(std::string(bring_script()) + request());
    if (!sent && !lost(sent)) return sent;
    // A program that has already ended may have sent an answer before.
    const auto first = read_line();
    if (lost(first)) return base::unexpected(base::fail("deploy.mute", base::Condition::mute));
    if (!first) return base::unexpected(first.error());
    greeted_ = *first == greeting;
    if (greeted_) return {};
    return base::unexpected(base::fail("deploy.not-cc-ci").with("found", base::printable(*first)));
  }

  std::string request() const {
    const Program& program = *start_.program;
    const auto form = [](const ProgramForm& one) { return one.hash() + " " + one.list_digest(); };
    std::vector<std::string> lines{start_.dry ? "plan" : "bring",
                                   program.state().native(),
                                   machine_here(),
                                   program.libc_version(),
                                   form(program.shared()),
                                   form(program.with_own_libc()),
                                   std::to_string(start_.words.size())};
    lines.insert(lines.end(), start_.words.begin(), start_.words.end());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }

  base::Result<void> offer(const std::string& name) {
    form_ = &form_called(name);
    started_.lacked = form_->archive().size();
    if (start_.dry) return {};
    watch_.step("bringing cc-ci");
    waiting_ = "it to take cc-ci";
    return write(form_->archive_digest() + "\n" + std::to_string(started_.lacked) + "\n");
  }

  base::Result<void> send_from(const std::string& rest) {
    const std::string& archive = form_->archive();
    const std::size_t space = std::min(rest.find(' '), rest.size());
    std::uint64_t at = number_in(std::string_view(rest).substr(0, space)).value_or(0);
    const std::string digest = rest.substr(std::min(space + 1, rest.size()));
    // What is there may be damaged, for example by a loss of power.
    if (at > archive.size() || base::sha256(archive.substr(0, at)).hex() != digest) at = 0;
    CCCI_CHECK(write(std::to_string(at) + "\n"));
    for (std::uint64_t done = at; done < archive.size(); done += part_size) {
      const std::string_view part = std::string_view(archive).substr(done, part_size);
      CCCI_CHECK(write(part));
      started_.content += part.size();
    }
    waiting_ = "it to unpack cc-ci";
    return {};
  }

  base::Result<void> write(std::string_view bytes) {
    CCCI_CHECK(stream_.write(bytes));
    started_.bytes += bytes.size();
    return {};
  }

  // Byte by byte: what follows the last line belongs to the program.
  base::Result<std::string> read_line() {
    std::string line;
    for (char byte = 0; line.size() <= longest_line;) {
      CCCI_TRY(const std::size_t count, stream_.read(&byte, 1));
      if (count == 0 && (line.empty() || greeted_)) {
        return base::unexpected(base::fail("deploy.ended", base::Condition::ended));
      }
      if (count == 0 || byte == '\n') break;
      line.push_back(byte);
    }
    return line;
  }

  Stream& stream_;
  const Start& start_;
  const Watch& watch_;
  Started started_;
  const ProgramForm* form_ = nullptr;  // the form that the host lacks
  bool greeted_ = false;
  bool runs_ = false;
  std::string waiting_ = "an answer";
};

base::Result<Started> start_installed(Remote& remote, const Start& start) {
  std::vector<std::string> words = start.words;
  words.insert(words.begin(), "cc-ci");
  CCCI_TRY(auto conversation, remote.start(words));
  return Started{std::move(conversation), "cc-ci"};
}

}  // namespace

std::vector<std::string> bring_words() {
  // The shell reads exactly the script from its input, and leaves the rest to it.
  return {"/bin/sh", "-c",
          "eval \"$(/usr/bin/head -c " + std::to_string(bring_script().size()) + ")\""};
}

base::Result<Started> start_there(Remote& remote, const Start& start, const Watch& watch) {
  if (remote.is_here()) return start_installed(remote, start);
  CCCI_TRY(auto conversation, remote.start(bring_words()));
  Bringing bringing(*conversation, start, watch);
  auto started = bringing.run();
  if (started) {
    if (bringing.runs()) started->conversation = std::move(conversation);
    return started;
  }
  const base::Outcome outcome = conversation->finish();
  const bool silent_end = started.error().is(base::Condition::mute);
  if (silent_end && forbidden_by_sudo(outcome)) return start_installed(remote, start);
  // The script says nothing if its input ends too early.
  const bool ended = started.error().is(base::Condition::ended) ||
                     started.error().is(base::Condition::disconnected);
  const bool failed_there = ended && bringing.greeted() && outcome.status != no_connection &&
                            !base::trim(outcome.err).empty();
  if (failed_there) {
    return base::unexpected(
        base::fail("deploy.bring").with("host", start.host).with("output", said(outcome)));
  }
  return base::unexpected(
      undelivered(start.host, remote.destination(), std::move(started).error(), outcome));
}

base::Result<base::Outcome> ask_host(const std::string& destination, const Start& start,
                                     const std::string& input) {
  std::unique_ptr<Remote> remote = std::make_unique<Here>();
  if (!destination.empty()) {
    CCCI_TRY(Ssh ssh, Ssh::open(destination));
    remote = std::make_unique<Ssh>(std::move(ssh));
  }
  CCCI_TRY(const Started started, start_there(*remote, start, {}));
  // A program that does not read its input still has an exit status.
  static_cast<void>(started.conversation->write(input));
  return listen_to_end(*started.conversation);
}

}  // namespace ccci::deploy

// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/deployment.hpp"

#include "deploy/bringing.hpp"
#include "deploy/unreachable.hpp"

namespace ccci::deploy {

namespace {

using std::chrono::seconds;

constexpr seconds one_look{10};      // the host waits this long for news before it answers
constexpr seconds connecting{40};    // extra time per command: to connect, to notice a cut link
constexpr seconds way_back{180};     // for the old generation's health and for an earlier switch
constexpr seconds start_window{30};  // a started switch must begin within this time
constexpr std::chrono::milliseconds between_tries{500};

base::Result<base::Json> object_in(const std::string& text) {
  CCCI_TRY(base::Json json, parse(text, "answer"));
  if (json.is_object()) return json;
  return base::unexpected(
      base::fail("deploy.message").with("message", "answer").with("cause", "no object"));
}

}  // namespace

std::string_view end_name(End end) {
  switch (end) {
    case End::switched:
      return "switched";
    case End::current:
      return "current";
    case End::planned:
      return "planned";
    case End::rolled_back:
      return "rolled-back";
    case End::unknown:
      return "unknown";
    case End::failed:
      break;
  }
  return "failed";
}

base::Json to_json(const Row& row) {
  base::Json json{{"host", row.host}, {"state", end_name(row.end)}};
  json["before"] = row.before ? base::Json(*row.before) : base::Json(nullptr);
  json["after"] = row.after ? base::Json(*row.after) : base::Json(nullptr);
  json["sent"] = row.delivered.bytes;
  json["content"] = row.delivered.content;
  json["program"] = row.delivered.program;
  json["archives"] = row.delivered.archives;
  json["files"] = row.delivered.files;
  json["fetched_there"] = row.delivered.absent;
  json["seconds"] = row.seconds;
  return json;
}

Row Deployment::run() {
  const base::Clock::Time begun = timing_.clock.now();
  row_.host = wanted_.host;
  watch_.step("connecting");
  if (auto delivered = deliver(); !delivered) {
    finish(End::failed, std::move(delivered).error());
  } else if (timing_.interrupted()) {
    finish(
        End::failed,
        base::fail("deploy.interrupted", base::Condition::interrupted).with("host", wanted_.host));
  } else if (options_.dry) {
    row_.end = End::planned;
  } else if (row_.delivered.done.current) {
    row_.end = End::current;
    row_.after = row_.before;
  } else {
    activate();
  }
  row_.seconds = std::chrono::duration<double>(timing_.clock.now() - begun).count();
  return row_;
}

std::vector<std::string> Deployment::words(std::vector<std::string> command) const {
  command.insert(command.begin(), {program_, "-q", "--state", parcel_.state});
  return command;
}

void Deployment::finish(End end, base::Error error) {
  row_.end = end;
  row_.error = std::move(error);
}

void Deployment::lose(std::string_view cause) {
  finish(End::unknown, base::fail("deploy.unknown")
                           .with("host", wanted_.host)
                           .with("seconds", options_.deadline.count())
                           .with("cause", cause));
}

base::Result<void> Deployment::deliver() {
  const Start start{parcel_.program.get(),
                    wanted_.host,
                    {"-q", "--state", parcel_.state, "receive"},
                    options_.dry};
  CCCI_TRY(const Started started, start_there(remote_, start, watch_));
  program_ = started.command;
  if (started.conversation == nullptr) {
    row_.delivered = everything(parcel_);
  } else {
    auto delivered = deploy::deliver(*started.conversation, parcel_, wanted_, watch_, options_.dry);
    const base::Outcome outcome = started.conversation->finish();
    if (!delivered) {
      return base::unexpected(
          undelivered(wanted_.host, remote_.destination(), std::move(delivered).error(), outcome));
    }
    row_.delivered = *std::move(delivered);
    row_.before = row_.delivered.ready.active.number;
  }
  row_.delivered.program = started.lacked;
  row_.delivered.bytes += started.bytes;
  row_.delivered.content += started.conversation == nullptr ? started.lacked : started.content;
  return {};
}

bool Deployment::is_wanted(const Active& active) const {
  return runs(active, wanted_.system, wanted_.digest);
}

// After an interruption this side confirms nothing. A started switch continues by itself.
void Deployment::leave() {
  finish(End::unknown, base::fail("deploy.left")
                           .with("host", wanted_.host)
                           .with("seconds", options_.deadline.count()));
}

void Deployment::activate() {
  watch_.step("switching");
  const auto started = start();
  if (started) {
    follow(*started);
  } else {
    row_.after = row_.before;
    finish(End::failed, started.error());
  }
}

// Returns false if the connection was lost before the answer came.
base::Result<bool> Deployment::start() {
  std::vector<std::string> command =
      words({"receive", "--start", token_, "--host", wanted_.host, "--system", wanted_.system,
             "--project", row_.delivered.done.project, "--deadline",
             std::to_string(options_.deadline.count()), "--jobs",
             std::string(activate::name(options_.jobs)), "--jobs-limit",
             std::to_string(options_.jobs_limit.count())});
  if (!options_.commit.empty()) command.insert(command.end(), {"--commit", options_.commit});
  if (options_.dirty) command.emplace_back("--dirty");
  if (!options_.override_reason.empty())
    command.insert(command.end(), {"--override", options_.override_reason});
  CCCI_TRY(const base::Outcome outcome, remote_.run(command, connecting));
  if (outcome.status == 0) return true;
  if (outcome.status == no_connection) return false;
  return base::unexpected(
      base::fail("deploy.start").with("host", wanted_.host).with("output", said(outcome)));
}

base::Result<Deployment::Seen> Deployment::ask(std::vector<std::string> command, seconds limit) {
  CCCI_TRY(const base::Outcome outcome, remote_.run(words(std::move(command)), limit + connecting));
  if (outcome.status != 0) {
    return base::unexpected(
        base::fail("deploy.cut").with("host", wanted_.host).with("output", said(outcome)));
  }
  CCCI_TRY(const base::Json json, object_in(outcome.out));
  Seen seen;
  CCCI_TRY(seen.state, state_from(json));
  CCCI_TRY(seen.active, active_from(json["active"]));
  return seen;
}

// Returns true if `status` answers on the host over a new connection, also if it reports drift: an
// administrator's override is drift, but no reason for a rollback.
bool Deployment::answers_status() {
  const auto status = remote_.run(
      words({"-C", row_.delivered.done.project, "status", wanted_.host, "--json"}), connecting);
  return status && (status->status == 0 || status->status == 1) && object_in(status->out);
}

void Deployment::follow(bool started) {
  const base::Clock::Time begun = timing_.clock.now();
  // A host that says that it switches may still wait for the jobs of its runners.
  const seconds for_jobs = options_.jobs == activate::Jobs::wait ? options_.jobs_limit : seconds(0);
  const seconds patience = 2 * options_.deadline + way_back;
  base::Clock::Time end = begun + patience;
  last_ = "it did not answer";
  for (;;) {
    if (timing_.interrupted()) return leave();
    const auto seen =
        ask({"confirm", token_, "--look", std::to_string(one_look.count())}, one_look);
    if (seen) {
      const bool begins = seen->state.phase == Phase::none;
      if (!begins) heard_ = true;
      if (seen->state.phase == Phase::switching)
        end = std::min(timing_.clock.now(), begun + for_jobs) + patience;
      // The switch had begun and is now unknown: the host was rebooted in the meantime.
      if (begins && heard_) return lose("it does not know the switch any more");
      if (begins && timing_.clock.now() >= begun + start_window) {
        if (started) return lose("its switch did not begin");
        return finish(End::failed, base::fail("deploy.start")
                                       .with("host", wanted_.host)
                                       .with("output", "the connection was lost before it began"));
      }
      if (!begins && settle(*seen)) return;
    } else {
      last_ =
          seen.error().field("output").empty() ? seen.error().code : seen.error().field("output");
      watch_.step("unreachable");
      timing_.pause(between_tries);
    }
    if (timing_.clock.now() >= end) return lose(last_);
  }
}

bool Deployment::settle(const Seen& seen) {
  const Phase phase = seen.state.phase;
  if (phase == Phase::switching) {
    watch_.step("switching");
    return false;
  }
  if (phase != Phase::waiting) {
    judge(seen);
    return true;
  }
  if (told_) return false;
  watch_.step("confirming");
  const bool right = seen.active.system == wanted_.system && seen.active.digest == wanted_.digest;
  const bool answers = right && answers_status();
  if (timing_.interrupted()) return false;
  if (!answers) {
    watch_.step("not confirmed");
    timing_.pause(between_tries);
    return false;
  }
  const auto confirmed = ask({"confirm", token_}, one_look);
  // If the answer was lost, the next look finds the result.
  told_ = confirmed.has_value();
  if (!confirmed || confirmed->state.phase != Phase::ended) return false;
  judge(*confirmed);
  return true;
}

void Deployment::judge(const Seen& seen) {
  const Outcome& outcome = seen.state.outcome;
  row_.after = seen.active.number;
  base::Error error = base::fail("deploy.rolled-back")
                          .with("host", wanted_.host)
                          .with("generation", std::to_string(seen.active.number));
  if (outcome.error) error.also = {*outcome.error};
  if (outcome.word == "switched" || outcome.word == "current") {
    if (is_wanted(seen.active)) {
      row_.end = outcome.word == "switched" ? End::switched : End::current;
      return;
    }
    return finish(End::unknown, base::fail("deploy.end-state")
                                    .with("host", wanted_.host)
                                    .with("expected", wanted_.system)
                                    .with("found", seen.active.system));
  }
  if (outcome.word == "rolled-back") return finish(End::rolled_back, std::move(error));
  error.code = seen.state.phase == Phase::died ? "deploy.died" : "deploy.failed";
  finish(End::failed, std::move(error));
}

}  // namespace ccci::deploy

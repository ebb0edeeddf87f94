// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/ingress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <thread>

#include "base/files.hpp"
#include "base/text.hpp"
#include "engine/keeper.hpp"
#include "ingress/authority.hpp"

namespace ccci::ingress {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_start{10'000};
constexpr std::chrono::milliseconds probe_pause{3};
constexpr std::uint64_t longest_log = 16U << 10U;

// A program that trusts only the file that it is given still has to trust the web's authorities. So
// the bundle is made where the environment's own bundle is visible.
constexpr const char* start_script =
    "cat /etc/ssl/certs/ca-certificates.crt \"$1/ca.pem\" >\"$1/bundle.pem\" 2>/dev/null\n"
    "shift\nexec \"$@\"";

// 32 digits.
std::string random_text() {
  std::array<unsigned char, 16> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) std::abort();  // Linux never refuses this
  std::string text;
  for (const unsigned char byte : bytes)
    for (const unsigned shift : {4U, 0U}) text += "0123456789abcdef"[byte >> shift & 15U];
  return text;
}

std::string inside(const std::string& path) {
  return std::string(engine::inside_directory) + "/ingress/" + path;
}

}  // namespace

struct Ingress::State {
  State(const engine::Engine& with_engine, Authority with_authority)
      : engine(&with_engine), authority(std::move(with_authority)) {}
  ~State() {
    if (haproxy) haproxy->end();
  }

  const engine::Engine* engine;
  Authority authority;
  std::string address;
  std::optional<engine::Companion> haproxy;
  Doors doors;
  std::vector<recipe::NotRouted> unverified;
  std::string served;  // the configuration, without what each generation has of its own
  int generation = 0;
  Guest guest;

  fs::path place() const { return engine->place() / "ingress"; }
  Layout layout(const std::string& number) const;
  base::Result<void> prepare() const;
  base::Result<void> await(const engine::Companion& process, const Doors& wanted) const;
};

Layout Ingress::State::layout(const std::string& number) const {
  return {inside("private/leaf-" + number + ".pem"),
          inside("http-" + number + ".sock"),
          inside("https-" + number + ".sock"),
          inside("empty"),
          address,
          engine->shared() ? engine::first_door : 0,
          guest};
}

base::Result<void> Ingress::State::prepare() const {
  for (const char* name : {"private", "visitor", "empty"})
    CCCI_CHECK(base::make_directories(place() / name));
  return base::replace_file(place() / "visitor/ca.pem", authority.certificate());
}

// haproxy listens on its sockets only after it has read everything and has bound its ports.
base::Result<void> Ingress::State::await(const engine::Companion& process,
                                         const Doors& wanted) const {
  const auto deadline = Clock::now() + longest_start;
  Visit probe;
  probe.address.host = "localhost";
  for (;;) {
    const bool runs = process.runs();
    if (runs && ingress::visit(wanted, probe)) return {};
    const auto log = [&] {
      return base::read_file(place() / "private/haproxy.log", longest_log).value_or(std::string());
    };
    if (!runs)
      return base::unexpected(
          base::fail("ingress.refused", base::Condition::refused).with("log", log()));
    if (Clock::now() > deadline) {
      return base::unexpected(
          base::fail("ingress.slow")
              .with("limit",
                    base::human_seconds(std::chrono::duration<double>(longest_start).count()))
              .with("log", log()));
    }
    std::this_thread::sleep_for(probe_pause);
  }
}

base::Result<Ingress> Ingress::prepare(const engine::Engine& engine) {
  CCCI_TRY(Authority authority, Authority::make(std::time(nullptr)));
  Ingress ingress(std::make_unique<State>(engine, std::move(authority)));
  CCCI_TRY(ingress.state_->address, engine.own_address());
  ingress.state_->guest = {"cc-ci-" + random_text(), random_text()};
  CCCI_CHECK(ingress.state_->prepare());
  return ingress;
}

Ingress::Ingress(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ingress::~Ingress() = default;
Ingress::Ingress(Ingress&&) noexcept = default;
Ingress& Ingress::operator=(Ingress&&) noexcept = default;

// The new haproxy listens on the same ports as the old one (SO_REUSEPORT) and on sockets of its
// own. When it answers, the old one ends: no request is refused in between.
base::Result<void> Ingress::update(const std::vector<Site>& sites) {
  CCCI_TRY(Configuration any, make_configuration(state_->layout("0"), sites));
  if (runs() && any.text == state_->served && names_of(sites) == state_->doors.names) return {};
  const fs::path place = state_->place();
  const std::string number = std::to_string(++state_->generation);
  const std::string plain = "http-" + number + ".sock";
  const std::string secure = "https-" + number + ".sock";
  const std::string leaf = "private/leaf-" + number + ".pem";
  const std::string file = "private/haproxy-" + number + ".cfg";
  CCCI_TRY(Configuration configuration, make_configuration(state_->layout(number), sites));
  const Doors doors{place / plain, place / secure, names_of(sites)};
  CCCI_TRY(const std::string certificate, state_->authority.leaf(doors.names));
  CCCI_CHECK(base::replace_file(place / leaf, certificate, 0600));
  CCCI_CHECK(base::replace_file(place / file, configuration.text, 0600));
  CCCI_CHECK(base::replace_file(place / "visitor/hosts", hosts_text(doors.names)));
  CCCI_TRY(const base::Fd log, base::open_path(place / "private/haproxy.log",
                                               O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600));
  engine::CompanionCommand command;
  command.argv = {"/bin/sh",           "-c",  start_script, "haproxy",   inside("visitor"),
                  "/usr/sbin/haproxy", "-db", "-f",         inside(file)};
  command.output = log.get();
  if (state_->engine->shared()) command.doors = {80, 443};
  CCCI_TRY(engine::Companion process, state_->engine->start_beside(std::move(command)));
  if (auto ready = state_->await(process, doors); !ready) {
    process.end();
    return base::unexpected(std::move(ready).error());
  }
  if (state_->haproxy) state_->haproxy->end();
  for (const fs::path& old : {state_->doors.plain, state_->doors.secure})
    if (!old.empty()) static_cast<void>(unlink(old.c_str()));
  state_->haproxy.emplace(std::move(process));
  state_->doors = doors;
  state_->unverified = std::move(configuration.unverified);
  state_->served = std::move(any.text);
  return {};
}

const std::vector<recipe::NotRouted>& Ingress::unverified() const { return state_->unverified; }
const std::string& Ingress::address() const { return state_->address; }
const std::set<std::string>& Ingress::names() const { return state_->doors.names; }
bool Ingress::runs() const { return state_->haproxy && state_->haproxy->runs(); }

base::Result<Answer> Ingress::visit(const Visit& wanted) const {
  return ingress::visit(state_->doors, wanted);
}

const Guest& Ingress::guest() const { return state_->guest; }

fs::path Ingress::certificate() const { return state_->place() / "visitor/ca.pem"; }
std::string Ingress::pin() const { return state_->authority.pin(); }

std::vector<std::string> Ingress::visitor_variables() {
  const std::string directory = visitor_directory;
  std::vector<std::string> variables{"NODE_EXTRA_CA_CERTS=" + directory + "/ca.pem"};
  for (const char* name :
       {"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"})
    variables.push_back(std::string(name) + "=" + directory + "/bundle.pem");
  return variables;
}

base::Result<engine::Companion> Ingress::start_visitor(engine::CompanionCommand command) const {
  // env sets the variables inside of the environment, whose launcher lets few of them through.
  std::vector<std::string> argv{"/usr/bin/env"};
  const std::vector<std::string> variables = visitor_variables();
  argv.insert(argv.end(), variables.begin(), variables.end());
  argv.insert(argv.end(), command.environment.begin(), command.environment.end());
  argv.insert(argv.end(), command.argv.begin(), command.argv.end());
  command.argv = std::move(argv);
  command.environment.clear();
  command.covers.push_back({inside("visitor"), visitor_directory});
  command.covers.push_back({inside("visitor/hosts"), "/etc/hosts"});
  return state_->engine->start_beside(std::move(command));
}

}  // namespace ccci::ingress

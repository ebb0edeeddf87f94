// SPDX-License-Identifier: GPL-3.0-or-later
// The ingress in front of real containers. One engine and one stack serve all tests of this file.
#include "ingress/ingress.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "base/child.hpp"
#include "engine/deployment.hpp"
#include "engine/waiter.hpp"
#include "tests/engine/fixture.hpp"
#include "tests/engine/image.hpp"

namespace ccci::ingress {
namespace {

using engine::words;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Shows what the server was asked for. `printf` ends the header of the answer.
constexpr const char* server =
    "mkdir -p /tmp/w/cgi-bin /tmp/w/sub && cd /tmp/w && echo front >index.html && "
    "echo below >sub/index.html && "
    "printf '#!/bin/sh\\necho Content-Type: text/plain\\necho\\nenv\\n' >cgi-bin/env && "
    "printf '#!/bin/sh\\necho Status: 503 x\\necho X-Cc-Ci-Ingress: no-server\\necho\\n' "
    ">cgi-bin/forged && "
    "busybox chmod 755 cgi-bin/* && exec httpd -f -p 8080 -h /tmp/w";

class IngressTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new test::Scratch;
    auto engine =
        engine::PrivateEngine::start(engine::setup_in(scratch_->path() / "engines", "ingress"));
    ASSERT_TRUE(engine) << words(engine.error());
    engine_ = new engine::PrivateEngine(std::move(*engine));
    const engine::TestImage image({"web:1"}, test::read_text(getenv("CCCI_ENGINE_BUSYBOX")),
                                  {"sh", "-c", server});
    ASSERT_TRUE(engine::load_images(engine_->api(), engine::source_of(image.docker_archive())));
    stack_ = new recipe::Stack(make_stack());
    const auto deployed = engine::deploy(engine_->api(), *stack_, engine::Abilities{false});
    ASSERT_TRUE(deployed) << words(deployed.error());
    const auto settled = engine::await_stack(engine_->api(), "demo", engine::Waiting{});
    ASSERT_TRUE(settled) << words(settled.error());
    auto ingress = Ingress::prepare(*engine_);
    ASSERT_TRUE(ingress) << words(ingress.error());
    ingress_ = new Ingress(std::move(*ingress));
    const auto updated = ingress_->update({site()});
    ASSERT_TRUE(updated) << words(updated.error());
  }
  static void TearDownTestSuite() {
    const std::filesystem::path key = place() / "ingress/private/leaf-1.pem";
    EXPECT_TRUE(std::filesystem::exists(key));
    delete ingress_;
    if (engine_ != nullptr) {
      EXPECT_THAT(engine_->stop().left, IsEmpty());
    }
    EXPECT_FALSE(std::filesystem::exists(key));
    delete engine_;
    delete stack_;
    delete scratch_;
  }

  static std::filesystem::path place() { return engine_->place(); }

  static recipe::Stack make_stack() {
    recipe::Stack stack;
    stack.name = "demo";
    stack.networks["default"].name = "demo_default";
    for (const char* key : {"app", "none"}) {
      recipe::Service service;
      service.key = key;
      service.name = stack.name + "_" + key;
      service.image = "web:1";
      service.networks = {{"default", {key}, {}}};
      service.stop_signal = "SIGKILL";
      stack.services.push_back(service);
    }
    stack.services[0].deploy.replicas = 2;
    stack.services[0].deploy.labels = {
        {"traefik.enable", "true"},
        {"traefik.http.services.demo.loadbalancer.server.port", "8080"},
        {"traefik.http.routers.demo.rule", "Host(`demo.example`) || Host(`www.demo.example`)"},
        {"traefik.http.routers.demo.tls", "true"},
        {"traefik.http.routers.demo.entrypoints", "web-secure"},
        {"traefik.http.routers.demo.middlewares", "home"},
        {"traefik.http.middlewares.home.redirectregex.regex", "^https://www\\.demo\\.example/(.*)"},
        {"traefik.http.middlewares.home.redirectregex.replacement", "https://demo.example/${1}"},
        {"traefik.http.routers.below.rule", "Host(`demo.example`) && PathPrefix(`/it's`)"},
        {"traefik.http.routers.below.priority", "99"},
        {"traefik.http.routers.below.tls", "true"},
        {"traefik.http.routers.below.service", "demo"},
        {"traefik.http.routers.below.middlewares", "strip"},
        {"traefik.http.middlewares.strip.stripprefix.prefixes", "/it's"}};
    stack.services[1].deploy.replicas = 0;
    stack.services[1].deploy.labels = {
        {"traefik.enable", "true"},
        {"traefik.http.services.none.loadbalancer.server.port", "8080"},
        {"traefik.http.routers.none.rule", "Host(`none.example`)"},
        {"traefik.http.services.shut.loadbalancer.server.port", "9"},
        {"traefik.http.routers.none.service", "none"}};
    return stack;
  }

  static Site site() {
    Site site{"demo", recipe::routing_of(*stack_), {}};
    auto endpoints = engine::find_endpoints(engine_->api(), "demo");
    if (!endpoints) ADD_FAILURE() << words(endpoints.error());
    site.endpoints = endpoints.value_or(std::vector<engine::Endpoint>{});
    return site;
  }

  static Answer get(std::string_view address, int redirects = 10) {
    Visit visit;
    const auto read = read_address(address);
    if (!read) ADD_FAILURE() << address;
    visit.address = read.value_or(Address{});
    visit.most_redirects = redirects;
    auto answer = ingress_->visit(visit);
    if (!answer) ADD_FAILURE() << words(answer.error());
    return answer.value_or(Answer{});
  }

  // What a program next to the engine prints.
  static std::string printed(std::vector<std::string> argv, std::optional<uid_t> user = {}) {
    base::Pipe output = base::make_pipe();
    engine::CompanionCommand command;
    command.argv = std::move(argv);
    command.output = output.write.get();
    command.user = user;
    const auto program = ingress_->start_visitor(std::move(command));
    output.write.reset();
    if (!program) ADD_FAILURE() << words(program.error());
    return base::read_fd(output.read.get(), 1U << 20U, "output").value_or("");
  }

  static test::Scratch* scratch_;
  static engine::PrivateEngine* engine_;
  static recipe::Stack* stack_;
  static Ingress* ingress_;
};

test::Scratch* IngressTest::scratch_ = nullptr;
engine::PrivateEngine* IngressTest::engine_ = nullptr;
recipe::Stack* IngressTest::stack_ = nullptr;
Ingress* IngressTest::ingress_ = nullptr;

TEST_F(IngressTest, an_app_answers_by_its_name) {
  const Answer answer = get("http://demo.example/");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.origin, Origin::app);
  EXPECT_EQ(answer.body, "front\n");
  EXPECT_EQ(answer.address.text(), "https://demo.example/");
  ASSERT_EQ(answer.redirects.size(), 1U);
  EXPECT_EQ(get("http://demo.example/", 0).origin, Origin::to_secure);
}

TEST_F(IngressTest, middlewares_change_requests_as_in_traefik) {
  EXPECT_EQ(get("https://demo.example/it's/sub/").body, "below\n");
  EXPECT_EQ(get("https://demo.example/it's").body, "front\n");
  const Answer moved = get("https://www.demo.example/sub/?a=%20'b", 0);
  EXPECT_EQ(moved.status, 302U);
  EXPECT_EQ(moved.leads_to, "https://demo.example/sub/?a=%20'b");
}

TEST_F(IngressTest, the_app_learns_what_the_client_asked_for) {
  const std::string seen = get("https://demo.example/it's/cgi-bin/env?x=1").body;
  EXPECT_THAT(seen, HasSubstr("REQUEST_URI=/cgi-bin/env?x=1\n"));
  EXPECT_THAT(seen, HasSubstr("HTTP_HOST=demo.example\n"));
  EXPECT_THAT(seen, HasSubstr("HTTP_X_FORWARDED_PROTO=https\n"));
  EXPECT_THAT(seen, HasSubstr("HTTP_X_FORWARDED_HOST=demo.example\n"));
  EXPECT_THAT(seen, HasSubstr("HTTP_X_FORWARDED_FOR=127.0.0.1\n"));
  EXPECT_THAT(seen, HasSubstr("HTTP_X_FORWARDED_PREFIX=/it's\n"));
}

TEST_F(IngressTest, its_own_pages_cannot_be_taken_for_the_apps) {
  EXPECT_EQ(get("https://other.example/").origin, Origin::no_router);
  EXPECT_EQ(get("https://other.example/").status, 404U);
  EXPECT_EQ(get("https://demo.example/absent").origin, Origin::app);
  EXPECT_EQ(get("https://demo.example/absent").status, 404U);
  EXPECT_EQ(get("https://none.example/").origin, Origin::no_server);
  const Answer forged = get("https://demo.example/cgi-bin/forged");
  EXPECT_EQ(forged.origin, Origin::app);
  EXPECT_EQ(forged.status, 503U);
  Site shut = site();
  for (recipe::Route& route : shut.routing.routes) route.port = 9;
  ASSERT_TRUE(ingress_->update({shut}));
  EXPECT_EQ(get("https://demo.example/").origin, Origin::no_connection);
  ASSERT_TRUE(ingress_->update({site()}));
  EXPECT_EQ(get("https://demo.example/").origin, Origin::app);
}

TEST_F(IngressTest, programs_resolve_the_names_and_trust_the_certificate) {
  EXPECT_EQ(printed({"curl", "-sS", "https://demo.example/sub/"}), "below\n");
  EXPECT_EQ(printed({"curl", "-sSL", "http://www.demo.example/"}), "front\n");
  // Also without root, as tests of a recipe should run.
  EXPECT_EQ(printed({"curl", "-sS", "https://demo.example/"}, 65534), "front\n");
  EXPECT_EQ(printed({"id", "-u"}, 65534), "65534\n");
  EXPECT_THAT(printed({"curl", "-sS", "--cacert", "/etc/ssl/certs/ca-certificates.crt",
                       "https://demo.example/"}),
              HasSubstr("certificate"));
  EXPECT_THAT(printed({"cat", "/etc/hosts"}), HasSubstr("127.0.0.1 www.demo.example\n"));
  EXPECT_THAT(test::read_text("/etc/hosts"), testing::Not(HasSubstr("demo.example")));
  // The web's own authorities are still trusted.
  EXPECT_GT(std::filesystem::file_size(place() / "ingress/visitor/bundle.pem"), 100'000U);
}

// The other side is a program next to the engine: what it says after the upgrade is no HTTP.
TEST_F(IngressTest, a_websocket_passes_through) {
  engine::CompanionCommand command;
  command.argv = {"busybox",
                  "nc",
                  "-ll",
                  "-p",
                  "9100",
                  "-e",
                  "sh",
                  "-c",
                  "while read -r line && [ ${#line} -gt 1 ]; do :; done; "
                  "printf 'HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\n"
                  "Upgrade: websocket\\r\\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n"
                  "\\r\\n'; read -r word; echo got $word"};
  const auto server = ingress_->start_visitor(command);
  ASSERT_TRUE(server) << words(server.error());
  Site direct = site();
  for (recipe::Route& route : direct.routing.routes) {
    route.port = 9100;
    route.tls = false;
    route.entrypoints = {"web"};
  }
  for (engine::Endpoint& endpoint : direct.endpoints) endpoint.gateway = "127.0.0.1";
  ASSERT_TRUE(ingress_->update({direct}));
  const std::string said =
      printed({"sh", "-c",
               "printf 'GET / HTTP/1.1\\r\\nHost: demo.example\\r\\nConnection: Upgrade\\r\\n"
               "Upgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\nping\\n' | busybox nc "
               "127.0.0.1 80"});
  EXPECT_THAT(said, HasSubstr("101 Switching Protocols"));
  EXPECT_THAT(said, HasSubstr("got ping"));
  ASSERT_TRUE(ingress_->update({site()}));
}

TEST_F(IngressTest, a_configuration_that_haproxy_refuses_changes_nothing) {
  Site broken = site();
  broken.routing.routes.at(0).middlewares = {recipe::RedirectRegex{"(", "x", false}};
  const auto updated = ingress_->update({broken});
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, "ingress.refused");
  EXPECT_THAT(std::string(updated.error().field("log")), HasSubstr("regex"));
  EXPECT_EQ(get("https://demo.example/").body, "front\n");
  EXPECT_TRUE(ingress_->runs());
}

TEST_F(IngressTest, users_of_a_router_and_the_guest_pass) {
  Site guarded = site();
  guarded.routing.routes.resize(1);
  recipe::Route& route = guarded.routing.routes.at(0);
  route.matches = {{"demo.example", "", false}};
  recipe::BasicAuth auth;
  // "wonderland" by bcrypt, "sesame" by MD5-crypt
  auth.users = {{"alice", "$2y$05$133Oyzyo3IvjbRrb/mKaNu0QdG2pB4bFCq4qkrpbwr/2UMf5tHqoW"},
                {"ali", "$1$salt1234$Kh8pQrZ.MYEEgC0ySh7yW/"}};
  auth.realm = "it's %[env(PATH)]";
  auth.user_header = "X-User";
  route.middlewares = {auth};
  const auto updated = ingress_->update({guarded});
  ASSERT_TRUE(updated) << words(updated.error());
  const Answer refused = get("https://demo.example/");
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(refused.origin, Origin::needs_user);
  EXPECT_EQ(refused.header("WWW-Authenticate"), "Basic realm=\"it's %[env(PATH)]\"");
  const auto as = [](const Guest& guest) {
    Visit visit;
    visit.address = {true, "demo.example", "/cgi-bin/env"};
    visit.headers = {{"Authorization", guest.authorization()}};
    const auto answer = ingress_->visit(visit);
    return answer ? answer->body : words(answer.error());
  };
  EXPECT_THAT(as({"alice", "wonderland"}), HasSubstr("HTTP_X_USER=alice\n"));
  EXPECT_THAT(as({"ali", "sesame"}), HasSubstr("HTTP_X_USER=ali\n"));
  EXPECT_THAT(as({"alice", "sesame"}), HasSubstr("asks for a user"));
  const std::string seen = as(ingress_->guest());
  EXPECT_THAT(seen, HasSubstr("REQUEST_URI="));
  EXPECT_THAT(seen, Not(HasSubstr("HTTP_AUTHORIZATION")));
  ASSERT_TRUE(ingress_->update({site()}));
}

TEST_F(IngressTest, hostile_values_stay_values) {
  Site hostile = site();
  hostile.routing.routes.resize(1);
  recipe::Route& route = hostile.routing.routes.at(0);
  for (const char* text : {"'", "\"", "\\", " ", "#", "{", "}", ",", ")", "%[env(PATH)]", "$HOME",
                           "' } { always_true }", "x',g) str('y", "]", "%"}) {
    const std::string value = std::string("/a") + text + "b";
    std::string replacement = value;
    if (const std::size_t at = value.find('$'); at != std::string::npos)
      replacement.insert(at, "$");
    route.matches = {{"demo.example", value, false}};
    route.middlewares = {recipe::StripPrefix{{value}},
                         recipe::RedirectRegex{"nowhere[]')\"#{]", replacement, false}};
    const auto updated = ingress_->update({hostile});
    ASSERT_TRUE(updated) << value << words(updated.error());
    Visit visit;
    visit.address = {true, "demo.example", value + "/sub/"};
    if (value.find_first_of(" #") == std::string::npos) {
      const auto answer = ingress_->visit(visit);
      ASSERT_TRUE(answer) << value;
      EXPECT_EQ(answer->body, "below\n") << value;
    }
    EXPECT_EQ(get("https://demo.example/a").origin, Origin::no_router) << value;
  }
  ASSERT_TRUE(ingress_->update({site()}));
}

}  // namespace
}  // namespace ccci::ingress

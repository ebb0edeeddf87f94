// SPDX-License-Identifier: GPL-3.0-or-later
// The images of the example recipes, made by `cc-ci image`, in a real engine.
#include <fcntl.h>
#include <gmock/gmock.h>

#include "engine/containers.hpp"
#include "engine/deployment.hpp"
#include "engine/image_archive.hpp"
#include "engine/waiter.hpp"
#include "tests/engine/fixture.hpp"

namespace ccci::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

recipe::Service service(const std::string& key, const std::string& image,
                        std::vector<std::string> command) {
  recipe::Service made;
  made.key = key;
  made.name = "images_" + key;
  made.image = image;
  made.command = std::move(command);
  made.networks = {{"default", {key}, {}}};
  made.stop_signal = "SIGKILL";
  return made;
}

std::string output_in(const Api& api, const std::string& name, std::vector<std::string> argv) {
  const auto snapshot = take_snapshot(api, "images");
  for (const Service& one : snapshot->services) {
    if (one.name != "images_" + name) continue;
    for (const Task* task : snapshot->tasks_of(one)) {
      if (task->state != TaskState::running) continue;
      ExecCommand command;
      command.argv = std::move(argv);
      const auto result = exec_in(api, task->container, command);
      if (!result) return words(result.error());
      return result->output.out + result->output.err;
    }
  }
  return "no task runs";
}

TEST(ImagesTest, run_in_an_engine) {
  const char* const directory = getenv("CCCI_ENGINE_IMAGES");
  ASSERT_NE(directory, nullptr);
  const test::Scratch scratch;
  auto engine = PrivateEngine::start(setup_in(scratch.path() / "engines", "images"));
  ASSERT_TRUE(engine) << words(engine.error());
  const Api& api = engine->api();
  for (const auto& [name, tag] : {std::pair("busybox", "cc-ci.example/busybox:1.35.0"),
                                  std::pair("postgresql", "cc-ci.example/postgresql:15"),
                                  std::pair("python", "cc-ci.example/python:3.11.2")}) {
    const auto file = base::open_path(std::string(directory) + "/" + name + ".tar", O_RDONLY);
    ASSERT_TRUE(file) << name;
    const auto loaded = load_archive(api, file->get());
    ASSERT_TRUE(loaded) << words(loaded.error());
    EXPECT_THAT(*loaded, ElementsAre(tag));
  }
  const std::string script =
      test::read_text(std::string(CCCI_SOURCE_DIR) + "/examples/recipes/guestbook/entrypoint.sh");
  recipe::Stack stack;
  stack.name = "images";
  stack.networks["default"].name = "images_default";
  stack.services = {
      service("busybox", "cc-ci.example/busybox:1.35.0",
              {"busybox", "httpd", "-f", "-p", "8080", "-h", "/etc"}),
      service("python", "cc-ci.example/python:3.11.2",
              {"python3", "-c", "import psycopg2, http.server as h; h.test(port=8000)"}),
      service("db", "cc-ci.example/postgresql:15",
              {"sh", "-c", "echo secret >/tmp/password\n" + script})};
  stack.services[2].environment = {{"POSTGRES_USER", "guestbook"},
                                   {"POSTGRES_PASSWORD_FILE", "/tmp/password"},
                                   {"PGDATA", "/var/lib/postgresql/data/pgdata"}};
  recipe::Healthcheck health;
  health.test = {"CMD-SHELL", "su postgres -c 'pg_isready -q -h 127.0.0.1'"};
  health.interval = std::chrono::seconds(1);
  health.start_period = std::chrono::seconds(30);
  stack.services[2].healthcheck = health;
  const auto deployed = deploy(api, stack, Abilities{false});
  ASSERT_TRUE(deployed) << words(deployed.error());
  Waiting waiting;
  waiting.deadline = std::chrono::seconds(90);
  const auto settled = await_stack(api, "images", waiting);
  ASSERT_TRUE(settled) << words(settled.error());
  EXPECT_EQ(settled->outcome, Settling::good);
  EXPECT_THAT(output_in(api, "busybox", {"sh", "-c", "busybox wget -qO- 127.0.0.1:8080/passwd"}),
              HasSubstr("root:x:0:0:"));
  EXPECT_THAT(output_in(api, "python", {"bash", "-c", "python3 --version; id; stat -c %a /tmp"}),
              testing::MatchesRegex("Python 3[^\n]*\nuid=0\\(root\\)[^\n]*\n1777\n"));
  EXPECT_THAT(
      output_in(api, "db", {"su", "postgres", "-c", "psql -tAc 'select 6*7' guestbook; id -un"}),
      HasSubstr("42\npostgres\n"));
  EXPECT_THAT(engine->stop().left, testing::IsEmpty());
}

}  // namespace
}  // namespace ccci::engine

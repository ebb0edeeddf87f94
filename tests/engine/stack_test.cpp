// SPDX-License-Identifier: GPL-3.0-or-later
// Stacks on a real engine. One engine serves all tests of this file.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "engine/cgroups.hpp"
#include "engine/containers.hpp"
#include "engine/deployment.hpp"
#include "engine/endpoints.hpp"
#include "engine/image_archive.hpp"
#include "engine/waiter.hpp"
#include "tests/engine/fixture.hpp"
#include "tests/engine/image.hpp"

namespace ccci::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StackTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new test::Scratch;
    auto engine = PrivateEngine::start(setup_in(scratch_->path() / "engines", "stacks"));
    ASSERT_TRUE(engine) << words(engine.error());
    engine_ = new PrivateEngine(std::move(*engine));
    // The engine's own root has busybox; its container need not be in ours.
    const std::string root = "/proc/" + std::to_string(daemon()) + "/root/usr/bin/busybox";
    const TestImage image({"app:1", "app:2"}, test::read_text(root), {"sleep", "1000"});
    const auto names = load_images(engine_->api(), source_of(image.docker_archive()));
    ASSERT_TRUE(names) << words(names.error());
    EXPECT_THAT(*names, testing::UnorderedElementsAre("app:1", "app:2"));
    oci_ = image.oci_archive();
  }
  static void TearDownTestSuite() {
    if (engine_ != nullptr) {
      EXPECT_THAT(engine_->stop().left, IsEmpty());
    }
    delete engine_;
    delete scratch_;
  }

  // dockerd: the keeper itself is in the host's root.
  static pid_t daemon() {
    const auto grouped = Cgroups::of("stacks").processes().value();
    for (const pid_t process : grouped) {
      if (test::read_text("/proc/" + std::to_string(process) + "/comm") == "dockerd\n")
        return process;
    }
    return 0;
  }

  const Api& api() { return engine_->api(); }

  recipe::Stack stack(const std::vector<std::string>& command = {}) {
    recipe::Stack stack;
    stack.name = testing::UnitTest::GetInstance()->current_test_info()->name();
    stack.networks["default"].name = stack.name + "_default";
    recipe::Service service;
    service.key = "app";
    service.name = stack.name + "_app";
    service.image = "app:1";
    service.command = command;
    service.networks = {{"default", {"app"}, {}}};
    service.stop_signal = "SIGKILL";  // the first process of a container ignores SIGTERM
    stack.services.push_back(service);
    return stack;
  }

  Deployed deployed(const recipe::Stack& wanted) {
    auto result = deploy(api(), wanted, Abilities{false});
    if (!result) ADD_FAILURE() << words(result.error());
    return result.value_or(Deployed{});
  }
  Settled settled(const recipe::Stack& wanted,
                  std::chrono::seconds deadline = std::chrono::seconds(60)) {
    Waiting waiting;
    waiting.deadline = deadline;
    auto result = await_stack(api(), wanted.name, waiting);
    if (!result) ADD_FAILURE() << words(result.error());
    if (result) RecordProperty("settled_ms", static_cast<int>(result->time.count()));
    return result.value_or(Settled{});
  }
  // Deploys what must fail, and returns the status of the service.
  ServiceStatus failed(const recipe::Stack& wanted) {
    deployed(wanted);
    const Settled end = settled(wanted);
    EXPECT_EQ(end.outcome, Settling::failed);
    EXPECT_EQ(end.services.size(), 1U);
    if (getenv("CCCI_RECORD") != nullptr) record(wanted.name);
    return end.services.empty() ? ServiceStatus{} : end.services[0];
  }
  void record(const std::string& name) {
    const Query query{{"filters", filters({{"label", {"com.docker.stack.namespace=" + name}}})}};
    test::write_text(std::string(getenv("CCCI_RECORD")) + "/" + name + ".json",
                     base::Json{{"services", *api().get("/services", query)},
                                {"tasks", *api().get("/tasks", query)}}
                         .dump(1));
  }
  std::string container_of(const recipe::Stack& wanted) {
    const auto snapshot = take_snapshot(api(), wanted.name);
    for (const Task& task : snapshot->tasks) {
      if (task.state == TaskState::running) return task.container;
    }
    ADD_FAILURE() << "no task runs";
    return {};
  }
  void remove(const recipe::Stack& wanted, bool at_once = true) {
    Removal removal;
    removal.at_once = at_once;
    removal.deadline = std::chrono::seconds(60);
    const auto left = remove_stack(api(), wanted.name, removal);
    ASSERT_TRUE(left) << words(left.error());
    EXPECT_THAT(*left, IsEmpty());
  }

  static test::Scratch* scratch_;
  static PrivateEngine* engine_;
  static std::string oci_;
};

test::Scratch* StackTest::scratch_ = nullptr;
PrivateEngine* StackTest::engine_ = nullptr;
std::string StackTest::oci_;

TEST_F(StackTest, images_are_found_tagged_and_loaded_from_an_oci_archive) {
  const auto image = find_image(api(), "app:1");
  ASSERT_TRUE(image && *image);
  EXPECT_THAT((*image)->names, testing::IsSupersetOf({"app:1", "app:2"}));
  EXPECT_EQ(*find_image(api(), "app:none"), std::nullopt);
  ASSERT_TRUE(tag_image(api(), "app:1", "host:5000/team/app:9"));
  EXPECT_EQ((*find_image(api(), "host:5000/team/app:9"))->id, (*image)->id);
  ASSERT_TRUE(api().remove("/images/app:2"));
  EXPECT_EQ(*find_image(api(), "app:2"), std::nullopt);
  test::write_text(scratch_->path() / "oci.tar", oci_);
  const auto file = base::open_path(scratch_->path() / "oci.tar", O_RDONLY);
  const auto loaded = load_archive(api(), file->get());
  ASSERT_TRUE(loaded) << words(loaded.error());
  EXPECT_THAT(*loaded, testing::UnorderedElementsAre("app:1", "app:2"));
  EXPECT_EQ((*find_image(api(), "app:2"))->id, (*image)->id);
  EXPECT_TRUE(prune_images(api()));
  const auto bad = load_images(api(), source_of("no archive"));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().code, testing::AnyOf("engine.load", "engine.refused"));
}

TEST_F(StackTest, runs) {
  const recipe::Stack wanted = stack();
  const Deployed result = deployed(wanted);
  EXPECT_THAT(result.created, ElementsAre("runs_app"));
  EXPECT_EQ(result.deviations.size(), 1U);
  const Settled end = settled(wanted);
  EXPECT_EQ(end.outcome, Settling::good);
  ASSERT_EQ(end.services.size(), 1U);
  EXPECT_EQ(end.services[0].running, 1U);
  if (getenv("CCCI_RECORD") != nullptr) record(wanted.name);
  remove(wanted, false);
}

TEST_F(StackTest, does_not_change_if_nothing_changed) {
  const recipe::Stack wanted = stack();
  deployed(wanted);
  settled(wanted);
  const std::string before = container_of(wanted);
  const Deployed again = deployed(wanted);
  EXPECT_THAT(again.unchanged, ElementsAre("does_not_change_if_nothing_changed_app"));
  EXPECT_THAT(again.updated, IsEmpty());
  settled(wanted);
  EXPECT_EQ(container_of(wanted), before);
  remove(wanted);
}

TEST_F(StackTest, updates_in_place_and_prunes) {
  recipe::Stack wanted = stack();
  recipe::Service other = wanted.services[0];
  other.key = "other";
  other.name = wanted.name + "_other";
  wanted.services.push_back(other);
  deployed(wanted);
  settled(wanted);
  const std::string before = container_of(wanted);
  wanted.services.pop_back();
  wanted.services[0].image = "app:2";
  const Deployed result = deployed(wanted);
  EXPECT_THAT(result.updated, ElementsAre(wanted.name + "_app"));
  EXPECT_THAT(result.removed, ElementsAre(wanted.name + "_other"));
  const Settled end = settled(wanted);
  EXPECT_EQ(end.outcome, Settling::good);
  EXPECT_EQ(end.services.size(), 1U);
  EXPECT_NE(container_of(wanted), before);
  if (getenv("CCCI_RECORD") != nullptr) record(wanted.name);
  remove(wanted);
}

TEST_F(StackTest, crash_loop_is_told) {
  const ServiceStatus status = failed(stack({"sh", "-c", "echo no database >&2; exit 3"}));
  EXPECT_EQ(status.cause, Cause::crash);
  EXPECT_EQ(status.exit_code, 3);
  EXPECT_THAT(status.last_lines, HasSubstr("no database"));
}

TEST_F(StackTest, missing_image_is_told) {
  recipe::Stack wanted = stack();
  wanted.services[0].image = "nobody/has:this";
  const ServiceStatus status = failed(wanted);
  EXPECT_EQ(status.cause, Cause::image);
  EXPECT_THAT(status.detail, HasSubstr("nobody/has"));
}

TEST_F(StackTest, bad_health_is_told) {
  recipe::Stack wanted = stack();
  recipe::Healthcheck check;
  check.test = {"CMD-SHELL", "echo nothing listens; false"};
  check.interval = std::chrono::milliseconds(300);
  check.timeout = std::chrono::seconds(10);  // a busy machine needs more than one to begin it
  check.retries = 2;
  wanted.services[0].healthcheck = check;
  const ServiceStatus status = failed(wanted);
  EXPECT_EQ(status.cause, Cause::unhealthy);
  EXPECT_THAT(status.detail, HasSubstr("nothing listens"));
}

TEST_F(StackTest, memory_kill_is_told) {
  recipe::Stack wanted = stack({"sh", "-c", "x=a; while true; do x=$x$x$x; done"});
  wanted.services[0].deploy.limits.memory = 12 << 20;
  const ServiceStatus status = failed(wanted);
  EXPECT_EQ(status.cause, Cause::memory);
  EXPECT_EQ(status.exit_code, 137);
}

TEST_F(StackTest, no_suitable_node_is_told) {
  recipe::Stack wanted = stack();
  wanted.services[0].deploy.constraints = {"node.labels.disk==fast"};
  const ServiceStatus status = failed(wanted);
  EXPECT_EQ(status.cause, Cause::no_node);
  EXPECT_THAT(status.detail, HasSubstr("no suitable node"));
}

TEST_F(StackTest, program_that_does_not_exist_is_told) {
  const ServiceStatus status = failed(stack({"/bin/nothing"}));
  EXPECT_EQ(status.cause, Cause::refused);
  EXPECT_THAT(status.detail, HasSubstr("nothing"));
}

TEST_F(StackTest, slow_start_is_told) {
  recipe::Stack wanted = stack();
  recipe::Healthcheck check;
  check.test = {"CMD-SHELL", "false"};
  check.interval = std::chrono::seconds(30);
  wanted.services[0].healthcheck = check;
  deployed(wanted);
  const Settled end = settled(wanted, std::chrono::seconds(4));
  EXPECT_EQ(end.outcome, Settling::failed);
  ASSERT_EQ(end.services.size(), 1U);
  EXPECT_EQ(end.services[0].cause, Cause::slow);
}

TEST_F(StackTest, one_shot_is_complete) {
  recipe::Stack wanted = stack({"true"});
  recipe::RestartPolicy policy;
  policy.condition = recipe::RestartPolicy::When::on_failure;
  wanted.services[0].deploy.restart_policy = policy;
  deployed(wanted);
  const Settled end = settled(wanted);
  EXPECT_EQ(end.outcome, Settling::good);
  ASSERT_EQ(end.services.size(), 1U);
  EXPECT_EQ(end.services[0].phase, Phase::complete);
  if (getenv("CCCI_RECORD") != nullptr) record(wanted.name);
}

TEST_F(StackTest, failed_update_is_told_and_rolled_back) {
  recipe::Stack wanted = stack();
  recipe::Rollout rollout;
  rollout.failure_action = recipe::Rollout::OnFailure::roll_back;
  rollout.monitor = std::chrono::seconds(2);
  wanted.services[0].deploy.update_config = rollout;
  deployed(wanted);
  settled(wanted);
  wanted.services[0].command = {"sh", "-c", "echo broken by the update; exit 4"};
  const ServiceStatus status = failed(wanted);
  EXPECT_EQ(status.cause, Cause::crash);
  EXPECT_EQ(status.exit_code, 4);
  EXPECT_THAT(status.last_lines, HasSubstr("broken by the update"));
}

TEST_F(StackTest, has_secrets_configs_volumes_and_commands) {
  recipe::Stack wanted = stack();
  wanted.secrets["password"].name = wanted.name + "_password_v1";
  wanted.secrets["password"].content = std::string("s3cret\0bytes", 12);
  wanted.configs["page"].name = wanted.name + "_page_v1";
  wanted.configs["page"].content = "name is {{ env \"NAME\" }}";
  wanted.configs["page"].template_driver = "golang";
  wanted.volumes["data"].name = wanted.name + "_data";
  recipe::Service& service = wanted.services[0];
  service.environment["NAME"] = "value";
  service.secrets = {{"password", "password", "0", "0", 0400}};
  service.configs = {{"page", "/page.txt", "0", "0", 0444}};
  recipe::Mount mount;
  mount.source = "data";
  mount.target = "/data";
  service.mounts = {mount};
  deployed(wanted);
  ASSERT_EQ(settled(wanted).outcome, Settling::good);
  const std::string container = container_of(wanted);
  ExecCommand command;
  command.argv = {"sh", "-c",
                  "cat /run/secrets/password; cat /page.txt >&2; echo kept >/data/file; exit 7"};
  const auto result = exec_in(api(), container, command);
  ASSERT_TRUE(result) << words(result.error());
  EXPECT_EQ(result->status, 7);
  EXPECT_EQ(result->output.out, std::string("s3cret\0bytes", 12));
  EXPECT_EQ(result->output.err, "name is value");

  std::string archive;
  const auto sink = [&](std::string_view piece) {
    archive += piece;
    return true;
  };
  {
    const auto door = VolumeDoor::open(api(), wanted.name + "_data", "app:1");
    ASSERT_TRUE(door) << words(door.error());
    ASSERT_TRUE(write_archive(api(), door->container(), VolumeDoor::path,
                              source_of(tar({{"put", "from outside", 0644, ""}})),
                              std::chrono::seconds(20)));
    const auto read = read_archive(api(), door->container(), std::string(VolumeDoor::path) + "/.",
                                   sink, std::chrono::seconds(20));
    ASSERT_TRUE(read) << words(read.error());
    EXPECT_THAT(archive, HasSubstr("kept\n"));
  }
  command.argv = {"cat", "/data/put"};
  EXPECT_EQ(exec_in(api(), container, command)->output.out, "from outside");
  EXPECT_GT(container_usage(api(), container)->memory, 0U);
  EXPECT_THAT(deployed(wanted).unchanged, ElementsAre(service.name));
  for (auto* contents : {&wanted.secrets, &wanted.configs}) {
    recipe::Stack changed = wanted;
    (contents == &wanted.secrets ? changed.secrets : changed.configs).begin()->second.content = "x";
    const auto refused = deploy(api(), changed, Abilities{false});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "engine.content") << words(refused.error());
  }
  wanted.networks["shared"].name = "nobody-made-it";
  wanted.networks["shared"].external = true;
  EXPECT_EQ(deploy(api(), wanted, Abilities{false}).error().code, "engine.missing");
  remove(wanted);
}

TEST_F(StackTest, commands_have_a_deadline_and_a_limit) {
  const recipe::Stack wanted = stack();
  deployed(wanted);
  settled(wanted);
  ExecCommand command;
  command.argv = {"sh", "-c", "echo begin; sleep 100"};
  command.deadline = std::chrono::seconds(5);  // the command must begin on a busy machine too
  const auto slow = exec_in(api(), container_of(wanted), command);
  ASSERT_TRUE(slow) << words(slow.error());
  EXPECT_TRUE(slow->timed_out);
  EXPECT_EQ(slow->output.out, "begin\n");
  command.argv = {"sh", "-c", "dd if=/dev/zero bs=1M count=20 2>/dev/null"};
  command.deadline = std::chrono::seconds(20);
  command.output_limit = 1000;
  const auto large = exec_in(api(), container_of(wanted), command);
  ASSERT_TRUE(large) << words(large.error());
  EXPECT_EQ(large->output.out.size(), 1000U);
  EXPECT_TRUE(large->output.truncated);
}

TEST_F(StackTest, names_of_services_lead_to_their_tasks) {
  recipe::Stack wanted = stack({"sh", "-c", "echo hello >/tmp/index.html; httpd -f -p 80 -h /tmp"});
  recipe::Service client = wanted.services[0];
  client.key = "client";
  client.name = wanted.name + "_client";
  client.command = {"sleep", "1000"};
  client.networks[0].aliases = {"client"};
  wanted.services.push_back(client);
  deployed(wanted);
  ASSERT_EQ(settled(wanted).outcome, Settling::good);
  const auto snapshot = take_snapshot(api(), wanted.name);
  std::string answer;
  for (const Task* task : snapshot->tasks_of(snapshot->services[1])) {
    ExecCommand command;
    command.argv = {"wget", "-qO-", "http://app/"};
    answer = exec_in(api(), task->container, command)->output.out;
  }
  EXPECT_EQ(answer, "hello\n");
  const auto endpoints = find_endpoints(api(), wanted.name);
  ASSERT_TRUE(endpoints) << words(endpoints.error());
  ASSERT_EQ(endpoints->size(), 2U);
  EXPECT_EQ((*endpoints)[0].service, wanted.name + "_app");
  EXPECT_TRUE((*endpoints)[0].networks.contains(wanted.name + "_default"));
  base::Pipe pipe = base::make_pipe();
  const auto probe = engine_->start_beside(
      {"/usr/bin/busybox", "wget", "-qO-", "http://" + (*endpoints)[0].gateway + "/"},
      pipe.write.get());
  ASSERT_TRUE(probe) << words(probe.error());
  pipe.write.reset();
  std::array<char, 64> said{};
  EXPECT_GT(read(pipe.read.get(), said.data(), said.size() - 1), 0);
  EXPECT_STREQ(said.data(), "hello\n");
  const auto logs = service_logs(api(), client.name);
  EXPECT_TRUE(logs) << words(logs.error());
}

}  // namespace
}  // namespace ccci::engine

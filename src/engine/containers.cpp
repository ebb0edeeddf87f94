// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/containers.hpp"
#include "base/url.hpp"

namespace ccci::engine {

namespace {

constexpr std::size_t longest_health_output = 4096;
constexpr std::chrono::milliseconds logs_deadline{10'000};

std::string container_path(const std::string& id, const std::string& call) {
  return "/containers/" + base::percent_encoded(id) + call;
}

Health health_of(const base::Json& health) {
  const std::string status = health["Status"].text_or_empty();
  if (status == "starting") return Health::starting;
  if (status == "healthy") return Health::healthy;
  if (status == "unhealthy") return Health::unhealthy;
  return Health::none;
}

// The engine frames output unless the container has a terminal, and then does not say so.
base::Result<bool> has_terminal(const Api& api, const std::string& id) {
  CCCI_TRY(const base::Json json, api.get(container_path(id, "/json")));
  return json["Config"]["Tty"].boolean().value_or(false);
}

base::Result<Output> logs(const Api& api, const std::string& path, bool framed, unsigned lines,
                          std::uint64_t limit) {
  Demultiplexer split(limit, Demultiplexer::Keep::last, framed);
  Request request;
  request.target = path;
  request.deadline = logs_deadline;
  request.sink = [&](std::string_view piece) {
    split.feed(piece);
    return true;
  };
  const Query query{{"stdout", "1"}, {"stderr", "1"}, {"tail", std::to_string(lines)}};
  if (const auto answer = api.call(request, query);
      !answer && !answer.error().is(base::Condition::silent)) {
    return base::unexpected(answer.error());
  }
  return split.take();
}

}  // namespace

ContainerState read_container(const base::Json& json) {
  const base::Json& state = json["State"];
  ContainerState result;
  result.running = state["Running"].boolean().value_or(false);
  result.exit_code = static_cast<int>(state["ExitCode"].number().value_or(0));
  result.killed_for_memory = state["OOMKilled"].boolean().value_or(false);
  result.health = health_of(state["Health"]);
  const std::uint64_t retries = json["Config"]["Healthcheck"]["Retries"].number().value_or(0);
  result.failed_checks =
      state["Health"]["FailingStreak"].number().value_or(0) >= (retries == 0 ? 3 : retries);
  // The last check may have been cut off by the end of the container, before it said anything.
  const base::Json& checks = state["Health"]["Log"];
  for (std::size_t i = checks.size(); i > 0 && result.health_output.empty(); --i)
    result.health_output = checks[i - 1]["Output"].text_or_empty();
  if (result.health_output.size() > longest_health_output)
    result.health_output.resize(longest_health_output);
  return result;
}

base::Result<std::optional<ContainerState>> container_state(const Api& api, const std::string& id) {
  CCCI_TRY(const std::optional<base::Json> json, api.find(container_path(id, "/json")));
  if (!json) return std::nullopt;
  return read_container(*json);
}

base::Result<ContainerUsage> container_usage(const Api& api, const std::string& id) {
  CCCI_TRY(const base::Json json,
           api.get(container_path(id, "/stats"), {{"stream", "0"}, {"one-shot", "1"}}));
  ContainerUsage usage;
  const base::Json& memory = json["memory_stats"];
  usage.memory = memory["usage"].number().value_or(0);
  usage.peak_memory = memory["max_usage"].number();
  usage.processor_ns = json["cpu_stats"]["cpu_usage"]["total_usage"].number().value_or(0);
  return usage;
}

base::Result<ExecResult> exec_in(const Api& api, const std::string& id,
                                 const ExecCommand& command) {
  base::Json body{{"AttachStdout", true}, {"AttachStderr", true}, {"Tty", false}};
  body["Cmd"] = base::Json(command.argv);
  body["Env"] = base::Json(command.environment);
  if (!command.user.empty()) body["User"] = command.user;
  if (!command.directory.empty()) body["WorkingDir"] = command.directory;
  CCCI_TRY(const base::Json created, api.post(container_path(id, "/exec"), body));
  const std::string exec = base::percent_encoded(created["Id"].text_or_empty());
  Demultiplexer split(command.output_limit, command.keep);
  Request request;
  request.method = "POST";
  request.target = "/exec/" + exec + "/start";
  request.content_type = "application/json";
  request.body = base::Json{{"Detach", false}, {"Tty", false}}.dump();
  request.deadline = command.deadline;
  request.guard = command.guard;
  request.sink = [&](std::string_view piece) {
    split.feed(piece);
    return true;
  };
  ExecResult result;
  const auto answer = api.call(request);
  if (!answer) {
    result.timed_out = answer.error().is(base::Condition::silent);
    if (!result.timed_out) return base::unexpected(answer.error());
  }
  result.output = split.take();
  if (result.timed_out) return result;
  CCCI_TRY(const base::Json ended, api.get("/exec/" + exec + "/json"));
  result.status = static_cast<int>(ended["ExitCode"].number().value_or(255));
  return result;
}

base::Result<Output> container_logs(const Api& api, const std::string& id, unsigned lines,
                                    std::uint64_t limit) {
  CCCI_TRY(const bool terminal, has_terminal(api, id));
  return logs(api, container_path(id, "/logs"), !terminal, lines, limit);
}

base::Result<Output> service_logs(const Api& api, const std::string& service, unsigned lines,
                                  std::uint64_t limit) {
  const std::string path = "/services/" + base::percent_encoded(service);
  CCCI_TRY(const base::Json json, api.get(path));
  const bool terminal =
      json["Spec"]["TaskTemplate"]["ContainerSpec"]["TTY"].boolean().value_or(false);
  return logs(api, path + "/logs", !terminal, lines, limit);
}

base::Result<void> read_archive(const Api& api, const std::string& id, const std::string& path,
                                BodySink sink, std::chrono::milliseconds deadline) {
  Request request;
  request.target = container_path(id, "/archive");
  request.sink = std::move(sink);
  request.deadline = deadline;
  CCCI_CHECK(api.call(std::move(request), {{"path", path}}));
  return {};
}

base::Result<void> write_archive(const Api& api, const std::string& id, const std::string& path,
                                 BodySource source, std::chrono::milliseconds deadline) {
  Request request;
  request.method = "PUT";
  request.target = container_path(id, "/archive");
  request.content_type = "application/x-tar";
  request.source = std::move(source);
  request.deadline = deadline;
  CCCI_CHECK(api.call(std::move(request), {{"path", path}}));
  return {};
}

base::Result<VolumeDoor> VolumeDoor::open(const Api& api, const std::string& volume,
                                          const std::string& image) {
  base::Json mount{{"Type", "volume"}, {"Source", volume}, {"Target", path}};
  base::Json host = base::Json::object();
  host["Mounts"] = base::Json::array({mount});
  base::Json body{{"Image", image}};
  body["Cmd"] = base::Json::array({"true"});  // an image without a command would be refused
  body["HostConfig"] = host;
  CCCI_TRY(const base::Json created, api.post("/containers/create", body));
  return VolumeDoor(api, created["Id"].text_or_empty());
}

VolumeDoor::VolumeDoor(VolumeDoor&& other) noexcept
    : api_(std::move(other.api_)), container_(std::exchange(other.container_, {})) {}

VolumeDoor::~VolumeDoor() {
  if (container_.empty()) return;
  static_cast<void>(api_.remove("/containers/" + container_, {{"force", "1"}}));
}

}  // namespace ccci::engine

// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/pipeline.hpp"

#include <algorithm>
#include <array>

#include "base/shell.hpp"
#include "base/text.hpp"

namespace ccci::sweep {

namespace {

constexpr std::uint64_t mega = 1'000'000;

struct PipelineJob {
  std::string recipe;
  std::vector<std::string> command;
  std::uint64_t memory = 0;  // MB
  std::uint64_t minutes = 0;
};

std::vector<PipelineJob> jobs_of(const Plan& plan, const std::vector<std::string>& program) {
  std::vector<PipelineJob> jobs;
  for (const Job& job : plan.jobs) {
    if (!job.decision.run || plan.done.contains(job.decision.recipe)) continue;
    std::vector<std::string> command = program;
    command.insert(command.end(),
                   {"sweep", "--night", plan.night, "--only", job.decision.recipe, "--all"});
    jobs.push_back({job.decision.recipe, std::move(command), job.need.memory / mega + 1,
                    static_cast<std::uint64_t>(job.deadline.count() / 60 + 10)});
  }
  // Engines refuse a pipeline without jobs.
  if (jobs.empty()) jobs.push_back({"nothing", {"true"}, 1, 1});
  return jobs;
}

// JSON is a subset of YAML and of Python's literals, as far as texts, numbers and lists go.
std::string quoted(const std::string& text) { return base::Json(text).dump(); }

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// A red recipe is run a second time.
std::uint64_t most_minutes(const PipelineJob& job) { return 2 * job.minutes; }

std::string title(const Plan& plan) {
  return "# Sweep " + plan.night + ": one job for each recipe, made by cc-ci sweep --plan.\n";
}

constexpr const char* buildbot_head =
    R"(# In master.cfg, where reload() lets a reconfiguration see the plan of another night:
#     import importlib
#     import cc_ci_sweep
#     importlib.reload(cc_ci_sweep).add(c, workers=["one", "two"])
# It adds a builder for each recipe, the triggerable scheduler "sweep" and, for people, "sweep-now".
# Each builder may run on each worker; a worker runs `at_once` of them.
from buildbot.plugins import schedulers, steps, util

JOBS = [
)";

// A WorkerLock would give each worker its jobs long before it begins them, for no other to take.
// Requests are not collapsed: buildbot would call the older ones skipped.
constexpr const char* buildbot_rest = R"(:
    names = ["sweep-" + job["recipe"] for job in JOBS]

    def has_room(builder, one, request):
        others = one.worker.workerforbuilders.items()
        return sum(name in names and other.isBusy() for name, other in others) < at_once

    for name, job in zip(names, JOBS):
        step = steps.ShellCommand(
            name="sweep", command=job["command"], logEnviron=False, timeout=None,
            maxTime=job["seconds"], sigtermTime=120,
            decodeRC={0: util.SUCCESS, 1: util.FAILURE, 3: util.EXCEPTION, 4: util.WARNINGS})
        c["builders"].append(util.BuilderConfig(
            name=name, workernames=workers, factory=util.BuildFactory([step]),
            canStartBuild=has_room, collapseRequests=False))
    c["schedulers"].append(schedulers.Triggerable(name="sweep", builderNames=names))
    c["schedulers"].append(schedulers.ForceScheduler(name="sweep-now", builderNames=names))
)";

// A module for master.cfg. A lost worker needs no setting: buildbot gives the job to another one.
std::string buildbot(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text = title(plan) + buildbot_head;
  for (const PipelineJob& job : jobs) {
    text += "    {\"recipe\": " + quoted(job.recipe) +
            ", \"command\": " + base::Json(job.command).dump() +
            ", \"seconds\": " + std::to_string(most_minutes(job) * 60) + "},\n";
  }
  return text + "]\n\n\ndef add(c, workers, at_once=" + std::to_string(plan.at_once) + ")" +
         buildbot_rest;
}

// Woodpecker and Drone expand variables in the bytes of the file before they read it as YAML. `$$`
// is a dollar there, and some backslashes are lost, so there are none.
std::string expandable(const std::string& word) {
  if (base::shell_word(word) == word) return word;
  return "'" + replaced(replaced(word, "'", R"('"'"')"), "$", "$$") + "'";
}

std::string expandable_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + expandable(word);
  return line;
}

// Without a backslash, unlike JSON.
std::string single_quoted(const std::string& text) { return "'" + replaced(text, "'", "''") + "'"; }

// A matrix: each agent takes what it has room for, which it would not with steps of one workflow.
std::string woodpecker(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  // Other lists than those below `include` have a limit.
  std::string text =
      title(plan) + "when:\n  - event: [cron, manual]\nskip_clone: true\nmatrix:\n  include:\n";
  for (const PipelineJob& job : jobs) text += "    - RECIPE: " + quoted(job.recipe) + "\n";
  const std::vector<std::string>& words = jobs.front().command;
  const auto recipe = std::find(words.rbegin(), words.rend(), "--only").base();
  std::string line = expandable_line({words.begin(), recipe});
  if (recipe == words.begin()) {
    line = expandable_line(words);
  } else {
    line += " ${RECIPE} " + expandable_line({recipe + 1, words.end()});
  }
  // The local backend runs the commands on the host: there `image` names the shell.
  return text + "steps:\n  - name: sweep\n    image: bash\n    commands:\n      - " +
         single_quoted(line) + "\n";
}

std::string drone(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text;
  for (const PipelineJob& job : jobs) {
    text += "---\n" + title(plan) +
            "kind: pipeline\ntype: exec\nname: " + quoted("sweep-" + job.recipe) +
            "\nplatform:\n  os: linux\n  arch: amd64\nclone:\n  disable: true\nsteps:\n  - name: "
            "sweep\n    commands:\n      - " +
            single_quoted(expandable_line(job.command)) + "\n";
  }
  return text;
}

std::string gitlab(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text = title(plan) + "stages: [sweep]\n";
  for (const PipelineJob& job : jobs) {
    text += quoted("sweep " + job.recipe) +
            ":\n  stage: sweep\n  tags: [cc-ci]\n  variables: {GIT_STRATEGY: none}\n  timeout: " +
            std::to_string(most_minutes(job)) + " minutes\n  script:\n    - " +
            quoted(base::shell_line(job.command)) +
            "\n  allow_failure: {exit_codes: [4]}\n"
            "  retry: {max: 1, when: [runner_system_failure, stuck_or_timeout_failure]}\n";
  }
  return text;
}

// A matrix has at most 256 jobs.
std::string github(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  constexpr std::size_t most = 256;
  std::string text = title(plan) + "name: sweep\non: [workflow_dispatch]\njobs:\n";
  std::uint64_t minutes = 1;
  for (const PipelineJob& job : jobs) minutes = std::max(minutes, most_minutes(job));
  for (std::size_t from = 0; from < jobs.size(); from += most) {
    const std::string number = from == 0 ? "" : "-" + std::to_string(from / most + 1);
    text += "  sweep" + number +
            ":\n    name: ${{ matrix.recipe }}\n    runs-on: [self-hosted, cc-ci]\n"
            "    timeout-minutes: " +
            std::to_string(minutes) +
            "\n    steps:\n      - name: ${{ matrix.recipe }}\n        run: ${{ matrix.command }}\n"
            "    strategy:\n      fail-fast: false\n      matrix:\n        include:\n";
    for (std::size_t i = from; i < std::min(from + most, jobs.size()); ++i) {
      // Expressions are replaced in each text.
      const std::string line = replaced(base::shell_line(jobs[i].command), "${{", "${{ '${{' }}");
      text +=
          "          - {recipe: " + quoted(jobs[i].recipe) + ", command: " + quoted(line) + "}\n";
    }
  }
  return text;
}

// An array job: each task takes its line of the list.
std::string slurm(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::uint64_t memory = 1;
  std::uint64_t minutes = 1;
  std::string cases;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    memory = std::max(memory, jobs[i].memory);
    minutes = std::max(minutes, most_minutes(jobs[i]));
    cases += "  " + std::to_string(i) + ") exec " + base::shell_line(jobs[i].command) + " ;;\n";
  }
  return "#!/bin/bash\n" + title(plan) + "#SBATCH --job-name=sweep-" + plan.night + "\n#SBATCH " +
         "--array=0-" + std::to_string(jobs.size() - 1) +
         "\n#SBATCH --mem=" + std::to_string(memory) +
         "M\n#SBATCH --time=" + std::to_string(minutes) +
         "\n#SBATCH --requeue\n#SBATCH --signal=B:TERM@120\ncase $SLURM_ARRAY_TASK_ID in\n" +
         cases + "esac\n";
}

struct Format {
  std::string_view name;
  std::string (*write)(const Plan&, const std::vector<PipelineJob>&);
};
constexpr std::array formats{Format{"buildbot", buildbot}, Format{"drone", drone},
                             Format{"github", github},     Format{"gitlab", gitlab},
                             Format{"slurm", slurm},       Format{"woodpecker", woodpecker}};

}  // namespace

std::vector<std::string> pipeline_formats() {
  std::vector<std::string> names{"json"};
  for (const Format& format : formats) names.emplace_back(format.name);
  return names;
}

base::Result<std::string> pipeline(const Plan& plan, std::string_view format,
                                   const std::vector<std::string>& program) {
  if (format == "json") return to_json(plan).dump(2) + "\n";
  for (const Format& one : formats)
    if (one.name == format) return one.write(plan, jobs_of(plan, program));
  return base::unexpected(base::fail("sweep.unknown-format")
                              .with("format", format)
                              .with("known", base::join(pipeline_formats(), ", ")));
}

}  // namespace ccci::sweep

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
  return jobs;
}

// JSON is a subset of YAML and of Python's literals, as far as texts, numbers and lists go.
std::string quoted(const std::string& text) { return base::Json(text).dump(); }

std::string title(const Plan& plan) {
  return "# Sweep " + plan.night + ": one job for each recipe, made by cc-ci sweep --plan.\n";
}

// A module for master.cfg: `from sweep import builders, factories` would need more than a list, so
// it is one function that takes the workers.
std::string buildbot(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text =
      title(plan) +
      "# In master.cfg: import cc_ci_sweep; cc_ci_sweep.add(c, workers=[\"one\", \"two\"])\n"
      "# Each builder may run on each worker: a job whose worker is lost is run by another.\n"
      "from buildbot.plugins import schedulers, steps, util\n\n"
      "JOBS = [\n";
  for (const PipelineJob& job : jobs) {
    text += "    {\"recipe\": " + quoted(job.recipe) +
            ", \"command\": " + base::Json(job.command).dump() +
            ", \"memory_mb\": " + std::to_string(job.memory) +
            ", \"minutes\": " + std::to_string(job.minutes) + "},\n";
  }
  text +=
      "]\n\n\n"
      "def add(c, workers):\n"
      "    names = []\n"
      "    for job in JOBS:\n"
      "        name = \"sweep-\" + job[\"recipe\"]\n"
      "        names.append(name)\n"
      "        step = steps.ShellCommand(\n"
      "            name=\"sweep\", command=job[\"command\"], timeout=job[\"minutes\"] * 60,\n"
      "            maxTime=job[\"minutes\"] * 60, sigtermTime=120, decodeRC={0: 0, 1: 2, 4: 1},\n"
      "        )\n"
      "        c[\"builders\"].append(util.BuilderConfig(\n"
      "            name=name, workernames=workers, factory=util.BuildFactory([step])))\n"
      "    c[\"schedulers\"].append(schedulers.Triggerable(name=\"sweep\", builderNames=names))\n"
      "    c[\"schedulers\"].append(schedulers.ForceScheduler(name=\"sweep-now\", "
      "builderNames=names))\n";
  return text;
}

std::string woodpecker(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text = title(plan) + "when:\n  - event: [cron, manual]\nskip_clone: true\nsteps:\n";
  for (const PipelineJob& job : jobs) {
    // The local backend runs the commands on the host: there `image` names the shell.
    text += "  - name: " + quoted(job.recipe) + "\n    image: bash\n    depends_on: []\n" +
            "    commands:\n      - " + quoted(base::shell_line(job.command)) + "\n";
  }
  return text;
}

std::string drone(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text;
  for (const PipelineJob& job : jobs) {
    text += "---\n" + title(plan) +
            "kind: pipeline\ntype: exec\nname: " + quoted("sweep-" + job.recipe) +
            "\nplatform:\n  os: linux\n  arch: amd64\nclone:\n  disable: true\nsteps:\n  - name: "
            "sweep\n    commands:\n      - " +
            quoted(base::shell_line(job.command)) + "\n";
  }
  return text.empty() ? title(plan) : text;
}

std::string gitlab(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text = title(plan) + "stages: [sweep]\n";
  for (const PipelineJob& job : jobs) {
    text += quoted("sweep " + job.recipe) +
            ":\n  stage: sweep\n  tags: [cc-ci]\n  variables: {GIT_STRATEGY: none}\n  timeout: " +
            std::to_string(job.minutes) + " minutes\n  script:\n    - " +
            quoted(base::shell_line(job.command)) + "\n  allow_failure:\n    exit_codes: [4]\n";
  }
  return text;
}

std::string github(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::string text = title(plan) +
                     "name: sweep\non: [workflow_dispatch]\njobs:\n  sweep:\n    runs-on: "
                     "[self-hosted, cc-ci]\n    strategy:\n      fail-fast: false\n      matrix:\n"
                     "        include:\n";
  std::uint64_t minutes = 1;
  for (const PipelineJob& job : jobs) {
    text += "          - {recipe: " + quoted(job.recipe) +
            ", command: " + quoted(base::shell_line(job.command)) + "}\n";
    minutes = std::max(minutes, job.minutes);
  }
  if (jobs.empty()) return title(plan) + "name: sweep\non: [workflow_dispatch]\njobs: {}\n";
  return text + "    timeout-minutes: " + std::to_string(minutes) +
         "\n    steps:\n      - name: ${{ matrix.recipe }}\n        run: ${{ matrix.command }}\n";
}

// An array job: each task takes its line of the list.
std::string slurm(const Plan& plan, const std::vector<PipelineJob>& jobs) {
  std::uint64_t memory = 1;
  std::uint64_t minutes = 1;
  std::string cases;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    memory = std::max(memory, jobs[i].memory);
    minutes = std::max(minutes, jobs[i].minutes);
    cases += "  " + std::to_string(i) + ") exec " + base::shell_line(jobs[i].command) + " ;;\n";
  }
  return "#!/bin/bash\n" + title(plan) + "#SBATCH --job-name=sweep-" + plan.night + "\n#SBATCH " +
         "--array=0-" + std::to_string(jobs.empty() ? 0 : jobs.size() - 1) +
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

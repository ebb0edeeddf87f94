// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/pull.hpp"

#include "base/skopeo.hpp"
#include "engine/images.hpp"

namespace ccci::run {

namespace {

constexpr const char* skopeo = "/usr/bin/skopeo";

// skopeo takes a tag or a digest.
std::string source_of(const std::string& image) {
  const std::size_t at = image.find('@');
  if (at == std::string::npos) return image;
  return engine::split_image_name(image.substr(0, at)).repository + image.substr(at);
}

}  // namespace

std::string pulled_name(const std::string& image) {
  const engine::ImageName parts = engine::split_image_name(image.substr(0, image.find('@')));
  return parts.repository + ":" + parts.tag;
}

std::vector<std::string> pull_command(const Setup& setup, const std::string& image,
                                      const std::filesystem::path& archive) {
  std::vector<std::string> argv = setup.entry;
  // It must not outlive a killed run. --insecure-policy: signatures are the registry's matter.
  for (const char* word :
       {"/usr/bin/setpriv", "--pdeathsig", "KILL", skopeo, "--insecure-policy", "copy", "--quiet"})
    argv.emplace_back(word);
  if (base::is_local_registry(image.substr(0, image.find('/'))))
    argv.emplace_back("--src-tls-verify=false");
  argv.push_back("docker://" + source_of(image));
  argv.push_back("docker-archive:" + archive.native() + ":" + pulled_name(image));
  return argv;
}

base::Result<void> pull(const Setup& setup, const std::string& image,
                        const std::filesystem::path& archive, std::chrono::milliseconds limit,
                        base::ProcessRunner& processes) {
  if (!setup.has(skopeo)) {
    return base::unexpected(
        base::fail("run.no-program").with("program", skopeo).with("package", "skopeo"));
  }
  base::Command command;
  command.argv = pull_command(setup, image, archive);
  command.time_limit = limit;
  command.output_limit = 64U << 10U;
  CCCI_TRY(const base::Outcome outcome, processes.run(command));
  if (outcome.status == 0) return {};
  return base::unexpected(base::fail("run.pull", base::Condition::refused)
                              .with("image", image)
                              .with("problem", base::skopeo_problem(outcome, "it took too long")));
}

}  // namespace ccci::run

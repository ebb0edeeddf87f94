// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/pull.hpp"

#include "base/skopeo.hpp"
#include "engine/images.hpp"
#include "run/disk_reserve.hpp"

namespace ccci::run {

namespace {

constexpr const char* skopeo = "/usr/bin/skopeo";

// skopeo takes a tag or a digest.
std::string source_of(const std::string& image) {
  const std::size_t at = image.find('@');
  if (at == std::string::npos) return image;
  return engine::split_image_name(image.substr(0, at)).repository + image.substr(at);
}

// As the system describes EFBIG and ENOSPC. Programs in Go get no signal of the first.
bool fills_the_disk(const base::Outcome& outcome) {
  return outcome.err.find("file too large") != std::string::npos ||
         outcome.err.find("no space left on device") != std::string::npos;
}

}  // namespace

std::string pulled_name(const std::string& image) {
  const engine::ImageName parts = engine::split_image_name(image.substr(0, image.find('@')));
  return parts.repository + ":" + parts.tag;
}

std::vector<std::string> pull_command(const Setup& setup, const std::string& image,
                                      const std::filesystem::path& archive, std::uint64_t largest) {
  std::vector<std::string> argv = setup.entry;
  // It must not outlive a killed run. --insecure-policy: signatures are the registry's matter.
  for (const char* word : {"/usr/bin/setpriv", "--pdeathsig", "KILL", "/usr/bin/prlimit"})
    argv.emplace_back(word);
  argv.push_back("--fsize=" + std::to_string(largest));
  // What a killed one leaves goes with the run.
  for (const std::string& word :
       {std::string(skopeo), std::string("--insecure-policy"),
        "--tmpdir=" + archive.parent_path().native(), std::string("copy"), std::string("--quiet")})
    argv.push_back(word);
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
  // A layer is there twice for a moment: unpacked, and in the archive.
  const std::uint64_t largest = DiskReserve(archive.parent_path()).room() / 2;
  command.argv = pull_command(setup, image, archive, largest);
  command.time_limit = limit;
  command.output_limit = 64U << 10U;
  CCCI_TRY(const base::Outcome outcome, processes.run(command));
  if (outcome.status == 0) return {};
  if (fills_the_disk(outcome)) {
    return base::unexpected(base::fail("run.archive-disk", base::Condition::no_space)
                                .with("archive", image)
                                .with("path", archive.parent_path().native()));
  }
  return base::unexpected(base::fail("run.pull", base::Condition::refused)
                              .with("image", image)
                              .with("problem", base::skopeo_problem(outcome, "it took too long")));
}

}  // namespace ccci::run

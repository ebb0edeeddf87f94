// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include "base/files.hpp"
#include "engine/keeper.hpp"
#include "run/seclusion.hpp"
#include "run/tiers.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

constexpr const char* browser = "/usr/bin/chromium";
constexpr const char* pictures_at = "/run/cc-ci-pictures";
constexpr std::chrono::seconds longest{60};
constexpr std::uint64_t largest_picture = 16U << 20U;
constexpr uid_t nobody = 65534;

}  // namespace

std::string take_screenshot(Session& session, const fs::path& path) {
  if (session.plan().head.routing.routes.empty()) return "the app has no page";
  if (!session.setup().has(browser)) return "the environment has no chromium";
  const fs::path place = session.engine().place() / "pictures";
  if (!base::make_directories(place) || chown(place.c_str(), nobody, nobody) != 0)
    return "its directory cannot be made";
  const std::string at = pictures_at;
  engine::CompanionCommand command;
  command.argv = {"/usr/bin/env", "HOME=" + at, "TMPDIR=" + at, browser, "--headless=new",
                  // The program is in namespaces of the run already, which allow no others inside.
                  "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                  "--user-data-dir=" + at + "/profile", "--window-size=1280,800",
                  "--hide-scrollbars", "--virtual-time-budget=5000",
                  "--ignore-certificate-errors-spki-list=" + session.ingress().pin(),
                  "--screenshot=" + at + "/page.png",
                  "https://" + session.plan().domain +
                      (session.plan().settings.path.empty() ? "/" : session.plan().settings.path)};
  auto covers = seclude(session.engine().place(), session.setup().state);
  if (!covers) return "its directories cannot be made";
  command.covers = std::move(*covers);
  command.covers.push_back({std::string(engine::inside_directory) + "/pictures", at});
  command.directory = at;
  command.user = nobody;
  session.watcher().wait("chromium");
  const auto finished = finish(
      [&](engine::CompanionCommand wanted) {
        return session.ingress().start_visitor(std::move(wanted));
      },
      std::move(command), longest, session.stopping());
  if (!finished) return "chromium cannot be started";
  const auto directory = base::open_path(place, O_RDONLY | O_DIRECTORY);
  if (!directory) return "its directory cannot be read";
  const auto picture = base::read_within(directory->get(), "page.png", largest_picture);
  if (!picture || picture->empty()) {
    return "chromium took none (status " + std::to_string(finished->status) + ")";
  }
  if (!base::replace_file(path, *picture)) return "it cannot be written";
  return {};
}

}  // namespace ccci::run

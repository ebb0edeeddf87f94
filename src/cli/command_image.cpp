// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/open_store.hpp"
#include "command/invocation.hpp"
#include "image/image.hpp"
#include "image/push.hpp"
#include "project/build.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

// Where each image goes. Several images need a directory.
base::Result<std::vector<fs::path>> files_of(const std::vector<std::string>& names,
                                             const std::string& out) {
  const bool directory = out.empty() || fs::is_directory(out);
  if (names.size() > 1 && !directory)
    return base::unexpected(base::fail("image.one-file").with("file", out));
  std::vector<fs::path> files;
  for (const std::string& name : names)
    files.push_back(directory ? fs::path(out) / (name + ".tar") : fs::path(out));
  return files;
}

base::Json to_json(const std::vector<image::Made>& all) {
  base::Json list = base::Json::array();
  for (const image::Made& made : all) {
    list.push_back(base::Json{{"name", made.name},
                              {"file", made.file.native()},
                              {"tags", made.tags},
                              {"digest", made.digest},
                              {"id", made.id},
                              {"bytes", made.bytes}});
  }
  base::Json json{{"schema", 1}};
  json["images"] = list;
  return json;
}

base::Result<std::vector<image::Pushed>> push_all(Invocation& invocation,
                                                  const project::Project& project,
                                                  store::Store& store, const lock::Lock& lock,
                                                  const std::vector<image::Made>& all) {
  CCCI_TRY(const host::Build built, project::build(project, invocation.context(), store, lock, {}));
  std::vector<image::Pushed> pushed;
  for (const image::Made& made : all) {
    invocation.progress().begin("pushing " + made.name, 0, base::Progress::Unit::things);
    CCCI_TRY(const auto some, image::push(made, built, base::real_processes()));
    pushed.insert(pushed.end(), some.begin(), some.end());
  }
  invocation.end_progress();
  return pushed;
}

base::Result<int> run_image(Invocation& invocation) {
  CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
  CCCI_TRY(const std::vector<std::string> names, image::names(project, invocation.operands()));
  CCCI_TRY(const std::vector<fs::path> files,
           files_of(names, invocation.value("out").value_or("")));
  if (invocation.has("push")) {
    if (invocation.globals().offline) return base::unexpected(base::fail("image.offline"));
    for (const std::string& name : names)
      CCCI_CHECK(image::check_tags(name, project.declaration.images.at(name).tags));
    const char* credentials = getenv("REGISTRY_AUTH_FILE");
    CCCI_CHECK(image::check_credentials(credentials == nullptr ? "" : credentials));
  }
  CCCI_TRY(const lock::Lock lock,
           project::lock_for_build(project, invocation.context(), !invocation.has("locked")));
  CCCI_TRY(store::Store store, open_store(invocation));
  std::vector<image::Made> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    CCCI_TRY(image::Made made,
             image::make(project, invocation.context(), store, lock, names[i], files[i]));
    all.push_back(std::move(made));
  }
  invocation.end_progress();
  std::vector<image::Pushed> pushed;
  if (invocation.has("push")) {
    CCCI_TRY(pushed, push_all(invocation, project, store, lock, all));
  }
  if (invocation.json()) {
    base::Json json = to_json(all);
    for (const image::Pushed& one : pushed)
      json["pushed"].push_back({{"tag", one.tag}, {"digest", one.digest}});
    invocation.print(json);
    return 0;
  }
  report::Table table({{.heading = ""}, {.heading = ""}, {.heading = "", .elastic = true}});
  for (const image::Made& made : all) {
    table.row({made.name, base::human_bytes(made.bytes), made.file.native()});
    table.row({"", "digest", made.digest});
    for (const std::string& tag : made.tags) table.row({"", "tag", tag});
  }
  for (const image::Pushed& one : pushed) table.row({"", "pushed", one.tag});
  invocation.print(table);
  return 0;
}

}  // namespace

const Command& image_command() {
  static const Command command{
      .name = "image",
      .section = "Lock and build",
      .purpose = "make container images of the locked packages",
      .operands =
          {{.name = "NAME", .optional = true, .repeatable = true, .completes = Completion::image}},
      .options = {{.name = "out",
                   .letter = 'o',
                   .value = "FILE",
                   .help = "the file to write; for several images, a directory",
                   .shown = "NAME.tar",
                   .completes = Completion::file},
                  {.name = "push",
                   .help = "push each image to the registries of its tags, by skopeo"},
                  {.name = "locked", .help = "never resolve; fail if the lock is missing or stale"},
                  json_option()},
      .prose =
          "Makes the images that [images] declares; without NAME, all of them. An image is one "
          "file: "
          "an OCI archive that 'docker load' and 'podman load' read too. It is made of the locked "
          "packages, so it is the same on every machine. No container engine is needed.\n\n"
          "--push needs skopeo among the packages of [runtime]. Credentials are those of docker "
          "login.\n\n"
          "If there is no lock, or if it does not agree with the declaration, cc-ci lock runs "
          "first; --locked forbids that.",
      .example = "cc-ci image web --out web.tar",
      .run = &run_image,
  };
  return command;
}

}  // namespace ccci::cli

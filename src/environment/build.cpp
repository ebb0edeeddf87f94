// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/build.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/certificates.hpp"
#include "environment/finishing.hpp"
#include "environment/java_store.hpp"
#include "environment/record.hpp"
#include "environment/root.hpp"
#include "environment/sibling.hpp"
#include "seal/sealed_run.hpp"
#include "store/full.hpp"
#include "store/meta.hpp"

namespace ccci::environment {

namespace {

constexpr std::uint64_t largest_certificate = 1U << 20U;

constexpr std::uint64_t largest_php_module = 1U << 20U;

base::Result<void> make_certificates(Root& root, const Plan& plan) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const std::string& path : plan.certificates) {
    CCCI_TRY(std::string pem, root.read(path, largest_certificate));
    files.emplace_back(path, std::move(pem));
  }
  if (files.empty()) return {};
  if (plan.java_store) {
    CCCI_TRY(const std::string content, java_store(files));
    CCCI_CHECK(root.write(java_store_file, content, plan.certificates_time));
  }
  CCCI_TRY(const Certificates certificates, bundle(std::move(files)));
  CCCI_CHECK(root.write(certificate_bundle, certificates.bundle, plan.certificates_time));
  const std::string directory =
      std::string(certificate_bundle).substr(0, std::string(certificate_bundle).rfind('/') + 1);
  for (const auto& [name, target] : certificates.links) {
    // Use hard links to the certificates: a symbolic link to such a long path takes a whole disk
    // block, and there are about 140 of them.
    if (target.starts_with('/')) {
      CCCI_CHECK(root.same(directory + name, target.substr(1)));
    } else {
      CCCI_CHECK(root.link(directory + name, target));
    }
  }
  return {};
}

base::Result<void> enable_php_modules(Root& root, const std::vector<PhpModule>& modules) {
  for (const PhpModule& module : modules) {
    CCCI_TRY(const std::string text, root.read(module.file, largest_php_module));
    CCCI_CHECK(root.link(module.directory + "/" + php_link_name(module, text), "/" + module.file));
  }
  return {};
}

// Makes an empty directory for sealed_run.hpp next to the root, and removes it in the end.
class SealDirectory {
 public:
  static base::Result<SealDirectory> make(const std::filesystem::path& root) {
    SealDirectory made;
    made.path_ = root.native() + "-sealed";
    for (const char* name : {"", "/upper", "/work", "/mnt"}) {
      if (mkdir((made.path_ + name).c_str(), 0755) == 0) continue;
      return base::unexpected(
          base::fail("environment.compose").with("path", "/").with_errno(errno));
    }
    CCCI_TRY(made.fd_, base::open_path(made.path_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    CCCI_TRY(made.parent_, base::open_path(root.parent_path(), O_RDONLY | O_DIRECTORY));
    return made;
  }

  void remove() const {
    static_cast<void>(!fchmodat(fd_.get(), "work/work", 0700, 0));  // overlayfs makes it with 000
    static_cast<void>(
        base::remove_tree(parent_.get(), std::filesystem::path(path_).filename().native()));
  }

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  base::Fd fd_;
  base::Fd parent_;
};

base::Result<std::string> linker_cache_of(const SealDirectory& place, const std::string& lower,
                                          bool wrapped) {
  constexpr std::uint64_t largest_cache = 64U << 20U;
  seal::SealedRun run;
  run.directory = place.fd();
  run.path = place.path();
  run.lower = lower;
  run.bare = true;
  run.commands = {linker_cache_command(wrapped)};
  run.variables = {"PATH=/nowhere", "LC_ALL=C"};
  CCCI_TRY(const seal::SealedOutcome outcome, seal::run_sealed(run));
  auto file =
      base::open_in_root(outcome.upper.get(), linker_cache, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) {
    return base::unexpected(base::fail("environment.finishing")
                                .with("step", "linker cache")
                                .with("output", base::printable(outcome.output.substr(0, 400))));
  }
  return base::read_fd(file->get(), largest_cache, linker_cache);
}

// Runs the root's own ldconfig, which writes the format that the root's linker reads. It is a
// program of a package, so it runs sealed off.
base::Result<void> make_linker_cache(Root& root, const std::filesystem::path& path,
                                     std::int64_t time) {
  const bool wrapped = std::filesystem::exists(path / "usr/sbin/ldconfig.real");  // Ubuntu
  CCCI_TRY(const SealDirectory place, SealDirectory::make(path));
  auto cache = linker_cache_of(place, "../" + path.filename().native(), wrapped);
  place.remove();
  if (!cache) return base::unexpected(std::move(cache).error());
  return root.write(linker_cache, *cache, time);
}

base::Result<void> write_file(int directory, const char* name, std::string_view content) {
  const base::Fd file(openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file) {
    return base::unexpected(base::fail("environment.compose").with("path", name).with_errno(errno));
  }
  return base::write_all(file.get(), content);
}

}  // namespace

std::vector<std::string> linker_cache_command(bool wrapped) {
  // -X: make no links, because the library packages contain them. -i: read no auxiliary cache.
  return {wrapped ? "/usr/sbin/ldconfig.real" : "/usr/sbin/ldconfig", "-X", "-i", "-C",
          std::string("/") + linker_cache};
}

base::Result<store::WrittenTree> compose_root(const store::Store& store, const Plan& plan,
                                              const std::vector<Part>& parts, int directory,
                                              const std::filesystem::path& path, Sibling* sibling) {
  Root root(store, parts, directory, plan.epoch, sibling);
  CCCI_CHECK(root.make(plan.operations));
  CCCI_CHECK(make_certificates(root, plan));
  CCCI_CHECK(enable_php_modules(root, plan.php_modules));
  if (plan.linker_cache) CCCI_CHECK(make_linker_cache(root, path, plan.epoch));
  return std::move(root).finish();
}

namespace {

base::Result<Environment> compose(store::Store& store, const Plan& plan,
                                  const std::vector<Part>& parts, store::Staging& staging) {
  const int object = staging.directory();
  if (mkdirat(object, "root", 0755) != 0) {
    return base::unexpected(base::fail("environment.compose").with("path", "/").with_errno(errno));
  }
  const base::Fd directory(openat(object, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  Sibling sibling(store, plan.needs);
  CCCI_TRY(const store::WrittenTree made,
           compose_root(store, plan, parts, directory.get(), staging.path() / "root", &sibling));
  staging.root_is_normal();
  Environment environment = plan.environment;
  environment.digest = made.digest.hex();
  environment.bytes = made.manifest.bytes();
  environment.entries = made.manifest.entries.size();
  CCCI_CHECK(write_file(object, record_file, write_record(environment)));
  CCCI_CHECK(write_file(object, scripts_file, write_scripts(environment, plan.left_out)));
  base::Json meta;
  store::set_needs(meta, plan.needs);
  CCCI_CHECK(store::write_content(staging, made.manifest, made.digest, std::move(meta)));
  return environment;
}

}  // namespace

base::Result<Environment> build(store::Store& store, const Plan& plan,
                                const std::vector<Part>& parts) {
  CCCI_TRY(std::optional<store::Staging> staging, store.claim(plan.address));
  if (!staging) return load(store, plan.address);
  auto composed = compose(store, plan, parts, *staging);
  if (!composed) {
    // Files are shared, so the needed space is one block for each directory plus the manifest.
    const auto directories = std::count_if(
        plan.operations.begin(), plan.operations.end(),
        [](const Operation& operation) { return operation.kind == Operation::Kind::directory; });
    const std::uint64_t needed =
        store::blocks_of(1U << 20U, static_cast<std::uint64_t>(directories));
    base::Error error = std::move(composed).error();
    const bool full = store::is_full(error);
    const int directory = store.directory();
    staging.reset();  // first delete the staged files, so that no_space() sees the final free space
    return base::unexpected(full ? store::no_space(plan.address.label, needed, directory)
                                 : std::move(error));
  }
  Environment environment = std::move(*composed);
  CCCI_CHECK(store.publish(std::move(*staging)));
  environment.path = store.path(plan.address).native();
  environment.root = environment.path + "/root";
  return environment;
}

base::Result<Environment> load(const store::Store& store, const store::Address& address) {
  const std::filesystem::path path = store.path(address);
  CCCI_TRY(const std::string text, base::read_file(path / record_file, largest_record));
  CCCI_TRY(Environment environment, read_record(text, address));
  environment.path = path.native();
  environment.root = environment.path + "/root";
  return environment;
}

base::Result<std::vector<Script>> load_scripts(const store::Store& store,
                                               const store::Address& address) {
  CCCI_TRY(const std::string text,
           base::read_file(store.path(address) / scripts_file, largest_record));
  return read_scripts(text, address);
}

}  // namespace ccci::environment

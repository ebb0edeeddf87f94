// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/documents.hpp"

#include <array>
#include <ctime>

#include "base/date.hpp"
#include "base/process.hpp"

namespace ccci::image {

namespace {

using base::Json;

constexpr const char* config_type = "application/vnd.oci.image.config.v1+json";
constexpr const char* layer_type = "application/vnd.oci.image.layer.v1.tar";
constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";

// OCI uses Go's names.
std::string go_architecture(const std::string& architecture) {
  if (architecture == "i386") return "386";
  if (architecture == "armhf" || architecture == "armel") return "arm";
  if (architecture == "ppc64el") return "ppc64le";
  if (architecture == "mips64el") return "mips64le";
  return architecture;
}

std::string time_text(std::int64_t seconds) {
  return base::rfc3339(std::chrono::system_clock::from_time_t(seconds));
}

Json descriptor(const char* type, const Blob& blob) {
  return Json{{"mediaType", type}, {"digest", "sha256:" + blob.digest}, {"size", blob.size}};
}

}  // namespace

Json config_document(const declare::Image& image, const std::string& architecture,
                     const Blob& layer, std::int64_t time) {
  Json about = Json::object();
  if (!image.user.empty()) about["User"] = image.user;
  if (!image.ports.empty()) {
    about["ExposedPorts"] = Json::object();
    for (const std::string& port : image.ports) {
      const bool bare = port.find('/') == std::string::npos;
      about["ExposedPorts"][bare ? port + "/tcp" : port] = Json::object();
    }
  }
  Json variables = Json::array();
  if (!image.variables.contains("PATH"))
    variables.push_back(std::string("PATH=") + base::standard_path);
  for (const auto& [name, value] : image.variables) variables.push_back(name + "=" + value);
  about["Env"] = variables;
  if (!image.entrypoint.empty()) about["Entrypoint"] = Json(image.entrypoint);
  if (!image.command.empty()) about["Cmd"] = Json(image.command);
  if (!image.workdir.empty()) about["WorkingDir"] = image.workdir;
  if (!image.labels.empty()) about["Labels"] = Json(image.labels);
  const std::string created = time_text(time);
  Json document{{"created", created}, {"architecture", go_architecture(architecture)}};
  if (architecture == "armhf") document["variant"] = "v7";
  document["os"] = "linux";
  document["config"] = about;
  document["rootfs"] = Json{{"type", "layers"}};
  document["rootfs"]["diff_ids"] = Json::array({Json("sha256:" + layer.digest)});
  document["history"] = Json::array({Json{{"created", created}, {"created_by", "cc-ci image"}}});
  return document;
}

Json manifest_document(const Blob& config, const Blob& layer) {
  Json document{{"schemaVersion", 2}, {"mediaType", manifest_type}};
  document["config"] = descriptor(config_type, config);
  document["layers"] = Json::array({descriptor(layer_type, layer)});
  return document;
}

Json index_document(const declare::Image& image, const Blob& manifest) {
  Json document{{"schemaVersion", 2}, {"mediaType", index_type}};
  Json list = Json::array();
  for (const std::string& tag : image.tags) {
    Json entry = descriptor(manifest_type, manifest);
    entry["annotations"] = Json{{"org.opencontainers.image.ref.name", tag}};
    list.push_back(entry);
  }
  document["manifests"] = list;
  return document;
}

Json docker_document(const declare::Image& image, const Blob& config, const Blob& layer) {
  Json entry{{"Config", config.path()}};
  entry["RepoTags"] = Json(image.tags);
  entry["Layers"] = Json::array({Json(layer.path())});
  return Json::array({entry});
}

}  // namespace ccci::image

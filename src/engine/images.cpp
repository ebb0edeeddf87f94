// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/images.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "base/url.hpp"

namespace ccci::engine {

namespace {

constexpr std::size_t piece_size = 256U << 10U;
constexpr std::string_view loaded_name = "Loaded image: ";
constexpr std::string_view loaded_id = "Loaded image ID: ";

Image read_image(const base::Json& json) {
  Image image;
  image.id = json["Id"].text_or_empty();
  for (const base::Json& name : json["RepoTags"].elements()) {
    if (name.text_or_empty() != "<none>:<none>") image.names.push_back(name.text_or_empty());
  }
  for (const base::Json& name : json["RepoDigests"].elements()) {
    if (name.text_or_empty() != "<none>@<none>") image.digests.push_back(name.text_or_empty());
  }
  image.bytes = json["Size"].number().value_or(0);
  return image;
}

std::string image_path(const std::string& name, const std::string& call) {
  return "/images/" + base::percent_encoded(name) + call;
}

}  // namespace

base::Result<std::vector<std::string>> load_images(const Api& api, BodySource archive,
                                                   const Guard& guard,
                                                   std::chrono::milliseconds deadline) {
  Request request;
  request.method = "POST";
  request.target = "/images/load";
  request.content_type = "application/x-tar";
  request.source = std::move(archive);
  request.guard = guard;
  request.deadline = deadline;
  CCCI_TRY(const Response response, api.call(std::move(request), {{"quiet", "1"}}));
  // One JSON object a line. The status is 200 also if loading failed in the middle.
  std::vector<std::string> names;
  for (const std::string_view line : base::split(response.body, '\n')) {
    const auto json = base::Json::parse(line);
    if (!json) continue;
    if (json->contains("error")) {
      return base::unexpected(
          base::fail("engine.load").with("problem", (*json)["error"].text_or_empty()));
    }
    const std::string text = (*json)["stream"].text_or_empty();
    for (const std::string_view start : {loaded_name, loaded_id}) {
      if (text.starts_with(start)) names.emplace_back(base::trim(text.substr(start.size())));
    }
  }
  if (names.empty()) {
    return base::unexpected(
        base::fail("engine.load").with("problem", "no image is in the archive"));
  }
  return names;
}

base::Result<std::vector<std::string>> load_images(const Api& api, int archive,
                                                   std::chrono::milliseconds deadline) {
  const BodySource source = [archive]() -> base::Result<std::string> {
    std::string piece(piece_size, '\0');
    ssize_t size = 0;
    while ((size = read(archive, piece.data(), piece.size())) < 0 && errno == EINTR) {
    }
    if (size < 0) {
      return base::unexpected(
          base::fail("base.read").with("path", "image archive").with_errno(errno));
    }
    piece.resize(static_cast<std::size_t>(size));
    return piece;
  };
  return load_images(api, source, {}, deadline);
}

base::Result<std::vector<Image>> list_images(const Api& api) {
  CCCI_TRY(const base::Json json, api.get("/images/json"));
  std::vector<Image> images;
  for (const base::Json& image : json.elements()) images.push_back(read_image(image));
  return images;
}

base::Result<std::optional<Image>> find_image(const Api& api, const std::string& name) {
  CCCI_TRY(const std::optional<base::Json> json, api.find(image_path(name, "/json")));
  if (!json) return std::nullopt;
  return read_image(*json);
}

base::Result<void> tag_image(const Api& api, const std::string& image, const std::string& name) {
  const ImageName parts = split_image_name(name);
  CCCI_CHECK(
      api.post(image_path(image, "/tag"), {}, {{"repo", parts.repository}, {"tag", parts.tag}}));
  return {};
}

base::Result<std::uint64_t> prune_images(const Api& api) {
  CCCI_TRY(const base::Json json, api.post("/images/prune", {}));
  return json["SpaceReclaimed"].number().value_or(0);
}

std::string familiar_name(const std::string& name) {
  std::string_view rest = name;
  for (const std::string_view registry : {"docker.io/", "index.docker.io/"}) {
    if (rest.starts_with(registry)) rest.remove_prefix(registry.size());
  }
  constexpr std::string_view official = "library/";
  if (rest.starts_with(official)) rest.remove_prefix(official.size());
  const ImageName parts = split_image_name(std::string(rest));
  return parts.tag.empty() ? parts.repository : parts.repository + ":" + parts.tag;
}

ImageName split_image_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t at = name.find('@');
  const std::size_t colon = name.rfind(':', at == std::string::npos ? at : at - 1);
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  if (at != std::string::npos) return {name, ""};
  if (!tagged) return {name, "latest"};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

}  // namespace ccci::engine

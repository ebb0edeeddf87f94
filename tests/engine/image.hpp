// SPDX-License-Identifier: GPL-3.0-or-later
// Image archives as `docker save` makes them, with busybox as the only program.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "engine/images.hpp"

namespace ccci::engine {

struct TarMember {
  std::string name;  // ends with '/': a directory
  std::string content;
  unsigned mode = 0755;
  std::string link;  // a symbolic link
};

inline std::string tar(const std::vector<TarMember>& members) {
  std::string archive;
  for (const TarMember& member : members) {
    std::array<char, 512> header{};
    const char type = !member.link.empty() ? '2' : member.name.ends_with('/') ? '5' : '0';
    std::snprintf(header.data(), 100, "%s", member.name.c_str());
    std::snprintf(header.data() + 100, 8, "%07o", member.mode);
    std::snprintf(header.data() + 108, 8, "%07o", 0U);
    std::snprintf(header.data() + 116, 8, "%07o", 0U);
    std::snprintf(header.data() + 124, 12, "%011zo", member.content.size());
    std::snprintf(header.data() + 136, 12, "%011o", 1U);
    header[156] = type;
    std::snprintf(header.data() + 157, 100, "%s", member.link.c_str());
    std::snprintf(header.data() + 257, 8, "ustar");
    header[263] = header[264] = '0';
    std::fill_n(header.begin() + 148, 8, ' ');
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    std::snprintf(header.data() + 148, 8, "%06o", sum);
    archive.append(header.data(), header.size());
    archive += member.content;
    archive.append((512 - archive.size() % 512) % 512, '\0');
  }
  return archive.append(1024, '\0');
}

struct TestImage {
  std::vector<std::string> names;
  std::string layer;
  std::string config;

  // `command` is what the image runs.
  TestImage(std::vector<std::string> with_names, const std::string& busybox,
            const std::vector<std::string>& command)
      : names(std::move(with_names)) {
    std::vector<TarMember> members{{"bin/", "", 0755, ""},
                                   {"bin/busybox", busybox, 0755, ""},
                                   {"etc/", "", 0755, ""},
                                   {"tmp/", "", 01777, ""},
                                   {"etc/passwd", "root:x:0:0::/:/bin/sh\n", 0644, ""}};
    for (const char* name : {"sh", "sleep", "true", "false", "cat", "echo", "touch", "httpd", "dd",
                             "rm", "test", "ls", "wget", "nslookup", "env", "id", "trap"}) {
      members.push_back({std::string("bin/") + name, "", 0777, "busybox"});
    }
    layer = tar(members);
    base::Json about = base::Json::object();
    about["Cmd"] = base::Json(command);
    about["Env"] = base::Json::array({"PATH=/bin"});
    base::Json root{{"type", "layers"}};
    root["diff_ids"] = base::Json::array({"sha256:" + base::sha256(layer).hex()});
    base::Json json{{"architecture", "amd64"}, {"os", "linux"}};
    json["config"] = about;
    json["rootfs"] = root;
    config = json.dump();
  }

  std::string docker_archive() const {
    base::Json image{{"Config", "config.json"}};
    image["RepoTags"] = base::Json(names);
    image["Layers"] = base::Json::array({"layer.tar"});
    return tar({{"config.json", config, 0644, ""},
                {"layer.tar", layer, 0644, ""},
                {"manifest.json", base::Json::array({image}).dump(), 0644, ""}});
  }

  // An OCI layout; the index of each name leads to a manifest by architecture. `whole`: the name is
  // where containerd looks, and the other annotation has the tag.
  std::string oci_archive(const std::string& architecture = "amd64",
                          const std::string& whole = {}) const {
    std::vector<TarMember> members{{"oci-layout", R"({"imageLayoutVersion":"1.0.0"})", 0644, ""}};
    const auto blob = [&](const std::string& content) {
      const std::string digest = base::sha256(content).hex();
      members.push_back({"blobs/sha256/" + digest, content, 0644, ""});
      return base::Json{{"digest", "sha256:" + digest}, {"size", content.size()}};
    };
    base::Json manifest{{"schemaVersion", 2}};
    manifest["config"] = blob(config);
    manifest["layers"] = base::Json::array({blob(layer)});
    base::Json platform{{"os", "linux"}, {"architecture", architecture}};
    base::Json fitting = blob(manifest.dump());
    fitting["platform"] = platform;
    base::Json inner{{"schemaVersion", 2}};
    inner["manifests"] = base::Json::array({fitting});
    base::Json list = base::Json::array();
    base::Json entry = blob(inner.dump());
    for (const std::string& name : names) {
      base::Json notes = base::Json::object();
      notes["org.opencontainers.image.ref.name"] = name;
      if (!whole.empty()) notes["io.containerd.image.name"] = whole;
      entry["annotations"] = notes;
      list.push_back(entry);
    }
    base::Json index{{"schemaVersion", 2}};
    index["manifests"] = list;
    members.push_back({"index.json", index.dump(), 0644, ""});
    return tar(members);
  }
};

inline BodySource source_of(std::string bytes) {
  return [left = std::move(bytes)]() mutable -> base::Result<std::string> {
    return std::exchange(left, {});
  };
}

}  // namespace ccci::engine

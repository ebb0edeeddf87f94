// SPDX-License-Identifier: GPL-3.0-or-later
// One service of a stack as it is to run: no variable, no short form, no default name is left to
// resolve. The words are those of the compose file. An absent optional means that the engine's own
// default applies, so code that deploys must leave it out and must not send zero.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ccci::recipe {

using Duration = std::chrono::nanoseconds;
using Labels = std::map<std::string, std::string>;
using Options = std::map<std::string, std::string>;

struct Mount {
  enum class Type { volume, bind, tmpfs };

  Type type = Type::volume;
  std::string source;  // volume: key in Stack::volumes, empty: anonymous; bind: path of the host
  std::string target;  // absolute path in the container
  bool read_only = false;
  bool no_copy = false;                // volume: does not copy the image's files into a new volume
  std::string propagation;             // bind: "rshared" and others, empty: the default
  std::uint64_t tmpfs_size = 0;        // bytes, 0: no limit
  std::optional<unsigned> tmpfs_mode;  // permission bits

  bool operator==(const Mount&) const = default;
};

struct Attachment {
  std::string network;               // key in Stack::networks
  std::vector<std::string> aliases;  // begin with the service's own key
  Options driver_options;

  bool operator==(const Attachment&) const = default;
};

struct Port {
  enum class Mode { ingress, host };

  std::uint16_t target = 0;
  std::uint16_t published = 0;  // 0: the engine chooses
  std::string protocol = "tcp";
  Mode mode = Mode::ingress;

  bool operator==(const Port&) const = default;
};

// A secret or config as a file in the container.
struct FileReference {
  std::string source;  // key in Stack::secrets or Stack::configs
  std::string target;  // a secret's name below /run/secrets, or an absolute path
  std::string uid = "0";
  std::string gid = "0";
  unsigned mode = 0444;

  bool operator==(const FileReference&) const = default;
};

struct Healthcheck {
  std::vector<std::string> test;  // {"CMD-SHELL", …}, {"CMD", …}, {"NONE"}; empty: the image's
  std::optional<Duration> interval;
  std::optional<Duration> timeout;
  std::optional<Duration> start_period;
  std::optional<Duration> start_interval;
  std::optional<std::uint64_t> retries;

  bool operator==(const Healthcheck&) const = default;
};

struct Ulimit {
  std::int64_t soft = 0;
  std::int64_t hard = 0;

  bool operator==(const Ulimit&) const = default;
};

struct Logging {
  std::string driver;
  Options options;

  bool operator==(const Logging&) const = default;
};

}  // namespace ccci::recipe

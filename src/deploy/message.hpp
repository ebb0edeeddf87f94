// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of a deployment as values. Each is read as from a stranger: members of the wrong
// kind or form, or too many of them, make it no message. [deploy.message]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace ccci::deploy {

// What is to be built, and what must come out.
struct Hello {
  std::string version;  // of the sender's cc-ci
  std::string host;     // name of the declaration
  std::string state;    // state directory of the sender: systems contain its path
  std::string file;     // the declaration's name in the project
  std::string project;  // hash of the manifest
  std::string system;   // "HASH-HOST"
  std::string digest;   // of that object
  bool dry = false;     // only say what is lacking

  bool operator==(const Hello&) const = default;
};

// What is active on a host, read there.
struct Active {
  std::uint64_t number = 0;  // 0: nothing
  std::uint64_t confirmed = 0;
  std::string system;
  std::string digest;
  std::string project;  // directory

  bool operator==(const Active&) const = default;
};

struct Ready {
  std::string version;
  bool project = false;  // it is there, whole
  Active active;

  bool operator==(const Ready&) const = default;
};

struct Done {
  std::string system;
  std::string digest;
  std::string project;  // the directory that the host keeps

  bool operator==(const Done&) const = default;
};

std::string write(const Hello& hello);
std::string write(const Ready& ready);
std::string write(const Done& done);
base::Result<Hello> read_hello(std::string_view text);
base::Result<Ready> read_ready(std::string_view text);
base::Result<Done> read_done(std::string_view text);

base::Json to_json(const Active& active);
base::Result<Active> active_from(const base::Json& json);

// An error on its way to the other side, with its fields, places and those behind it; cut where it
// would be larger than a frame.
std::string write(const base::Error& error);
base::Error read_error(std::string_view text);  // of what is none: [deploy.message]
base::Json error_json(const base::Error& error);

// Digests, a line each. At most `most`.
std::string write_wanted(const std::vector<std::string>& digests);
base::Result<std::vector<std::string>> read_wanted(std::string_view text, std::size_t most);

struct BlobHead {
  std::string sha256;
  std::uint64_t size = 0;
};
std::string write(const BlobHead& head);
base::Result<BlobHead> read_blob_head(std::string_view text);

// Text as JSON, at most so deep. [deploy.message]
base::Result<base::Json> parse(std::string_view text, std::string_view message);

}  // namespace ccci::deploy

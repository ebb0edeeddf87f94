// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of a deployment as values. Received messages are untrusted: one with members of the
// wrong kind or form, or with too many members, is refused. [deploy.message]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace ccci::deploy {

// What the host must build, and the result that it must get.
struct Hello {
  std::string version;  // of the sender's cc-ci
  std::string host;     // the host's name in the declaration
  std::string state;    // the sender's state directory: systems contain its path
  std::string file;     // the declaration's file name in the project
  std::string project;  // hash of the manifest
  std::string system;   // "HASH-HOST"
  std::string digest;   // of the system
  bool dry = false;     // only report what the host lacks

  bool operator==(const Hello&) const = default;
};

// What is active on a host, as the host itself reads it.
struct Active {
  std::uint64_t number = 0;  // the generation; 0: none is active
  std::uint64_t confirmed = 0;
  std::string system;
  std::string digest;
  std::string project;  // directory

  bool operator==(const Active&) const = default;
};

// Whether this confirmed system is active.
bool runs(const Active& active, std::string_view system, std::string_view digest);

struct Ready {
  std::string version;
  bool project = false;  // the host has the project, complete and undamaged
  Active active;

  bool operator==(const Ready&) const = default;
};

struct Done {
  std::string system;
  std::string digest;
  std::string project;   // the directory that the host keeps
  bool current = false;  // the host runs this system already, confirmed and without drift

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

// An error for the other side, with its fields, positions and causes. It is truncated if it would
// be larger than a frame.
std::string write(const base::Error& error);
base::Error read_error(std::string_view text);  // returns [deploy.message] if the text is no error
base::Json error_json(const base::Error& error);

// Digests, one per line; read_wanted() accepts at most `most` of them.
std::string write_wanted(const std::vector<std::string>& digests);
base::Result<std::vector<std::string>> read_wanted(std::string_view text, std::size_t most);

struct BlobHead {
  std::string sha256;
  std::uint64_t size = 0;
};
std::string write(const BlobHead& head);
base::Result<BlobHead> read_blob_head(std::string_view text);

// Parses JSON text with a limited depth of nesting. `message` names it in errors. [deploy.message]
base::Result<base::Json> parse(std::string_view text, std::string_view message);

}  // namespace ccci::deploy

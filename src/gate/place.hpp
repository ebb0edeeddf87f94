// SPDX-License-Identifier: GPL-3.0-or-later
// The place of one verification: a fresh directory with clone, home and temporary files, and the
// state directory that the checks see.
//
// Entrypoints and systems contain the path of the state directory. So their bytes are the same as
// on the hosts only if the path is the same. As root, an empty state is therefore mounted over the
// standard one, in a mount namespace that only the checks use. The machine's own state is not
// visible and not changed. The kernel removes the mount with the namespace, however this process
// ends. Rejected: a chroot (every check would need a system of its own), digests without the
// directory (they would differ from those of the hosts).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/json.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"

namespace ccci::gate {

inline constexpr const char* standard_state = "/var/lib/cc-ci";

struct PlaceWish {
  std::filesystem::path scratch;   // an existing directory; a new one is made in it and removed
  std::filesystem::path archives;  // fetched archives to start with; empty: none
  bool in_memory = false;          // the state may be in memory if enough is free
  bool keep = false;               // do not remove clone and home
};

class Place {
 public:
  // [base.mkdir]
  static base::Result<Place> make(const PlaceWish& wish, base::Progress& progress = base::silent());
  // Call before the first check. Makes an empty state, or uses the machine's own with `live`. If no
  // namespace can be made, the record gets a note; this is not an error.
  void settle(bool live);
  ~Place();
  Place(Place&& other) noexcept;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  Place& operator=(Place&&) = delete;

  std::filesystem::path clone() const { return path_ / "clone"; }
  std::filesystem::path below(const char* name) const { return path_ / name; }

  // The mount namespace in which checks run; -1: our own.
  int mounts() const { return mounts_.get(); }
  // HOME, TMPDIR and, if the state is not at its standard path, CC_CI_STATE.
  std::vector<std::string> variables() const;
  // {"path", "kind": "standard", "elsewhere" or "live", "in_memory", "note"}, for the record.
  base::Json state() const;

 private:
  Place(std::filesystem::path path, const PlaceWish& wish, base::Progress& progress);

  base::Result<void> make_directories() const;
  std::string mount_standard(std::uint64_t memory);  // empty, or why it failed
  void remove_quickly() const;

  std::filesystem::path path_;
  PlaceWish wish_;
  base::Progress* progress_;  // told what could not be removed
  base::Fd mounts_;
  std::uint64_t memory_ = 0;    // largest size in bytes; 0: on disk
  bool made_standard_ = false;  // the directory was missing and was made
  bool live_ = false;
  std::string note_;
};

}  // namespace ccci::gate

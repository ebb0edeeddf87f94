// SPDX-License-Identifier: GPL-3.0-or-later
// Where one verification happens: a fresh directory with clone, home and temporary files, and the
// state directory that the checks see.
//
// Entrypoints and systems name the state directory, so their bytes are those of the hosts only
// where it is theirs. As root the empty state is therefore mounted over the standard one, in a
// mount namespace that only the checks are in: nothing of the machine's own state is seen or
// touched, and the state goes with the namespace, whatever ends us. Rejected: a chroot (every check
// would need a system of its own), digests that leave the directory out (they would not be the
// hosts').
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace ccci::gate {

inline constexpr const char* standard_state = "/var/lib/cc-ci";

struct PlaceWish {
  std::filesystem::path scratch;   // an existing directory, in which a new one is made and removed
  std::filesystem::path archives;  // fetched archives to begin with; empty: none
  bool in_memory = false;          // the state may be held in memory, where enough is free
  bool keep = false;               // leave clone and home for a look
};

class Place {
 public:
  // [base.mkdir]
  static base::Result<Place> make(const PlaceWish& wish);
  // Before the first check: an empty state, or with `live` the machine's own. That no namespace can
  // be made is a note in the record, no error.
  void settle(bool live);
  ~Place();
  Place(Place&& other) noexcept;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  Place& operator=(Place&&) = delete;

  std::filesystem::path clone() const { return path_ / "clone"; }
  std::filesystem::path below(const char* name) const { return path_ / name; }

  // The namespace in which checks run; -1: ours.
  int mounts() const { return mounts_.get(); }
  // HOME, TMPDIR and, where the state does not stand at its standard place, CC_CI_STATE.
  std::vector<std::string> variables() const;
  // {"path", "kind": "standard", "elsewhere" or "live", "in_memory", "note"}, for the record.
  base::Json state() const;

 private:
  Place(std::filesystem::path path, const PlaceWish& wish);

  base::Result<void> make_directories() const;
  std::string mount_standard(std::uint64_t memory);  // empty, or why it could not be
  void remove_quickly() const;

  std::filesystem::path path_;
  PlaceWish wish_;
  base::Fd mounts_;
  std::uint64_t memory_ = 0;    // bytes at most; 0: on disk
  bool made_standard_ = false;  // the directory was missing
  bool live_ = false;
  std::string note_;
};

}  // namespace ccci::gate

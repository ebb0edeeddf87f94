// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/packed_text.hpp"

#include <gtest/gtest.h>

namespace ccci::store {
namespace {

constexpr std::uint64_t enough = 64U << 20U;

std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 4 * packed_from; ++i) text += "d usr/" + std::to_string(i) + "\n";
  return text;
}

TEST(PackedText, LeavesShortTextsReadable) {
  EXPECT_EQ(pack_text("d usr\n").value(), "d usr\n");
  EXPECT_EQ(unpack_text("d usr\n", enough, "m").value(), "d usr\n");
}

TEST(PackedText, IsSmallerAndComesBack) {
  const std::string text = long_text();
  const auto packed = pack_text(text);
  ASSERT_TRUE(packed);
  EXPECT_LT(packed->size(), text.size() / 3);
  EXPECT_EQ(unpack_text(*packed, enough, "m").value(), text);
}

TEST(PackedText, EndsAtItsLimit) {
  const auto text = unpack_text(pack_text(std::string(8U << 20U, 'x')).value(), 1U << 20U, "m");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, "store.manifest");
  EXPECT_EQ(text.error().field("file"), "m");
}

TEST(PackedText, TellsWhereItWasCutOrChanged) {
  const std::string packed = pack_text(long_text()).value();
  for (const std::size_t length : {std::size_t{4}, packed.size() / 2, packed.size() - 1}) {
    const auto text = unpack_text(packed.substr(0, length), enough, "m");
    ASSERT_FALSE(text) << length;
    EXPECT_EQ(text.error().code, "store.manifest");
  }
}

}  // namespace
}  // namespace ccci::store

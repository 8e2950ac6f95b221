#include "testing/sim/damage.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace lsm::sim {
namespace {

using Kind = Damage::Kind;

class DamageTest : public testing::Test {
 protected:
  DamageTest() {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.OverwriteFile("/d/a", "0123456789").ok());
    EXPECT_TRUE(env_.OverwriteFile("/d/b", "abcdefghij").ok());
  }
  // The file's bytes, before and after a power cut: damage is durable.
  std::string After(const Damage& damage, const std::string& path = "/d/a") {
    const Status status = Inflict(&env_, damage);
    EXPECT_TRUE(status.ok()) << status.ToString();
    const std::string seen = *env_.ReadWholeFile(path);
    env_.Restart({});
    EXPECT_EQ(*env_.ReadWholeFile(path), seen);
    return seen;
  }
  SimEnv env_{SimOptions{}};
};

TEST_F(DamageTest, FlipsABit) {
  EXPECT_EQ(After({.kind = Kind::kFlip, .path = "/d/a", .offset = 3, .number = 0}), "0122456789");
}
TEST_F(DamageTest, FillsWithGarbage) {
  const std::string found =
      After({.kind = Kind::kGarbage, .path = "/d/a", .offset = 4, .bytes = 3, .number = 1});
  EXPECT_EQ(found.substr(0, 4) + found.substr(7), "0123789");
  EXPECT_NE(found.substr(4, 3), "456");
}
TEST_F(DamageTest, LosesAWrite) {
  EXPECT_EQ(After({.kind = Kind::kZero, .path = "/d/a", .offset = 8, .bytes = 512}),
            std::string("01234567\0\0", 10));
}
TEST_F(DamageTest, CutsOff) {
  EXPECT_EQ(After({.kind = Kind::kTruncate, .path = "/d/a", .offset = 4}), "0123");
}
TEST_F(DamageTest, DuplicatesABlockOfAnotherFile) {
  EXPECT_EQ(After({.kind = Kind::kDuplicate,
                   .path = "/d/a",
                   .offset = 2,
                   .bytes = 3,
                   .from = "/d/b",
                   .from_offset = 1}),
            "01bcd56789");
  EXPECT_EQ(*env_.ReadWholeFile("/d/b"), "abcdefghij");
}
TEST_F(DamageTest, MisdirectsAWriteWithinAFile) {
  EXPECT_EQ(
      After({.kind = Kind::kMisdirect, .path = "/d/a", .offset = 0, .bytes = 2, .from_offset = 6}),
      std::string("672345\0\00089", 10));
}

TEST_F(DamageTest, WhatChangesNothingIsRefused) {
  for (const Damage& damage : {Damage{.kind = Kind::kFlip, .path = "/d/a", .offset = 10},
                               Damage{.kind = Kind::kTruncate, .path = "/d/a", .offset = 10},
                               Damage{.kind = Kind::kDuplicate, .path = "/d/a", .bytes = 4},
                               Damage{.kind = Kind::kZero, .path = "/d/a", .bytes = 0}}) {
    EXPECT_EQ(Inflict(&env_, damage).code(), StatusCode::kInvalidArgument) << NameOf(damage.kind);
  }
  EXPECT_TRUE(Inflict(&env_, {.path = "/d/c"}).IsNotFound());
}

TEST_F(DamageTest, LeavesWhatIsNotDurableAsItWas) {
  auto file = env_.CreateWritable("/d/w", {});
  ASSERT_TRUE((*file)->Append("synced").ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  ASSERT_TRUE((*file)->Append(" not").ok());
  ASSERT_TRUE((*file)->Flush().ok());
  EXPECT_TRUE(Inflict(&env_, {.kind = Kind::kFlip, .path = "/d/w", .number = 5}).ok());
  EXPECT_EQ(*env_.ReadWholeFile("/d/w"), "Synced not");
  env_.Restart({});
  EXPECT_EQ(*env_.ReadWholeFile("/d/w"), "Synced");
}

TEST_F(DamageTest, OpenPlainFileShowsItAndAMappingDoesNot) {
  auto plain = env_.OpenRandomAccess("/d/a", IoMode::kPlain);
  auto mapped = env_.OpenRandomAccess("/d/a", IoMode::kMapped);
  ASSERT_TRUE(Inflict(&env_, {.path = "/d/a"}).ok());
  char scratch[1];
  EXPECT_EQ(*(*plain)->Read(0, 1, scratch), "1");
  EXPECT_EQ(*(*mapped)->Read(0, 1, nullptr), "0");
}

TEST_F(DamageTest, WordsParseBack) {
  for (int i = 0; i <= static_cast<int>(Kind::kMisdirect); ++i) {
    EXPECT_EQ(ParseDamageKind(NameOf(static_cast<Kind>(i))), static_cast<Kind>(i));
  }
  EXPECT_EQ(NameOf(Kind::kMisdirect), "misdirect");
  EXPECT_EQ(ParseDamageKind("rot"), std::nullopt);
}

}  // namespace
}  // namespace lsm::sim

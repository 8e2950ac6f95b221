#include "testing/damage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "lsm/db.h"
#include "testing/session.h"
#include "testing/trace_run.h"

namespace lsm::lab {
namespace {

constexpr int kWrites = 4;

// A closed database of one log with as many synced groups; all but the last are proven.
class Damaged : public ::testing::Test {
 protected:
  Damaged() {
    options_.env = &env_;
    options_.info_log = &logger_;
    options_.create_if_missing = true;
    options_.wal_io = IoMode::kPlain;
    auto db = DB::Open(options_, kDbPath);
    for (int i = 1; i <= kWrites; ++i) {
      EXPECT_TRUE((*db)->Put(WriteOptions{true}, "k" + std::to_string(i), "value").ok());
    }
    EXPECT_TRUE((*db)->Close().ok());
    sound_ = ReadFiles(&env_, kDbPath);
  }

  std::string NameOf(sim::FileRole role) const {
    for (const auto& [name, bytes] : sound_) {
      if (sim::RoleOf(name) == role && !bytes.empty()) return name;
    }
    return "";
  }
  // Each is short, and one record of the log format: a checksum, two bytes of length, a type.
  static size_t EditsOf(std::string_view manifest) {
    size_t edits = 0;
    while (manifest.size() >= 7) {
      const size_t bytes = static_cast<uint8_t>(manifest[4]) + size_t{7};
      manifest.remove_prefix(std::min(manifest.size(), bytes));
      ++edits;
    }
    return edits;
  }
  static void Flip(std::string* bytes, size_t at) {
    (*bytes)[at] = static_cast<char>((*bytes)[at] ^ 0x41);
  }
  FaultClass ClassOfFlip(sim::FileRole role, size_t at) const {
    Files after = sound_;
    Flip(&after[NameOf(role)], at);
    return ClassOfDamage(sound_, after);
  }
  // How many entries the database shows with these files; -1: it cannot be opened.
  int EntriesOf(const Files& files) {
    for (const auto& [name, bytes] : ReadFiles(&env_, kDbPath)) {
      EXPECT_TRUE(env_.RemoveFile(std::string(kDbPath) + "/" + name).ok());
    }
    for (const auto& [name, bytes] : files) {
      EXPECT_TRUE(env_.OverwriteFile(std::string(kDbPath) + "/" + name, bytes).ok());
    }
    const auto db = DB::Open(options_, kDbPath);
    if (!db.ok()) return -1;
    const auto it = (*db)->NewIterator({});
    return static_cast<int>(WalkForward(it.get()).size());
  }

  sim::SimEnv env_{{}};
  DiscardLogger logger_;
  Options options_;
  Files sound_;
};

TEST_F(Damaged, ALogShowsItUpToTheLastProof) {
  const std::string log = sound_.at(NameOf(sim::FileRole::kLog));
  EXPECT_EQ(ClassOfFlip(sim::FileRole::kLog, 0), FaultClass::kDamage);
  EXPECT_EQ(ClassOfFlip(sim::FileRole::kLog, log.size() / 2), FaultClass::kDamage);
  EXPECT_EQ(ClassOfFlip(sim::FileRole::kLog, log.size() - 1), FaultClass::kTailDamage);
}

TEST_F(Damaged, ACutOffLogShowsNothing) {
  Files after = sound_;
  after[NameOf(sim::FileRole::kLog)].resize(1);
  EXPECT_EQ(ClassOfDamage(sound_, after), FaultClass::kTailDamage);
}

TEST_F(Damaged, AMissingFileIsMissed) {
  for (const sim::FileRole role :
       {sim::FileRole::kLog, sim::FileRole::kManifest, sim::FileRole::kCurrent}) {
    Files after = sound_;
    after.erase(NameOf(role));
    EXPECT_EQ(ClassOfDamage(sound_, after), FaultClass::kDamage) << NameOf(role);
    EXPECT_EQ(EntriesOf(after), -1) << NameOf(role);
  }
}

TEST_F(Damaged, AManifestShowsItBeforeItsLastEdit) {
  const std::string manifest = sound_.at(NameOf(sim::FileRole::kManifest));
  EXPECT_EQ(ClassOfFlip(sim::FileRole::kManifest, 0), FaultClass::kDamage);
  if (EditsOf(manifest) == 1) GTEST_SKIP() << "the stage writes manifests of one edit";
  EXPECT_EQ(ClassOfFlip(sim::FileRole::kManifest, manifest.size() - 1), FaultClass::kTailDamage);
}

// One damage hits the proof of the other.
TEST_F(Damaged, ProofThatIsDamagedItselfProvesNothing) {
  Files after = sound_;
  std::string& log = after.at(NameOf(sim::FileRole::kLog));
  for (size_t at = 0; at < log.size(); ++at) Flip(&log, at);
  EXPECT_EQ(ClassOfDamage(sound_, after), FaultClass::kTailDamage);
}

// The harness and the engine mean the same by proof: byte by byte.
TEST_F(Damaged, TheEngineReportsExactlyWhatShows) {
  for (const sim::FileRole role : {sim::FileRole::kLog, sim::FileRole::kManifest}) {
    const std::string name = NameOf(role);
    for (size_t at = 0; at < sound_.at(name).size(); ++at) {
      Files after = sound_;
      Flip(&after[name], at);
      const bool shows = ClassOfDamage(sound_, after) == FaultClass::kDamage;
      EXPECT_EQ(EntriesOf(after) == -1, shows) << name << " byte " << at;
    }
  }
}

}  // namespace
}  // namespace lsm::lab

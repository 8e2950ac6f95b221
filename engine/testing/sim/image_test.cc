// What the fates do to the bytes, and which of them the profiles allow together.
#include "testing/sim/image.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "testing/sim/sim_env.h"

namespace lsm::sim {
namespace {

using Kind = Fate::Kind;

class Images : public testing::Test {
 protected:
  Images() {
    EXPECT_TRUE(env_.CreateDir("/d").ok());
    EXPECT_TRUE(env_.SyncDir("/").ok());
  }

  // Durable, entry and all.
  void Durable(const std::string& path, std::string_view bytes) {
    EXPECT_TRUE(env_.OverwriteFile(path, bytes).ok());
  }
  // A new file with a durable entry; kMapped: and a durable window.
  std::unique_ptr<WritableFile> Create(const std::string& path, uint64_t window = 0) {
    auto file = env_.CreateWritable(path, {window == 0 ? IoMode::kPlain : IoMode::kMapped, window});
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    EXPECT_TRUE((*file)->Sync().ok());
    EXPECT_TRUE(env_.SyncDir("/d").ok());
    return std::move(*file);
  }
  void Append(WritableFile* file, std::string_view bytes) {
    EXPECT_TRUE(file->Append(bytes).ok());
    EXPECT_TRUE(file->Flush().ok());
  }
  std::string Contents(const std::string& path) {
    auto bytes = env_.ReadWholeFile(path);
    return bytes.ok() ? *bytes : "none";
  }
  Status Check(Profile profile, const Image& image) {
    return CheckImage(profile, env_.Unsynced(), image);
  }
  uint64_t Count(Profile profile) {
    return ForEachImage(profile, env_.Unsynced(), UINT64_MAX, [](const Image&) {});
  }

  SimEnv env_{{}};
};

// --- Fates ---

// Ten durable bytes, then ten that are not: [sector 0, size].
class AppendedTail : public Images {
 protected:
  AppendedTail() : file_(Create("/d/a")) {
    Append(file_.get(), "0123456789");
    EXPECT_TRUE(file_->Sync().ok());
    Append(file_.get(), "abcdefghij");
  }
  std::string After(Fate sector, Fate size) {
    EXPECT_EQ(env_.Unsynced().size(), 2u);
    env_.Restart({sector, size});
    return Contents("/d/a");
  }
  std::unique_ptr<WritableFile> file_;
};

TEST_F(AppendedTail, Zeros) {
  EXPECT_EQ(After(Kind::kZero, true), "0123456789" + std::string(10, '\0'));
}
TEST_F(AppendedTail, TornWithinTheSector) {
  EXPECT_EQ(After({Kind::kPart, 13}, true), "0123456789abc" + std::string(7, '\0'));
}
TEST_F(AppendedTail, CutOffAtASizeThatItNeverHad) {
  EXPECT_EQ(After(true, {Kind::kPart, 12}), "0123456789ab");
}
TEST_F(AppendedTail, GarbageLeavesTheSyncedBytesOfTheSectorAlone) {
  const std::string found = After({Kind::kGarbage, 7}, true);
  EXPECT_EQ(found.substr(0, 10), "0123456789");
  EXPECT_EQ(found.size(), 20u);
  EXPECT_NE(found.substr(10), "abcdefghij");
  EXPECT_NE(found.substr(10), std::string(10, '\0'));
}
TEST_F(AppendedTail, GarbageIsTheSameForASeed) {
  std::set<std::string> found;
  for (const uint64_t seed : {7, 7, 8}) {
    SimEnv env{SimOptions{}};
    ASSERT_TRUE(env.CreateDir("/d").ok());
    ASSERT_TRUE(env.SyncDir("/").ok());
    auto file = env.CreateWritable("/d/a", {});
    ASSERT_TRUE(env.SyncDir("/d").ok());
    ASSERT_TRUE((*file)->Append("abcdefghij").ok());
    ASSERT_TRUE((*file)->Flush().ok());
    env.Restart({{Kind::kGarbage, seed}, true});
    found.insert(*env.ReadWholeFile("/d/a"));
  }
  EXPECT_EQ(found.size(), 2u);
}

TEST_F(Images, MappedWindowTakesTheSameFates) {
  const auto file = Create("/d/a", 1024);
  Append(file.get(), "abc");
  ASSERT_EQ(env_.Unsynced().size(), 1u);
  env_.Restart({{Kind::kPart, 2}});
  EXPECT_EQ(Contents("/d/a"), "ab" + std::string(1022, '\0'));
}

TEST_F(Images, RenameThatIsNotAtomicLeavesBothNamesNoneOrTheOldTarget) {
  struct Case {
    Kind fate;
    std::string current, temp;
  };
  for (const Case& c : {Case{Kind::kBoth, "2", "2"}, Case{Kind::kNeither, "none", "none"},
                        Case{Kind::kGone, "1", "none"}}) {
    Durable("/d/CURRENT", "1");
    Durable("/d/000002.dbtmp", "2");
    ASSERT_TRUE(env_.RenameFile("/d/000002.dbtmp", "/d/CURRENT").ok());
    EXPECT_FALSE(Check(Profile::kWeakest, {c.fate}).ok());
    EXPECT_TRUE(Check(Profile::kNoAtomicRename, {c.fate}).ok());
    env_.Restart({c.fate});
    EXPECT_EQ(Contents("/d/CURRENT"), c.current);
    EXPECT_EQ(Contents("/d/000002.dbtmp"), c.temp);
    for (const char* name : {"/d/CURRENT", "/d/000002.dbtmp"}) {
      env_.RemoveFile(name).IgnoreError();  // it may be gone
    }
    ASSERT_TRUE(env_.SyncDir("/d").ok());
  }
}

class StaleBytes : public Images {
 protected:
  StaleBytes() {
    for (const char c : {'1', '2'}) {
      Durable("/d/old", std::string(1024, c));
      EXPECT_TRUE(env_.RemoveFile("/d/old").ok());
      EXPECT_TRUE(env_.SyncDir("/d").ok());
    }
  }
};

TEST_F(StaleBytes, NewWindowShowsWhatARemovedFileHeld) {
  auto file = env_.CreateWritable("/d/new", {IoMode::kMapped, 1024});
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  Append(file->get(), "abc");
  ASSERT_EQ(env_.Unsynced().size(), 2u);
  env_.Restart({true, {Kind::kStale, 0}});
  EXPECT_EQ(Contents("/d/new"), "abc" + std::string(509, '\0') + std::string(512, '2'));
}

TEST_F(StaleBytes, SectorShowsWhatTheOneBeforeHeld) {
  const auto file = Create("/d/new", 1024);
  Append(file.get(), "abc");
  env_.Restart({{Kind::kStale, 1}});
  EXPECT_EQ(Contents("/d/new"), "111" + std::string(1021, '\0'));
}

TEST_F(StaleBytes, AreOfFilesThatWereRemovedAndNeedTheProfile) {
  const auto file = Create("/d/new", 1024);
  Append(file.get(), "abc");
  EXPECT_TRUE(Check(Profile::kRecycled, {{Kind::kStale, 1}}).ok());
  EXPECT_FALSE(Check(Profile::kRecycled, {{Kind::kStale, 2}}).ok());
  EXPECT_FALSE(Check(Profile::kWeakest, {{Kind::kStale, 0}}).ok());
  EXPECT_FALSE(Check(Profile::kOrdered, {{Kind::kStale, 0}}).ok());
}

TEST_F(StaleBytes, FileWithAnotherNameIsNotRemoved) {
  Durable("/d/a", std::string(512, 'a'));
  ASSERT_TRUE(env_.LinkFile("/d/a", "/d/b").ok());
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  ASSERT_TRUE(env_.SyncDir("/d").ok());
  const auto file = Create("/d/new");
  Append(file.get(), "abc");
  env_.Restart({{Kind::kStale, 0}, true});
  EXPECT_EQ(Contents("/d/new"), "222");
}

// --- The profile `ordered` ---

TEST_F(Images, OrderedDirectoryOperationsSurviveAsAPrefix) {
  Durable("/d/a", "a");
  Durable("/d/b", "b");
  ASSERT_TRUE(env_.CreateDir("/d/sub").ok());  // another directory's operations count too
  ASSERT_TRUE(env_.LinkFile("/d/a", "/d/sub/a").ok());
  ASSERT_TRUE(env_.RemoveFile("/d/b").ok());
  EXPECT_TRUE(Check(Profile::kOrdered, {false, false, false}).ok());
  EXPECT_TRUE(Check(Profile::kOrdered, {true, true, false}).ok());
  EXPECT_EQ(Check(Profile::kOrdered, {true, false, true}).ToString(),
            "Invalid argument: crash image: entry /d/b removed cannot be 'new' in the profile "
            "ordered");
  EXPECT_TRUE(Check(Profile::kWeakest, {true, false, true}).ok());
  EXPECT_EQ(Count(Profile::kOrdered), 4u);
  EXPECT_EQ(Count(Profile::kWeakest), 8u);
}

TEST_F(Images, OrderedSyncOfAnyFileKeepsTheDirectoryOperationsBeforeIt) {
  const auto log = Create("/d/000003.log");
  Durable("/d/a", "a");
  ASSERT_TRUE(env_.RemoveFile("/d/a").ok());
  Append(log.get(), "x");
  ASSERT_TRUE(log->Sync().ok());
  ASSERT_TRUE(env_.LinkFile("/d/000003.log", "/d/b").ok());
  EXPECT_FALSE(Check(Profile::kOrdered, {false, false}).ok());
  EXPECT_TRUE(Check(Profile::kOrdered, {true, false}).ok());
  EXPECT_TRUE(Check(Profile::kWeakest, {false, false}).ok());
}

TEST_F(Images, OrderedFileThatGrewIsCutSomewhereWithoutHoles) {
  const std::string text = std::string(512, '1') + std::string(512, '2') + std::string(512, '3');
  std::set<std::string> images;
  const auto count_images = [&](Profile profile) {
    images.clear();
    const auto file = Create("/d/a");
    Append(file.get(), text);
    const std::vector<UnsyncedUnit> units = env_.Unsynced();
    std::vector<Image> all;
    ForEachImage(profile, units, 1000, [&all](const Image& image) { all.push_back(image); });
    for (const Image& image : all) {
      const auto again = Create("/d/a");
      EXPECT_TRUE(env_.RemoveFile("/d/a").ok());
      const auto fresh = Create("/d/a");
      Append(fresh.get(), text);
      EXPECT_EQ(env_.Unsynced().size(), units.size());
      env_.Restart(image);
      images.insert(Contents("/d/a"));
    }
    return all.size();
  };
  EXPECT_EQ(count_images(Profile::kOrdered), 13u);
  for (const std::string& found : images) EXPECT_EQ(found, text.substr(0, found.size()));
  EXPECT_TRUE(images.contains("") && images.contains(text));
  EXPECT_EQ(count_images(Profile::kWeakest), 5u * 5 * 5 * 3);
  EXPECT_TRUE(
      images.contains(std::string(512, '1') + std::string(512, '\0') + std::string(512, '3')))
      << "the control: without order there are holes";
}

TEST_F(Images, OrderedWindowTakesItsSectorsOneByOne) {
  const auto file = Create("/d/a", 2048);
  Append(file.get(), std::string(1024, 'x'));
  EXPECT_TRUE(Check(Profile::kOrdered, {false, true}).ok());
  EXPECT_TRUE(Check(Profile::kOrdered, {true, false}).ok());
  EXPECT_FALSE(Check(Profile::kOrdered, {Kind::kZero, true}).ok());
  EXPECT_FALSE(Check(Profile::kOrdered, {{Kind::kPart, 9}, true}).ok());
}

TEST_F(Images, OrderedRenameDoesNotWaitForTheDataOfItsFile) {
  const auto file = Create("/d/000002.dbtmp");
  Append(file.get(), "MANIFEST-000002\n");
  ASSERT_TRUE(env_.RenameFile("/d/000002.dbtmp", "/d/CURRENT").ok());
  ASSERT_TRUE(Check(Profile::kOrdered, {false, false, true}).ok());
  env_.Restart({false, false, true});
  EXPECT_EQ(Contents("/d/CURRENT"), "");
}

TEST_F(Images, OrderedDataOfAFailedSyncHoldsNoSizeBack) {
  const auto file = Create("/d/a");
  env_.AddFault({{.io = IoKind::kSync}, StatusCode::kIOError, Effect::kKeep});
  Append(file.get(), "abc");
  EXPECT_FALSE(Check(Profile::kOrdered, {false, true}).ok());
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_TRUE(Check(Profile::kOrdered, {false, true}).ok());
}

// --- Samples, words ---

TEST_F(Images, SamplesAreAllowedRepeatableAndReachEveryFate) {
  const auto file = Create("/d/a");
  Append(file.get(), std::string(6000, 'x'));
  Durable("/d/b", "b");
  ASSERT_TRUE(env_.RenameFile("/d/b", "/d/c").ok());
  ASSERT_TRUE(env_.RemoveFile("/d/c").ok());
  const std::vector<UnsyncedUnit> units = env_.Unsynced();
  for (const auto& [profile, fates] : std::map<Profile, size_t>{{Profile::kOrdered, 3},
                                                                {Profile::kWeakest, 5},
                                                                {Profile::kRecycled, 6},
                                                                {Profile::kNoAtomicRename, 9}}) {
    std::set<Kind> kinds;
    for (uint64_t seed = 0; seed < 300; ++seed) {
      const Image image = SampleImage(profile, units, seed);
      const Status allowed = CheckImage(profile, units, image);
      ASSERT_TRUE(allowed.ok()) << "seed " << seed << ": " << allowed.ToString();
      ASSERT_EQ(image, SampleImage(profile, units, seed));
      for (const Fate& fate : image) kinds.insert(fate.kind);
    }
    EXPECT_EQ(kinds.size(), fates) << NameOf(profile);
  }
}

TEST_F(Images, EveryImageOfAProfileIsAllowedAndOnlyOnce) {
  const auto file = Create("/d/a");
  Append(file.get(), std::string(600, 'x'));
  ASSERT_TRUE(env_.RenameFile("/d/a", "/d/b").ok());
  const std::vector<UnsyncedUnit> units = env_.Unsynced();
  uint64_t previous = 0;
  for (const Profile profile : {Profile::kOrdered, Profile::kWeakest, Profile::kNoAtomicRename}) {
    std::set<std::string> seen;
    const uint64_t n = ForEachImage(profile, units, 10'000, [&](const Image& image) {
      EXPECT_TRUE(CheckImage(profile, units, image).ok());
      std::string text;
      for (const Fate& fate : image) text += fate.ToString() + " ";
      EXPECT_TRUE(seen.insert(text).second) << text;
    });
    EXPECT_EQ(n, seen.size());
    EXPECT_GT(n, previous) << "each profile allows more than the one before";
    previous = n;
    EXPECT_EQ(ForEachImage(profile, units, 3, [](const Image&) {}), 3u);
  }
}

TEST_F(Images, ImageOfTheWrongLengthIsRefused) {
  EXPECT_EQ(CheckImage(Profile::kWeakest, {}, {true}).ToString(),
            "Invalid argument: crash image: 1 fates for 0 units");
}

TEST(FateText, ParsesWhatItPrints) {
  for (const Fate& fate :
       {Fate(false), Fate(true), Fate(Kind::kZero), Fate(Kind::kGarbage, 7), Fate(Kind::kPart, 100),
        Fate(Kind::kStale, 1), Fate(Kind::kBoth), Fate(Kind::kNeither), Fate(Kind::kGone)}) {
    EXPECT_EQ(ParseFate(fate.ToString()), fate);
  }
  EXPECT_EQ(Fate(Kind::kPart, 100).ToString(), "part:100");
  for (const char* wrong : {"", "new:1", "part", "part:", "part:x", "part:1x", "lost"}) {
    EXPECT_EQ(ParseFate(wrong), std::nullopt) << wrong;
  }
  for (const Profile profile :
       {Profile::kOrdered, Profile::kWeakest, Profile::kRecycled, Profile::kNoAtomicRename}) {
    EXPECT_EQ(ParseProfile(NameOf(profile)), profile);
  }
  EXPECT_EQ(ParseProfile("ext4"), std::nullopt);
}

}  // namespace
}  // namespace lsm::sim

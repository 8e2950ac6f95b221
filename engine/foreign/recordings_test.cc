// The kept recordings: findings in the unmodified libraries, on the system calls that they made.
// Each must be found again, with the barrier that was missing. Without the library it is skipped.
#include <gtest/gtest.h>

#include <filesystem>

#include "foreign/crash_story.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

constexpr char kFolder[] = LSM_RECORDINGS;

struct Kept {
  const char* file;
  Property property;
  const char* barrier;
};

constexpr Kept kKept[] = {
    {"leveldb_current_renamed_before_a_sync", Property::kP8,
     "a sync of the directory before \"unlink MANIFEST-000001\""},
    {"leveldb_log_removed_before_a_sync", Property::kP1,
     "a sync of the directory before \"unlink 000004.log\""},
    {"leveldb_manifest_before_a_table", Property::kP8,
     "a sync of the directory before \"write MANIFEST-000002 [50, 92)\""},
    {"rocksdb_current_before_a_table", Property::kP8,
     "a sync of the directory before \"rename 000010.dbtmp CURRENT\""},
    {"rocksdb_current_before_the_first_manifest", Property::kP8,
     "a sync of the directory before \"rename 000001.dbtmp CURRENT\""},
};

class KeptRecordings : public testing::TestWithParam<Kept> {};

TEST_P(KeptRecordings, are_found_again) {
  const Kept& kept = GetParam();
  const auto text = LoadText(std::string(kFolder) + "/" + kept.file + ".recording");
  ASSERT_TRUE(text.ok()) << text.status().ToString();
  const auto recording = ParseRecording(*text);
  ASSERT_TRUE(recording.ok()) << recording.status().ToString();
  const auto engine = FindEngine(recording->engine);
  if (!engine.ok()) GTEST_SKIP() << engine.status().ToString();
  CrashJudge judge(*engine, *recording);
  CrashFinding finding;
  finding.cut = recording->crash.value().at.nth;
  finding.answer = judge.Ask({finding.cut, recording->crash->image});
  ASSERT_TRUE(finding.answer.judged);
  EXPECT_FALSE(finding.answer.verdict.ok);
  EXPECT_EQ(finding.answer.verdict.property, kept.property);
  const Diagnosis diagnosis = FindMissingBarrier(&judge, *recording, finding);
  EXPECT_TRUE(diagnosis.barrier.starts_with(kept.barrier)) << diagnosis.barrier;
}

INSTANTIATE_TEST_SUITE_P(All, KeptRecordings, testing::ValuesIn(kKept),
                         [](const auto& test) { return std::string(test.param.file); });

TEST(KeptRecordingFiles, are_all_in_the_list) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    files += entry.path().extension() == ".recording";
  }
  EXPECT_EQ(files, std::size(kKept));
}

}  // namespace
}  // namespace lsm::lab

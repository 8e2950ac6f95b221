// The crash check on recorded system calls: it finds what is wrong, names the barrier, and finds
// nothing where nothing is wrong.
#include "foreign/crash_search.h"

#include <gtest/gtest.h>

#include "foreign/crash_story.h"
#include "foreign/record.h"
#include "lsm/env.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

constexpr char kWorkload[] =
    "lsmlab-trace 1\nc0 put k1 v1 sync\nc0 put k2 v2\nc0 delete k1 sync\nreopen\n"
    "c0 batch put k3 v3 put k4 v4 sync\n";

struct Searched {
  Recording recording;
  std::vector<CrashFinding> findings;
  Diagnosis diagnosis;  // of the first
  std::string story;
  JudgeCounts counts;
};

Searched SearchEngine(const std::string& name) {
  Searched searched;
  const EngineInfo engine = *FindEngine(name);
  auto recording = Record(engine, *Parse(kWorkload));
  EXPECT_TRUE(recording.ok()) << recording.status().ToString();
  if (!recording.ok()) return searched;
  searched.recording = std::move(*recording);
  CrashJudge judge(engine, searched.recording);
  EXPECT_TRUE(judge.status().ok()) << judge.status().ToString();
  searched.findings = SearchCrashes(&judge, searched.recording, {});
  if (!searched.findings.empty()) {
    const CrashFinding& first = searched.findings[0];
    searched.diagnosis = FindMissingBarrier(&judge, searched.recording, first);
    searched.story = ToText(TellCrash(searched.recording, first, searched.diagnosis));
  }
  searched.counts = judge.counts();
  return searched;
}

std::string Keys(const Searched& searched) {
  std::string keys;
  for (const CrashFinding& finding : searched.findings) keys += finding.key + "\n";
  return keys;
}

TEST(CrashSearch, finds_nothing_in_engines_that_sync) {
  for (const char* const name : {"notes", "lsmlab"}) {
    const Searched searched = SearchEngine(name);
    EXPECT_EQ(Keys(searched), "") << searched.story;
    EXPECT_GT(searched.counts.opens, 20u);
  }
}

TEST(CrashSearch, finds_a_sync_that_is_not_done) {
  const Searched searched = SearchEngine("notes-no-sync");
  ASSERT_FALSE(searched.findings.empty());
  EXPECT_EQ(searched.findings[0].key, "P1 without NOTES data");
  EXPECT_EQ(searched.diagnosis.target, "NOTES");
  EXPECT_NE(searched.story.find("a sync of NOTES before step 1 was acknowledged"),
            std::string::npos)
      << searched.story;
}

TEST(CrashSearch, finds_a_directory_that_is_not_synced) {
  const Searched searched = SearchEngine("notes-no-dirsync");
  ASSERT_FALSE(searched.findings.empty());
  EXPECT_EQ(searched.findings[0].key, "P1 without entry NOTES created");
  EXPECT_EQ(searched.diagnosis.target, ".");
}

TEST(CrashSearch, a_saved_finding_is_found_again) {
  const Searched searched = SearchEngine("notes-no-sync");
  ASSERT_FALSE(searched.findings.empty());
  const auto saved = ParseRecording(Print(CutRecording(searched.recording, searched.findings[0])));
  ASSERT_TRUE(saved.ok() && saved->crash.has_value());
  CrashJudge judge(*FindEngine("notes-no-sync"), *saved);
  const CrashAnswer answer = judge.Ask({saved->crash->at.nth, saved->crash->image});
  EXPECT_FALSE(answer.verdict.ok);
  EXPECT_EQ(answer.verdict.property, Property::kP1);
  EXPECT_EQ(answer.lost, searched.findings[0].answer.lost);
  CrashJudge repaired(*FindEngine("notes"), *saved);
  EXPECT_FALSE(repaired.Ask({saved->crash->at.nth, saved->crash->image}).verdict.ok)
      << "the recording decides, not who opens it";
}

// An engine that, once M says so, needs A or B.
Result<std::unique_ptr<Engine>> OpenWithAOrB(const Options& options, const std::string& dir) {
  const auto exists = [&](const char* name) { return Env::Default()->FileExists(dir + name); };
  const auto marker = LoadText(dir + "/M");
  if (marker.ok() && *marker == "x" && !exists("/A") && !exists("/B")) {
    return Status::Corruption("neither A nor B");
  }
  return FindEngine("notes")->open(options, dir);
}

TEST(CrashSearch, of_several_losses_only_those_that_matter_are_told) {
  const Recording recording = *ParseRecording(
      "lsmlab-recording 1\nbegin open\nopen 3 M create\nopen 4 .\nfsync 4\nopen 5 A create\n"
      "open 6 B create\nopen 7 C create\nwrite 3 0 x\nfsync 3\nend OK\n");
  EngineInfo engine = *FindEngine("notes");
  engine.open = OpenWithAOrB;
  CrashJudge judge(engine, recording);
  SearchOptions options;
  for (const bool directed : {false, true}) {
    const std::vector<CrashFinding> findings = SearchCrashes(&judge, recording, options);
    ASSERT_EQ(findings.size(), 1u) << directed;
    EXPECT_EQ(findings[0].key, "P8 without entry A created + entry B created");
    EXPECT_EQ(findings[0].answer.verdict.actual, "Corruption: neither A nor B");
    EXPECT_EQ(FindMissingBarrier(&judge, recording, findings[0]).barrier,
              "a sync of the directory before \"write M [0, 1)\" (I/O 7) would have prevented it");
    options.lost = findings[0].lost;
  }
}

// An engine that does not survive the opening of what a power cut left behind.
Result<std::unique_ptr<Engine>> OpenOrAbort(const Options& options, const std::string& dir) {
  LSM_ASSIGN_OR_RETURN(auto notes, FindEngine("notes")->open(options, dir));
  std::string value;
  if (notes->Get("k1", nullptr, &value).ok()) abort();
  return notes;
}

TEST(CrashJudge, an_abort_of_the_engine_is_an_answer_and_the_others_are_still_given) {
  Searched searched = SearchEngine("notes");
  EngineInfo engine = *FindEngine("notes");
  engine.open = OpenOrAbort;
  CrashJudge judge(engine, searched.recording);
  const CrashImage all{CrashImage::Kind::kAll, 0, {}};
  const size_t end = searched.recording.calls.size();
  size_t acknowledged = 0;  // of the first put
  while (searched.recording.calls[acknowledged].bytes != "c0 put k1 v1 sync") ++acknowledged;
  const std::vector<CrashAnswer> answers =
      judge.Ask({{1, all}, {acknowledged + 3, all}, {acknowledged + 3, all}, {end, all}}, false);
  EXPECT_TRUE(answers[0].verdict.ok);
  EXPECT_FALSE(answers[1].verdict.ok);
  EXPECT_EQ(answers[1].verdict.property, Property::kP8);
  EXPECT_NE(answers[1].verdict.actual.find("signal 6"), std::string::npos);
  EXPECT_FALSE(answers[2].verdict.ok);
  EXPECT_TRUE(answers[3].verdict.ok) << answers[3].verdict.actual;
}

TEST(LevelDb, its_current_file_can_name_a_manifest_that_is_gone) {
  if (!FindEngine("leveldb").ok()) GTEST_SKIP() << FindEngine("leveldb").status().ToString();
  const Searched searched = SearchEngine("leveldb");
  ASSERT_FALSE(searched.findings.empty());
  EXPECT_EQ(searched.findings[0].key, "P8 without entry CURRENT renamed to") << Keys(searched);
  EXPECT_EQ(searched.diagnosis.target, ".");
  EXPECT_NE(searched.diagnosis.barrier.find("before \"unlink MANIFEST-"), std::string::npos)
      << searched.story;
}

}  // namespace
}  // namespace lsm::lab

// V-INSTALL, V-NUMBERS, V-CHECK, V-STALE and the life of CURRENT, without faults.
#include "contract/version/version_test_util.h"

namespace lsm {
namespace {

using version_test::AddTable;
using version_test::AddTableToRun;
using version_test::CurrentManifest;
using version_test::Describe;
using version_test::kDir;
using version_test::Key;
using version_test::ReadAll;
using version_test::Table;
using version_test::VersionTest;

static_assert(VersionSetStage<VersionSet>);

FileMeta InRun(uint64_t run, FileMeta table) {
  table.run = run;
  return table;
}

TEST_F(VersionTest, V_CREATE_CreateMakesAnEmptyTree) {
  Create();
  EXPECT_EQ(Describe(*set_), "log 0 sequence 0\n");
  Reopen();
  EXPECT_EQ(Describe(*set_), "log 0 sequence 0\n");
}

TEST_F(VersionTest, V_CREATE_TreeHasTheLevelsOfTheOptions) {
  options_.num_levels = 3;
  Create();
  EXPECT_GE(set_->current()->levels.size(), 3u);
  EXPECT_EQ(set_->current()->compact_pointers.size(), set_->current()->levels.size());
}

TEST_F(VersionTest, V_CREATE_CreateRefusesAnExistingDatabase) {
  Create();
  Apply(AddTable(0, Table(set_->NewFileNumber(), "a", "b")));
  const std::string before = Describe(*set_);
  EXPECT_EQ(VersionSet::Create(options_).status().code(), StatusCode::kInvalidArgument);
  Reopen();
  EXPECT_EQ(Describe(*set_), before);
}

TEST_F(VersionTest, V_RECOVER_RecoverWithoutCurrentIsNotFound) {
  EXPECT_TRUE(RecoverStatus().IsNotFound());
}

TEST_F(VersionTest, V_MARK_TheCodecOfATableSurvivesReopens) {
  Create();
  FileMeta table = Table(10, "a", "m");
  table.compression = Compression::kZstd;
  Apply(AddTable(1, table));
  Apply(AddTable(1, Table(11, "n", "z")));
  for (int reopens = 0; reopens < 2; ++reopens) {
    Reopen();
    const SortedRun& run = set_->current()->levels[1].runs[0];
    EXPECT_EQ(run[0]->compression, Compression::kZstd);
    EXPECT_EQ(run[1]->compression, Compression::kNone);
    Apply(VersionEdit());  // in a manifest of its own
  }
}

TEST_F(VersionTest, V_RECOVER_RecoverChangesNothingOnDisk) {
  Create();
  Apply(AddTable(1, Table(set_->NewFileNumber(), "a", "b")));
  const auto files = env_.ListDir(kDir);
  const uint64_t io = env_.IoCount();
  Reopen();
  EXPECT_EQ(env_.IoCount(), io);
  EXPECT_EQ(*env_.ListDir(kDir), *files);
}

TEST_F(VersionTest, V_INSTALL_AppliedEditsAreTheTreeBeforeAndAfterReopening) {
  Create();
  VersionEdit edit = AddTable(0, Table(10, "a", "m"));
  edit.added.emplace_back(0, InRun(11, Table(11, "b", "c")));
  edit.added.emplace_back(1, Table(13, "p", "q"));
  edit.added.emplace_back(1, Table(12, "a", "c"));
  edit.compact_pointers.emplace_back(1, Key("c"));
  edit.log_number = 9;
  edit.last_sequence = 77;
  Apply(edit);
  const std::string expected =
      "log 9 sequence 77\n"
      "L0  2 files  221 bytes: 11[b..c] 10[a..m]\n"
      "L1  2 files  225 bytes: 12[a..c] 13[p..q]\n"
      "pointer 1 c\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\n";
  EXPECT_EQ(Describe(*set_), expected);
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(VersionTest, V_INSTALL_ATableMayChangeItsLevelInOneEdit) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  VersionEdit move = AddTable(2, Table(10, "a", "b"));
  move.removed.emplace_back(1, 10);
  Apply(move);
  EXPECT_EQ(Describe(*set_), "log 0 sequence 0\nL2  1 files  110 bytes: 10[a..b]\n");
  Reopen();
  EXPECT_EQ(Describe(*set_), "log 0 sequence 0\nL2  1 files  110 bytes: 10[a..b]\n");
}

TEST_F(VersionTest, V_INSTALL_AnOldTreeOutlivesTheEditsAfterIt) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  const std::shared_ptr<const Tree> old = set_->current();
  VersionEdit edit;
  edit.removed.emplace_back(1, 10);
  Apply(edit);
  EXPECT_EQ(DescribeTree(*old), "L1  1 files  110 bytes: 10[a..b]\n");
  EXPECT_EQ(DescribeTree(*set_->current()), "");
}

// V-STALE: both edits were made from the empty tree.
TEST_F(VersionTest, V_STALE_EditsApplyToTheNewestTree) {
  Create();
  const VersionEdit flush = AddTable(0, Table(10, "a", "b"));
  const VersionEdit compaction = AddTable(1, Table(11, "a", "b"));
  Apply(flush);
  Apply(compaction);
  EXPECT_EQ(DescribeTree(*set_->current()),
            "L0  1 files  110 bytes: 10[a..b]\nL1  1 files  111 bytes: 11[a..b]\n");
}

// V-INSTALL: whatever is not durable when Apply returns is not needed.
TEST_F(VersionTest, V_INSTALL_AnAppliedEditSurvivesAPowerCut) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  const std::string expected = Describe(*set_);
  env_.CrashNow();
  set_.reset();
  env_.Restart({});
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(VersionTest, V_CURRENT_RotateKeepsTheStateAndBeginsANewManifest) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  const std::string expected = Describe(*set_);
  const uint64_t manifest = set_->manifest_number();
  ASSERT_TRUE(set_->Rotate().ok());
  EXPECT_GT(set_->manifest_number(), manifest);
  EXPECT_EQ(Describe(*set_), expected);
  EXPECT_EQ(ReadAll(&env_, CurrentFileName(kDir)),
            CurrentManifest(*set_).substr(sizeof(kDir)) + "\n");
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(VersionTest, V_CURRENT_OlderManifestsAreNotNeeded) {
  Create();
  ASSERT_TRUE(set_->Rotate().ok());
  Apply(AddTable(1, Table(10, "a", "b")));
  const std::string expected = Describe(*set_);
  const auto names = env_.ListDir(kDir);
  for (const std::string& name : *names) {
    const ParsedFileName file = ParseFileName(name);
    const bool obsolete = file.kind == FileKind::kTemp || (file.kind == FileKind::kManifest &&
                                                           file.number < set_->manifest_number());
    if (obsolete) {
      ASSERT_TRUE(env_.RemoveFile(std::string(kDir) + "/" + name).ok());
    }
  }
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(VersionTest, V_RECOVER_AReopenedSetDoesNotAppendToTheManifestItRead) {
  Create();
  const std::string manifest = CurrentManifest(*set_);
  const std::string bytes = ReadAll(&env_, manifest);
  Reopen();
  Apply(AddTable(1, Table(10, "a", "b")));
  EXPECT_NE(CurrentManifest(*set_), manifest);
  EXPECT_EQ(ReadAll(&env_, manifest), bytes);
}

TEST_F(VersionTest, V_NUMBERS_FileNumbersAreGivenOutOnce) {
  Create();
  const uint64_t first = set_->NewFileNumber();
  EXPECT_GT(first, set_->manifest_number());
  EXPECT_EQ(set_->NewFileNumber(), first + 1);
}

TEST_F(VersionTest, V_NUMBERS_UsedFileNumbersAreNotGivenOut) {
  Create();
  set_->MarkFileNumberUsed(50);
  EXPECT_EQ(set_->NewFileNumber(), 51u);
  set_->MarkFileNumberUsed(7);
  EXPECT_EQ(set_->NewFileNumber(), 52u);
  set_->MarkFileNumberUsed(UINT64_MAX);
  EXPECT_EQ(set_->NewFileNumber(), 53u);
}

TEST_F(VersionTest, V_NUMBERS_FileNumbersGoOnAfterReopening) {
  Create();
  set_->MarkFileNumberUsed(40);
  Apply(AddTable(1, Table(10, "a", "b")));
  const uint64_t last = set_->NewFileNumber();
  Apply({});
  Reopen();
  EXPECT_GT(set_->NewFileNumber(), last);
}

TEST_F(VersionTest, V_NUMBERS_TheNumbersOfAnEditAreUsed) {
  Create();
  VersionEdit edit = AddTable(1, Table(30, "a", "b"));
  edit.log_number = 40;
  Apply(edit);
  EXPECT_GT(set_->NewFileNumber(), 40u);
  VersionEdit next;
  next.next_file_number = 60;
  Apply(next);
  EXPECT_GE(set_->NewFileNumber(), 60u);
  Reopen();
  EXPECT_GE(set_->NewFileNumber(), 60u);
}

TEST_F(VersionTest, V_NUMBERS_ALowerNextFileNumberInAnEditChangesNothing) {
  Create();
  set_->MarkFileNumberUsed(90);
  VersionEdit edit;
  edit.next_file_number = 2;
  Apply(edit);
  EXPECT_GT(set_->NewFileNumber(), 90u);
  Reopen();
  EXPECT_GT(set_->NewFileNumber(), 90u);
}

TEST_F(VersionTest, V_NUMBERS_SequenceAndLogNumberNeverGoBack) {
  Create();
  VersionEdit edit;
  edit.last_sequence = 100;
  edit.log_number = 20;
  Apply(edit);
  edit.last_sequence = 50;
  edit.log_number = 10;
  Apply(edit);
  EXPECT_EQ(Describe(*set_), "log 20 sequence 100\n");
  Apply({});
  Reopen();
  EXPECT_EQ(Describe(*set_), "log 20 sequence 100\n");
}

TEST_F(VersionTest, V_AHEAD_WhatLevelDbSaysStandsUntilAnEditNamesItsLog) {
  Create();
  EXPECT_FALSE(set_->sequence_runs_ahead());
  VersionEdit edit;
  edit.log_number = 20;
  edit.last_sequence = 100;
  edit.sequence_runs_ahead = true;
  Apply(edit);
  EXPECT_TRUE(set_->sequence_runs_ahead());
  Apply({});
  EXPECT_TRUE(set_->sequence_runs_ahead());
  Reopen();
  EXPECT_TRUE(set_->sequence_runs_ahead());
  ASSERT_TRUE(set_->Rotate().ok());
  Reopen();
  EXPECT_TRUE(set_->sequence_runs_ahead());
  edit.sequence_runs_ahead = false;
  Apply(edit);
  EXPECT_FALSE(set_->sequence_runs_ahead());
  Reopen();
  EXPECT_FALSE(set_->sequence_runs_ahead());
}

class BadEdit : public VersionTest {
 protected:
  // The edit is refused, nothing is written, and the tree stays.
  void ExpectRefused(const VersionEdit& edit, StatusCode code) {
    Create();
    Apply(AddTable(1, Table(10, "c", "f")));
    const std::string before = Describe(*set_);
    const uint64_t io = env_.IoCount();
    const Status status = set_->Apply(edit);
    EXPECT_EQ(status.code(), code) << status.ToString();
    EXPECT_EQ(env_.IoCount(), io);
    EXPECT_EQ(Describe(*set_), before);
    EXPECT_EQ(set_->Apply({}).ToString(), status.ToString());
    EXPECT_TRUE(set_->Rotate().ok());
    Reopen();
    EXPECT_EQ(Describe(*set_), before);
  }
};

TEST_F(BadEdit, V_CHECK_OverlapInALevelIsRefused) {
  ExpectRefused(AddTable(1, Table(11, "f", "g")), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_AWideTableOverANarrowOneIsRefused) {
  ExpectRefused(AddTable(1, Table(11, "a", "z")), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_ReversedBoundsAreRefused) {
  ExpectRefused(AddTable(1, Table(11, "h", "g")), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_ATableThatIsThereAlreadyIsRefused) {
  ExpectRefused(AddTable(1, Table(10, "c", "f")), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_ATableInTwoLevelsIsRefused) {
  ExpectRefused(AddTable(2, Table(10, "c", "f")), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_RemovalOfAnUnknownTableIsRefused) {
  VersionEdit edit;
  edit.removed.emplace_back(1, 99);
  ExpectRefused(edit, StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_RemovalFromAnotherLevelIsRefused) {
  VersionEdit edit;
  edit.removed.emplace_back(2, 10);
  ExpectRefused(edit, StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_ALevelOutOfRangeIsRefused) {
  ExpectRefused(AddTable(kMaxLevels, Table(11, "x", "y")), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_AMalformedKeyIsRefused) {
  ExpectRefused(AddTable(1, {11, 5, "short", Key("z")}), StatusCode::kCorruption);
}
TEST_F(BadEdit, V_CHECK_AnotherComparatorIsRefused) {
  VersionEdit edit;
  edit.comparator = "reverse";
  ExpectRefused(edit, StatusCode::kInvalidArgument);
}

class NamedComparator final : public Comparator {
 public:
  int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
  std::string_view Name() const override { return "test.Reverse"; }
  void FindShortestSeparator(std::string*, std::string_view) const override {}
  void FindShortSuccessor(std::string*) const override {}
};

TEST_F(VersionTest, V_CHECK_RecoverWithAnotherComparatorNamesBoth) {
  Create();
  const NamedComparator reverse;
  options_.comparator = &reverse;
  const Status status = RecoverStatus();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.ToString().find("leveldb.BytewiseComparator"), std::string::npos);
  EXPECT_NE(status.ToString().find("test.Reverse"), std::string::npos);
}

TEST_F(VersionTest, V_RECOVER_TheTreeIsOrderedByTheOptionsComparator) {
  const NamedComparator reverse;
  options_.comparator = &reverse;
  Create();
  VersionEdit edit = AddTable(1, Table(10, "z", "p"));
  edit.added.emplace_back(1, Table(11, "m", "a"));
  Apply(edit);
  Reopen();
  EXPECT_EQ(DescribeTree(*set_->current()), "L1  2 files  221 bytes: 10[z..p] 11[m..a]\n");
}

TEST_F(VersionTest, V_RUNS_RunsOfALevelSurviveAReopen) {
  Create();
  Apply(AddTableToRun(1, InRun(7, Table(10, "a", "m"))));
  Apply(AddTableToRun(1, InRun(7, Table(11, "n", "z"))));
  Apply(AddTableToRun(1, InRun(3, Table(12, "b", "y"))));
  const std::string tree = "L1  3 files  333 bytes: 10[a..m] 11[n..z] | 12[b..y]\n";
  EXPECT_EQ(DescribeTree(*set_->current()), tree);
  Reopen();
  EXPECT_EQ(DescribeTree(*set_->current()), tree);
  Apply(VersionEdit());  // in a manifest of its own
  Reopen();
  EXPECT_EQ(DescribeTree(*set_->current()), tree);
  EXPECT_EQ(RunNumber(set_->current()->levels[1].runs[0]), 7u);
}

TEST_F(VersionTest, V_RUNS_TheOnlyRunLeftHasTheDefaultNumberAfterAReopen) {
  Create();
  Apply(AddTableToRun(1, InRun(7, Table(10, "a", "m"))));
  Apply(AddTableToRun(1, InRun(3, Table(12, "b", "y"))));
  VersionEdit edit;
  edit.removed.emplace_back(1, 12);
  Apply(edit);
  EXPECT_EQ(RunNumber(set_->current()->levels[1].runs[0]), 7u);  // a running job may mean it
  Reopen();
  EXPECT_EQ(RunNumber(set_->current()->levels[1].runs[0]), 0u);
  Apply(AddTableToRun(1, InRun(0, Table(13, "n", "z"))));
  Reopen();
  EXPECT_EQ(DescribeTree(*set_->current()), "L1  2 files  223 bytes: 10[a..m] 13[n..z]\n");
}

TEST_F(VersionTest, V_FACTS_OfAnAddedTableStayWithIt) {
  Create();
  FileMeta table = Table(10, "a", "m");
  table.facts.entries = 42;
  Apply(AddTable(1, table));
  Apply(AddTable(1, Table(11, "n", "z")));
  EXPECT_EQ(set_->current()->levels[1].runs[0][0]->facts.entries, 42u);
}

TEST_F(VersionTest, V_FACTS_OfARecoveredTableAreFilledIn) {
  Create();
  Apply(AddTable(1, Table(10, "a", "m")));
  options_.complete = [](FileMeta* file) {
    file->facts.entries = file->number;
    return Status::Ok();
  };
  Reopen();
  EXPECT_EQ(set_->current()->levels[1].runs[0][0]->facts.entries, 10u);
  Apply(AddTable(0, Table(11, "n", "z")));
  EXPECT_EQ(set_->current()->levels[1].runs[0][0]->facts.entries, 10u);
  options_.complete = [](FileMeta*) { return Status::IOError("unreadable"); };
  EXPECT_EQ(RecoverStatus().code(), StatusCode::kIOError);
}

}  // namespace
}  // namespace lsm

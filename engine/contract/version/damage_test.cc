// V-TORN, V-CHECK: manifests and CURRENT files that are cut off, changed or not ours.
#include <vector>

#include "contract/version/version_test_util.h"
#include "format/batch.h"

namespace lsm {
namespace {

using version_test::AddTable;
using version_test::Describe;
using version_test::kDir;
using version_test::ReadAll;
using version_test::Table;
using version_test::VersionTest;

VersionEdit FirstEdit() {
  VersionEdit edit = AddTable(1, Table(5, "a", "b"));
  edit.comparator = "leveldb.BytewiseComparator";
  edit.log_number = 3;
  edit.next_file_number = 20;
  edit.last_sequence = 9;
  return edit;
}

// A manifest of several edits, as any writer of the format may leave it.
class ForeignManifest : public VersionTest {
 protected:
  ForeignManifest() : path_(ManifestFileName(kDir, 7)) {
    EXPECT_TRUE(env_.OverwriteFile(CurrentFileName(kDir), "MANIFEST-000007\n").ok());
  }

  // Writes the manifest; ends_ are the offsets behind its records.
  void Write(const std::vector<VersionEdit>& edits) {
    ends_.clear();
    auto file = env_.CreateWritable(path_, {});
    ASSERT_TRUE(file.ok());
    LogWriter writer(file->get());
    for (const VersionEdit& edit : edits) {
      std::string record;
      EncodeEdit(edit, &record);
      ASSERT_TRUE(writer.Append(record).ok());
      ends_.push_back(writer.Size());
    }
    ASSERT_TRUE((*file)->Close().ok());
    bytes_ = ReadAll(&env_, path_);
  }
  // Three edits; after_[n] is the state after the first n + 1.
  void WriteThreeEdits() {
    std::vector<VersionEdit> edits = {FirstEdit(), AddTable(1, Table(6, "c", "d")),
                                      AddTable(0, Table(8, "a", "z"))};
    edits[2].last_sequence = 10;
    for (size_t n = 1; n <= edits.size(); ++n) {
      Write({edits.begin(), edits.begin() + static_cast<std::ptrdiff_t>(n)});
      Reopen();
      after_.push_back(Describe(*set_));
    }
  }
  void Overwrite(std::string_view bytes) { ASSERT_TRUE(env_.OverwriteFile(path_, bytes).ok()); }

  void ExpectCorruption(const std::string& what) {
    const Status status = RecoverStatus();
    EXPECT_TRUE(status.IsCorruption()) << what << ": " << status.ToString();
    EXPECT_NE(status.message().find(path_), std::string::npos) << status.ToString();
  }

  const std::string path_;
  std::string bytes_;
  std::vector<uint64_t> ends_;
  std::vector<std::string> after_;
};

TEST_F(ForeignManifest, V_RECOVER_IsRead) {
  WriteThreeEdits();
  EXPECT_EQ(after_[2],
            "log 3 sequence 10\n"
            "L0  1 files  108 bytes: 8[a..z]\n"
            "L1  2 files  211 bytes: 5[a..b] 6[c..d]\n");
  EXPECT_EQ(set_->manifest_number(), 7u);
  EXPECT_EQ(set_->NewFileNumber(), 20u);
}

TEST_F(ForeignManifest, V_NUMBERS_TheManifestsOwnNumberIsUsed) {
  VersionEdit edit = FirstEdit();
  edit.next_file_number = 6;
  Write({edit});
  Reopen();
  EXPECT_EQ(set_->NewFileNumber(), 8u);
}

TEST_F(ForeignManifest, V_TORN_AMissingFirstRecordIsCorruption) {
  WriteThreeEdits();
  for (uint64_t n = 0; n < ends_[0]; ++n) {
    Overwrite(bytes_.substr(0, n));
    ExpectCorruption(fmt::format("{} bytes", n));
  }
}

TEST_F(ForeignManifest, V_TORN_ATornLastRecordIsDropped) {
  WriteThreeEdits();
  for (size_t record = 1; record < ends_.size(); ++record) {
    for (uint64_t n = ends_[record - 1]; n < ends_[record]; ++n) {
      Overwrite(bytes_.substr(0, n));
      Reopen();
      EXPECT_EQ(Describe(*set_), after_[record - 1]) << n << " bytes";
    }
  }
}

TEST_F(ForeignManifest, V_TORN_ADamagedLastRecordIsDropped) {
  WriteThreeEdits();
  for (uint64_t at = ends_[1]; at < bytes_.size(); ++at) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    Overwrite(damaged);
    Reopen();
    EXPECT_EQ(Describe(*set_), after_[1]) << "byte " << at;
  }
}

TEST_F(ForeignManifest, V_TORN_DamageBeforeAWholeRecordIsCorruptionAtItsOffset) {
  WriteThreeEdits();
  for (uint64_t at = 0; at < ends_[1]; ++at) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    Overwrite(damaged);
    ExpectCorruption(fmt::format("byte {}", at));
    const uint64_t offset = at < ends_[0] ? 0 : ends_[0];
    EXPECT_NE(RecoverStatus().message().find(fmt::format("offset {}", offset)), std::string::npos)
        << RecoverStatus().ToString();
  }
}

TEST_F(ForeignManifest, V_TORN_ATornTailIsNeverWrittenBehind) {
  WriteThreeEdits();
  Overwrite(bytes_.substr(0, ends_[2] - 1));
  Reopen();
  Apply(AddTable(2, Table(15, "a", "b")));
  const std::string expected = Describe(*set_);
  EXPECT_EQ(ReadAll(&env_, path_), bytes_.substr(0, ends_[2] - 1));
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(ForeignManifest, V_TORN_ARecordThatIsNoEditIsCorruption) {
  auto file = env_.CreateWritable(path_, {});
  ASSERT_TRUE(file.ok());
  LogWriter writer(file->get());
  std::string record;
  EncodeEdit(FirstEdit(), &record);
  ASSERT_TRUE(writer.Append(record).ok());
  ASSERT_TRUE(writer.Append("\x64unknown").ok());
  ASSERT_TRUE((*file)->Close().ok());
  ExpectCorruption("unknown tag");
}

// What new space may show of an older manifest: its edits, whole, state lower file numbers.
class OldBytes : public ForeignManifest {
 protected:
  static VersionEdit Edit(uint64_t next_file_number, uint64_t table) {
    VersionEdit edit = AddTable(0, Table(table, "a", "z"));
    edit.next_file_number = next_file_number;
    return edit;
  }
  std::string Behind(const std::vector<VersionEdit>& edits) {
    Write(edits);
    Reopen();
    return Describe(*set_);
  }
};

TEST_F(OldBytes, V_OLD_AnEditWhoseFileNumberGoesBackEndsTheManifest) {
  const std::string expected = Behind({FirstEdit(), Edit(21, 8)});
  EXPECT_EQ(Behind({FirstEdit(), Edit(21, 8), Edit(20, 9)}), expected);
  EXPECT_EQ(Behind({FirstEdit(), Edit(21, 8), Edit(20, 9), Edit(7, 10)}), expected);
  EXPECT_NE(Behind({FirstEdit(), Edit(21, 8), Edit(21, 9)}), expected) << "it stays the same";
}

TEST_F(OldBytes, V_OLD_AnEditBehindAnOldOneTellsOfDamage) {
  Write({FirstEdit(), Edit(19, 8), Edit(20, 9)});
  ExpectCorruption("an edit of this manifest behind one of another");
}

TEST_F(OldBytes, V_OLD_AnOldEditBehindATornOneIsNoProof) {
  const std::string expected = Behind({FirstEdit(), Edit(21, 8)});
  Write({FirstEdit(), Edit(21, 8), Edit(22, 9), Edit(20, 10)});
  std::string torn = bytes_;
  torn[ends_[1]] = static_cast<char>(torn[ends_[1]] ^ 1);
  Overwrite(torn);
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(OldBytes, V_OLD_ARecordOfALogEndsTheManifest) {
  const std::string expected = Behind({FirstEdit()});
  WriteBatch batch;
  batch.Put("k", "v");
  auto file = env_.CreateWritable(path_, {});
  ASSERT_TRUE(file.ok());
  LogWriter writer(file->get());
  std::string record;
  EncodeEdit(FirstEdit(), &record);
  ASSERT_TRUE(writer.Append(record).ok());
  ASSERT_TRUE(writer.Append(WriteBatchRep::Bytes(batch)).ok());
  ASSERT_TRUE((*file)->Close().ok());
  Reopen();
  EXPECT_EQ(Describe(*set_), expected);
}

TEST_F(ForeignManifest, V_CHECK_EachNumberAndTheComparatorAreRequired) {
  for (int missing = 0; missing < 4; ++missing) {
    VersionEdit edit = FirstEdit();
    if (missing == 0) edit.comparator.reset();
    if (missing == 1) edit.log_number.reset();
    if (missing == 2) edit.next_file_number.reset();
    if (missing == 3) edit.last_sequence.reset();
    Write({edit});
    ExpectCorruption(fmt::format("case {}", missing));
  }
}

TEST_F(ForeignManifest, V_CHECK_ATreeThatBreaksAnInvariantIsCorruption) {
  Write({FirstEdit(), AddTable(1, Table(6, "b", "c"))});
  ExpectCorruption("overlap");
}

TEST_F(ForeignManifest, V_CHECK_ARemovalOfAnUnknownTableIsCorruption) {
  VersionEdit edit;
  edit.removed.emplace_back(1, 6);
  Write({FirstEdit(), edit});
  ExpectCorruption("removal");
}

TEST_F(ForeignManifest, V_CHECK_FileNumbersThatWouldBeGivenOutAgainAreCorruption) {
  Write({FirstEdit(), AddTable(1, Table(20, "c", "d"))});
  ExpectCorruption("table number");
  VersionEdit edit = FirstEdit();
  edit.log_number = 20;
  Write({edit});
  ExpectCorruption("log number");
}

TEST_F(ForeignManifest, V_RECOVER_DeeperLevelsThanTheOptionsSayAreKept) {
  Write({FirstEdit(), AddTable(6, Table(6, "a", "b"))});
  options_.num_levels = 2;
  Reopen();
  EXPECT_EQ(set_->current()->levels.size(), 7u);
  EXPECT_EQ(set_->current()->levels[6].Files(), 1u);
}

class CurrentFile : public VersionTest {
 protected:
  void ExpectCorruption(std::string_view contents) {
    ASSERT_TRUE(env_.OverwriteFile(CurrentFileName(kDir), contents).ok());
    const Status status = RecoverStatus();
    EXPECT_TRUE(status.IsCorruption()) << contents << ": " << status.ToString();
  }
};

TEST_F(CurrentFile, V_CURRENT_BadContentsAreCorruption) {
  Create();
  ExpectCorruption("");
  ExpectCorruption("\n");
  ExpectCorruption("MANIFEST-000001");
  ExpectCorruption("MANIFEST-000001\n\n");
  ExpectCorruption("MANIFEST-00000x\n");
  ExpectCorruption("../db/MANIFEST-000001\n");
  ExpectCorruption("/db/MANIFEST-000001\n");
  ExpectCorruption("CURRENT\n");
  ExpectCorruption(std::string(16, '\0'));
  ExpectCorruption(std::string(100, 'x') + "\n");
  ExpectCorruption("MANIFEST-000001\n" + std::string(100, 'x') + "\n");
}

TEST_F(CurrentFile, V_CURRENT_AMissingManifestIsCorruptionThatNamesIt) {
  Create();
  ExpectCorruption("MANIFEST-000099\n");
  EXPECT_NE(RecoverStatus().message().find("MANIFEST-000099"), std::string::npos);
}

TEST_F(CurrentFile, V_CURRENT_EveryTruncationIsCorruption) {
  Create();
  const std::string contents = ReadAll(&env_, CurrentFileName(kDir));
  for (size_t n = 0; n < contents.size(); ++n) ExpectCorruption(contents.substr(0, n));
}

}  // namespace
}  // namespace lsm

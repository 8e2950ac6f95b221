// What a user of the database sees, on the real file system. Crashes and schedules: engine/testing.
#include "lsm/db.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "db/test_dir.h"
#include "format/filename.h"

namespace lsm {
namespace {

class DbTest : public testing::Test {
 protected:
  DbTest() {
    options_.create_if_missing = true;
    options_.memtable_bytes = 4096;
    options_.block_bytes = 256;
    options_.max_file_bytes = 4096;
    options_.level1_bytes = 16384;
    options_.size_ratio = 4;
  }

  void Open() {
    db_.reset();
    auto db = DB::Open(options_, dir_.path());
    ASSERT_TRUE(db.ok()) << db.status().ToString();
    db_ = std::move(*db);
  }
  Status OpenStatus() { return DB::Open(options_, dir_.path()).status(); }

  std::string Get(std::string_view key, const Snapshot* snapshot = nullptr) {
    ReadOptions read;
    read.snapshot = snapshot;
    std::string value;
    const Status s = db_->Get(read, key, &value);
    return s.ok() ? value : s.IsNotFound() ? "-" : s.ToString();
  }
  // All entries in order, forward, as "k=v k=v"; checked against the backward walk.
  std::string Scan(const ReadOptions& read = {}) {
    std::string forward, backward;
    auto it = db_->NewIterator(read);
    for (it->SeekToFirst(); it->Valid(); it->Next()) forward += Entry(*it) + " ";
    EXPECT_TRUE(it->status().ok()) << it->status().ToString();
    for (it->SeekToLast(); it->Valid(); it->Prev()) backward = Entry(*it) + " " + backward;
    EXPECT_EQ(forward, backward);
    return forward;
  }
  static std::string Entry(const Iterator& it) {
    return std::string(it.key()) + "=" + std::string(it.value());
  }
  void Put(std::string_view key, std::string_view value) {
    ASSERT_TRUE(db_->Put({}, key, value).ok());
  }
  // Enough for several levels.
  void FillMany(int n, std::string_view tag) {
    for (int i = 0; i < n; ++i) {
      Put("key" + std::to_string(i % 500), std::string(tag) + std::to_string(i));
    }
  }

  TestDir dir_;
  Options options_;
  std::unique_ptr<DB> db_;
};

TEST_F(DbTest, reads_what_was_written_in_every_place) {
  Open();
  Put("a", "1");
  EXPECT_EQ(Get("a"), "1");
  ASSERT_TRUE(db_->Flush().ok());
  EXPECT_EQ(Get("a"), "1");
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  EXPECT_EQ(Get("a"), "1");
  Open();
  EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(Get("b"), "-");
}

TEST_F(DbTest, delete_hides_older_values_in_every_place) {
  Open();
  Put("a", "1");
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  ASSERT_TRUE(db_->Delete({}, "a").ok());
  EXPECT_EQ(Get("a"), "-");
  ASSERT_TRUE(db_->Flush().ok());
  EXPECT_EQ(Get("a"), "-");
  EXPECT_EQ(Scan(), "");
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  EXPECT_EQ(Get("a"), "-");
}

TEST_F(DbTest, empty_keys_and_values_are_ordinary) {
  Open();
  Put("", "x");
  Put("k", "");
  EXPECT_EQ(Get(""), "x");
  EXPECT_EQ(Get("k"), "");
  ASSERT_TRUE(db_->Flush().ok());
  EXPECT_EQ(Scan(), "=x k= ");
}

TEST_F(DbTest, batch_is_applied_in_its_order) {
  Open();
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Delete("a");
  batch.Put("b", "2");
  ASSERT_TRUE(db_->Write({}, batch).ok());
  EXPECT_EQ(Scan(), "b=2 ");
}

TEST_F(DbTest, empty_batch_with_sync_is_ok) {
  Open();
  WriteOptions sync;
  sync.sync = true;
  EXPECT_TRUE(db_->Write(sync, WriteBatch()).ok());
}

TEST_F(DbTest, snapshot_repeats_across_flush_and_compaction) {
  Open();
  Put("a", "1");
  Put("b", "1");
  const Snapshot* snapshot = db_->GetSnapshot();
  Put("a", "2");
  ASSERT_TRUE(db_->Delete({}, "b").ok());
  FillMany(3000, "v");
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  EXPECT_EQ(Get("a", snapshot), "1");
  EXPECT_EQ(Get("b", snapshot), "1");
  EXPECT_EQ(Get("a"), "2");
  EXPECT_EQ(Get("b"), "-");
  ReadOptions read;
  read.snapshot = snapshot;
  EXPECT_EQ(Scan(read), "a=1 b=1 ");
  db_->ReleaseSnapshot(snapshot);
}

TEST_F(DbTest, iterator_keeps_its_state_while_files_are_replaced) {
  Open();
  FillMany(500, "old");
  ASSERT_TRUE(db_->Flush().ok());
  auto it = db_->NewIterator({});
  FillMany(3000, "new");
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  int entries = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    EXPECT_EQ(it->value().substr(0, 3), "old");
    ++entries;
  }
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  EXPECT_EQ(entries, 500);
  it.reset();
  std::vector<std::string> findings;
  EXPECT_TRUE(db_->CheckIntegrity(&findings).ok()) << findings.front();
}

TEST_F(DbTest, iterator_honours_bounds) {
  Open();
  for (const char* key : {"a", "b", "c", "d"}) Put(key, "1");
  ReadOptions read;
  read.lower_bound = "b";
  read.upper_bound = "d";
  EXPECT_EQ(Scan(read), "b=1 c=1 ");
}

TEST_F(DbTest, multi_get_answers_key_by_key) {
  Open();
  Put("a", "1");
  Put("c", "3");
  const std::string_view keys[] = {"a", "b", "c"};
  std::vector<std::string> values;
  const std::vector<Status> statuses = db_->MultiGet({}, keys, &values);
  EXPECT_TRUE(statuses[0].ok() && statuses[1].IsNotFound() && statuses[2].ok());
  EXPECT_EQ(values, (std::vector<std::string>{"1", "", "3"}));
}

TEST_F(DbTest, compaction_in_which_all_keys_go_leaves_no_table) {
  Open();
  Put("k", "v");
  ASSERT_TRUE(db_->Flush().ok());
  ASSERT_TRUE(db_->Delete({}, "k").ok());
  ASSERT_TRUE(db_->Flush().ok());
  ASSERT_TRUE(db_->CompactRange({}, {}, {}).ok());
  std::string tables;
  ASSERT_TRUE(db_->GetProperty("lsm.num-files-at-level0", &tables));
  EXPECT_EQ(tables, "0");
}

TEST_F(DbTest, levels_hold_under_load_and_after_reopen) {
  Open();
  std::map<std::string, std::string> model;
  for (int i = 0; i < 5000; ++i) {
    const std::string key = "key" + std::to_string(i * 7919 % 1000);
    if (i % 5 == 0) {
      ASSERT_TRUE(db_->Delete({}, key).ok());
      model.erase(key);
    } else {
      const std::string value = std::to_string(i);
      Put(key, value);
      model[key] = value;
    }
  }
  std::string expected;
  for (const auto& [key, value] : model) expected += key + "=" + value + " ";
  EXPECT_EQ(Scan(), expected);
  ASSERT_TRUE(db_->WaitForBackgroundWork().ok());
  std::vector<std::string> findings;
  EXPECT_TRUE(db_->CheckIntegrity(&findings).ok()) << findings.front();
  Open();
  EXPECT_EQ(Scan(), expected);
  const Statistics statistics = db_->GetStatistics();
  EXPECT_GT(statistics.level[1].files, 0u);
}

TEST_F(DbTest, checkpoint_is_a_database_of_its_own) {
  Open();
  FillMany(1000, "v");
  const std::string before = Scan();
  const std::string copy = dir_.path() + "-copy";
  ASSERT_TRUE(db_->Checkpoint(copy).ok());
  Put("later", "1");
  auto second = DB::Open(options_, copy);
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  std::swap(db_, *second);
  EXPECT_EQ(Scan(), before);
  Put("mine", "1");
  EXPECT_EQ(Get("mine"), "1");
  std::swap(db_, *second);
  EXPECT_EQ(Get("mine"), "-");
  second = Status::Ok();
  EXPECT_TRUE(DB::Destroy(options_, copy).ok());
}

TEST_F(DbTest, checkpoint_into_an_existing_directory_is_refused) {
  Open();
  EXPECT_EQ(db_->Checkpoint(dir_.path()).code(), StatusCode::kInvalidArgument);
}

TEST_F(DbTest, second_open_is_busy) {
  Open();
  EXPECT_EQ(OpenStatus().code(), StatusCode::kBusy);
}

TEST_F(DbTest, calls_after_close_return_closed) {
  Open();
  ASSERT_TRUE(db_->Close().ok());
  EXPECT_EQ(db_->Put({}, "a", "1").code(), StatusCode::kClosed);
  std::string value;
  EXPECT_EQ(db_->Get({}, "a", &value).code(), StatusCode::kClosed);
  EXPECT_EQ(db_->NewIterator({})->status().code(), StatusCode::kClosed);
  EXPECT_EQ(db_->Flush().code(), StatusCode::kClosed);
  EXPECT_EQ(db_->CompactRange({}, {}, {}).code(), StatusCode::kClosed);
  EXPECT_TRUE(db_->Close().ok());
}

TEST_F(DbTest, options_out_of_range_are_named) {
  options_.size_ratio = 1;
  EXPECT_EQ(OpenStatus().ToString(), "Invalid argument: option size_ratio = 1 is outside [2, 100]");
  options_.size_ratio = 10;
  options_.l0_stop_trigger = 1;
  EXPECT_NE(OpenStatus().message().find("do not ascend"), std::string_view::npos);
}

TEST_F(DbTest, key_beyond_the_limit_is_refused_and_the_limit_accepted) {
  options_.memtable_bytes = size_t{1} << 20;
  Open();
  const std::string longest(kMaxKeyBytes, 'k');
  EXPECT_EQ(db_->Put({}, longest + "k", "v").code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(db_->Put({}, longest, "v").ok());
  EXPECT_EQ(Get(longest), "v");
  ASSERT_TRUE(db_->Flush().ok());
  EXPECT_EQ(Get(longest), "v");
}

TEST_F(DbTest, missing_directory_without_create_is_refused) {
  options_.create_if_missing = false;
  EXPECT_EQ(OpenStatus().code(), StatusCode::kInvalidArgument);
}

TEST_F(DbTest, directory_with_other_things_is_left_alone) {
  ASSERT_TRUE(Env::Default()->CreateDir(dir_.path()).ok());
  dir_.Write("thesis.tex", "chapter 1");
  const Status s = OpenStatus();
  EXPECT_EQ(s.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(s.message().find("thesis.tex"), std::string_view::npos);
  EXPECT_EQ(dir_.List(), "thesis.tex ");
  EXPECT_EQ(DB::Destroy(options_, dir_.path()).code(), StatusCode::kInvalidArgument);
}

TEST_F(DbTest, path_that_is_a_file_is_an_error) {
  ASSERT_TRUE(Env::Default()->CreateDir(dir_.path()).ok());
  dir_.Write("file", "x");
  auto db = DB::Open(options_, dir_.path() + "/file");
  EXPECT_FALSE(db.ok());
}

TEST_F(DbTest, missing_current_beside_data_is_never_a_fresh_start) {
  Open();
  Put("a", "1");
  db_.reset();
  ASSERT_TRUE(Env::Default()->RemoveFile(CurrentFileName(dir_.path())).ok());
  EXPECT_EQ(OpenStatus().code(), StatusCode::kCorruption);
}

TEST_F(DbTest, missing_table_is_named_at_open) {
  Open();
  Put("a", "1");
  ASSERT_TRUE(db_->Flush().ok());
  db_.reset();
  const std::string table = dir_.First(FileKind::kTable);
  ASSERT_TRUE(Env::Default()->RemoveFile(table).ok());
  const Status s = OpenStatus();
  EXPECT_TRUE(s.IsCorruption());
  EXPECT_NE(s.message().find(table), std::string_view::npos) << s.ToString();
}

TEST_F(DbTest, missing_log_is_named_at_open) {
  Open();
  Put("a", "1");
  db_.reset();
  const std::string log = dir_.First(FileKind::kWal);
  ASSERT_TRUE(Env::Default()->RemoveFile(log).ok());
  const Status s = OpenStatus();
  EXPECT_TRUE(s.IsCorruption());
  EXPECT_NE(s.message().find(log), std::string_view::npos) << s.ToString();
}

TEST_F(DbTest, damaged_synced_log_is_corruption_with_file_and_offset) {
  Open();
  WriteOptions sync;
  sync.sync = true;
  ASSERT_TRUE(db_->Put(sync, "a", "1").ok());
  ASSERT_TRUE(db_->Put(sync, "b", "2").ok());
  ASSERT_TRUE(db_->Put(sync, "c", "3").ok());
  db_.reset();
  const std::string log = dir_.First(FileKind::kWal);
  dir_.FlipByte(log, 20);
  const Status s = OpenStatus();
  EXPECT_TRUE(s.IsCorruption()) << s.ToString();
  EXPECT_NE(s.message().find(log + ": offset 0"), std::string_view::npos) << s.ToString();
}

TEST_F(DbTest, damaged_table_is_corruption_never_a_wrong_answer) {
  options_.compression = Compression::kNone;
  Open();
  Put("a", std::string(100, 'v'));
  ASSERT_TRUE(db_->Flush().ok());
  db_.reset();
  const std::string table = dir_.First(FileKind::kTable);
  dir_.FlipByte(table, 30);
  Open();
  EXPECT_EQ(Get("a").substr(0, 10), "Corruption");
  std::vector<std::string> findings;
  EXPECT_TRUE(db_->CheckIntegrity(&findings).IsCorruption());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_NE(findings[0].find(table), std::string::npos) << findings[0];
}

TEST_F(DbTest, other_comparator_is_refused_by_both_names) {
  class Reverse final : public Comparator {
    int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
    std::string_view Name() const override { return "test.Reverse"; }
    void FindShortestSeparator(std::string*, std::string_view) const override {}
    void FindShortSuccessor(std::string*) const override {}
  } reverse;
  Open();
  Put("a", "1");
  db_.reset();
  options_.comparator = &reverse;
  const Status s = OpenStatus();
  EXPECT_EQ(s.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(s.message().find("test.Reverse"), std::string_view::npos) << s.ToString();
  EXPECT_NE(s.message().find("leveldb.BytewiseComparator"), std::string_view::npos);
}

TEST_F(DbTest, repair_brings_back_everything_without_manifest) {
  Open();
  FillMany(1000, "v");
  const std::string before = Scan();
  db_.reset();
  ASSERT_TRUE(Env::Default()->RemoveFile(CurrentFileName(dir_.path())).ok());
  std::string report;
  ASSERT_TRUE(DB::Repair(options_, dir_.path(), &report).ok()) << report;
  Open();
  EXPECT_EQ(Scan(), before);
  Put("later", "1");
  EXPECT_EQ(Get("later"), "1");
}

TEST_F(DbTest, repair_gives_no_number_of_a_missing_file_again) {
  Open();
  Put("kept", "1");
  ASSERT_TRUE(db_->Flush().ok());
  Put("lost", "2");
  ASSERT_TRUE(db_->Flush().ok());
  db_.reset();
  const std::vector<std::string> names = *Env::Default()->ListDir(dir_.path());
  const FileKind newest[] = {FileKind::kTable, FileKind::kWal};  // the highest of each kind
  for (const FileKind kind : newest) {
    const auto name = std::find_if(names.rbegin(), names.rend(), [&](const std::string& n) {
      return ParseFileName(n).kind == kind;
    });
    ASSERT_TRUE(Env::Default()->RemoveFile(dir_.path() + "/" + *name).ok());
  }
  std::string report;
  ASSERT_TRUE(DB::Repair(options_, dir_.path(), &report).ok()) << report;
  Open();
  EXPECT_EQ(Get("kept"), "1");
}

TEST_F(DbTest, destroy_leaves_other_files) {
  Open();
  db_.reset();
  dir_.Write("notes.txt", "mine");
  EXPECT_TRUE(DB::Destroy(options_, dir_.path()).ok());
  EXPECT_EQ(dir_.List(), "notes.txt ");
}

TEST_F(DbTest, unknown_property_is_false) {
  Open();
  std::string value;
  EXPECT_FALSE(db_->GetProperty("lsm.nonsense", &value));
  EXPECT_FALSE(db_->GetProperty("lsm.num-files-at-level9", &value));
  EXPECT_TRUE(db_->GetProperty("lsm.num-files-at-level0", &value));
  EXPECT_EQ(value, "0");
}

}  // namespace
}  // namespace lsm

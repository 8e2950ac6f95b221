// The real LevelDB (Debian's library) as judge: what one engine wrote, the other reads, after a
// clean close, after a kill, and after a kill with a torn log; forward, backward and by Get.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/test_dir.h"
#include "interop/engines.h"
#include "lsm/options_text.h"

namespace lsm::interop {
namespace {

constexpr size_t kUpdates = 100'000;
constexpr size_t kKeys = 20'000;

struct Setting {
  bool lsmlab_writes;
  bool snappy;
  bool small;
};

class LevelDbInterop : public testing::TestWithParam<Setting> {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.snappy = GetParam().snappy;
    options.small = GetParam().small;
    auto lsmlab = NewLsmlab(options);
    auto leveldb = NewLevelDb(options);
    options.paranoid = false;
    auto tolerant = NewLevelDb(options);
    const bool ours = GetParam().lsmlab_writes;
    writer_ = ours ? std::move(lsmlab) : std::move(leveldb);
    reader_ = ours ? std::move(tolerant) : NewLsmlab(options);
    strict_reader_ = ours ? NewLevelDb({options.snappy, options.small, true}) : NewLsmlab(options);
    history_ = MakeHistory(Seed(), kUpdates, kKeys);
  }

  static uint64_t Seed() { return GetParam().snappy * 2u + GetParam().small + 1u; }

  // Writes in a process that dies by SIGKILL right after its last write.
  void WriteAndKill() {
    const std::string command =
        fmt::format("exec {} {} {:d} {:d} {} {} {} {}", LSM_INTEROP_WRITER,
                    GetParam().lsmlab_writes ? "lsmlab" : "leveldb", GetParam().snappy,
                    GetParam().small, Seed(), kUpdates, kKeys, dir_.path());
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the writer failed";
  }

  // The newest log that holds anything.
  std::string LastLog() {
    std::string last;
    auto names = Env::Default()->ListDir(dir_.path());
    LSM_CHECK(names.ok());
    for (const std::string& name : *names) {
      const std::string path = dir_.path() + "/" + name;
      if (ParseFileName(name).kind == FileKind::kWal && DataEnd(path) > 0) last = path;
    }
    return last;
  }
  // Behind the last byte that is not zero: a preallocated log ends with zeros.
  size_t DataEnd(const std::string& path) { return dir_.Read(path).find_last_not_of('\0') + 1; }

  TestDir dir_;
  History history_;
  std::unique_ptr<Engine> writer_, reader_, strict_reader_;
};

TEST_P(LevelDbInterop, reads_everything_after_a_clean_close) {
  writer_->Write(dir_.path(), history_, true);
  EXPECT_EQ(strict_reader_->Read(dir_.path()), StateAfter(history_, history_.size()));
  // The reader rewrote manifest and logs; the writer still reads its database.
  EXPECT_EQ(writer_->Read(dir_.path()), StateAfter(history_, history_.size()));
}

TEST_P(LevelDbInterop, reads_everything_after_a_kill) {
  WriteAndKill();
  EXPECT_EQ(strict_reader_->Read(dir_.path()), StateAfter(history_, history_.size()));
}

TEST_P(LevelDbInterop, reads_a_prefix_after_a_kill_with_a_torn_log) {
  WriteAndKill();
  const std::string log = LastLog();
  ASSERT_FALSE(log.empty());
  const size_t end = DataEnd(log);
  const size_t cut = std::min<size_t>(end - 1, 50);  // inside the last few records
  ASSERT_TRUE(Env::Default()->TruncateFile(log, end - cut).ok());
  const std::optional<size_t> prefix = PrefixOf(history_, reader_->Read(dir_.path()));
  ASSERT_TRUE(prefix.has_value()) << "the state is no prefix of the history";
  EXPECT_LT(*prefix, history_.size());
  EXPECT_GE(*prefix, history_.size() - cut);
}

std::string SettingName(const testing::TestParamInfo<Setting>& info) {
  return std::string(info.param.lsmlab_writes ? "lsmlab_writes" : "leveldb_writes") +
         (info.param.snappy ? "_snappy" : "_plain") + (info.param.small ? "_small" : "_default");
}

INSTANTIATE_TEST_SUITE_P(All, LevelDbInterop,
                         testing::Values(Setting{true, true, true}, Setting{true, true, false},
                                         Setting{true, false, true}, Setting{true, false, false},
                                         Setting{false, true, true}, Setting{false, true, false},
                                         Setting{false, false, true}, Setting{false, false, false}),
                         SettingName);

// docs/decisions/0006: a file of options may stand beside the database.
TEST(LevelDbDirectory, a_file_of_options_disturbs_neither_engine) {
  const TestDir dir;
  const EngineOptions small{.small = true};
  const History history = MakeHistory(3, 2000, 100);
  const auto ours = NewLsmlab(small), theirs = NewLevelDb(small);
  ours->Write(dir.path(), history, true);
  ASSERT_TRUE(SaveOptions(Env::Default(), dir.path() + "/OPTIONS", Options()).ok());
  EXPECT_EQ(theirs->Read(dir.path()), StateAfter(history, history.size()));
  EXPECT_EQ(ours->Read(dir.path()), StateAfter(history, history.size()));
  Options kept;
  EXPECT_TRUE(LoadOptions(Env::Default(), dir.path() + "/OPTIONS", &kept).ok());
}

TEST(History, prefix_is_found_and_a_hole_is_not) {
  const History history = MakeHistory(7, 1000, 50);
  EXPECT_EQ(PrefixOf(history, StateAfter(history, 500)).value_or(0) >= 500, true);
  Model hole = StateAfter(history, 500);
  hole["nobody wrote this"] = "x";
  EXPECT_FALSE(PrefixOf(history, hole).has_value());
}

}  // namespace
}  // namespace lsm::interop

// The recorder on a program with known calls, and on the workloads of engines.
#include <gtest/gtest.h>

#include <filesystem>

#include "env/temp_dir_for_test.h"
#include "foreign/engine.h"
#include "foreign/record.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

constexpr char kKnownCalls[] = R"(lsmlab-recording 1
open 3 a\x20b create
write 3 0 one
write 3 3 two
write 3 2 \x0a
write 3 6 three
fdatasync 3
truncate 3 8
fsync 3
close 3
open 3 a\x20b
write 3 8 end
close 3
rename a\x20b b
link b c
open 3 .
fsync 3
close 3
mkdir sub
rmdir sub
unlink c
open 3 b truncate
allocate 3 4
allocate 3 0
close 3
open 3 f create
write 3 1 x
truncate 3 1
allocate 3 2
close 3
unlink f
open 3 LOG create
stdio 3
)";

TEST(Recorder, writes_down_exactly_the_calls_of_a_program) {
  const TempDir dir;
  const TempDir other;
  const auto recording =
      RecordCommand({LSM_KNOWN_CALLS, dir.path()}, dir.path(), other.File("log"));
  ASSERT_TRUE(recording.ok()) << recording.status().ToString();
  EXPECT_EQ(*LoadText(other.File("log")), kKnownCalls);
}

TEST(Recorder, a_recording_that_lacks_a_call_is_refused) {
  const TempDir dir;
  const TempDir other;
  // There before the recorder was: the replay has no such file.
  ASSERT_TRUE(SaveText(dir.File("stranger"), "x").ok());
  const auto recording =
      RecordCommand({LSM_KNOWN_CALLS, dir.path()}, dir.path(), other.File("log"));
  ASSERT_FALSE(recording.ok());
  EXPECT_NE(recording.status().message().find("stranger"), std::string_view::npos)
      << recording.status().ToString();
}

TEST(Recorder, a_program_that_fails_is_an_error_with_its_command) {
  const TempDir other;
  const auto recording = RecordCommand({LSM_KNOWN_CALLS}, other.path(), other.File("log"));
  ASSERT_FALSE(recording.ok());
  EXPECT_NE(recording.status().message().find("ended with status 2"), std::string_view::npos)
      << recording.status().ToString();
}

class RecordEngine : public testing::TestWithParam<EngineInfo> {};

// Record() itself compares the replay with what the engine left behind.
TEST_P(RecordEngine, gives_a_complete_recording_with_the_workload_in_it) {
  Trace workload = *Parse(
      "lsmlab-trace 1\noption block_bytes 128\nc0 put k1 v1 sync\nc0 batch put k2 v2 delete k1\n"
      "reopen\nc0 put k3 v3\n");
  const auto recording = Record(GetParam(), workload);
  ASSERT_TRUE(recording.ok()) << recording.status().ToString();
  EXPECT_EQ(recording->engine, GetParam().name);
  EXPECT_EQ(*WorkloadOf(*recording), workload);
  EXPECT_EQ(*ParseRecording(Print(*recording)), *recording);
}

INSTANTIATE_TEST_SUITE_P(All, RecordEngine, testing::ValuesIn(Engines()), [](const auto& engine) {
  std::string name = engine.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ParseRecording, names_the_line_that_is_wrong) {
  const auto message = [](const std::string& line) {
    return std::string(ParseRecording("lsmlab-recording 1\n" + line).status().message());
  };
  EXPECT_EQ(message("engine leveldb\nopen 3 a creat\n"), "line 3: create or truncate is wanted");
  EXPECT_EQ(message("write x 0 a\n"), "line 2: \"x\" is no number");
  EXPECT_EQ(message("fsync 3 4\n"), "line 2: more words than there should be");
  EXPECT_EQ(message("frobnicate\n"), "line 2: unknown call \"frobnicate\"");
  EXPECT_EQ(ParseRecording("lsmlab-recording 2\n").status().message(),
            "line 1: \"lsmlab-recording 1\" is wanted");
}

}  // namespace
}  // namespace lsm::lab

// What a power cut may leave behind, after hand-written calls.
#include "foreign/disk_replay.h"

#include <gtest/gtest.h>

#include "env/temp_dir_for_test.h"
#include "testing/files.h"

namespace lsm::lab {
namespace {

// All calls of `lines`, then a power cut that keeps nothing that is not durable.
std::string AfterCut(const std::string& lines, bool keep = false) {
  const auto recording = ParseRecording("lsmlab-recording 1\n" + lines);
  EXPECT_TRUE(recording.ok()) << recording.status().ToString();
  DiskReplay replay;
  const Status status = replay.ApplyBefore(*recording, recording->calls.size());
  if (!status.ok()) return status.ToString();
  replay.CutPower(sim::Image(replay.disk().Unsynced().size(), sim::Fate(keep)));
  const TempDir dir;
  EXPECT_TRUE(replay.WriteTo(dir.path()).ok());
  EXPECT_TRUE(replay.CompareWith(dir.path()).ok());
  std::string text;
  const auto names = Env::Default()->ListDir(dir.path());
  for (const std::string& name : *names) {
    text += name + "=" + *LoadText(dir.File(name)) + " ";
  }
  return text;
}

TEST(DiskReplay, bytes_need_a_sync_of_the_file_and_its_name_one_of_the_directory) {
  const std::string write = "open 3 a create\nwrite 3 0 xyz\n";
  const std::string sync_dir = "open 4 .\nfsync 4\nclose 4\n";
  EXPECT_EQ(AfterCut(write), "");
  EXPECT_EQ(AfterCut(write, true), "a=xyz ");
  EXPECT_EQ(AfterCut(write + "fdatasync 3\n"), "");
  EXPECT_EQ(AfterCut(write + sync_dir), "a= ");
  EXPECT_EQ(AfterCut(write + "fdatasync 3\n" + sync_dir), "a=xyz ");
  EXPECT_EQ(AfterCut(write + "sync_file_range 3\nclose 3\n" + sync_dir), "a= ");
}

TEST(DiskReplay, a_descriptor_writes_to_its_file_under_whatever_name) {
  EXPECT_EQ(AfterCut("open 3 a create\nrename a b\nwrite 3 0 x\nunlink b\nopen 4 b create\n"
                     "write 4 0 new\nwrite 3 1 old\n",
                     true),
            "b=new ");
}

TEST(DiskReplay, a_rename_without_a_sync_of_the_directory_can_be_undone) {
  const std::string both =
      "open 3 a create\nwrite 3 0 1\nfsync 3\nopen 4 b create\nwrite 4 0 2\n"
      "fsync 4\nopen 5 .\nfsync 5\nrename b a\n";
  EXPECT_EQ(AfterCut(both), "a=1 b=2 ");
  EXPECT_EQ(AfterCut(both + "fsync 5\n"), "a=2 ");
}

TEST(DiskReplay, allocation_changes_the_size_only_where_it_says_so) {
  EXPECT_EQ(AfterCut("open 3 a create\nwrite 3 0 x\nallocate 3 0\n", true), "a=x ");
  EXPECT_EQ(AfterCut("open 3 a create\nallocate 3 2\ntruncate 3 0\nwrite 3 0 y\n", true), "a=y ");
}

TEST(DiskReplay, what_cannot_be_replayed_is_refused) {
  EXPECT_EQ(AfterCut("write 3 0 x\n"),
            "Corruption: call 0, \"write 3 0 x\": this descriptor is not open");
  EXPECT_EQ(AfterCut("open 3 a create\nmapped 3\n"),
            "Corruption: call 1, \"mapped 3\": writes through a mapping are not recorded");
  EXPECT_EQ(AfterCut("open 3 a\n"), "Corruption: call 0, \"open 3 a\": there is no such file");
}

TEST(DiskReplay, the_digest_tells_names_and_bytes) {
  const auto digest = [](const std::string& lines) {
    DiskReplay replay;
    const auto recording = ParseRecording("lsmlab-recording 1\n" + lines);
    EXPECT_TRUE(replay.ApplyBefore(*recording, recording->calls.size()).ok());
    return replay.Digest();
  };
  const std::string a = "open 3 a create\nwrite 3 0 x\n";
  EXPECT_EQ(digest(a), digest(a));
  EXPECT_NE(digest(a), digest("open 3 b create\nwrite 3 0 x\n"));
  EXPECT_NE(digest(a), digest("open 3 a create\nwrite 3 0 y\n"));
  EXPECT_NE(digest(a), digest("open 3 a create\nwrite 3 0 x\nmkdir d\n"));
}

}  // namespace
}  // namespace lsm::lab

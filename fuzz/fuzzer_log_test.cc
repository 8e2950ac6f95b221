#include "fuzz/fuzzer_log.h"

#include <gtest/gtest.h>

namespace lsm::fuzz {
namespace {

TEST(FuzzerLog, ReadsTheLinesOfOneProcess) {
  FuzzerLog log;
  EXPECT_FALSE(log.Read("INFO: Running with entropic power schedule (0xFF, 100)."));
  EXPECT_TRUE(log.Read("#4\tINITED cov: 254 ft: 255 corp: 3/1783b exec/s: 0 rss: 48Mb"));
  EXPECT_TRUE(
      log.Read("#2048\tpulse  cov: 301 ft: 812 corp: 91/28Kb lim: 1024 exec/s: 682 rss: 90Mb"));
  EXPECT_EQ(log.executions, 2048U);
  EXPECT_EQ(log.executions_per_second, 682U);
  EXPECT_EQ(log.edges_at_start, 254U);
  EXPECT_EQ(log.edges, 301U);
  EXPECT_EQ(log.corpus, 91U);
  EXPECT_FALSE(log.failed());
  EXPECT_EQ(ProgressText(log), "2048 executions, 682/s, 301 edges (+47), corpus of 91");
}

TEST(FuzzerLog, ReadsTheLinesOfSeveralProcesses) {
  FuzzerLog log;
  EXPECT_TRUE(log.Read(
      "#5120: cov: 280 ft: 700 corp: 60 exec/s 512 oom/timeout/crash: 0/0/0 time: 10s job: 4"));
  EXPECT_EQ(log.executions, 5120U);
  EXPECT_EQ(log.executions_per_second, 512U);
  EXPECT_EQ(log.corpus, 60U);
}

TEST(FuzzerLog, AFindingHasItsFirstReasonAndItsInput) {
  FuzzerLog log;
  log.Read("FINDING: wal: R-ORDER: 3 records, by the rules 2 up to offset 40");
  log.Read("==7== ERROR: libFuzzer: deadly signal");
  log.Read("artifact_prefix='out/wal-'; Test unit written to out/wal-crash-0123");
  EXPECT_TRUE(log.failed());
  EXPECT_EQ(log.finding, "wal: R-ORDER: 3 records, by the rules 2 up to offset 40");
  EXPECT_EQ(ToJson(log)["input"], "out/wal-crash-0123");

  FuzzerLog sanitizer;
  sanitizer.Read("==9==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602");
  EXPECT_TRUE(sanitizer.finding.starts_with("AddressSanitizer: heap-buffer-overflow"));
}

}  // namespace
}  // namespace lsm::fuzz

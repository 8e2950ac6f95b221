#include "tools/verify/row.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace lsm::lab {
namespace {

// Two workers take turns over 40 indexes; those that `fails` names are wrong. `slow` works more
// slowly than the other one.
Row RunFake(const std::function<bool(uint64_t)>& fails, int slow) {
  RowWork work;
  work.name = "fake";
  work.workers = 2;
  work.total = 40;
  work.body = [&](int worker, Reporter* reporter) {
    for (uint64_t i = static_cast<uint64_t>(worker); i < work.total; i += 2) {
      reporter->Begin(i);
      volatile uint64_t sum = i;
      for (int round = 0; round < (worker == slow ? 2'000'000 : 10); ++round) sum = sum + i;
      if (fails(i)) return reporter->Finding("finding " + std::to_string(i));
      reporter->Add("sums", 1);
      reporter->Done(1);
    }
  };
  return RunRow({}, work);
}

// Whichever worker is faster: the finding of a seed is that of the lowest index.
TEST(RunRow, TellsTheFirstFinding) {
  for (const int slow : {0, 1}) {
    for (const uint64_t first : {3, 10, 17, 24}) {
      const auto fails = [first](uint64_t i) { return i >= first; };
      const Row row = RunFake(fails, slow);
      EXPECT_EQ(row.verdict, RowVerdict::kFinding);
      EXPECT_EQ(row.note, "finding " + std::to_string(first)) << "slow worker " << slow;
    }
  }
}

// Where all workers go through the same indexes, one that is still at the finding's is ended: that
// is no death of its own.
TEST(RunRow, AWorkerThatIsEndedFoundNothing) {
  RowWork work;
  work.name = "fake";
  work.workers = 2;
  work.body = [](int worker, Reporter* reporter) {
    for (uint64_t i = 0; i < 10; ++i) {
      reporter->Begin(i);
      volatile uint64_t sum = i;
      for (int round = 0; round < (worker == 0 ? 2'000'000 : 10); ++round) sum = sum + i;
      reporter->Add("sums", 1);
      if (worker == 1 && i == 3) return reporter->Finding("finding of the fast one");
    }
  };
  const Row row = RunRow({}, work);
  EXPECT_EQ(row.verdict, RowVerdict::kFinding);
  EXPECT_EQ(row.note, "finding of the fast one");
}

// Threads that wait for each other use no processor time: the clock ends them.
TEST(RunRow, AWorkerThatSleepsForEverIsADeadlock) {
  RowWork work;
  work.name = "fake";
  work.silence_ms = 10;
  work.body = [](int, Reporter* reporter) {
    reporter->Add("threads", 1);
    pause();  // without end
  };
  const Row row = RunRow({}, work);
  EXPECT_EQ(row.verdict, RowVerdict::kFinding);
  EXPECT_EQ(row.note.substr(0, 4), "P14 ") << row.note;
}

TEST(RunRow, CountsWhatAllWorkersDid) {
  const Row row = RunFake([](uint64_t) { return false; }, -1);
  EXPECT_EQ(row.verdict, RowVerdict::kOk);
  EXPECT_EQ(row.Count("sums"), 40U);
}

}  // namespace
}  // namespace lsm::lab

// Which compaction begins when: drawn trees, and the jobs that the queue gives one after the other.
#include "db/job_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mix.h"
#include "contract/compaction/tree_text.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

class JobQueueTest : public testing::Test {
 protected:
  void Start(int threads, const std::string& tree) {
    queue_ = std::make_unique<JobQueue>(threads, &picker_, kCmp);
    tree_ = TreeFromText(tree);
  }
  // The job that begins now, as text.
  std::string Begin() {
    auto queued = queue_->BeginCompaction(tree_, 0);
    if (queued == nullptr) return "none";
    running_.push_back(std::move(queued));
    return JobText(running_.back()->job);
  }
  void EndFirst(const Status& status = Status::Ok()) {
    queue_->EndCompaction(running_.front().get(), status);
    running_.erase(running_.begin());
  }

  const CompactionPicker picker_{DrawnOptions(), kCmp};
  std::unique_ptr<JobQueue> queue_;
  Tree tree_;
  std::vector<std::unique_ptr<QueuedJob>> running_;
};

// Nothing in them meets anything else in them.
constexpr const char* kApart =
    "L0: 9[a..b] 8[a..b]\n"
    "L1 after m: 5[p..q]\n"
    "L2: 3[x..y]*12\n";

TEST_F(JobQueueTest, OfTwoThreadsOneCompacts) {
  Start(2, kApart);
  EXPECT_EQ(Begin(), "L2 3 + L3 move");
  EXPECT_EQ(Begin(), "none");
  EXPECT_TRUE(queue_->MayBegin(JobClass::kFlush));
  EndFirst();
  EXPECT_NE(Begin(), "none");
}

TEST_F(JobQueueTest, APlaceIsKeptForLevel0) {
  Start(3, kApart);
  EXPECT_EQ(Begin(), "L2 3 + L3 move");
  EXPECT_EQ(Begin(), "L0 9 8 + L1");
  EXPECT_EQ(Begin(), "none");
}

TEST_F(JobQueueTest, APlaceIsKeptForAFlush) {
  Start(4, kApart);
  EXPECT_EQ(Begin(), "L2 3 + L3 move");
  EXPECT_EQ(Begin(), "L0 9 8 + L1");
  EXPECT_EQ(Begin(), "L1 5 + L2 move");
  EXPECT_TRUE(queue_->MayBegin(JobClass::kFlush));
  queue_->Enter(JobClass::kFlush);
  EXPECT_FALSE(queue_->MayBegin(JobClass::kFlush));  // four of four
}

TEST_F(JobQueueTest, FlushesMayTakeEveryThread) {
  Start(3, kApart);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(queue_->MayBegin(JobClass::kFlush));
    queue_->Enter(JobClass::kFlush);
  }
  EXPECT_FALSE(queue_->MayBegin(JobClass::kFlush));
  EXPECT_EQ(Begin(), "none");
  queue_->Leave(JobClass::kFlush);
  EXPECT_NE(Begin(), "none");
}

TEST_F(JobQueueTest, ALevelGetsASecondJobWhileItIsDueWithoutTheFirstsInputs) {
  Start(8, "L1: 5[a..c] 6[d..f] 7[g..i]*4");
  EXPECT_EQ(Begin(), "L1 5 + L2 move");
  EXPECT_EQ(Begin(), "L1 6 + L2 move");
  EXPECT_EQ(Begin(), "L1 7 + L2 move");
  EXPECT_EQ(Begin(), "none");
}

TEST_F(JobQueueTest, ButNotIfTheFirstSuffices) {
  Start(8, "L2: 5[a..c]*6 6[d..f]*4 7[g..i]*5");
  EXPECT_EQ(Begin(), "L2 5 + L3 move");  // leaves 9 of 10
  EXPECT_EQ(Begin(), "none");
}

TEST_F(JobQueueTest, JobsThatMeetInTheirOutputLevelGoOneAfterTheOther) {
  if (!IsReference("compaction")) GTEST_SKIP() << "another stage may take other tables along";
  Start(8, "L1: 5[a..c] 6[d..f]\nL2: 1[b..e]");
  EXPECT_EQ(Begin(), "L1 5 6 + L2 1");
  tree_ = TreeFromText("L1: 5[a..c] 6[d..f] 7[e..e]\nL2: 1[b..e]");
  EXPECT_EQ(Begin(), "none");
}

TEST_F(JobQueueTest, ARequestGoesBeforeThePicks) {
  Start(4, kApart);
  ManualRequest request{1, 2, {}, {}};
  queue_->Ask(&request);
  EXPECT_EQ(Begin(), "L1 5 + L2");  // rewritten, not moved
  EXPECT_TRUE(request.running);
  EXPECT_EQ(Begin(), "L2 3 + L3 move");
  EndFirst(Status::IOError("disk"));
  EXPECT_TRUE(request.done);
  EXPECT_TRUE(request.status.code() == StatusCode::kIOError);
  EXPECT_EQ(queue_->Requests(), 0U);
}

TEST_F(JobQueueTest, ARequestThatWaitsHoldsUpNewPicks) {
  Start(8, kApart);
  EXPECT_EQ(Begin(), "L2 3 + L3 move");
  ManualRequest request{2, 3, {}, {}};
  queue_->Ask(&request);
  EXPECT_EQ(Begin(), "none");  // level 0 is due and free: a stream of jobs must not pass by
  EXPECT_FALSE(request.done);
  EndFirst();
  EXPECT_EQ(Begin(), "L2 3 + L3");
  EXPECT_EQ(Begin(), "L0 9 8 + L1");
}

TEST_F(JobQueueTest, ARequestWithNothingInItsRangeIsAnswered) {
  Start(2, kApart);
  ManualRequest empty{1, 2, "a", "b"}, full{1, 2, "p", "p"};
  queue_->Ask(&empty);
  queue_->Ask(&full);
  EXPECT_EQ(Begin(), "L1 5 + L2");
  EXPECT_TRUE(empty.done && empty.status.ok());
  EXPECT_FALSE(full.done);
}

TEST_F(JobQueueTest, ADroppedRequestNeverBegins) {
  Start(2, "L1: 5[p..q]*1\nL2: 3[x..y]");
  ManualRequest request{2, 3, {}, {}};
  queue_->Ask(&request);
  queue_->Drop(&request);
  EXPECT_EQ(Begin(), "L1 5 + L2 move");
}

}  // namespace
}  // namespace lsm

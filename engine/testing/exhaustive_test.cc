#include "testing/exhaustive.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "testing/sweep.h"
#include "testing/toy_db.h"

namespace lsm::lab {
namespace {

TEST(Exhaustive, ThereIsEverySequenceOnce) {
  std::set<std::string> texts;
  for (uint64_t i = 0; i < SequenceCount(2); ++i) {
    texts.insert(Print(SequenceAt(2, i, IoMode::kPlain).trace));
  }
  EXPECT_EQ(texts.size(), Alphabet().size() * Alphabet().size());
}

TEST(Exhaustive, ValuesCountTheWrites) {
  // put_a, read, batch
  const Sequence sequence = SequenceAt(3, 83, IoMode::kMapped);
  ASSERT_EQ(sequence.trace.operations.size(), 4U);
  EXPECT_EQ(sequence.last_letter, 3U);
  EXPECT_EQ(Print(sequence.trace.operations[0]), "c0 put a v1");
  EXPECT_EQ(Print(sequence.trace.operations[3]), "c0 batch put a v2 put b v2");
}

// The failing sequence of the given length, or none.
std::optional<Trace> FindFlaw(size_t length, Flaw flaw) {
  for (uint64_t i = 0; i < SequenceCount(length); ++i) {
    const Sequence sequence = SequenceAt(length, i, IoMode::kPlain);
    SweepOptions options;
    options.first_step = sequence.last_letter;
    options.cuts_max = 1;
    options.run.open = [flaw](const Options& o, const std::string& path) {
      return OpenToyDb(o, path, flaw);
    };
    if (SweepReport report = Sweep(sequence.trace, options); report.failed.has_value()) {
      return report.failed;
    }
  }
  return std::nullopt;
}

TEST(Exhaustive, ACorrectDatabasePassesSequencesOfTwo) {
  EXPECT_FALSE(FindFlaw(2, Flaw::kNone).has_value());
}

TEST(Exhaustive, AMissingSyncIsFoundInTwoOperations) {
  EXPECT_TRUE(FindFlaw(2, Flaw::kSkipSync).has_value());
}

TEST(Exhaustive, ATornBatchIsFoundInOneOperation) {
  EXPECT_TRUE(FindFlaw(1, Flaw::kSplitBatch).has_value());
}

TEST(Exhaustive, ALostDeletionIsFoundInThreeOperations) {
  EXPECT_TRUE(FindFlaw(3, Flaw::kForgetDelete).has_value());
}

}  // namespace
}  // namespace lsm::lab

#include "testing/sim/inode.h"

#include <gtest/gtest.h>

#include <string>

#include "testing/sim/random.h"

namespace lsm::sim {
namespace {

std::string_view NothingRemoved(uint64_t) { return {}; }

void RandomStep(Random* random, Inode* inode) {
  const uint64_t at = random->Below(3000);
  switch (random->Below(4)) {
    case 0:
      inode->Resize(at);
      break;
    case 1:
      inode->Sync();
      break;
    default:
      inode->Write(std::min(at, inode->size()),
                   std::string(random->Below(1500), static_cast<char>('a' + random->Below(26))));
  }
}

// Keeping everything gives the volatile bytes, keeping nothing the bytes of the last Sync, whatever
// was written, cut and grown in between.
TEST(Inode, PowerCutKeepsAllOrNothingAsAsked) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    Inode inode(1);
    std::string synced;
    for (int i = 0; i < 20; ++i) {
      RandomStep(&random, &inode);
      if (!inode.IsDirty()) synced = inode.bytes();
      const bool keep = random.Below(2) == 1;
      if (random.Below(4) != 0) continue;
      const std::string expected = keep ? inode.bytes() : synced;
      inode.LoseUnsynced([keep] { return Fate(keep); }, NothingRemoved);
      ASSERT_EQ(inode.bytes(), expected) << "seed " << seed << " step " << i;
      synced = expected;
    }
  }
}

TEST(Inode, KeepIsAskedOncePerListedUnit) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Random random(seed);
    Inode inode(1);
    for (int i = 0; i < 10; ++i) RandomStep(&random, &inode);
    std::vector<UnsyncedUnit> units;
    inode.ListUnits("f", &units);
    size_t asked = 0;
    inode.LoseUnsynced([&asked] { return Fate(++asked % 2 == 0); }, NothingRemoved);
    EXPECT_EQ(asked, units.size());
  }
}

}  // namespace
}  // namespace lsm::sim

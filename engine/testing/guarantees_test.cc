#include "testing/guarantees.h"

#include <gtest/gtest.h>

namespace lsm::lab {
namespace {

TEST(Guarantees, WithoutAFaultEverythingIsPromised) {
  for (int p = 0; p < static_cast<int>(Property::kCount); ++p) {
    const Promise promise = GuaranteeOf(static_cast<Property>(p), {}).promise;
    const bool needs_error = p == 9 || p == 10;
    EXPECT_EQ(promise, needs_error ? Promise::kNone : Promise::kPromised) << "P" << p;
  }
}

TEST(Guarantees, WhatDidNotExpireIsPromised) {
  const Guarantee kept = GuaranteeOf(Property::kP1, {FaultClass::kExpiry});
  EXPECT_EQ(kept.promise, Promise::kPromised);
  EXPECT_NE(kept.reason, "");
  EXPECT_EQ(GuaranteeOf(Property::kP4, {FaultClass::kExpiry}).reason, "") << "nothing resurrected";
}

TEST(Guarantees, NothingLastingIsPromisedOnALyingSync) {
  EXPECT_EQ(GuaranteeOf(Property::kP1, {FaultClass::kLyingSync}).promise, Promise::kExcluded);
  EXPECT_EQ(GuaranteeOf(Property::kP12, {FaultClass::kLyingSync}).promise, Promise::kPromised);
}

TEST(Guarantees, MappedReadsPromiseDetectionOnceAnOpen) {
  const auto promise = [](IoMode io) {
    return GuaranteeOf(Property::kP12, {FaultClass::kLiveDamage, io}).promise;
  };
  EXPECT_EQ(promise(IoMode::kPlain), Promise::kReported);
  EXPECT_EQ(promise(IoMode::kMapped), Promise::kExcluded);
}

TEST(Guarantees, ThePromiseOfACutIsSaidForEachSyncMode) {
  const auto reason = [](WalSync sync) {
    return GuaranteeOf(Property::kP1, {FaultClass::kPowerCut, IoMode::kPlain, sync}).reason;
  };
  EXPECT_NE(reason(WalSync::kEveryWrite), reason(WalSync::kInterval));
  EXPECT_NE(reason(WalSync::kInterval), reason(WalSync::kOnRequest));
}

TEST(Guarantees, OfSeveralFaultsTheWeakestPromiseCounts) {
  const Circumstances cut{FaultClass::kPowerCut};
  const Circumstances lie{FaultClass::kLyingSync};
  EXPECT_EQ(WeakestPromise(Property::kP1, {cut}), Promise::kPromised);
  EXPECT_EQ(WeakestPromise(Property::kP1, {cut, lie}), Promise::kExcluded);
  EXPECT_EQ(WeakestPromise(Property::kP9, {cut}), Promise::kPromised) << "nothing is said of it";
}

}  // namespace
}  // namespace lsm::lab

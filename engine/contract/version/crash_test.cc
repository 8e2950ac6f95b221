// The power goes off at every I/O operation of a version set's life; every image that the disk may
// then hold (small cases) or a fixed sample of them must recover to the state before the
// interrupted step or behind it. P1, P5, P6, P7, P8 of the guarantees.
#include "contract/version/version_life.h"

#include <algorithm>
#include <set>
#include <vector>

namespace lsm {
namespace {

using version_test::Expected;
using version_test::Life;
using version_test::RunUndisturbed;

using Image = std::vector<bool>;  // the unsynced units that survive

// All images of up to kUnitsExhaustive units; of more: none, all, one lost, one kept, and random
// ones.
constexpr size_t kUnitsExhaustive = 6;
constexpr size_t kRandomImages = 24;

std::vector<Image> Images(size_t units) {
  std::set<Image> images;
  if (units <= kUnitsExhaustive) {
    for (size_t mask = 0; mask < size_t{1} << units; ++mask) {
      Image image(units);
      for (size_t i = 0; i < units; ++i) image[i] = (mask >> i & 1) != 0;
      images.insert(image);
    }
    return {images.begin(), images.end()};
  }
  for (const bool most : {false, true}) {
    images.insert(Image(units, most));
    for (size_t i = 0; i < units; ++i) {
      Image image(units, most);
      image[i] = !most;
      images.insert(image);
    }
  }
  uint64_t random = 42;
  for (size_t n = 0; n < kRandomImages; ++n) {
    Image image(units);
    for (size_t i = 0; i < units; ++i) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      image[i] = (random >> 63) != 0;
    }
    images.insert(image);
  }
  return {images.begin(), images.end()};
}

// One run up to the power cut at operation `io`.
class CrashedRun {
 public:
  CrashedRun(const Expected& expected, uint64_t io) : expected_(expected), life_(&env_) {
    env_.CrashAt({.nth = io - env_.IoCount() + 1});
    steps_ = life_.Run();
    life_.set.reset();
  }

  size_t Units() const { return env_.Unsynced().size(); }
  void Restart(const Image& image) {
    env_.CancelCrash();
    env_.Restart(sim::ImageOf(image));
  }
  // Recovers, with the checks that every recovery must pass; false if they failed.
  void Recover() {
    const Status status = life_.Recover();
    if (steps_ == 0 && status.IsNotFound()) {
      ASSERT_TRUE(life_.Create().ok());
      return;
    }
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::string state = life_.State();
    const std::string& before = expected_.states[steps_];
    const std::string& behind = expected_.states[std::min(steps_ + 1, Life::kSteps)];
    EXPECT_TRUE(state == before || state == behind) << "found:\n"
                                                    << state << "before:\n"
                                                    << before << "behind:\n"
                                                    << behind;
    const uint64_t acknowledged = expected_.numbers[steps_];
    EXPECT_GT(life_.set->NewFileNumber(), acknowledged);
  }

  sim::SimEnv& env() { return env_; }
  Life& life() { return life_; }

 private:
  const Expected& expected_;
  sim::SimEnv env_{sim::SimOptions{}};
  Life life_;
  size_t steps_ = 0;
};

TEST(VersionCrash, V_INSTALL_V_CURRENT_V_CREATE_EveryImageOfEveryCrashRecoversAndGoesOn) {
  const Expected expected = RunUndisturbed();
  size_t images = 0;
  for (uint64_t io = expected.io_begin; io < expected.io_end; ++io) {
    for (const Image& image : Images(CrashedRun(expected, io).Units())) {
      SCOPED_TRACE(fmt::format("operation {} image {}", io, images));
      CrashedRun run(expected, io);
      run.Restart(image);
      ASSERT_NO_FATAL_FAILURE(run.Recover());
      const Status status = run.life().set->Apply(run.life().Flush("p", "q"));
      ASSERT_TRUE(status.ok()) << status.ToString();
      const std::string state = run.life().State();
      run.life().set.reset();
      run.env().CrashNow();
      run.env().Restart({});
      ASSERT_TRUE(run.life().Recover().ok());
      ASSERT_EQ(run.life().State(), state);
      ++images;
    }
  }
  RecordProperty("images", static_cast<int>(images));
  EXPECT_GT(images, expected.io_end - expected.io_begin);
}

// A second power cut at operation `second` of the first edit after a recovery; whether the edit got
// through before it.
void CrashAgain(CrashedRun* run, uint64_t second, bool keep, bool* applied) {
  ASSERT_NO_FATAL_FAILURE(run->Recover());
  Life& life = run->life();
  const std::string shown = life.State();
  const VersionEdit edit = life.Flush("p", "q");
  run->env().CrashAt({.nth = second + 1});
  *applied = life.set->Apply(edit).ok();
  const std::string behind = life.State();
  life.set.reset();
  run->env().CrashNow();
  run->Restart(Image(run->Units(), keep));
  const Status status = life.Recover();
  ASSERT_TRUE(status.ok()) << status.ToString();
  if (*applied) {
    ASSERT_EQ(life.State(), behind);
    return;
  }
  const std::string added = fmt::format(" {}[p..q", edit.added[0].second.number);
  ASSERT_TRUE(life.State() == shown || life.State().find(added) != std::string::npos)
      << "shown:\n"
      << shown << "found:\n"
      << life.State();
}

TEST(VersionCrash, V_RECOVER_ACrashAfterRecoveryKeepsWhatRecoveryShowed) {
  constexpr uint64_t kIoOfAnApplyMax = 64;
  const Expected expected = RunUndisturbed();
  size_t crashes = 0;
  for (uint64_t io = expected.io_begin; io < expected.io_end; ++io) {
    const size_t units = CrashedRun(expected, io).Units();
    for (const int keep : {0, 1, 2, 3}) {  // all units or none, of the first crash and the second
      bool applied = false;
      for (uint64_t second = 0; !applied; ++second) {
        SCOPED_TRACE(fmt::format("operation {} then {} keep {}", io, second, keep));
        ASSERT_LT(second, kIoOfAnApplyMax) << "no edit can be applied";
        CrashedRun run(expected, io);
        run.Restart(Image(units, (keep & 1) != 0));
        ASSERT_NO_FATAL_FAILURE(CrashAgain(&run, second, (keep & 2) != 0, &applied));
        ++crashes;
      }
    }
  }
  RecordProperty("crashes", static_cast<int>(crashes));
  EXPECT_GT(crashes, 0u);
}

// An edit that was written but never synced, seen by a recovery in a living machine: once something
// was built on it, it is durable.
TEST(VersionCrash, V_RECOVER_AnUnsyncedEditThatRecoveryShowedIsDurableAfterTheNextApply) {
  const Expected expected = RunUndisturbed();
  for (uint64_t io = expected.io_begin; io < expected.io_end; ++io) {
    SCOPED_TRACE(fmt::format("operation {}", io));
    sim::SimEnv env{sim::SimOptions{}};
    Life life(&env);
    env.AddFault(
        {{.nth = io - env.IoCount() + 1}, StatusCode::kIOError, sim::Effect::kFail, sim::kForever});
    life.Run();
    life.set.reset();
    env.ClearFaults();
    if (life.Recover().IsNotFound()) continue;
    ASSERT_NE(life.set, nullptr);
    ASSERT_TRUE(life.set->Apply(life.Flush("p", "q")).ok());
    const std::string state = life.State();
    life.set.reset();
    env.CrashNow();
    env.Restart({});
    ASSERT_TRUE(life.Recover().ok());
    EXPECT_EQ(life.State(), state);
  }
}

}  // namespace
}  // namespace lsm

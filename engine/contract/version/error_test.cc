// V-ERROR: every I/O operation of a version set's life fails, once or from then
// on. Afterwards Rotate leads back to normal work; a power cut before that
// leaves the state before or behind the failed step.
#include <algorithm>

#include "contract/version/version_life.h"

namespace lsm {
namespace {

using version_test::AddTable;
using version_test::Describe;
using version_test::Expected;
using version_test::kDir;
using version_test::Life;
using version_test::Require;
using version_test::RunUndisturbed;
using version_test::Table;
using version_test::VersionTest;

// As the database does it: manifests below manifest_number().
void RemoveObsoleteManifests(Env* env, const VersionSet& set) {
  const auto names = env->ListDir(kDir);
  ASSERT_TRUE(names.ok());
  for (const std::string& name : *names) {
    const ParsedFileName file = ParseFileName(name);
    if (file.kind == FileKind::kManifest && file.number < set.manifest_number()) {
      ASSERT_TRUE(env->RemoveFile(std::string(kDir) + "/" + name).ok());
    }
  }
}

class VersionErrors : public testing::TestWithParam<bool> {  // sticky or once
 protected:
  static void Fail(sim::SimEnv* env, uint64_t io, StatusCode code) {
    env->AddFault({{.nth = io - env->IoCount() + 1},
                   code,
                   sim::Effect::kFail,
                   GetParam() ? sim::kForever : 1});
  }
  const Expected expected_ = RunUndisturbed();
};

TEST_P(VersionErrors, V_ERROR_AFailedStepLeavesTheTreeAndStopsEditsUntilRotate) {
  size_t failures = 0;
  for (uint64_t io = expected_.io_begin; io < expected_.io_end; ++io) {
    SCOPED_TRACE(fmt::format("operation {}", io));
    sim::SimEnv env{sim::SimOptions{}};
    Life life(&env);
    Fail(&env, io, StatusCode::kIOError);
    const size_t steps = life.Run();
    if (life.set == nullptr) continue;  // Create failed: nothing to go on with
    ASSERT_LT(steps, Life::kSteps) << "the error was swallowed";
    ++failures;
    EXPECT_EQ(life.State(), expected_.states[steps]);
    const Status status = life.set->Apply({});
    ASSERT_FALSE(status.ok());
    env.ClearFaults();
    EXPECT_EQ(life.set->Apply({}).ToString(), status.ToString());
    const Status rotated = life.set->Rotate();
    ASSERT_TRUE(rotated.ok()) << rotated.ToString();
    RemoveObsoleteManifests(&env, *life.set);
    EXPECT_EQ(life.State(), expected_.states[steps]);
    ASSERT_TRUE(life.set->Apply(life.Flush("p", "q")).ok());
    const std::string state = life.State();
    life.set.reset();
    env.CrashNow();
    env.Restart({});
    ASSERT_TRUE(life.Recover().ok());
    EXPECT_EQ(life.State(), state);
  }
  EXPECT_GT(failures, 0u);
}

TEST_P(VersionErrors, V_ERROR_APowerCutAfterAFailureLeavesTheStateBeforeOrBehindTheStep) {
  for (uint64_t io = expected_.io_begin; io < expected_.io_end; ++io) {
    for (const bool keep : {false, true}) {
      SCOPED_TRACE(fmt::format("operation {} keep {}", io, keep));
      sim::SimEnv env{sim::SimOptions{}};
      Life life(&env);
      Fail(&env, io, StatusCode::kNoSpace);
      const size_t steps = life.Run();
      env.ClearFaults();
      if (life.set != nullptr && steps != Life::kFirstApplyAfterRecover) {
        RemoveObsoleteManifests(&env, *life.set);
      }
      life.set.reset();
      env.CrashNow();
      env.Restart(sim::Image(env.Unsynced().size(), keep));
      const Status status = life.Recover();
      if (steps == 0 && status.IsNotFound()) continue;
      ASSERT_TRUE(status.ok()) << status.ToString();
      const std::string& behind = expected_.states[std::min(steps + 1, Life::kSteps)];
      EXPECT_TRUE(life.State() == expected_.states[steps] || life.State() == behind)
          << life.State();
      EXPECT_GT(life.set->NewFileNumber(), expected_.numbers[steps]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OnceAndSticky, VersionErrors, testing::Bool());

class RenameErrors : public VersionTest {
 protected:
  void FailRenamesThatHappen() {
    env_.AddFault(
        {{.io = sim::IoKind::kRename}, StatusCode::kIOError, sim::Effect::kDone, sim::kForever});
  }

  // Whichever of the manifests CURRENT names now, it can be read.
  void ExpectReadable(const std::string& state) {
    auto other = VersionSet::Recover(options_);
    ASSERT_TRUE(other.ok()) << other.status().ToString();
    EXPECT_EQ(Describe(**other), state);
  }
};

TEST_F(RenameErrors, V_CURRENT_ARenameThatFailedThoughItHappenedKeepsBothManifests) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  const std::string state = Describe(*set_);
  const uint64_t manifest = set_->manifest_number();
  FailRenamesThatHappen();
  EXPECT_FALSE(set_->Rotate().ok());
  EXPECT_EQ(set_->manifest_number(), manifest);
  RemoveObsoleteManifests(&env_, *set_);
  ExpectReadable(state);
  for (const bool keep : {true, false}) {
    env_.CrashNow();
    env_.Restart(sim::Image(env_.Unsynced().size(), keep));
    ExpectReadable(state);
  }
}

TEST_F(RenameErrors, V_ERROR_NoEditGoesToTheOldManifestAfterwards) {
  Create();
  FailRenamesThatHappen();
  const Status failed = set_->Rotate();
  EXPECT_FALSE(failed.ok());
  env_.ClearFaults();
  EXPECT_EQ(set_->Apply(AddTable(1, Table(10, "a", "b"))).ToString(), failed.ToString());
  ASSERT_TRUE(set_->Rotate().ok());
  RemoveObsoleteManifests(&env_, *set_);
  Apply(AddTable(1, Table(11, "a", "b")));
  ExpectReadable(Describe(*set_));
}

TEST_F(RenameErrors, V_ERROR_TheFirstErrorStandsWhenRotateFailsToo) {
  Create();
  VersionEdit bad;
  bad.removed.emplace_back(1, 99);
  const Status first = set_->Apply(bad);
  FailRenamesThatHappen();
  EXPECT_FALSE(set_->Rotate().ok());
  EXPECT_EQ(set_->Apply({}).ToString(), first.ToString());
}

TEST_F(RenameErrors, V_CREATE_CreateThatFailedThoughItHappenedCanBeRecovered) {
  FailRenamesThatHappen();
  EXPECT_FALSE(VersionSet::Create(options_).ok());
  env_.ClearFaults();
  ExpectReadable("log 0 sequence 0\n");
}

TEST_F(RenameErrors, V_RECOVER_EveryFailingReadIsReportedByRecover) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  for (const sim::IoKind kind : {sim::IoKind::kOpen, sim::IoKind::kRead}) {
    uint64_t failures = 0;
    for (uint64_t n = 1;; ++n) {
      const size_t fault = env_.AddFault({{.io = kind, .nth = n}});
      const Status status = RecoverStatus();
      env_.ClearFaults();
      if (env_.Struck(fault) == 0) {
        Require(status);
        break;
      }
      EXPECT_EQ(status.code(), StatusCode::kIOError) << status.ToString();
      ++failures;
    }
    EXPECT_GT(failures, 1u);
  }
}

// An unreadable CURRENT is no reason to make a new database over the old one.
TEST_F(RenameErrors, V_CREATE_AFailingOpenOfCurrentDoesNotCreateADatabase) {
  Create();
  Apply(AddTable(1, Table(10, "a", "b")));
  const std::string state = Describe(*set_);
  env_.AddFault(
      {{.io = sim::IoKind::kOpen}, StatusCode::kIOError, sim::Effect::kFail, sim::kForever});
  EXPECT_EQ(VersionSet::Create(options_).status().code(), StatusCode::kIOError);
  env_.ClearFaults();
  ExpectReadable(state);
}

}  // namespace
}  // namespace lsm

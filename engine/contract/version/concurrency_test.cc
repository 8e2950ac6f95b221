// The thread-safety clause: file numbers and the tree from any thread while edits are applied. Real
// threads, so that ThreadSanitizer sees them.
#include <algorithm>
#include <atomic>
#include <vector>

#include "contract/version/version_test_util.h"

namespace lsm {
namespace {

using version_test::AddTable;
using version_test::MakeOptions;
using version_test::Table;

class VersionThreads : public testing::Test {
 protected:
  static constexpr int kThreads = 3;
  static constexpr int kEdits = 50;

  VersionThreads() : options_(MakeOptions(Env::Default())) {
    options_.dir = testing::TempDir() + "lsm_version_threads";
    RemoveAll();
    EXPECT_TRUE(options_.env->CreateDir(options_.dir).ok());
  }
  ~VersionThreads() override {
    RemoveAll();
    EXPECT_TRUE(options_.env->RemoveDir(options_.dir).ok());
  }

  void RemoveAll() {
    const auto names = options_.env->ListDir(options_.dir);
    if (!names.ok()) return;
    for (const std::string& name : *names) {
      EXPECT_TRUE(options_.env->RemoveFile(options_.dir + "/" + name).ok());
    }
  }

  VersionOptions options_;
};

TEST_F(VersionThreads, V_NUMBERS_NumbersAreUniqueAndTreesCompleteWhileEditsAreApplied) {
  auto set = VersionSet::Create(options_);
  ASSERT_TRUE(set.ok()) << set.status().ToString();
  VersionSet* versions = set->get();
  std::atomic<bool> done{false};
  std::atomic<bool> shrank{false};
  std::vector<std::vector<uint64_t>> numbers(kThreads + 1);
  std::vector<std::unique_ptr<Thread>> threads;
  for (int n = 0; n < kThreads; ++n) {
    std::vector<uint64_t>* mine = &numbers[static_cast<size_t>(n)];
    threads.push_back(options_.env->StartThread("numbers", [=, &done, &shrank] {
      size_t seen = 0;
      do {
        mine->push_back(versions->NewFileNumber());
        const size_t tables = versions->current()->levels[0].Files();
        if (tables < seen) shrank = true;
        seen = tables;
      } while (!done);
    }));
  }
  for (int n = 0; n < kEdits; ++n) {
    const uint64_t number = versions->NewFileNumber();
    numbers[kThreads].push_back(number);
    EXPECT_TRUE(versions->Apply(AddTable(0, Table(number, "a", "b"))).ok());
  }
  done = true;
  threads.clear();  // joins
  std::vector<uint64_t> all;
  for (const std::vector<uint64_t>& some : numbers) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  EXPECT_FALSE(shrank);
  EXPECT_EQ(versions->current()->levels[0].Files(), size_t{kEdits});
}

}  // namespace
}  // namespace lsm

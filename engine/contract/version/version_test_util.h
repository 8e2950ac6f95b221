// What the version suites share: short ways to name tables and edits, and a version set as text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <stage/version/version_set.h>
#include <stage/wal/wal.h>
#include "base/escape.h"
#include "contract/version/concept.h"
#include "format/filename.h"
#include "testing/sim/sim_env.h"

namespace lsm::version_test {

inline constexpr char kDir[] = "/db";

inline VersionOptions MakeOptions(Env* env) {
  VersionOptions options;
  options.env = env;
  options.dir = kDir;
  options.comparator = BytewiseComparator();
  return options;
}

inline std::string Key(std::string_view user_key, SequenceNumber sequence = 1) {
  return MakeInternalKey(user_key, sequence, ValueType::kValue);
}

inline FileMeta Table(uint64_t number, std::string_view smallest, std::string_view largest) {
  return {number, 100 + number, Key(smallest), Key(largest)};
}

// To the run that the table names.
inline VersionEdit AddTableToRun(int level, FileMeta table) {
  VersionEdit edit;
  edit.added.emplace_back(level, std::move(table));
  return edit;
}

inline VersionEdit AddTable(int level, FileMeta table) {
  table.run = DefaultRun(level, table.number);
  return AddTableToRun(level, std::move(table));
}

// All that is durable of a version set but for the file numbers.
inline std::string Describe(const VersionSet& set) {
  const std::shared_ptr<const Tree> tree = set.current();
  std::string text = fmt::format("log {} sequence {}\n{}", set.log_number(), set.last_sequence(),
                                 DescribeTree(*tree));
  for (size_t level = 0; level < tree->compact_pointers.size(); ++level) {
    const std::string& key = tree->compact_pointers[level];
    if (!key.empty()) text += fmt::format("pointer {} {}\n", level, Escape(key));
  }
  return text;
}

inline std::string ReadAll(sim::SimEnv* env, const std::string& path) {
  auto bytes = env->ReadWholeFile(path);
  EXPECT_TRUE(bytes.ok()) << bytes.status().ToString();
  return bytes.ok() ? *bytes : std::string();
}

inline std::string CurrentManifest(const VersionSet& set) {
  return ManifestFileName(kDir, set.manifest_number());
}

// Ends the test: an exception is what gets out of a helper.
inline void Require(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// A simulated machine with an empty directory, and the version set in it.
class VersionTest : public testing::Test {
 protected:
  VersionTest() : options_(MakeOptions(&env_)) {
    EXPECT_TRUE(env_.CreateDir(kDir).ok());
    EXPECT_TRUE(env_.SyncDir("/").ok());
  }

  void Create() {
    auto set = VersionSet::Create(options_);
    Require(set.status());
    set_ = std::move(*set);
  }
  // As after the end of the process: nothing is lost that the operating system has.
  void Reopen() {
    set_.reset();
    auto set = VersionSet::Recover(options_);
    Require(set.status());
    set_ = std::move(*set);
  }
  void Apply(const VersionEdit& edit) { Require(set_->Apply(edit)); }
  Status RecoverStatus() { return VersionSet::Recover(options_).status(); }

  sim::SimEnv env_{sim::SimOptions{}};
  VersionOptions options_;
  std::unique_ptr<VersionSet> set_;
};

}  // namespace lsm::version_test

// Runs the drawings in pickers/: a tree as text, and the job that a policy picks from it. See
// pickers/README.md for the notation. For any implementation of the compaction stage.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <sstream>
#include <string>

#include <stage/compaction/compaction.h>
#include "base/check.h"
#include "base/mix.h"
#include "contract/compaction/tree_text.h"
#include "lsm/env.h"

namespace lsm {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());

const std::map<std::string, CompactionPolicy> kPolicies = {
    {"leveled", CompactionPolicy::kLeveled},
    {"tiered", CompactionPolicy::kTiered},
    {"lazy_leveled", CompactionPolicy::kLazyLeveled},
    {"hybrid", CompactionPolicy::kHybrid},
    {"fifo", CompactionPolicy::kFifo},
};

const std::map<std::string, FilePick> kFilePicks = {
    {"round_robin", FilePick::kRoundRobin},         {"oldest", FilePick::kOldest},
    {"most_overlap", FilePick::kMostOverlap},       {"least_overlap", FilePick::kLeastOverlap},
    {"most_tombstones", FilePick::kMostTombstones},
};

std::string ReadScript(const std::string& policy) {
  auto file = Env::Default()->OpenSequential(LSM_PICKER_SCRIPTS "/" + policy + ".txt");
  LSM_CHECK(file.ok());
  std::string text(size_t{1} << 16, '\0');
  const auto n = (*file)->Read(text.size(), text.data());
  LSM_CHECK(n.ok() && *n < text.size());
  text.resize(*n);
  return text;
}

// The state of a script, line by line.
class Script {
 public:
  bool Supported() const { return CompactionPicker::Supports(options_.policy); }
  int jobs() const { return jobs_; }

  void Line(const std::string& line, int number) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word[0] == '#') return;
    if (word[0] == 'L') {
      tree_ += line + "\n";
    } else if (word == "=>") {
      Pick(line.substr(3), number);
    } else if (word == "busy") {
      for (uint64_t table = 0; words >> table;) busy_.insert(table);
    } else if (line[0] == ' ') {
      Reason(line.substr(line.find_first_not_of(' ')), number);
    } else {
      std::string value;
      words >> value;
      Set(word, value, number);
    }
  }

 private:
  void Set(const std::string& name, const std::string& value, int number) {
    if (name == "policy") {
      options_.policy = kPolicies.at(value);
      return;
    }
    if (name == "file_pick") {
      options_.file_pick = kFilePicks.at(value);
      return;
    }
    const std::map<std::string, int*> knobs = {{"l0_trigger", &options_.l0_trigger},
                                               {"runs_per_level", &options_.runs_per_level},
                                               {"tiered_levels", &options_.tiered_levels},
                                               {"size_ratio", &options_.size_ratio}};
    const std::map<std::string, uint64_t*> sizes = {
        {"level1_bytes", &options_.level1_bytes},
        {"max_file_bytes", &options_.max_file_bytes},
        {"fifo_bytes_max", &options_.fifo_bytes_max},
        {"ttl_us", &options_.ttl_us},
        {"tombstone_age_max_us", &options_.tombstone_age_max_us},
        {"now", &now_us_}};
    if (knobs.count(name) > 0) {
      *knobs.at(name) = std::stoi(value);
    } else if (sizes.count(name) > 0) {
      *sizes.at(name) = std::stoull(value);
    } else {
      ADD_FAILURE() << "line " << number << ": unknown knob " << name;
    }
  }

  void Pick(const std::string& expected, int number) {
    ++jobs_;
    reason_.clear();
    if (Supported()) {
      const CompactionPicker picker(options_, kCmp);
      const auto job = picker.Pick(TreeFromText(tree_), busy_, now_us_);
      EXPECT_EQ(JobText(job), expected) << "line " << number << ", of the tree\n" << tree_;
      if (job) reason_ = job->reason;
    }
    tree_.clear();
    busy_.clear();
  }

  void Reason(const std::string& expected, int number) {
    if (!IsReference("compaction")) return;  // which has words of its own
    EXPECT_EQ(reason_, expected) << "line " << number;
  }

  PickerOptions options_;
  std::string tree_;
  BusyFiles busy_;
  uint64_t now_us_ = 0;
  std::string reason_;  // of the job picked last
  int jobs_ = 0;
};

class PickerScript : public testing::TestWithParam<const char*> {};

TEST_P(PickerScript, K_POLICY_PicksWhatIsDrawn) {
  if (GetParam() == std::string("leveled") && !IsReference("compaction")) {
    GTEST_SKIP()
        << "which tables come along for nothing, and file_pick, are the stage's own choice";
  }
  Script script;
  std::istringstream lines(ReadScript(GetParam()));
  int number = 0;
  for (std::string line; std::getline(lines, line);) script.Line(line, ++number);
  EXPECT_GT(script.jobs(), 3);
  if (!script.Supported()) GTEST_SKIP() << "the stage does not support " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(All, PickerScript,
                         testing::Values("leveled", "tiered", "lazy_leveled", "hybrid", "fifo",
                                         "tombstone_age"),
                         [](const auto& of) { return std::string(of.param); });

}  // namespace
}  // namespace lsm

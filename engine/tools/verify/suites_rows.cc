// The rows that run test programs, which stand beside this one: the contract suites on the stages
// of this build, and the tests of what stands around the stages.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <span>

#include "lsm/env.h"
#include "testing/files.h"
#include "testing/run_program.h"
#include "tools/verify/rows.h"

namespace lsm::lab {
namespace {

namespace fs = std::filesystem;

constexpr int kWorkers = 2;
constexpr uint64_t kCasesAProperty = 100;
constexpr size_t kShownBytes = 1200;  // of what a failing test said
constexpr std::string_view kContracts[] = {"contract_wal_test",      "contract_memtable_test",
                                           "contract_sstable_test",  "contract_bloom_test",
                                           "contract_iterator_test", "contract_compaction_test",
                                           "contract_version_test"};
constexpr std::string_view kUnits[] = {"lsm_db_test", "lsm_base_test", "lsm_format_test",
                                       "lsm_cache_test"};

fs::path PathOf(std::string_view program) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return self.parent_path().parent_path() / program;
}

// "M-GET" for the test M_GET_x of any suite, "I-MERGE" for a test of the suite IMerge; else the
// name of the test.
std::string ClauseOf(std::string_view suite, std::string_view test) {
  const size_t end = test.find('_', 2);
  if (test.size() > 2 && test[1] == '_' && end != std::string_view::npos) {
    return fmt::format("{}-{}", test[0], test.substr(2, end - 2));
  }
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (suite.size() < 2 || !is_upper(suite[1])) return fmt::format("{}.{}", suite, test);
  std::string clause = fmt::format("{}-", suite.substr(0, 1));
  for (const char c : suite.substr(1)) {
    clause += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return clause;
}

class Suite {
 public:
  Suite(const VerifyOptions& options, std::string_view program, Reporter* reporter)
      : program_(PathOf(program)),
        json_(fmt::format("{}/{}.json", options.out, program)),
        output_(fmt::format("{}/{}.txt", options.out, program)),
        parameters_(fmt::format("seed={} max_success={}", options.seed,
                                std::max(kCasesAProperty, options.Amount(kCasesAProperty)))),
        reporter_(reporter) {}

  // True if all passed.
  bool Run() {
    const auto status = RunProgram({{program_, "--gtest_brief=1", "--gtest_output=json:" + json_},
                                    {"RC_PARAMS=" + parameters_},
                                    output_});
    if (!status.ok()) return Complain(status.status().ToString());
    const auto text = LoadText(json_);
    const auto report = nlohmann::json::parse(text.ok() ? *text : "", nullptr, false);
    if (report.is_discarded()) {
      return Complain(fmt::format("{} ended with status {} in its middle; its output: {}", program_,
                                  *status, output_));
    }
    for (const auto& suite : report["testsuites"]) {
      for (const auto& test : suite["testsuite"]) {
        reporter_->Add("tests", 1);
        if (test.contains("failures")) Note(suite["name"], test);
      }
    }
    if (broken_ > 0) {
      return Complain(fmt::format("{} failing tests, of clauses {}; the first: {}", broken_,
                                  fmt::join(clauses_, ", "), first_));
    }
    Env::Default()->RemoveFile(json_).IgnoreError();
    Env::Default()->RemoveFile(output_).IgnoreError();
    return *status == 0 || Complain(fmt::format("{} ended with status {}", program_, *status));
  }

 private:
  void Note(const std::string& suite, const nlohmann::json& test) {
    const std::string name = test["name"];
    clauses_.insert(ClauseOf(suite, name));
    if (++broken_ > 1) return;
    std::string said = test["failures"][0]["failure"];
    if (said.size() > kShownBytes) said = said.substr(0, kShownBytes) + " ...";
    first_ = fmt::format("{}.{}\n{}\nrun it alone: RC_PARAMS='{}' {} --gtest_filter={}.{}", suite,
                         name, said, parameters_, program_, suite, name);
  }
  bool Complain(const std::string& text) {
    reporter_->Finding(text);
    return false;
  }

  const std::string program_, json_, output_, parameters_;
  Reporter* const reporter_;
  int broken_ = 0;  // tests
  std::set<std::string> clauses_;
  std::string first_;
};

Row SuitesRow(const VerifyOptions& options, const char* name,
              std::span<const std::string_view> programs) {
  RowWork work;
  work.name = name;
  for (const std::string_view program : programs) {
    if (fs::exists(PathOf(program))) continue;
    Row row;
    row.name = work.name;
    row.verdict = RowVerdict::kSkipped;
    row.note = fmt::format("{} is not built; ./lab verify builds it", PathOf(program).string());
    return row;
  }
  work.workers = kWorkers;
  work.total = programs.size();
  work.silence_ms = 600'000;
  work.body = [&options, programs](int worker, Reporter* reporter) {
    for (auto i = static_cast<size_t>(worker); i < programs.size(); i += kWorkers) {
      reporter->Begin(i);
      if (!Suite(options, programs[i], reporter).Run()) return;
      reporter->Add("suites", 1);
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

}  // namespace

Row ContractsRow(const VerifyOptions& options) {
  return SuitesRow(options, "contracts", kContracts);
}

Row UnitsRow(const VerifyOptions& options) { return SuitesRow(options, "units", kUnits); }

}  // namespace lsm::lab

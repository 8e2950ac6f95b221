#include <nlohmann/json.hpp>

#include "tools/cli/cli_fixture.h"

namespace lsm::cli {
namespace {

constexpr char kTrace[] =
    "lsmlab-trace 1\n"
    "c0 put k1 v1 sync\n"
    "c0 get k1\n"
    "crash at=0 keep=none\n"
    "c0 get k1\n";

// Parse checks values, not ranges: the engine refuses to open.
constexpr char kWrongTrace[] =
    "lsmlab-trace 1\n"
    "option memtable_bytes 1\n"
    "c0 put k1 v1\n";

TEST_F(CliTest, replay_of_a_trace_that_holds) {
  const std::string said = Output({"replay", Input("good.trace", kTrace)});
  EXPECT_NE(said.find("4 steps as expected"), std::string::npos) << said;
}

TEST_F(CliTest, replay_with_text_prints_every_step) {
  const std::string said = Output({"replay", "--text", Input("good.trace", kTrace)});
  EXPECT_NE(said.find("   1  c0 put k1 v1 sync -> OK\n"), std::string::npos) << said;
  EXPECT_NE(said.find("   4  c0 get k1 -> "), std::string::npos) << said;
  EXPECT_NE(said.find("tree  L0: "), std::string::npos) << said;
}

TEST_F(CliTest, replay_stops_at_the_first_difference) {
  const Answer answer = Run({"replay", Input("wrong.trace", kWrongTrace)});
  EXPECT_EQ(answer.exit, kExitFinding);
  for (const char* part : {"expected: ", "actual:   ", "memtable_bytes = 1", "property: P"}) {
    EXPECT_NE(answer.out.find(part), std::string::npos) << answer.out;
  }
}

TEST_F(CliTest, replay_as_json_on_stdout_and_in_a_file) {
  const std::string trace = Input("wrong.trace", kWrongTrace);
  const Answer answer = Run({"replay", trace, "--json", "--out", "TMP/result.json"});
  EXPECT_EQ(answer.exit, kExitFinding);
  const nlohmann::json result = nlohmann::json::parse(answer.out);
  EXPECT_EQ(result["ok"], false);
  EXPECT_EQ(result["failed_step"], 1);
  EXPECT_EQ(*lab::LoadText(WithPaths("TMP/result.json")), answer.out);
}

TEST_F(CliTest, replay_of_a_trace_that_does_not_do_what_it_says_fails) {
  const Answer answer = Run({"replay", Input("stale.trace",
                                             "lsmlab-trace 1\n"
                                             "c0 get k at s1\n"
                                             "fail at=sync:log:9 code=io once\n"
                                             "crash at=rename:current:1 keep=all\n"
                                             "c0 put k v\n")});
  EXPECT_EQ(answer.exit, kExitFinding);
  for (const char* part :
       {"step 1: c0 get k at s1: no such snapshot", "step 2: fail at=sync:log:9",
        "step 3: crash at=rename:current:1 keep=all: the address was not reached"}) {
    EXPECT_NE(answer.out.find(part), std::string::npos) << answer.out;
  }
}

TEST_F(CliTest, replay_says_whether_the_finding_came_again) {
  const std::string head = "lsmlab-trace 1\n";
  const std::string passes = Output({"replay", Input("a.trace", head + "expect P4\nc0 get k\n")});
  EXPECT_NE(passes.find("not reproduced: the trace expects P4, the run ended with ok"),
            std::string::npos)
      << passes;
  const Answer fails =
      Run({"replay", Input("b.trace", head + "option memtable_bytes 1\nexpect P8\nc0 get k\n")});
  EXPECT_EQ(fails.exit, kExitFinding);
  EXPECT_NE(fails.out.find("reproduced: P8"), std::string::npos) << fails.out;
}

TEST_F(CliTest, replay_names_line_and_column_of_a_syntax_error) {
  const Answer answer = Run({"replay", Input("bad.trace", "lsmlab-trace 1\nc0 frob\n")});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_NE(answer.err.find("TMP/bad.trace: line 2, column 4"), std::string::npos) << answer.err;
}

TEST_F(CliTest, replay_of_a_missing_file) {
  const Answer answer = Run({"replay", "TMP/none.trace"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_NE(answer.err.find("TMP/none.trace"), std::string::npos) << answer.err;
}

}  // namespace
}  // namespace lsm::cli

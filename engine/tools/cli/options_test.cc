// options, and --options of the other verbs.
#include <nlohmann/json.hpp>

#include "tools/cli/cli_fixture.h"

namespace lsm::cli {
namespace {

TEST_F(CliTest, options_shows_every_knob_with_value_default_range_and_unit) {
  const std::string text = Output({"options", "--option", "size_ratio=4"});
  EXPECT_NE(text.find("\nsize_ratio               4          10         2 to 100  "), text.npos)
      << text;
  EXPECT_NE(text.find("\nwal_sync_interval_us     100000     100000     100 to 3600000000 us "),
            text.npos)
      << text;
  EXPECT_NE(text.find("none, snappy"), text.npos) << text;
}

TEST_F(CliTest, options_as_json) {
  const auto options = nlohmann::json::parse(Output({"options", "--json"}));
  EXPECT_EQ(options[0]["name"], "memtable_bytes");
  EXPECT_EQ(options[0]["value"], "4194304");
  EXPECT_EQ(options[0]["unit"], "bytes");
}

TEST_F(CliTest, saved_options_are_used_by_other_verbs_and_single_knobs_win) {
  Output({"options", "--option", "size_ratio=4", "--option", "compression=none", "--save",
          "TMP/small.options"});
  Output({"create", "DIR", "--options", "TMP/small.options"});
  const std::string text = Output(
      {"options", "DIR", "--options", "TMP/small.options", "--option", "compression=snappy"});
  EXPECT_NE(text.find("\nsize_ratio               4 "), text.npos) << text;
  EXPECT_NE(text.find("\ncompression              snappy "), text.npos) << text;
}

TEST_F(CliTest, a_bad_file_of_options_is_named_with_its_line) {
  const std::string file = Input("bad.options", "size_ratio = 4\nfrob = 1\n");
  const Answer answer = Run({"create", "DIR", "--options", file});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_NE(
      answer.err.find("lsm create: TMP/bad.options: line 2: unknown option 'frob'; there are"),
      answer.err.npos)
      << answer.err;
  EXPECT_FALSE(Env::Default()->FileExists(dir_.path()));
  EXPECT_EQ(Run({"create", "DIR", "--options", "TMP/none.options"}).exit, kExitFinding);
}

TEST_F(CliTest, options_that_contradict_each_other_are_refused) {
  const Answer answer = Run({"options", "--option", "l0_stop_trigger=5"});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_NE(answer.err.find("do not ascend"), answer.err.npos) << answer.err;
}

TEST_F(CliTest, options_of_a_directory_without_a_database_are_refused) {
  EXPECT_EQ(Run({"options", "DIR"}).exit, kExitUsage);
}

TEST_F(CliTest, save_replaces_files_of_options_only) {
  const std::string letter = Input("letter.txt", "dear\n");
  const Answer answer = Run({"options", "--save", letter});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_NE(answer.err.find("it exists and is no file of options"), answer.err.npos) << answer.err;
  Output({"options", "--save", "TMP/a.options"});
  Output({"options", "--save", "TMP/a.options"});
}

}  // namespace
}  // namespace lsm::cli

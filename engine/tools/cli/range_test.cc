// sizes, delete-files, scan --prefix, compact --level.
#include <nlohmann/json.hpp>

#include "tools/cli/cli_fixture.h"

namespace lsm::cli {
namespace {

TEST_F(CliTest, scan_of_a_prefix) {
  Output({"create", "DIR"});
  for (const char* key : {"a", "ab", "ab\\xff", "ac", "b"}) Output({"put", "DIR", key, "v"});
  EXPECT_EQ(Output({"scan", "DIR", "--prefix", "ab"}), "ab v\nab\\xff v\n");
  EXPECT_EQ(Output({"scan", "DIR", "--prefix", "ab\\xff"}), "ab\\xff v\n");
  EXPECT_EQ(Output({"scan", "DIR", "--prefix", "a", "--from", "ab\\xff", "--reverse"}),
            "ac v\nab\\xff v\n");
  EXPECT_EQ(Output({"scan", "DIR", "--prefix", "6162", "--hex", "--limit", "1"}), "6162 76\n");
}

TEST_F(CliTest, sizes_of_a_range_and_of_everything) {
  MakeDatabase();
  const auto all = nlohmann::json::parse(Output({"sizes", "DIR", "--json"}));
  EXPECT_GT(all["bytes"], 0);
  EXPECT_EQ(all["bytes"], all["all_bytes"]);
  EXPECT_EQ(Output({"sizes", "DIR", "--from", "x"}).substr(0, 10), "about 0 of");
  EXPECT_EQ(Output({"sizes", "DIR", "--from", "x", "--to", "a"}).substr(0, 10), "about 0 of");
}

TEST_F(CliTest, delete_files_takes_whole_tables_of_the_range_only) {
  MakeDatabase();
  Output({"compact", "DIR"});
  EXPECT_EQ(Output({"delete-files", "DIR", "--from", "b"}), "0 tables deleted\n");
  EXPECT_EQ(Output({"get", "DIR", "fig"}), "violet\n");
  EXPECT_EQ(Output({"delete-files", "DIR", "--to", "fig"}), "1 tables deleted\n");
  EXPECT_EQ(Output({"scan", "DIR"}), "");
}

TEST_F(CliTest, delete_files_without_a_range_is_refused) {
  MakeDatabase();
  const Answer answer = Run({"delete-files", "DIR"});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_NE(answer.err.find("--from or --to is required"), answer.err.npos) << answer.err;
  EXPECT_EQ(Output({"get", "DIR", "fig"}), "violet\n");
}

TEST_F(CliTest, compact_of_one_level) {
  MakeDatabase();
  EXPECT_EQ(Output({"compact", "DIR", "--level", "1"}).substr(0, 2), "L0");
  EXPECT_EQ(Output({"compact", "DIR", "--level", "0"}).substr(0, 2), "L1");
  EXPECT_EQ(Output({"compact", "DIR", "--level", "1"}).substr(0, 2), "L2");
  const Answer answer = Run({"compact", "DIR", "--level", "6"});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_EQ(answer.err,
            "lsm compact: level = 6 is outside [-1, 5]: a level is merged into the next one\n");
}

}  // namespace
}  // namespace lsm::cli

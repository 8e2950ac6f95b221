// create, put, get, delete, scan, and what all verbs share.
#include <nlohmann/json.hpp>

#include "events/event_log.h"
#include "testing/files.h"
#include "tools/cli/cli_fixture.h"

namespace lsm::cli {
namespace {

TEST_F(CliTest, put_get_delete_round_trip) {
  EXPECT_EQ(Output({"create", "DIR"}), "");
  EXPECT_EQ(Output({"put", "DIR", "apple", "red"}), "");
  EXPECT_EQ(Output({"get", "DIR", "apple"}), "red\n");
  EXPECT_EQ(Output({"delete", "DIR", "apple", "--sync"}), "");
  EXPECT_EQ(Run({"get", "DIR", "apple"}).exit, kExitFinding);
}

TEST_F(CliTest, a_missing_key_is_named_on_stderr) {
  Output({"create", "DIR"});
  const Answer answer = Run({"get", "DIR", "a b"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_EQ(answer.out, "");
  EXPECT_EQ(answer.err, "not found: a\\x20b\n");
}

TEST_F(CliTest, delete_of_a_missing_key_is_fine) {
  Output({"create", "DIR"});
  EXPECT_EQ(Output({"delete", "DIR", "none"}), "");
}

TEST_F(CliTest, binary_keys_and_values_in_escapes_and_hex) {
  Output({"create", "DIR"});
  Output({"put", "DIR", "\\x00\\xff", "a\\tb"});
  EXPECT_EQ(Output({"get", "DIR", "00ff", "--hex"}), "610962\n");
  Output({"put", "DIR", "--hex", "01", "\"\""});
  EXPECT_EQ(Output({"get", "DIR", "\\x01"}), "\"\"\n");
  EXPECT_EQ(Output({"get", "DIR", "\\x00\\xff", "--json"}),
            "{\"key_hex\":\"00ff\",\"value\":\"a\\tb\"}\n");
}

TEST_F(CliTest, words_that_look_like_verbs_or_options_are_keys) {
  Output({"create", "DIR"});
  Output({"put", "DIR", "get", "put"});
  Output({"put", "DIR", "--", "--hex", "-1"});
  Output({"put", "DIR", "", "empty"});
  EXPECT_EQ(Output({"scan", "DIR"}), "\"\" empty\n--hex -1\nget put\n");
}

TEST_F(CliTest, scan_in_every_format) {
  Output({"create", "DIR"});
  Output({"put", "DIR", "a", "dark red"});
  Output({"put", "DIR", "b\\xff", "x\\ty"});
  EXPECT_EQ(Output({"scan", "DIR"}), "a dark\\x20red\nb\\xff x\\x09y\n");
  EXPECT_EQ(Output({"scan", "DIR", "--hex"}), "61 6461726b20726564\n62ff 780979\n");
  EXPECT_EQ(Output({"scan", "DIR", "--format", "tsv"}), "a\tdark red\nb\xff\tx\\ty\n");
  EXPECT_EQ(Output({"scan", "DIR", "--format", "jsonl"}),
            "{\"key\":\"a\",\"value\":\"dark red\"}\n"
            "{\"key_hex\":\"62ff\",\"value\":\"x\\ty\"}\n");
}

TEST_F(CliTest, scan_honours_bounds_direction_and_limit) {
  Output({"create", "DIR"});
  for (const char* key : {"a", "b", "c", "d"}) Output({"put", "DIR", key, key});
  EXPECT_EQ(Output({"scan", "DIR", "--from", "b", "--to", "d"}), "b b\nc c\n");
  EXPECT_EQ(Output({"scan", "DIR", "--reverse", "--limit", "2"}), "d d\nc c\n");
  EXPECT_EQ(Output({"scan", "DIR", "--to", "63", "--hex"}), "61 61\n62 62\n");
  EXPECT_EQ(Output({"scan", "DIR", "--limit", "0"}), "");
  EXPECT_EQ(Output({"scan", "DIR", "--to", ""}), "");
}

TEST_F(CliTest, readers_do_not_create_a_database) {
  for (const std::string verb : {"scan", "flush", "compact", "stats", "sizes", "check", "repair"}) {
    const Answer answer = Run({verb, "DIR"});
    EXPECT_EQ(answer.exit, kExitUsage) << verb;
    EXPECT_EQ(answer.err,
              "lsm " + verb + ": DIR is no database (make one: ./lab lsm create DIR)\n");
    EXPECT_FALSE(Env::Default()->FileExists(dir_.path())) << verb;
  }
  EXPECT_EQ(Run({"get", "DIR", "k"}).exit, kExitUsage);
  EXPECT_EQ(Run({"put", "DIR", "k", "v"}).exit, kExitUsage);
  EXPECT_FALSE(Env::Default()->FileExists(dir_.path()));
}

TEST_F(CliTest, directories_of_other_things_are_left_alone) {
  LSM_CHECK(Env::Default()->CreateDir(dir_.path()).ok());
  dir_.Write("letter.txt", "dear");
  for (const std::string verb : {"create", "scan", "check", "repair"}) {
    EXPECT_EQ(Run({verb, "DIR"}).exit, kExitUsage) << verb;
  }
  EXPECT_EQ(Run({"scan", "DIR"}).err,
            "lsm scan: DIR is no database (make one: ./lab lsm create DIR); it holds letter.txt\n");
  EXPECT_EQ(dir_.List(), "letter.txt ");
}

TEST_F(CliTest, create_refuses_an_existing_database) {
  Output({"create", "DIR"});
  const Answer answer = Run({"create", "DIR"});
  EXPECT_EQ(answer.exit, kExitUsage);
  EXPECT_EQ(answer.err, "lsm create: DIR holds a database already\n");
}

TEST_F(CliTest, wrong_usage_is_named_and_exits_2) {
  Output({"create", "DIR"});
  const struct {
    std::vector<std::string> words;
    const char* message;
  } cases[] = {
      {{}, "subcommand is required"},
      {{"frob"}, "unknown verb 'frob'"},
      {{"get", "DIR"}, "KEY is required"},
      {{"--frob"}, "lsm: unknown option --frob; see ./lab lsm --help\n"},
      {{"get", "DIR", "k", "--frob"}, "lsm get: unknown option --frob; see ./lab lsm get --help\n"},
      {{"get", "DIR", "--frob"}, "lsm get: unknown option --frob"},
      {{"get", "DIR", "\\q"}, "bad escape at position 0 of '\\q'"},
      {{"get", "DIR", "6", "--hex"}, "odd number of digits in '6'"},
      {{"get", "DIR", "6x", "--hex"}, "bad hex at position 0 of '6x'"},
      {{"scan", "DIR", "--format", "xml"}, "xml"},
      {{"scan", "DIR", "--limit", "many"}, "--limit: must be 0 to 1000000000000;"},
      {{"scan", "DIR", "--limit", "-1"}, "--limit: must be 0 to 1000000000000;"},
      {{"load", "DIR", "-", "--batch", "0"}, "--batch: must be 1 to 1000000000;"},
      {{"load", "DIR", "-", "--batch", "1e3"}, "--batch: must be 1 to 1000000000;"},
      {{"put", "DIR", "k", "v", "--option", "wal_sync=evry"},
       "option wal_sync cannot be 'evry': must be on_request, every_write or interval"},
      {{"create", "DIR", "--option", "frob=1"}, "unknown option 'frob'"},
      {{"create", "DIR", "--option", "frob"}, "must be NAME=VALUE"},
      {{"scan", "DIR", "--option", "memtable_bytes=x"}, "memtable_bytes cannot be 'x'"},
      {{"scan", "DIR", "--option", "memtable_bytes=1"}, "memtable_bytes = 1 is outside"},
      {{"dump", "page", "DIR/CURRENT"}, "page"},
  };
  for (const auto& c : cases) {
    const Answer answer = Run(c.words);
    EXPECT_EQ(answer.exit, kExitUsage) << c.message;
    EXPECT_EQ(answer.out, "") << c.message;
    EXPECT_NE(answer.err.find(c.message), std::string::npos) << c.message << ": " << answer.err;
  }
}

TEST_F(CliTest, every_verb_has_help_with_examples) {
  for (const std::string verb :
       {"create", "put", "get", "delete", "scan", "load", "flush", "compact", "stats", "options",
        "sizes", "delete-files", "check", "repair", "dump", "replay"}) {
    const std::string help = Output({verb, "--help"});
    EXPECT_NE(help.find("Usage: lsm " + verb), std::string::npos) << help;
    EXPECT_NE(help.find("Examples:\n  lsm "), std::string::npos) << help;
    EXPECT_NE(Output({"--help"}).find("\n  " + verb + " "), std::string::npos) << verb;
  }
}

TEST_F(CliTest, options_reach_the_engine) {
  Output({"create", "DIR"});
  Output({"put", "DIR", "k", "v"});
  Output({"flush", "DIR", "--option", "bits_per_key=0", "--option", "compression=none"});
  const std::string table = Output({"dump", "sst", dir_.First(FileKind::kTable)});
  EXPECT_EQ(table.find("filter"), std::string::npos) << table;
  EXPECT_EQ(table.find("snappy"), std::string::npos) << table;
}

TEST_F(CliTest, flush_and_compact_print_the_levels) {
  MakeDatabase();
  const std::string compacted = Output({"compact", "DIR"});
  EXPECT_EQ(compacted.substr(0, 12), "L1  1 files ") << compacted;
  EXPECT_NE(compacted.find("[apple..fig]\n"), std::string::npos) << compacted;
  Output({"put", "DIR", "kiwi", "green"});
  EXPECT_NE(Output({"flush", "DIR"}).find("[kiwi..kiwi]\nL1  1 files"), std::string::npos);
  Output({"compact", "DIR", "--from", "x", "--to", "z"});
  EXPECT_NE(Output({"flush", "DIR"}).find("L0  1 files"), std::string::npos);
}

TEST_F(CliTest, stats_of_an_empty_database_and_of_one_with_a_table) {
  Output({"create", "DIR"});
  EXPECT_EQ(Output({"stats", "DIR"}),
            "level   runs  files        bytes  score\n"
            "\n"
            "table  level        bytes  keys\n"
            "\n"
            "amplification: space 0.00; read, without filters: 0 runs a lookup\n");
  Output({"put", "DIR", "a b", "c"});
  const std::string stats = Output({"stats", "DIR"});
  EXPECT_NE(stats.find("\n    0      1      1 "), std::string::npos) << stats;
  EXPECT_NE(stats.find("  a\\x20b .. a\\x20b\n"), std::string::npos) << stats;
  EXPECT_NE(stats.find("space 1.00; read, without filters: 1 runs"), std::string::npos) << stats;
}

TEST_F(CliTest, stats_as_json) {
  MakeDatabase();
  Output({"compact", "DIR"});
  const nlohmann::json stats = nlohmann::json::parse(Output({"stats", "DIR", "--json"}));
  EXPECT_EQ(stats["levels"][1]["files"], 1);
  EXPECT_EQ(stats["tables"][0]["smallest"], "apple");
  EXPECT_EQ(stats["tables"][0]["largest"], "fig");
  EXPECT_EQ(stats["runs"], 1);
  EXPECT_EQ(stats["space_amplification"], 1.0);
}

TEST_F(CliTest, events_of_a_verb_are_an_event_log) {
  Output({"create", "DIR"});
  Output({"put", "DIR", "apple", "red", "--events", "TMP/put.events"});
  const auto events = ReadEventLog(*lab::LoadText(WithPaths("TMP/put.events")));
  ASSERT_TRUE(events.ok()) << events.status().ToString();
  size_t writes = 0;
  for (const LoggedEvent& e : *events) writes += std::holds_alternative<event::Write>(e.event);
  EXPECT_EQ(writes, 1U);
  EXPECT_TRUE(std::holds_alternative<event::Closed>(events->back().event));
  const Answer answer = Run({"put", "DIR", "fig", "violet", "--events", "TMP/none/none/a"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_NE(answer.err.find("none/none/a"), std::string::npos) << answer.err;
}

TEST_F(CliTest, an_open_database_is_busy) {
  MakeDatabase();
  auto db = DB::Open({}, dir_.path());
  ASSERT_TRUE(db.ok());
  const Answer answer = Run({"get", "DIR", "apple"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_NE(answer.err.find("Busy"), std::string::npos) << answer.err;
}

}  // namespace
}  // namespace lsm::cli

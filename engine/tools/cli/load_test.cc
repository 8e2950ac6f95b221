// load, and rows as text.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "tools/cli/cli_fixture.h"
#include "tools/cli/row_reader.h"

namespace lsm::cli {
namespace {

constexpr char kFruit[] = "apple\tred\nfig\tviolet\n";

TEST_F(CliTest, load_creates_the_database_and_tells_how_much) {
  const Answer answer = Run({"load", "DIR", Input("fruit.tsv", kFruit)});
  EXPECT_EQ(answer.exit, kExitOk);
  EXPECT_EQ(answer.out, "");
  EXPECT_EQ(answer.err.rfind("loaded: 2 rows, 21 bytes read, ", 0), 0u) << answer.err;
  EXPECT_EQ(Output({"scan", "DIR"}), "apple red\nfig violet\n");
}

TEST_F(CliTest, load_reads_csv_with_quotes_and_line_ends) {
  Run({"load", "DIR", Input("fruit.csv", "a,1\r\n\"b,\"\"c\"\"\",\"two\nlines\"\r\nd,"), "--format",
       "csv"});
  EXPECT_EQ(Output({"scan", "DIR"}), "a 1\nb,\\x22c\\x22 two\\x0alines\nd \"\"\n");
}

TEST_F(CliTest, load_reads_jsonl) {
  Run({"load", "DIR",
       Input("fruit.jsonl",
             "{\"key\":\"a\",\"value\":\"\\u00e9\"}\n"
             "{ \"value_hex\": \"00FF\", \"key\": \"b\" }\n"),
       "--format", "jsonl"});
  EXPECT_EQ(Output({"scan", "DIR"}), "a \\xc3\\xa9\nb \\x00\\xff\n");
}

TEST_F(CliTest, load_reads_standard_input) {
  EXPECT_EQ(Run({"load", "DIR", "-"}, kFruit).exit, kExitOk);
  EXPECT_EQ(Output({"scan", "DIR"}), "apple red\nfig violet\n");
  const Answer bad = Run({"load", "DIR", "-"}, "x");
  EXPECT_NE(bad.err.find("standard input: line 1: "), std::string::npos) << bad.err;
}

TEST_F(CliTest, a_bad_line_is_named_and_its_batch_is_not_applied) {
  const std::string file = Input("rows.tsv", "a\t1\nb\t2\nc\t3\nd 4\ne\t5\n");
  const Answer answer = Run({"load", "DIR", file, "--batch", "2"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_EQ(answer.err.rfind("loaded before the error: 2 rows, ", 0), 0u) << answer.err;
  EXPECT_EQ(answer.err.substr(answer.err.find('\n') + 1),
            "nothing of this batch (lines 3-4) was applied; correct the line and load again\n"
            "lsm load: TMP/rows.tsv: line 4: no tab between key and value\n");
  EXPECT_EQ(Output({"scan", "DIR"}), "a 1\nb 2\n");
}

TEST_F(CliTest, bad_lines_of_every_format) {
  const struct {
    const char *format, *text, *message;
  } cases[] = {
      {"tsv", "a\tb\tc\n", "line 1: more than two fields"},
      {"tsv", "a\tb\n\n", "line 2: an empty line"},
      {"tsv", "a\tb\\q\n", "line 1: bad escape at position 1"},
      {"csv", "a\n", "line 1: no comma"},
      {"csv", "a,b,c\n", "line 1: more than two fields"},
      {"csv", "a,b\n\"c\n\n,d", "line 2: a quote is not closed"},
      {"csv", "\"a\"b,c\n", "line 1: text behind a closing quote"},
      {"csv", "a\"b\",c\n", "line 1: a quote inside a field without quotes"},
      {"jsonl", "{\"key\":\"a\"\n", "line 1: no JSON object"},
      {"jsonl", "{\"key\":\"a\"}\n", "line 1: needs either \"value\" or \"value_hex\""},
      {"jsonl", "{\"key\":1,\"value\":\"\"}\n", "line 1: \"key\" is no string"},
      {"jsonl", "{\"key\":\"\",\"value_hex\":\"0\"}\n", "line 1: odd number of digits"},
      {"jsonl", "{\"key\":\"\",\"value\":\"\",\"x\":1}\n", "line 1: members besides"},
      {"jsonl", "{\"key\":\"\xff\",\"value\":\"\"}\n", "line 1: no JSON object"},
  };
  for (const auto& c : cases) {
    const Answer answer = Run({"load", "DIR", Input("rows", c.text), "--format", c.format});
    EXPECT_EQ(answer.exit, kExitFinding) << c.text;
    EXPECT_NE(answer.err.find(c.message), std::string::npos) << c.text << ": " << answer.err;
  }
  EXPECT_EQ(Output({"scan", "DIR"}), "");
}

TEST_F(CliTest, load_of_a_missing_file_creates_nothing) {
  const Answer answer = Run({"load", "DIR", "TMP/none"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_NE(answer.err.find("TMP/none"), std::string::npos) << answer.err;
  EXPECT_FALSE(Env::Default()->FileExists(dir_.path()));
}

TEST_F(CliTest, load_of_an_empty_file_is_fine) {
  EXPECT_EQ(Run({"load", "DIR", Input("empty", "")}).exit, kExitOk);
  EXPECT_EQ(Output({"scan", "DIR"}), "");
}

TEST(RowTest, lines_longer_than_a_read_are_whole) {
  TestDir dir;
  const std::string path = dir.path() + "-rows";
  const std::string value(200'000, 'v');
  ASSERT_TRUE(lab::SaveText(path, "a\t" + value + "\nb\t" + value).ok());
  auto file = Env::Default()->OpenSequential(path);
  ASSERT_TRUE(file.ok());
  RowReader reader(std::move(*file), path, LoadFormat::kTsv);
  Row row;
  for (const char* key : {"a", "b"}) {
    ASSERT_TRUE(*reader.Next(&row));
    EXPECT_EQ(row.key, key);
    EXPECT_EQ(row.value, value);
  }
  EXPECT_FALSE(*reader.Next(&row));
}

RC_GTEST_PROP(RowTest, printed_rows_read_back_as_the_same_bytes,
              (const std::string& key, const std::string& value)) {
  for (const auto& [print, load] : {std::pair(PrintFormat::kTsv, LoadFormat::kTsv),
                                    {PrintFormat::kJsonl, LoadFormat::kJsonl},
                                    {PrintFormat::kJsonlHex, LoadFormat::kJsonl}}) {
    const std::string line = PrintRow(print, key, value);
    RC_ASSERT(line.find('\n') == std::string::npos);
    const auto row = ParseRow(load, line);
    RC_ASSERT(row.ok());
    RC_ASSERT(row->key == key);
    RC_ASSERT(row->value == value);
  }
  RC_ASSERT(*FromHex(ToHex(key)) == key);
}

}  // namespace
}  // namespace lsm::cli

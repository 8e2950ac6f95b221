// check, repair and dump on damaged databases.
#include "tools/cli/cli_fixture.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "inspect/check.h"
#include "inspect/table_layout.h"

namespace lsm::cli {
namespace {

class DamageTest : public CliTest {
 protected:
  // Paths of a kind, ascending.
  std::vector<std::string> All(FileKind kind) const {
    std::vector<std::string> paths;
    auto names = Env::Default()->ListDir(dir_.path());
    LSM_CHECK(names.ok());
    for (const std::string& name : *names) {
      if (ParseFileName(name).kind == kind) paths.push_back(dir_.path() + "/" + name);
    }
    return paths;
  }
  void Overwrite(const std::string& path, std::string_view bytes) const {
    dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  }

  // The lines that `check` prints but for the counts, the verdict and the advice behind them.
  std::vector<std::string> Check() {
    const Answer answer = Run({"check", "DIR"});
    EXPECT_EQ(answer.err, "");
    std::vector<std::string> lines = CLI::detail::split(answer.out, '\n');
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    LSM_CHECK(lines.size() >= 2);
    if (lines.back() == "repair: ./lab lsm repair DIR") lines.pop_back();
    const bool sound = lines.back() == "sound";
    verdict_ = lines.back();
    EXPECT_EQ(answer.exit, sound ? kExitOk : kExitFinding) << answer.out;
    counts_ = lines[lines.size() - 2];
    const auto damaged = [](const std::string& l) {
      return l.rfind("damage: ", 0) == 0 || l.rfind("suspect: ", 0) == 0;
    };
    EXPECT_EQ(sound, std::none_of(lines.begin(), lines.end(), damaged)) << answer.out;
    lines.resize(lines.size() - 2);
    return lines;
  }
  // Whether a line begins and goes on so.
  static bool Has(const std::vector<std::string>& lines, const std::string& begin,
                  const std::string& part) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.rfind(begin, 0) == 0 && line.find(part) != std::string::npos;
    });
  }
  std::string Name(const std::string& path) const {
    return "DIR" + path.substr(dir_.path().size());
  }

  // Two synced updates in the log, a proof and one more update behind them.
  void MakeLog() {
    Options options;
    auto db = DB::Open(options, dir_.path());
    LSM_CHECK(db.ok());
    LSM_CHECK((*db)->Put({true}, "k1", "v1").ok());
    LSM_CHECK((*db)->Put({true}, "k2", "v2").ok());
    LSM_CHECK((*db)->Put({}, "k3", "v3").ok());
    LSM_CHECK((*db)->Close().ok());
  }

  std::string counts_, verdict_;
};

TEST_F(DamageTest, a_sound_database) {
  MakeDatabase();
  EXPECT_EQ(Check().size(), 1u);  // how the log ends
  EXPECT_EQ(counts_, "note: DIR: checked 2 tables (10 blocks, 2 entries), 1 logs");
}

TEST_F(DamageTest, check_writes_nothing) {
  MakeDatabase();
  const std::string before = dir_.List();
  std::vector<std::string> contents;
  for (const auto& path : All(FileKind::kManifest)) contents.push_back(dir_.Read(path));
  Check();
  EXPECT_EQ(dir_.List(), before);
  for (const auto& path : All(FileKind::kManifest)) {
    EXPECT_EQ(dir_.Read(path), contents.front());
  }
}

TEST_F(DamageTest, logs_are_told_with_their_end) {
  MakeDatabase();
  MakeLog();
  const std::string log = dir_.First(FileKind::kWal);
  EXPECT_TRUE(Has(Check(), "note: " + Name(log) + ": clean end at offset ", "3 updates to replay"));
}

TEST_F(DamageTest, a_torn_tail_is_a_note_and_damage_before_a_proof_is_damage) {
  MakeDatabase();
  MakeLog();
  const std::string log = dir_.First(FileKind::kWal);
  const std::string whole = dir_.Read(log);
  Overwrite(log, whole.substr(0, whole.find("v3")));
  EXPECT_TRUE(Has(Check(), "note: " + Name(log) + ": torn tail at offset ", "2 updates"));
  Overwrite(log, whole);
  dir_.FlipByte(log, whole.find("v1"));
  const auto lines = Check();
  EXPECT_TRUE(Has(lines, "damage: " + Name(log) + ": offset 0: ", "proves"));
  EXPECT_FALSE(DB::Open({}, dir_.path()).ok());
}

TEST_F(DamageTest, whole_records_behind_a_bad_spot_without_proof_are_suspect) {
  MakeDatabase();
  MakeLog();
  const std::string log = dir_.First(FileKind::kWal);
  const std::string whole = dir_.Read(log);
  // Whole updates behind the damaged last record, with no proof among them.
  const std::string record = whole.substr(0, whole.find("v1") + 2);
  Overwrite(log, whole + record + record);
  dir_.FlipByte(log, whole.find("v3"));
  const auto lines = Check();
  EXPECT_TRUE(Has(lines, "suspect: " + Name(log) + ": offset ", "whole records behind it: 2;"));
  EXPECT_TRUE(Has(lines, "suspect: " + Name(log), "the next open drops them: copy the file first"));
  EXPECT_EQ(verdict_, "suspect");
  const Answer answer = Run({"check", "DIR", "--json"});
  EXPECT_EQ(nlohmann::json::parse(answer.out)["sound"], false);
  EXPECT_EQ(Run({"dump", "wal", Name(log)}).exit, kExitFinding);
}

TEST_F(DamageTest, check_of_damage_ends_with_the_way_to_repair) {
  MakeDatabase();
  const auto tables = All(FileKind::kTable);
  dir_.FlipByte(tables[0], 0);
  const std::string out = Run({"check", "DIR"}).out;
  EXPECT_NE(out.find("1 entries, those of 1 damaged tables not counted)"), std::string::npos)
      << out;
  EXPECT_NE(out.find("damaged: 1 findings\nrepair: ./lab lsm repair DIR\n"), std::string::npos);
  dir_.FlipByte(tables[1], 0);
  EXPECT_NE(Run({"check", "DIR"}).out.find(" blocks, entries not counted)"), std::string::npos);
  EXPECT_EQ(Run({"dump", "sst", Name(tables[0])}).exit, kExitFinding);
}

TEST_F(DamageTest, all_of_several_damages_are_listed) {
  MakeDatabase();
  MakeLog();
  const auto tables = All(FileKind::kTable);
  ASSERT_EQ(tables.size(), 2u);
  const std::string log = dir_.First(FileKind::kWal);
  dir_.FlipByte(tables[0], 0);
  dir_.FlipByte(tables[0], dir_.Read(tables[0]).size() - 60);
  LSM_CHECK(Env::Default()->RemoveFile(tables[1]).ok());
  dir_.FlipByte(log, 10);
  dir_.Write("000099.dbtmp", "x");
  const auto lines = Check();
  EXPECT_TRUE(Has(lines, "damage: " + Name(tables[0]) + ": index at offset", "checksum mismatch"));
  EXPECT_TRUE(Has(lines, "damage: " + Name(tables[1]) + ": is missing", ""));
  EXPECT_TRUE(Has(lines, "damage: " + Name(log) + ": offset 0:", "proves"));
  EXPECT_TRUE(Has(lines, "note: DIR/000099.dbtmp: belongs to nothing", ""));
}

TEST_F(DamageTest, every_damaged_block_of_a_table_is_listed) {
  std::string rows;
  for (int i = 0; i < 400; ++i) rows += fmt::format("key{:04}\tvalue{}\n", i, i);
  Run({"load", "DIR", Input("rows.tsv", rows)});
  const std::vector<std::string> small = {"--option", "block_bytes=256", "--option",
                                          "compression=none"};
  std::vector<std::string> flush = {"flush", "DIR"};
  flush.insert(flush.end(), small.begin(), small.end());
  Output(flush);
  const std::string table = dir_.First(FileKind::kTable);
  for (const size_t offset : {size_t{5}, size_t{1000}, size_t{3000}}) {
    dir_.FlipByte(table, offset);
  }
  const auto lines = Check();
  EXPECT_EQ(lines.size(), 4u);  // and the log
  EXPECT_TRUE(Has(lines, "damage: " + Name(table) + ": data block at offset 0: ", "checksum"));
}

TEST_F(DamageTest, without_current_or_manifest_the_rest_is_checked) {
  MakeDatabase();
  MakeLog();
  const auto tables = All(FileKind::kTable);
  dir_.FlipByte(tables[1], 0);
  const std::string manifest = dir_.First(FileKind::kManifest);
  const std::string whole = dir_.Read(manifest);
  dir_.FlipByte(manifest, 3);
  auto lines = Check();
  EXPECT_TRUE(Has(lines, "damage: " + Name(manifest) + ": ", "offset 0"));
  EXPECT_TRUE(Has(lines, "damage: " + Name(tables[1]), "data block at offset 0"));
  EXPECT_TRUE(Has(lines, "note: " + Name(dir_.First(FileKind::kWal)), "3 updates to replay"));
  Overwrite(manifest, whole);
  Overwrite(dir_.path() + "/CURRENT", "MANIFEST\n");
  EXPECT_TRUE(Has(Check(), "damage: DIR/CURRENT: ", ""));
  LSM_CHECK(Env::Default()->RemoveFile(dir_.path() + "/CURRENT").ok());
  lines = Check();
  EXPECT_TRUE(Has(lines, "damage: DIR/CURRENT: is missing", ""));
  EXPECT_TRUE(Has(lines, "damage: " + Name(tables[1]), "data block at offset 0"));
}

TEST_F(DamageTest, tables_that_the_manifest_contradicts) {
  MakeDatabase();
  const auto tables = All(FileKind::kTable);
  Overwrite(tables[0], dir_.Read(tables[1]));  // sound, but another one
  EXPECT_TRUE(Has(Check(), "damage: " + Name(tables[0]) + ": ", "the manifest says"));
  Overwrite(tables[0], "short");
  const auto lines = Check();
  EXPECT_TRUE(Has(lines, "damage: " + Name(tables[0]) + ": 5 bytes, the manifest says", ""));
  EXPECT_TRUE(Has(lines, "damage: " + Name(tables[0]) + ": 5 bytes are no table", ""));
}

// With right checksums, so that only what stands in the blocks is wrong.
TEST_F(DamageTest, tables_whose_contents_make_no_sense) {
  Run({"load", "DIR", Input("rows.tsv", "apple\tred\ngrape\tviolet\n")});
  Output({"flush", "DIR", "--option", "compression=none"});
  const std::string table = dir_.First(FileKind::kTable);
  const std::string whole = dir_.Read(table);
  const std::vector<inspect::BlockHandle> blocks = inspect::BlocksOf(whole);  // index first
  const auto says = [&](size_t offset, std::string_view bytes, const std::string& what) {
    std::string changed = whole;
    changed.replace(offset, bytes.size(), bytes);
    inspect::SealTable(&changed);
    Overwrite(table, changed);
    const auto lines = Check();
    EXPECT_TRUE(Has(lines, "damage: " + Name(table) + ": ", what))
        << fmt::format("{}", fmt::join(lines, "\n"));
  };
  says(whole.size() - 1, "x", "footer at offset");
  says(blocks[0].offset + blocks[0].size - 1, "\xff", "its contents make no sense");
  const size_t apple = whole.find("apple"), grape = whole.find("grape");
  says(grape, "grave", "the filter denies key grave @2, which the table holds");
  std::string between = whole.substr(apple, grape + 5 - apple);
  between.replace(0, 5, "grape");
  between.replace(between.size() - 5, 5, "apple");
  says(apple, between, "key apple @2 is out of order");
}

TEST_F(DamageTest, a_log_that_the_manifest_names_and_is_gone) {
  MakeDatabase();
  MakeLog();
  const std::string log = dir_.First(FileKind::kWal);
  LSM_CHECK(Env::Default()->RemoveFile(log).ok());
  EXPECT_TRUE(Has(Check(), "damage: " + Name(log) + ": is missing, and the manifest names it", ""));
}

TEST_F(DamageTest, a_directory_without_a_database) {
  ASSERT_TRUE(Env::Default()->CreateDir(dir_.path()).ok());
  dir_.Write("letter.txt", "dear");
  std::vector<Finding> findings;
  const Status s = CheckDatabase(Env::Default(), dir_.path(), BytewiseComparator(), &findings);
  EXPECT_EQ(s.code(), StatusCode::kInvalidArgument) << s.ToString();
  EXPECT_NE(s.message().find("holds no database"), std::string_view::npos) << s.ToString();
}

TEST_F(DamageTest, files_that_belong_to_nothing_are_notes) {
  MakeDatabase();
  dir_.Write("000001.log", "");
  dir_.Write("000090.ldb", "half a table");
  dir_.Write("MANIFEST-000091", "");
  dir_.Write("letter.txt", "dear");
  const auto lines = Check();
  EXPECT_TRUE(Has(lines, "note: DIR/000001.log: belongs to nothing", ""));
  EXPECT_TRUE(Has(lines, "note: DIR/000090.ldb: belongs to nothing", ""));
  EXPECT_TRUE(Has(lines, "note: DIR/MANIFEST-000091: is newer", ""));
  EXPECT_TRUE(Has(lines, "note: DIR/letter.txt: is no file of a database", ""));
}

TEST_F(DamageTest, an_open_database_is_told) {
  MakeDatabase();
  auto db = DB::Open({}, dir_.path());
  ASSERT_TRUE(db.ok());
  EXPECT_TRUE(Has(Check(), "note: DIR/LOCK: is held", ""));
}

TEST_F(DamageTest, check_as_json) {
  MakeDatabase();
  dir_.FlipByte(dir_.First(FileKind::kTable), 0);
  const Answer answer = Run({"check", "DIR", "--json"});
  EXPECT_EQ(answer.exit, kExitFinding);
  const nlohmann::json report = nlohmann::json::parse(answer.out);
  EXPECT_EQ(report["sound"], false);
  EXPECT_EQ(report["findings"][0]["severity"], "damage");
  EXPECT_EQ(report["findings"][0]["offset"], 0);
  EXPECT_EQ(report["findings"][0]["file"], Name(dir_.First(FileKind::kTable)));
}

TEST_F(DamageTest, another_comparator_is_refused) {
  MakeDatabase();
  class Reverse final : public Comparator {
   public:
    int Compare(std::string_view a, std::string_view b) const override { return b.compare(a); }
    std::string_view Name() const override { return "test.Reverse"; }
    void FindShortestSeparator(std::string*, std::string_view) const override {}
    void FindShortSuccessor(std::string*) const override {}
  };
  const Reverse reverse;
  std::vector<Finding> findings;
  EXPECT_EQ(CheckDatabase(Env::Default(), dir_.path(), &reverse, &findings).code(),
            StatusCode::kInvalidArgument);
}

TEST_F(DamageTest, repair_prints_its_report_and_leaves_a_sound_database) {
  MakeDatabase();
  LSM_CHECK(Env::Default()->RemoveFile(dir_.path() + "/CURRENT").ok());
  const Answer broken = Run({"scan", "DIR"});
  EXPECT_EQ(broken.exit, kExitFinding);
  EXPECT_NE(broken.err.find("lsm repair DIR"), std::string::npos) << broken.err;
  const std::string report = Output({"repair", "DIR"});
  EXPECT_NE(report.find("tables: 2 sound, 0 damaged\n"), std::string::npos) << report;
  EXPECT_TRUE(Has(Check(), "note: DIR/lost: holds what a repair could not use", ""));
  EXPECT_EQ(Output({"scan", "DIR"}), "apple red\nfig violet\n");
}

TEST_F(DamageTest, a_damaged_table_stops_a_scan_with_file_and_offset) {
  MakeDatabase();
  const std::string table = dir_.First(FileKind::kTable);
  dir_.FlipByte(table, 0);
  const Answer answer = Run({"scan", "DIR"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_NE(answer.err.find("Corruption: " + Name(table)), std::string::npos) << answer.err;
  EXPECT_NE(answer.err.find("offset 0"), std::string::npos) << answer.err;
}

TEST_F(DamageTest, dump_of_every_kind_and_of_a_missing_file) {
  MakeDatabase();
  const std::string table = Output({"dump", "sst", Name(dir_.First(FileKind::kTable))});
  EXPECT_NE(table.find("apple @1 put = red"), std::string::npos) << table;
  EXPECT_NE(Output({"dump", "manifest", Name(dir_.First(FileKind::kManifest))}).find("comparator"),
            std::string::npos);
  EXPECT_NE(Output({"dump", "wal", Name(dir_.First(FileKind::kWal))}).find("end: clean"),
            std::string::npos);
  const Answer answer = Run({"dump", "wal", "DIR/none.log"});
  EXPECT_EQ(answer.exit, kExitFinding);
  EXPECT_NE(answer.err.find("DIR/none.log"), std::string::npos) << answer.err;
}

}  // namespace
}  // namespace lsm::cli

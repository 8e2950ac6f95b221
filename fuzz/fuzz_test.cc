// Each oracle fails on something that is wrong on purpose: a check that cannot fail is a defect.
#include <gtest/gtest.h>
#include <stage/bloom/bloom.h>
#include <stage/sstable/block.h>
#include <stage/sstable/table.h>
#include <stage/version/version_set.h>
#include <stage/wal/wal.h>

#include "format/batch.h"
#include "fuzz/batch_check.h"
#include "fuzz/block_check.h"
#include "fuzz/campaign.h"
#include "fuzz/directory_check.h"
#include "fuzz/filter_check.h"
#include "fuzz/manifest_check.h"
#include "fuzz/mutator.h"
#include "fuzz/table_check.h"
#include "fuzz/trace_check.h"
#include "fuzz/wal_check.h"
#include "testing/toy_db.h"

namespace lsm::fuzz {
namespace {

// The finding of the first of so many mutations of a target's seeds that has one.
template <class CheckFunction>
Finding FirstFinding(const Target& target, CheckFunction check, uint64_t mutations = 3000) {
  const std::vector<std::string> seeds = target.seeds();
  for (uint64_t i = 0; i < mutations; ++i) {
    const Finding finding = check(MutationAt(target, seeds, 1, i));
    if (!finding.empty()) return finding;
  }
  return "";
}

bool Mentions(const Finding& finding, std::string_view word) {
  return finding.find(word) != Finding::npos;
}

// A log reader that does not look at checksums: it makes them right before it reads.
class CarelessLogReader {
 public:
  CarelessLogReader(SequentialFile* file, ProofTest proof)
      : bytes_(Repaired(file)), file_(bytes_), reader_(&file_, std::move(proof)) {}
  bool Read(std::string_view* record) { return reader_.Read(record); }
  LogEnd end() const { return reader_.end(); }
  Status status() const { return reader_.status(); }

 private:
  static std::string Repaired(SequentialFile* file) {
    std::string bytes(size_t{1} << 20, '\0');
    size_t size = 0;
    for (size_t n; (n = *file->Read(bytes.size() - size, bytes.data() + size)) > 0;) size += n;
    bytes.resize(size);
    RepairLog(&bytes);
    return bytes;
  }

  const std::string bytes_;
  testing::TestSequentialFile file_;
  LogReader reader_;
};

TEST(FuzzControl, ALogReaderWithoutChecksumsIsFound) {
  EXPECT_TRUE(Mentions(FirstFinding(WalTarget(), CheckWal<LogWriter, CarelessLogReader>), "R-"));
}

// Calls every end of a log clean.
class OptimisticLogReader : public LogReader {
 public:
  using LogReader::LogReader;
  LogEnd end() const { return {LogEndKind::kClean, LogReader::end().offset, ""}; }
};

TEST(FuzzControl, ALogReaderThatHidesDamageIsFound) {
  EXPECT_TRUE(
      Mentions(FirstFinding(WalTarget(), CheckWal<LogWriter, OptimisticLogReader>), "R-END"));
}

TEST(FuzzControl, ACrashOfATargetIsAFinding) {
  static const auto kAbort = [](std::string_view input) -> Finding {
    if (input == "b") std::abort();
    return "";
  };
  const Target target{.name = "t", .about = "", .max_bytes = 8, .check = kAbort, .seeds = nullptr};
  const auto letter = [](uint64_t i) { return std::string(1, static_cast<char>('a' + i)); };
  const CampaignResult result = RunCampaign({&target, 3, letter, 2});
  EXPECT_EQ(result.failed, 1U);
  EXPECT_TRUE(Mentions(result.finding, "signal 6")) << result.finding;
}

TEST(FuzzControl, OfSeveralFindingsTheFirstCounts) {
  static const auto kFail = [](std::string_view input) -> Finding {
    return input >= "c" ? Finding(input) : "";
  };
  const Target target{.name = "t", .about = "", .max_bytes = 8, .check = kFail, .seeds = nullptr};
  const auto letter = [](uint64_t i) { return std::string(1, static_cast<char>('a' + i)); };
  const CampaignResult result = RunCampaign({&target, 26, letter, 2});
  EXPECT_EQ(result.failed, 2U);
  EXPECT_EQ(result.finding, "c");
}

// Builds a filter without the last key.
struct ForgetfulBloom : Bloom {
  static void Build(std::span<const uint64_t> hashes, double bits_per_key, std::string* out) {
    Bloom::Build(hashes.first(hashes.empty() ? 0 : hashes.size() - 1), bits_per_key, out);
  }
};

TEST(FuzzControl, AFilterThatForgetsAKeyIsFound) {
  EXPECT_TRUE(Mentions(FirstFinding(FilterTarget(), CheckFilter<ForgetfulBloom>), "B-NONEG"));
}

// Leaves out the last entry of a block with many.
class ForgetfulBlockBuilder : public BlockBuilder {
 public:
  using BlockBuilder::BlockBuilder;
  void Add(std::string_view key, std::string_view value) {
    if (++entries_ != 5) BlockBuilder::Add(key, value);
  }

 private:
  int entries_ = 0;
};

TEST(FuzzControl, ABlockThatLosesAnEntryIsFound) {
  EXPECT_TRUE(
      Mentions(FirstFinding(BlockTarget(), CheckBlock<ForgetfulBlockBuilder, Block>), "S-BLOCK"));
}

// A table that does not look at checksums.
class CarelessTable {
 public:
  struct Iterator : Table::Iterator {
    Iterator(const CarelessTable* table, bool fill_cache)
        : Table::Iterator(table->table_.get(), fill_cache) {}
  };

  static Result<std::unique_ptr<CarelessTable>> Open(TableOptions options,
                                                     std::unique_ptr<RandomAccessFile> file) {
    options.verify_checksums = false;
    LSM_ASSIGN_OR_RETURN(auto table, Table::Open(options, std::move(file)));
    auto careless = std::make_unique<CarelessTable>();
    careless->table_ = std::move(table);
    return Result<std::unique_ptr<CarelessTable>>(std::move(careless));
  }
  bool MayContain(uint64_t hash) const { return table_->MayContain(hash); }
  Status Get(const LookupKey& key, std::string* value, LookupState* state) const {
    return table_->Get(key, value, state);
  }
  uint64_t ApproximateOffset(std::string_view key) const { return table_->ApproximateOffset(key); }
  Status VerifyChecksums() const { return Status::Ok(); }
  Result<std::string> ReadFacts() const { return table_->ReadFacts(); }

 private:
  std::unique_ptr<Table> table_;
};

TEST(FuzzControl, ATableWithoutChecksumsIsFound) {
  const Finding finding = FirstFinding(TableTarget(), CheckTable<TableBuilder, CarelessTable>);
  EXPECT_TRUE(Mentions(finding, "S-")) << finding;
}

TEST(FuzzControl, ABatchParserThatIgnoresTheCountIsFound) {
  const auto check = [](std::string_view input) {
    return CheckBatch(input, [](std::string_view bytes, WriteBatch* batch) {
      std::string copy(bytes);
      while (copy.size() > WriteBatchRep::kHeaderBytes && !WriteBatchRep::Parse(copy, batch).ok()) {
        copy.pop_back();  // takes what it can
      }
      return WriteBatchRep::Parse(copy, batch);
    });
  };
  EXPECT_TRUE(Mentions(FirstFinding(BatchTarget(), check), "P3"));
}

struct SoundCodec {
  static void Encode(const VersionEdit& edit, std::string* out) { EncodeEdit(edit, out); }
  static Status Decode(std::string_view bytes, VersionEdit* edit) {
    return DecodeEdit(bytes, edit);
  }
};

struct ForgetfulCodec : SoundCodec {
  static Status Decode(std::string_view bytes, VersionEdit* edit) {
    const Status s = DecodeEdit(bytes, edit);
    if (!edit->removed.empty()) edit->removed.pop_back();
    return s;
  }
};

TEST(FuzzControl, AnEditThatLosesARemovalIsFound) {
  EXPECT_TRUE(Mentions(FirstFinding(ManifestTarget(), CheckManifest<ForgetfulCodec, VersionSet>),
                       "V-CODEC"));
}

// Takes any bytes for an empty tree, and counts what it should have kept.
class CarelessVersionSet {
 public:
  static Result<std::unique_ptr<CarelessVersionSet>> Recover(const VersionOptions&) {
    return std::make_unique<CarelessVersionSet>();
  }
  Status Rotate() { return Status::Ok(); }
  std::shared_ptr<const Tree> current() const { return std::make_shared<Tree>(); }
  uint64_t log_number() const { return number_; }
  SequenceNumber last_sequence() const { return 0; }

 private:
  static inline uint64_t count_ = 0;
  const uint64_t number_ = ++count_;
};

TEST(FuzzControl, AManifestThatIsNotKeptIsFound) {
  EXPECT_TRUE(Mentions(
      FirstFinding(ManifestTarget(), CheckManifest<SoundCodec, CarelessVersionSet>), "V-RECOVER"));
}

TEST(FuzzControl, APrinterThatLosesAWordIsFound) {
  const auto check = [](std::string_view input) {
    const PrintTrace print = [](const lab::Trace& trace) {
      lab::Trace copy = trace;
      for (lab::Operation& op : copy.operations) op.sync = false;
      return lab::Print(copy);
    };
    return CheckTraceText(input, print, DB::Open);
  };
  EXPECT_TRUE(Mentions(FirstFinding(TraceTarget(), check), "Parse(Print(t))"));
}

lab::OpenDb Flawed(lab::Flaw flaw) {
  return [flaw](const Options& options, const std::string& path) {
    return lab::OpenToyDb(options, path, flaw);
  };
}

TEST(FuzzControl, FlawedDatabasesAreFoundByTheirOperations) {
  const std::pair<lab::Flaw, std::string_view> flaws[] = {{lab::Flaw::kForgetDelete, "P4 "},
                                                          {lab::Flaw::kLazyLast, "P12 "},
                                                          {lab::Flaw::kStaleGet, "P15 "},
                                                          {lab::Flaw::kSwallowErrors, "P"}};
  for (const auto& [flaw, property] : flaws) {
    const lab::OpenDb open = Flawed(flaw);
    const Finding finding = FirstFinding(OpsTarget(), [&](std::string_view input) {
      return CheckRun(DecodeOperations(input), open);
    });
    EXPECT_TRUE(finding.starts_with(property)) << property << ": " << finding;
  }
}

TEST(FuzzControl, AFlawedDatabaseIsFoundByATrace) {
  const lab::OpenDb open = Flawed(lab::Flaw::kStaleGet);
  const Finding finding = FirstFinding(TraceTarget(), [&](std::string_view input) {
    return CheckTraceText(
        input, [](const lab::Trace& t) { return lab::Print(t); }, open);
  });
  EXPECT_TRUE(finding.starts_with("P")) << finding;
}

TEST(FuzzControl, WithoutChecksumsAHarmedDirectoryShowsWrongData) {
  DirectoryDoor door;
  door.open = [](Options options, const std::string& path) {
    options.verify_checksums = false;
    return DB::Open(options, path);
  };
  const Finding finding = FirstFinding(
      DirectoryTarget(), [&](std::string_view input) { return CheckDirectory(input, door); });
  EXPECT_TRUE(finding.starts_with("P2")) << finding;
}

TEST(FuzzControl, AnOpenThatDropsTheEndOfALogIsFound) {
  DirectoryDoor door;
  door.open = [](const Options& options, const std::string& path) -> Result<std::unique_ptr<DB>> {
    LSM_ASSIGN_OR_RETURN(const auto names, options.env->ListDir(path));
    for (const std::string& name : names) {
      if (ParseFileName(name).kind != FileKind::kWal) continue;
      const std::string log = path + "/" + name;
      LSM_RETURN_IF_ERROR(options.env->TruncateFile(log, 100));
    }
    return DB::Open(options, path);
  };
  EXPECT_TRUE(CheckDirectory("", DirectoryDoor()).empty());
  EXPECT_TRUE(CheckDirectory("", door).starts_with("P2")) << CheckDirectory("", door);
}

TEST(FuzzControl, ARepairThatInventsIsFound) {
  DirectoryDoor door;
  door.repair = [](const Options& options, const std::string& path, std::string* report) {
    LSM_RETURN_IF_ERROR(DB::Repair(options, path, report));
    LSM_ASSIGN_OR_RETURN(auto db, DB::Open(options, path));
    LSM_RETURN_IF_ERROR(db->Put({}, "invented", "value"));
    return db->Close();
  };
  const Finding finding = FirstFinding(
      DirectoryTarget(), [&](std::string_view input) { return CheckDirectory(input, door); });
  EXPECT_TRUE(finding.starts_with("P4")) << finding;
}

TEST(Fuzz, AMutationIsAFunctionOfSeedAndIndex) {
  const Target target = WalTarget();
  const std::vector<std::string> seeds = target.seeds();
  EXPECT_EQ(MutationAt(target, seeds, 1, 77), MutationAt(target, seeds, 1, 77));
  EXPECT_NE(MutationAt(target, seeds, 1, 77), MutationAt(target, seeds, 2, 77));
}

TEST(Fuzz, SeedsAreTheSameEachTimeAndOfEachTarget) {
  for (const Target& target : Targets()) {
    EXPECT_FALSE(target.seeds().empty()) << target.name;
    EXPECT_EQ(target.seeds(), target.seeds()) << target.name;
    EXPECT_EQ(Seeds(target).status().ToString(), "OK");
    EXPECT_EQ(FindTarget(target.name), &target);
  }
  EXPECT_EQ(FindTarget("none"), nullptr);
}

}  // namespace
}  // namespace lsm::fuzz

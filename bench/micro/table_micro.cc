// Stages 3 and 5: blocks and tables, built, sought in and scanned; tables merged.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include <stage/iterator/merging_iterator.h>
#include <stage/sstable/block.h>
#include <stage/sstable/table.h>
#include "micro/scratch.h"
#include "workloads/data.h"

namespace lsm::bench {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());
constexpr uint64_t kEntries = 100'000;

std::string Key(uint64_t i) {
  std::string user_key;
  SequentialKey(i, &user_key);
  return MakeInternalKey(user_key, 1, ValueType::kValue);
}

const Values& SomeValues() {
  static const Values values(100, 0.5);
  return values;
}

std::string BuildBlock(uint64_t entries) {
  BlockBuilder builder(&kCmp, 16);
  std::string value;
  for (uint64_t i = 0; i < entries; ++i) {
    SomeValues().Make(i, &value);
    builder.Add(Key(i), value);
  }
  return std::string(builder.Finish());
}

// Every `stride`-th key from `first`.
void BuildTable(const std::string& path, uint64_t first, uint64_t stride, const TableOptions& o) {
  auto file = Env::Default()->CreateWritable(path, {});
  LSM_CHECK(file.ok());
  TableBuilder builder(o, file->get());
  std::string value;
  for (uint64_t i = first; i < kEntries; i += stride) {
    SomeValues().Make(i, &value);
    LSM_CHECK(builder.Add(Key(i), value).ok());
  }
  LSM_CHECK(builder.Finish().ok() && (*file)->Close().ok());
}

std::unique_ptr<Table> OpenTable(const std::string& path, const TableOptions& o, IoMode io) {
  auto file = Env::Default()->OpenRandomAccess(path, io);
  LSM_CHECK(file.ok());
  auto table = Table::Open(o, std::move(*file));
  LSM_CHECK(table.ok());
  return std::move(*table);
}

void BlockBuild(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(BuildBlock(35));
  state.SetItemsProcessed(state.iterations() * 35);
}
BENCHMARK(BlockBuild);

void BlockSeek(benchmark::State& state) {
  const std::string bytes = BuildBlock(35);
  const Block block{bytes};
  Block::Iterator it(&kCmp, block);
  uint64_t i = 0;
  for (auto _ : state) {
    it.Seek(Key(i++ % 35));
    LSM_CHECK(it.Valid());
  }
}
BENCHMARK(BlockSeek);

void BlockScan(benchmark::State& state) {
  const std::string bytes = BuildBlock(35);
  const Block block{bytes};
  for (auto _ : state) {
    size_t n = 0;
    Block::Iterator it(&kCmp, block);
    for (it.SeekToFirst(); it.Valid(); it.Next()) n += it.value().size();
    benchmark::DoNotOptimize(n);
  }
  state.SetItemsProcessed(state.iterations() * 35);
}
BENCHMARK(BlockScan);

void TableBuild(benchmark::State& state) {
  TableOptions options;
  options.bits_per_key = static_cast<double>(state.range(0));
  for (auto _ : state) BuildTable(ScratchPath("build"), 0, 1, options);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kEntries));
}
BENCHMARK(TableBuild)->ArgName("bits")->Arg(0)->Arg(10)->Unit(benchmark::kMillisecond);

void TableGet(benchmark::State& state) {
  BlockCache cache(Env::Default(), size_t{64} << 20);
  TableOptions options;
  options.cache = &cache;
  BuildTable(ScratchPath("get"), 0, 1, options);
  const auto table = OpenTable(ScratchPath("get"), options,
                               state.range(0) != 0 ? IoMode::kMapped : IoMode::kPlain);
  uint64_t i = 0;
  std::string key, value;
  for (auto _ : state) {
    SequentialKey(i++ * 7919 % kEntries, &key);
    LookupState found = LookupState::kAbsent;
    LSM_CHECK(table->Get(LookupKey(key, kMaxSequence), &value, &found).ok());
    LSM_CHECK(found == LookupState::kFound);
  }
}
BENCHMARK(TableGet)->ArgName("mapped")->Arg(0)->Arg(1);

void TableScan(benchmark::State& state) {
  const TableOptions options;
  BuildTable(ScratchPath("scan"), 0, 1, options);
  const auto table = OpenTable(ScratchPath("scan"), options, IoMode::kMapped);
  for (auto _ : state) {
    uint64_t n = 0;
    Table::Iterator it(table.get(), false);
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++n;
    LSM_CHECK(n == kEntries);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kEntries));
}
BENCHMARK(TableScan)->Unit(benchmark::kMillisecond);

// Tables whose keys alternate: at each step another one is next.
void MergeScan(benchmark::State& state) {
  const auto runs = static_cast<uint64_t>(state.range(0));
  const TableOptions options;
  std::vector<std::unique_ptr<Table>> tables;
  for (uint64_t i = 0; i < runs; ++i) {
    const std::string path = ScratchPath("run" + std::to_string(i));
    BuildTable(path, i, runs, options);
    tables.push_back(OpenTable(path, options, IoMode::kMapped));
  }
  for (auto _ : state) {
    std::vector<Table::Iterator> sources;
    for (const auto& table : tables) sources.emplace_back(table.get(), false);
    MergingIterator<Table::Iterator> it(kCmp, std::move(sources));
    uint64_t n = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++n;
    LSM_CHECK(n == kEntries);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kEntries));
}
BENCHMARK(MergeScan)->ArgName("runs")->Arg(1)->Arg(4)->Arg(16)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lsm::bench

// Stage 2: the memtable beside std::map with the same keys, values and order.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>

#include <stage/memtable/memtable.h>
#include "workloads/data.h"

namespace lsm::bench {
namespace {

const InternalKeyComparator kCmp(BytewiseComparator());
const std::string kValue(100, 'v');

std::string Key(int64_t i, bool sequential) {
  std::string key;
  sequential ? SequentialKey(static_cast<uint64_t>(i), &key)
             : ScatteredKey(static_cast<uint64_t>(i), &key);
  return key;
}

std::unique_ptr<MemTable> Filled(int64_t entries) {
  auto table = std::make_unique<MemTable>(kCmp);
  for (int64_t i = 0; i < entries; ++i) {
    table->Add(static_cast<SequenceNumber>(i + 1), ValueType::kValue, Key(i, false), kValue);
  }
  return table;
}

// One iteration fills a table.
void MemtableInsert(benchmark::State& state) {
  std::vector<std::string> keys;
  for (int64_t i = 0; i < state.range(0); ++i) keys.push_back(Key(i, state.range(1) != 0));
  for (auto _ : state) {
    MemTable table(kCmp);
    SequenceNumber sequence = 0;
    for (const std::string& key : keys) table.Add(++sequence, ValueType::kValue, key, kValue);
    benchmark::DoNotOptimize(table.Entries());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MemtableInsert)
    ->ArgNames({"entries", "sequential"})
    ->ArgsProduct({{1 << 15, 1 << 19}, {0, 1}});

void MapInsert(benchmark::State& state) {
  std::vector<std::string> keys;
  for (int64_t i = 0; i < state.range(0); ++i) keys.push_back(Key(i, state.range(1) != 0));
  for (auto _ : state) {
    std::map<std::string, std::string> map;
    for (const std::string& key : keys) map.emplace(key, kValue);
    benchmark::DoNotOptimize(map.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MapInsert)
    ->ArgNames({"entries", "sequential"})
    ->ArgsProduct({{1 << 15, 1 << 19}, {0, 1}});

void MemtableGet(benchmark::State& state) {
  const auto table = Filled(state.range(0));
  std::string value;
  int64_t i = 0;
  for (auto _ : state) {
    const std::string key = Key(i++ % state.range(0), false);
    LSM_CHECK(table->Get(LookupKey(key, kMaxSequence), &value) == LookupState::kFound);
  }
}
BENCHMARK(MemtableGet)->ArgName("entries")->Arg(1 << 15)->Arg(1 << 19);

void MapGet(benchmark::State& state) {
  std::map<std::string, std::string> map;
  for (int64_t i = 0; i < state.range(0); ++i) map.emplace(Key(i, false), kValue);
  int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(map.find(Key(i++ % state.range(0), false)));
}
BENCHMARK(MapGet)->ArgName("entries")->Arg(1 << 15)->Arg(1 << 19);

void MemtableScan(benchmark::State& state) {
  const auto table = Filled(state.range(0));
  for (auto _ : state) {
    size_t bytes = 0;
    MemTable::Iterator it(table.get());
    for (it.SeekToFirst(); it.Valid(); it.Next()) bytes += it.value().size();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(MemtableScan)->ArgName("entries")->Arg(1 << 15)->Arg(1 << 19);

}  // namespace
}  // namespace lsm::bench

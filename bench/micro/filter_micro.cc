// Stage 4: filters, built and asked. The counter `passed` is the part of the keys asked for that
// the filter let pass: the false-positive rate, for absent keys.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include <stage/bloom/bloom.h>
#include "workloads/data.h"

namespace lsm::bench {
namespace {

std::vector<uint64_t> Hashes(uint64_t first, uint64_t n) {
  std::vector<uint64_t> hashes;
  std::string key;
  for (uint64_t i = first; i < first + n; ++i) {
    ScatteredKey(i, &key);
    hashes.push_back(Bloom::Hash(key));
  }
  return hashes;
}

void FilterBuild(benchmark::State& state) {
  const auto hashes = Hashes(0, static_cast<uint64_t>(state.range(0)));
  std::string filter;
  for (auto _ : state) {
    Bloom::Build(hashes, 10, &filter);
    benchmark::DoNotOptimize(filter.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(FilterBuild)->ArgName("keys")->Arg(1 << 14)->Arg(1 << 20);

void FilterProbe(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  std::string filter;
  Bloom::Build(Hashes(0, keys), static_cast<double>(state.range(1)), &filter);
  const auto asked = Hashes(state.range(2) != 0 ? 0 : keys, keys);
  size_t i = 0;
  uint64_t passed = 0;
  for (auto _ : state) {
    passed += Bloom::MayMatch(asked[i], filter);
    if (++i == asked.size()) i = 0;
  }
  state.counters["passed"] =
      benchmark::Counter(static_cast<double>(passed) / static_cast<double>(state.iterations()));
}
BENCHMARK(FilterProbe)
    ->ArgNames({"keys", "bits", "present"})
    ->ArgsProduct({{1 << 14, 1 << 20}, {5, 10, 16}, {0, 1}});

void FilterHash(benchmark::State& state) {
  const std::string key(static_cast<size_t>(state.range(0)), 'k');
  for (auto _ : state) benchmark::DoNotOptimize(Bloom::Hash(key));
}
BENCHMARK(FilterHash)->ArgName("bytes")->Arg(16)->Arg(100);

}  // namespace
}  // namespace lsm::bench

// What stands below the stages: checksums, codecs, the block cache.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "base/check.h"
#include "base/crc32c.h"
#include "cache/block_cache.h"
#include "format/codec.h"
#include "workloads/data.h"

namespace lsm::bench {
namespace {

std::string Bytes(int64_t n) {
  std::string bytes;
  Values(static_cast<size_t>(n), 0.5).Make(1, &bytes);
  return bytes;
}

void Crc32c(benchmark::State& state) {
  const std::string bytes = Bytes(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(crc32c::Value(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Crc32c)->ArgName("bytes")->Arg(140)->Arg(4096)->Arg(1 << 20);

void Crc32cPortable(benchmark::State& state) {
  const std::string bytes = Bytes(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(crc32c::ExtendPortable(0, bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Crc32cPortable)->ArgName("bytes")->Arg(4096);

void Codec(benchmark::State& state) {
  const auto codec = static_cast<Compression>(state.range(0));
  state.SetLabel(CodecName(codec));
  if (!CodecAvailable(codec)) return state.SkipWithError("not in this build");
  const std::string raw = Bytes(4096);
  std::string stored, back;
  LSM_CHECK(Compress(codec, raw, &stored));
  const bool compress = state.range(1) != 0;
  for (auto _ : state) {
    if (compress) {
      LSM_CHECK(Compress(codec, raw, &stored));
    } else {
      LSM_CHECK(Uncompress(codec, stored, &back).ok());
    }
  }
  state.SetBytesProcessed(state.iterations() * 4096);
  state.counters["ratio"] = static_cast<double>(stored.size()) / 4096;
}
BENCHMARK(Codec)
    ->ArgNames({"codec", "compress"})
    ->ArgsProduct({{static_cast<int64_t>(Compression::kSnappy),
                    static_cast<int64_t>(Compression::kLz4),
                    static_cast<int64_t>(Compression::kZstd)},
                   {0, 1}});

constexpr uint64_t kBlock = 4096;

void CacheHit(benchmark::State& state) {
  static BlockCache* const cache = new BlockCache(Env::Default(), size_t{64} << 20);
  constexpr uint64_t kBlocks = 4096;
  if (state.thread_index() == 0) {
    const auto block = std::make_shared<const std::string>(kBlock, 'b');
    for (uint64_t i = 0; i < kBlocks; ++i) cache->Insert(1, i * kBlock, block);
  }
  uint64_t i = static_cast<uint64_t>(state.thread_index()) * 1000, hits = 0;
  for (auto _ : state) hits += cache->Lookup(1, i++ * 31 % kBlocks * kBlock) != nullptr;
  state.counters["hits"] =
      benchmark::Counter(static_cast<double>(hits) / static_cast<double>(state.iterations()),
                         benchmark::Counter::kAvgThreads);
}
BENCHMARK(CacheHit)->Threads(1)->Threads(2);

void CacheInsertAndEvict(benchmark::State& state) {
  BlockCache cache(Env::Default(), size_t{4} << 20);
  uint64_t i = 0;
  for (auto _ : state) {
    cache.Insert(1, i++ * kBlock, std::make_shared<const std::string>(kBlock, 'b'));
  }
}
BENCHMARK(CacheInsertAndEvict);

}  // namespace
}  // namespace lsm::bench

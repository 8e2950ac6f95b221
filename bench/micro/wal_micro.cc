// Stage 1: appending a record, by its size, by how the file is written, and durable or not.
#include <benchmark/benchmark.h>

#include <stage/wal/wal.h>

#include "lsm/env.h"
#include "micro/scratch.h"

namespace lsm::bench {
namespace {

constexpr uint64_t kLogBytes = uint64_t{64} << 20;  // then a new file is begun

void WalAppend(benchmark::State& state) {
  const std::string record(static_cast<size_t>(state.range(0)), 'r');
  const bool mapped = state.range(1) != 0, sync = state.range(2) != 0;
  const WritableFileOptions options{mapped ? IoMode::kMapped : IoMode::kPlain,
                                    mapped ? kLogBytes : 0};
  std::unique_ptr<WritableFile> file;
  std::unique_ptr<LogWriter> log;
  for (auto _ : state) {
    if (log == nullptr || log->Size() + 2 * record.size() > kLogBytes) {
      state.PauseTiming();
      log.reset();
      file.reset();
      auto created = Env::Default()->CreateWritable(ScratchPath("wal"), options);
      LSM_CHECK(created.ok());
      file = std::move(*created);
      log = std::make_unique<LogWriter>(file.get());
      state.ResumeTiming();
    }
    Status s = log->Append(record);
    if (s.ok() && sync) s = log->Sync();
    if (!s.ok()) return state.SkipWithError(s.ToString().c_str());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(WalAppend)
    ->ArgNames({"bytes", "mapped", "sync"})
    ->ArgsProduct({{20, 140, 4096, 65536}, {0, 1}, {0}})
    ->ArgsProduct({{140, 65536}, {0, 1}, {1}});

void WalRead(benchmark::State& state) {
  constexpr int kRecords = 10'000;
  const std::string record(static_cast<size_t>(state.range(0)), 'r'), path = ScratchPath("read");
  {
    auto file = Env::Default()->CreateWritable(path, {});
    LSM_CHECK(file.ok());
    LogWriter log(file->get());
    for (int i = 0; i < kRecords; ++i) LSM_CHECK(log.Append(record).ok());
    LSM_CHECK((*file)->Close().ok());
  }
  for (auto _ : state) {
    auto file = Env::Default()->OpenSequential(path);
    LSM_CHECK(file.ok());
    LogReader reader(file->get(), nullptr);
    int records = 0;
    for (std::string_view read; reader.Read(&read);) ++records;
    LSM_CHECK(records == kRecords);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * kRecords * state.range(0));
}
BENCHMARK(WalRead)->ArgName("bytes")->Arg(140)->Arg(65536);

}  // namespace
}  // namespace lsm::bench

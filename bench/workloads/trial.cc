#include "workloads/trial.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>

#include "testing/child_process.h"
#include "workloads/histogram.h"
#include "workloads/process.h"

namespace lsm::bench {
namespace {

constexpr uint64_t kStallNanos = 50'000'000;

double Seconds(uint64_t nanos) { return static_cast<double>(nanos) / 1e9; }
double PerSecond(uint64_t n, double seconds) {
  return seconds == 0 ? 0 : static_cast<double>(n) / seconds;
}

std::string ShapeText(const std::vector<LevelShape>& shape) {
  std::string text;
  for (const LevelShape& level : shape) {
    text += fmt::format("{}L{} {} files {:.1f} MiB", text.empty() ? "" : ", ", level.level,
                        level.files, static_cast<double>(level.bytes) / (1 << 20));
  }
  return text.empty() ? "empty" : text;
}

uint64_t DirectoryBytes(const std::string& dir) {
  uint64_t bytes = 0;
  std::error_code ignored;  // a file may go meanwhile
  for (const auto& entry : std::filesystem::directory_iterator(dir, ignored)) {
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  }
  return bytes;
}

// What one thread measured.
struct Lane {
  Worker worker;
  Histogram times;
  uint64_t stalls = 0;
  Status status;
};

// Steps until `steps` are done or *stop is set. A step's time begins with the end of the one
// before.
void RunLane(Status (*step)(Worker*), uint64_t steps, const std::atomic<bool>* stop, Lane* lane) {
  uint64_t before = NowNanos();
  while (lane->worker.steps < steps && (stop == nullptr || !stop->load())) {
    lane->status = step(&lane->worker);
    if (!lane->status.ok()) return;
    ++lane->worker.steps;
    const uint64_t now = NowNanos();
    lane->times.Add(now - before);
    lane->stalls += now - before > kStallNanos;
    before = now;
  }
}

// One workload on an open store.
class Run {
 public:
  Run(const Load& load, const Workload& workload, Store* store)
      : load_(load),
        workload_(workload),
        store_(store),
        values_(load.value_bytes, load.entropy),
        threads_(static_cast<uint64_t>(std::max(1, load.threads))) {
    if (workload.zipfian) zipfian_ = std::make_unique<lab::Zipfian>(load.keys);
    const uint64_t entries = std::max<uint64_t>(1, load.keys / workload.divisor);
    steps_ = std::max<uint64_t>(1, entries / workload.entries_per_step / threads_);
  }

  // Reads alone, and not counted: it fills caches.
  Status WarmUp() {
    if (workload_.writes) return Status::Ok();
    Lane lane;
    Prepare(threads_, &lane);
    RunLane(workload_.step, std::max<uint64_t>(1, steps_ / 10), nullptr, &lane);
    return lane.status;
  }

  Status Measure(Measurement* m) {
    AnonymousPeak anonymous;
    const ProcessUse use_before = UseNow();
    const uint64_t begin = NowNanos();
    LSM_RETURN_IF_ERROR(RunAll(m));
    m->seconds = m->drained_seconds = Seconds(NowNanos() - begin);
    if (workload_.writes) {
      LSM_RETURN_IF_ERROR(store_->Drain());
      m->drained_seconds = Seconds(NowNanos() - begin);
    }
    const ProcessUse use = UseNow();
    m->rate = PerSecond(m->entries, m->seconds);
    m->drained_rate = PerSecond(m->entries, m->drained_seconds);
    m->cpu_us_per_entry = static_cast<double>(use.cpu_us - use_before.cpu_us) /
                          static_cast<double>(std::max<uint64_t>(1, m->entries));
    m->written_bytes = use.written_bytes - use_before.written_bytes;
    m->anonymous_bytes = anonymous.bytes();
    m->peak_bytes = MemoryNow().peak_bytes;
    return Status::Ok();
  }

 private:
  void Prepare(uint64_t thread, Lane* lane) const {
    Worker& w = lane->worker;
    w.store = store_;
    w.values = &values_;
    w.zipfian = zipfian_.get();
    w.keys = load_.keys;
    w.first = workload_.start == Start::kEmpty ? thread * steps_ * workload_.entries_per_step
                                               : load_.keys + (thread << 32);
    w.random = sim::Random(load_.seed * 1'000'003 + thread);
  }

  Status RunAll(Measurement* m) {
    std::vector<Lane> lanes(threads_);
    Lane beside;
    std::atomic<bool> done{false};
    std::unique_ptr<Thread> extra;
    if (workload_.beside != nullptr) {
      Prepare(threads_, &beside);
      extra = Env::Default()->StartThread(
          "beside", [&] { RunLane(workload_.beside, UINT64_MAX, &done, &beside); });
    }
    {
      std::vector<std::unique_ptr<Thread>> threads;
      const uint64_t begin = NowNanos();
      for (uint64_t i = 0; i < threads_; ++i) {
        Prepare(i, &lanes[i]);
        const auto body = [this, lane = &lanes[i]] {
          RunLane(workload_.step, steps_, nullptr, lane);
          lane->worker.cursor.reset();
        };
        if (threads_ == 1) {
          body();
        } else {
          threads.push_back(Env::Default()->StartThread("worker", body));
        }
      }
      threads.clear();
      done.store(true);
      extra.reset();
      m->beside_rate = PerSecond(beside.worker.steps, Seconds(NowNanos() - begin));
    }
    LSM_RETURN_IF_ERROR(beside.status);
    return Sum(lanes, beside, m);
  }

  Status Sum(const std::vector<Lane>& lanes, const Lane& beside, Measurement* m) const {
    Histogram times;
    uint64_t answers = 0;
    m->user_bytes = beside.worker.user_bytes;
    for (const Lane& lane : lanes) {
      LSM_RETURN_IF_ERROR(lane.status);
      times.Add(lane.times);
      m->steps += lane.worker.steps;
      m->stalls += lane.stalls;
      m->user_bytes += lane.worker.user_bytes;
      answers += lane.worker.answers;
    }
    m->entries = m->steps * workload_.entries_per_step;
    m->p50_us = static_cast<double>(times.Quantile(0.5)) / 1000;
    m->p99_us = static_cast<double>(times.Quantile(0.99)) / 1000;
    m->p999_us = static_cast<double>(times.Quantile(0.999)) / 1000;
    m->max_us = static_cast<double>(times.max()) / 1000;
    m->answers = fmt::format("{:016x}", answers);
    m->comparable = threads_ == 1 && workload_.beside == nullptr;
    return Status::Ok();
  }

  const Load& load_;
  const Workload& workload_;
  Store* const store_;
  const Values values_;
  const uint64_t threads_;
  std::unique_ptr<lab::Zipfian> zipfian_;
  uint64_t steps_ = 0;
};

// The load of a base.
const Workload& LoadWorkload() {
  static const Workload kLoad = [] {
    Workload w;
    w.name = "load";
    w.start = Start::kEmpty;
    w.writes = true;
    w.step = LoadStep;
    return w;
  }();
  return kLoad;
}

// Runs `body` in a child, and hands its measurement over.
Result<Measurement> InChild(const std::string& what,
                            const std::function<Status(Measurement*)>& body) {
  lab::ChildProcess child;
  child.Start([&](lab::ChildProcess::Link* link) {
    signal(SIGINT, SIG_DFL);
    Measurement measurement;
    const Status status = body(&measurement);
    link->WriteLine(status.ok() ? "ok" : status.ToString());
    link->WriteLine(nlohmann::json(measurement).dump());
  });
  std::vector<std::string> lines;
  while (child.open()) {
    const std::vector<bool> ready = lab::AwaitChildren({&child}, 1000);
    if (ready[0]) {
      for (std::string& line : child.ReadLines()) lines.push_back(std::move(line));
    }
    if (ready[1]) child.ReadErrors();
  }
  const lab::WorkerEnd end = child.Wait();
  if (!end.ok || lines.size() != 2) {
    return Status::IOError(fmt::format("{}: ended by {} {}", what, end.how, end.errors));
  }
  if (lines[0] != "ok") return Status::IOError(fmt::format("{}: {}", what, lines[0]));
  return nlohmann::json::parse(lines[1]).get<Measurement>();
}

Status EmptyDirectory(const std::string& dir) {
  std::error_code error;
  std::filesystem::remove_all(dir, error);
  if (!error) std::filesystem::create_directories(dir, error);
  return error ? Status::IOError(dir + ": " + error.message()) : Status::Ok();
}

Status CopyBase(const Place& place) {
  std::error_code error;
  std::filesystem::copy(place.base, place.scratch, error);
  return error ? Status::IOError(place.base + ": copy: " + error.message()) : Status::Ok();
}

// Loads keys and dies without closing.
Status Crash(const StoreInfo& engine, const StoreOptions& options, const Load& load,
             const std::string& dir) {
  const Result<Measurement> result = InChild("load", [&](Measurement*) -> Status {
    LSM_ASSIGN_OR_RETURN(const auto store, engine.open(options, dir));
    Worker w;
    const Values values(load.value_bytes, load.entropy);
    w.store = store.get();
    w.values = &values;
    for (; w.steps < load.keys; ++w.steps) LSM_RETURN_IF_ERROR(LoadStep(&w));
    kill(getpid(), SIGKILL);
    return Status::Ok();
  });
  if (result.ok() || result.status().message().find("signal 9") == std::string_view::npos) {
    return result.ok() ? Status::IOError("load: survived its kill") : result.status();
  }
  return Status::Ok();
}

Status RunOn(const StoreInfo& engine, const StoreOptions& options, const Load& load,
             const Workload& workload, const std::string& dir, Measurement* m) {
  m->engine = engine.name;
  m->workload = workload.name;
  m->keys = load.keys;
  if (workload.start == Start::kCrashed) LSM_RETURN_IF_ERROR(Crash(engine, options, load, dir));
  const uint64_t begin = NowNanos();
  LSM_ASSIGN_OR_RETURN(const auto store, engine.open(options, dir));
  m->open_ms = Seconds(NowNanos() - begin) * 1000;
  if (workload.step == nullptr) {
    m->steps = m->entries = 1;
    m->seconds = m->drained_seconds = m->open_ms / 1000;
    m->rate = m->drained_rate = PerSecond(1, m->seconds);
    m->peak_bytes = MemoryNow().peak_bytes;
    m->anonymous_bytes = MemoryNow().anonymous_bytes;
  } else {
    if (!workload.writes) m->shape = ShapeText(store->Shape());
    Run run(load, workload, store.get());
    LSM_RETURN_IF_ERROR(run.WarmUp());
    LSM_RETURN_IF_ERROR(run.Measure(m));
  }
  if (m->shape.empty()) m->shape = ShapeText(store->Shape());
  m->disk_bytes = DirectoryBytes(dir);
  return store->Close();
}

}  // namespace

Result<Measurement> LoadBase(const StoreInfo& engine, const StoreOptions& options, const Load& load,
                             const std::string& dir) {
  LSM_RETURN_IF_ERROR(EmptyDirectory(dir));
  return InChild(engine.name + ": load", [&](Measurement* m) {
    Load alone = load;
    alone.threads = 1;
    return RunOn(engine, options, alone, LoadWorkload(), dir, m);
  });
}

Result<Measurement> RunTrial(const StoreInfo& engine, const StoreOptions& options, const Load& load,
                             const Workload& workload, const Place& place) {
  LSM_RETURN_IF_ERROR(EmptyDirectory(place.scratch));
  if (workload.start == Start::kLoaded) LSM_RETURN_IF_ERROR(CopyBase(place));
  auto result = InChild(fmt::format("{}: {}", engine.name, workload.name), [&](Measurement* m) {
    return RunOn(engine, options, load, workload, place.scratch, m);
  });
  std::error_code ignored;  // the next trial empties it again
  std::filesystem::remove_all(place.scratch, ignored);
  return result;
}

}  // namespace lsm::bench

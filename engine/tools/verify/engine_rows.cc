#include "tools/verify/engine_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "foreign/crash_story.h"
#include "foreign/engine_run.h"
#include "foreign/record.h"
#include "lsm/env.h"
#include "testing/files.h"
#include "testing/generator.h"
#include "testing/isolate.h"
#include "testing/shrinker.h"

namespace lsm::lab {
namespace {

constexpr int kWorkers = 2;
constexpr uint64_t kTraces = 1500;    // of a full model row
constexpr uint64_t kRecordings = 12;  // of a full crash row
// A longer recording is cut behind every second, third, ... call.
constexpr size_t kMostCuts = 250;

uint64_t TracesOf(const VerifyOptions& options) {
  constexpr size_t kMeanOperations = kMaxSeriesOperations / 2 + 10;
  if (options.operations > 0) return options.operations / kMeanOperations + 1;
  return options.Amount(kTraces);
}

// The crash row: records, searches, and makes a story of each key that is new.
class CrashWork {
 public:
  CrashWork(const VerifyOptions& options, const EngineInfo& engine, sim::Profile profile)
      : options_(options), engine_(engine), profile_(profile) {
    report_.row.name = "crashes";
  }

  CrashReport Run() {
    const uint64_t start = Env::Default()->NowMicros();
    const uint64_t recordings = options_.Amount(kRecordings);
    for (uint64_t i = 0; i < recordings; ++i) {
      const Status status = Look(i);
      if (!status.ok()) {
        report_.row.verdict = RowVerdict::kFinding;
        report_.row.note = status.ToString();
        break;
      }
      fmt::print(stderr, "crashes: {} of {} recordings, {} crash images opened, {} findings\n",
                 i + 1, recordings, report_.row.Count("opens"), report_.stories.size());
    }
    for (const auto& [key, count] : broken_) {
      report_.row.note +=
          fmt::format("{}{} lost: {}", report_.row.note.empty() ? "" : "; ", key, count);
    }
    report_.row.seconds = static_cast<double>(Env::Default()->NowMicros() - start) / 1e6;
    return std::move(report_);
  }

 private:
  Status Look(uint64_t index) {
    const Trace workload =
        ToWorkload(TraceAt(Flavour::kModel, options_.seed, index), engine_, index % 2 == 1);
    LSM_ASSIGN_OR_RETURN(const Recording recording, Record(engine_, workload));
    Row* const row = &report_.row;
    row->Add("recordings", 1);
    row->Add("operations", workload.operations.size());
    row->Add("system calls", recording.calls.size());
    CrashJudge judge(engine_, recording);
    LSM_RETURN_IF_ERROR(judge.status());
    SearchOptions search;
    search.profile = profile_;
    search.every = recording.calls.size() / kMostCuts + 1;
    const std::vector<CrashFinding> findings = SearchCrashes(&judge, recording, search);
    row->Add("crash images", judge.counts().images);
    row->Add("opens", judge.counts().opens);
    for (const CrashFinding& finding : findings) {
      uint64_t& images = broken_[finding.key];
      if (images == 0) Tell(workload, recording, finding);
      images += finding.images;
    }
    return Status::Ok();
  }

  // Makes the workload smaller while it shows a finding of the same key; the smallest is told. The
  // engine's threads may take another course each time: then less is left out.
  void Tell(const Trace& workload, Recording smallest, CrashFinding shown) {
    const std::string key = shown.key;
    const std::set<std::string> lost = shown.lost;
    const size_t steps = TellCrash(smallest, shown, {}).trace.operations.size() - 1;
    constexpr uint64_t kMostRuns = 400, kMostMicros = 30'000'000;
    const uint64_t deadline = Env::Default()->NowMicros() + options_.Amount(kMostMicros);
    fmt::print(stderr, "crashes: found {}; shrinking ...\n", key);
    const auto fails = [&](const Trace& candidate) {
      const auto lacks = [&](const Operation& op) { return !CanDo(engine_, op.kind); };
      if (std::any_of(candidate.operations.begin(), candidate.operations.end(), lacks))
        return false;
      auto recording = Record(engine_, candidate);
      if (!recording.ok()) return false;
      CrashJudge judge(engine_, *recording);
      SearchOptions search;
      search.profile = profile_;
      search.lost = lost;
      for (CrashFinding& finding : SearchCrashes(&judge, *recording, search)) {
        if (finding.key != key) continue;
        smallest = std::move(*recording);
        shown = std::move(finding);
        return true;
      }
      return false;
    };
    Trace start = workload;  // what is behind the cut cannot matter
    start.operations.resize(std::min(start.operations.size(), steps));
    const Shrunk shrunk = Shrink(std::move(start), fails, kMostRuns, {Env::Default(), deadline});
    CrashJudge judge(engine_, smallest);
    Story story = TellCrash(smallest, shown, FindMissingBarrier(&judge, smallest, shown));
    story.operations_before = workload.operations.size();
    story.runs = shrunk.runs;
    story.file = fmt::format("{}/{}-crash-{}.recording", options_.out, engine_.name,
                             report_.stories.size() + 1);
    const Status saved = SaveText(story.file, Print(CutRecording(smallest, shown)));
    if (!saved.ok()) report_.row.note = saved.ToString();
    report_.row.verdict = RowVerdict::kFinding;
    report_.stories.push_back(std::move(story));
  }

  const VerifyOptions& options_;
  const EngineInfo& engine_;
  const sim::Profile profile_;
  CrashReport report_;
  std::map<std::string, uint64_t> broken_;  // key -> images
};

int ReplayRecording(const EngineInfo& engine, sim::Profile profile, const std::string& file,
                    const std::string& text, bool steps) {
  auto recording = ParseRecording(text);
  if (recording.ok() && !recording->crash.has_value()) {
    recording = Status::InvalidArgument("it has no line \"crash at=N keep=IMAGE\" at its end");
  }
  if (!recording.ok()) {
    fmt::print(stderr, "lsm-verify: {}, {}\n", file, recording.status().message());
    return 2;
  }
  if (recording->crash->at.nth > recording->calls.size()) {
    recording->crash->at.nth = recording->calls.size();
  }
  CrashJudge judge(engine, *recording);
  if (!judge.status().ok()) {
    fmt::print(stderr, "lsm-verify: {}: {}\n", file, judge.status().ToString());
    return 2;
  }
  if (steps) {
    size_t io = 0;
    for (const std::string& line : Narrate(*recording)) fmt::print("{:>5}  {}\n", io++, line);
  }
  CrashFinding finding;
  finding.cut = recording->crash->at.nth;
  finding.profile = profile;
  finding.answer = judge.Ask({finding.cut, recording->crash->image, nullptr, nullptr, profile});
  if (!finding.answer.judged) {
    fmt::print(stderr, "lsm-verify: {}: its power cut is not one of profile {}\n", file,
               sim::NameOf(profile));
    return 2;
  }
  if (finding.answer.verdict.ok) {
    fmt::print("what the power cut left behind is all right\n");
    return 0;
  }
  Story story = TellCrash(*recording, finding, FindMissingBarrier(&judge, *recording, finding));
  story.file = file;
  fmt::print("{}", ToText(story));
  return 1;
}

}  // namespace

Row EngineModelRow(const VerifyOptions& options, const EngineInfo& engine) {
  const uint64_t traces = TracesOf(options);
  RowWork work;
  work.name = "model";
  work.workers = kWorkers;
  work.total = traces;
  work.trace = [&](uint64_t index) {
    return FitTrace(TraceAt(Flavour::kModel, options.seed, index), engine);
  };
  work.run = [&](const Trace& trace, const RunOptions& run) {
    return RunTraceOn(engine, trace, run);
  };
  work.body = [&](int worker, Reporter* reporter) {
    for (uint64_t i = static_cast<uint64_t>(worker); i < traces; i += kWorkers) {
      reporter->Begin(i);
      const RunResult result = work.run(work.trace(i), {});
      if (!result.ok) return reporter->FailedTrace(i);
      reporter->Add("traces", 1);
      reporter->Add("operations", result.operations);
      reporter->Add("checks", result.checks);
      reporter->Done(1);
    }
  };
  return RunRow(options, work);
}

CrashReport EngineCrashRow(const VerifyOptions& options, const EngineInfo& engine,
                           sim::Profile profile) {
  return CrashWork(options, engine, profile).Run();
}

int ReplayOnEngine(const EngineInfo& engine, sim::Profile profile, const std::string& file,
                   bool steps) {
  const auto text = LoadText(file);
  if (!text.ok()) {
    fmt::print(stderr, "lsm-verify: {}\n", text.status().ToString());
    return 2;
  }
  if (text->starts_with(kRecordingHead))
    return ReplayRecording(engine, profile, file, *text, steps);
  const auto trace = Parse(*text);
  if (!trace.ok()) {
    fmt::print(stderr, "lsm-verify: {}, {}\n", file, trace.status().message());
    return 2;
  }
  RunOptions run;
  if (steps) {
    run.transcript = [](const std::string& line) {  // in a child that is killed at its end
      fmt::print("{}\n", line);
      std::fflush(stdout);
    };
  }
  std::fflush(stdout);
  Story story;
  story.trace = *trace;
  story.file = file;
  story.operations_before = trace->operations.size();
  story.result = RunTraceIsolated(
      *trace, run, [&](const Trace& t, const RunOptions& o) { return RunTraceOn(engine, t, o); });
  fmt::print("{}", story.result.ok ? "all answers are right\n" : ToText(story));
  return story.result.ok ? 0 : 1;
}

}  // namespace lsm::lab

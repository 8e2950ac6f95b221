#include "testing/isolate.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "base/check.h"
#include "testing/result_json.h"

namespace lsm::lab {
namespace {

std::string HowSilent(uint64_t silence_ms) {
  return fmt::format("no sign of life for {} ms", silence_ms);
}

bool HasFunctions(const RunOptions& options) {
  return options.transcript || options.on_io || options.image || options.listener != nullptr;
}

}  // namespace

std::vector<WorkerEnd> RunWorkers(int workers_count, uint64_t silence_ms,
                                  const std::function<void(int, const EmitLine&)>& body,
                                  const std::function<bool(int, std::string_view)>& on_line) {
  std::vector<ChildProcess> workers(static_cast<size_t>(workers_count));
  std::vector<ChildProcess*> children;
  std::vector<Silence> silences;
  std::vector<bool> silent(workers.size());
  for (size_t w = 0; w < workers.size(); ++w) {
    children.push_back(&workers[w]);
    workers[w].Start([&body, w](ChildProcess::Link* link) {
      body(static_cast<int>(w), [link](std::string_view line) { link->WriteLine(line); });
    });
    silences.emplace_back(&workers[w], silence_ms);
  }
  const auto open = [](const ChildProcess& worker) { return worker.open(); };
  bool stop = false;
  while (std::any_of(workers.begin(), workers.end(), open)) {
    const std::vector<bool> ready = AwaitChildren(children, silence_ms);
    for (size_t w = 0; w < workers.size(); ++w) {
      if (ready[2 * w]) {
        silences[w].Break();
        for (const std::string& line : workers[w].ReadLines()) {
          if (!stop) stop = !on_line(static_cast<int>(w), line);
        }
      }
      if (ready[2 * w + 1]) workers[w].ReadErrors();
      silent[w] = silent[w] || (workers[w].open() && silences[w].TooLong());
      if (silent[w] || (stop && workers[w].open())) workers[w].Kill();
    }
  }
  std::vector<WorkerEnd> ends;
  for (size_t w = 0; w < workers.size(); ++w) {
    ends.push_back(workers[w].Wait());
    ends.back().silent = silent[w];
    if (silent[w]) ends.back().how = HowSilent(silence_ms);
  }
  return ends;
}

// --- TraceServer ---
// A request is a line of JSON with the text of the trace and what of RunOptions is a value; the
// answer is RunResult as JSON.

TraceServer::TraceServer(OpenDb open, TraceRunner run)
    : open_(std::move(open)), run_(std::move(run)) {
  void* shared =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  LSM_CHECK(shared != MAP_FAILED);
  progress_ = new (shared) Progress(0);
}

TraceServer::~TraceServer() {
  if (child_.started()) child_.Dismiss();
  munmap(progress_, sizeof(Progress));
}

void TraceServer::Serve(ChildProcess::Link* link, const RunOptions& options) const {
  RunOptions run = options;
  run.progress = progress_;
  while (const auto line = link->ReadLine()) {
    const nlohmann::json request = nlohmann::json::parse(*line);
    const auto trace = Parse(request.at("trace").get<std::string>());
    LSM_CHECK(trace.ok());  // it was printed from one
    run.keep_log = request.at("keep_log").get<bool>();
    run.report_dirty = request.at("report_dirty").get<bool>();
    run.no_excuses = request.at("no_excuses").get<bool>();
    link->WriteLine(ToJson(run_(*trace, run)).dump());
  }
}

RunResult TraceServer::Run(const Trace& trace, const RunOptions& options) {
  const bool own_child = HasFunctions(options);
  if (own_child && child_.started()) child_.Dismiss();
  if (!child_.started()) {
    RunOptions served = own_child ? options : RunOptions();
    served.open = open_;
    child_.Start([&](ChildProcess::Link* link) { Serve(link, served); });
  }
  const nlohmann::json request = {{"trace", Print(trace)},
                                  {"keep_log", options.keep_log},
                                  {"report_dirty", options.report_dirty},
                                  {"no_excuses", options.no_excuses}};
  progress_->store(0);
  child_.WriteLine(request.dump());
  RunResult result = Await(trace, options);
  if (own_child && child_.started()) child_.Dismiss();
  return result;
}

RunResult TraceServer::Await(const Trace& trace, const RunOptions& options) {
  const Silence silence(&child_, options.silence_ms);
  bool silent = false;
  while (child_.open()) {
    const std::vector<bool> ready = AwaitChildren({&child_}, options.silence_ms);
    if (ready[1]) child_.ReadErrors();
    if (ready[0]) {
      const std::vector<std::string> lines = child_.ReadLines();
      if (!lines.empty()) return ResultFromJson(nlohmann::json::parse(lines.front()));
    }
    silent = silent || silence.TooLong();
    if (silent && child_.open()) child_.Kill();
  }
  const WorkerEnd end = child_.Wait();
  const bool stuck = silent || end.errors.find("simulation: ") != std::string::npos;
  RunResult result;
  result.ok = false;
  result.silent = silent;
  result.property = stuck ? Property::kP14 : Property::kP0;
  result.step = progress_->load();
  result.expected = "an answer";
  const std::string how = silent ? HowSilent(options.silence_ms) : end.how;
  result.actual = how + (end.errors.empty() ? "" : ": " + end.errors);
  result.steps.resize(trace.operations.size());
  return result;
}

RunResult RunTraceIsolated(const Trace& trace, const RunOptions& options, const TraceRunner& run) {
  return TraceServer(options.open, run).Run(trace, options);
}

}  // namespace lsm::lab

#include "foreign/crash_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "foreign/engine_run.h"
#include "lsm/env.h"
#include "testing/isolate.h"

namespace lsm::lab {
namespace {

using Kind = FileCall::Kind;

constexpr int kWorkers = 2;
constexpr uint64_t kSilenceMs = 20'000;  // an open that takes longer hangs

Verdict CannotBeOpened(std::string what) {
  return {false, Property::kP8, "", "an open database", std::move(what)};
}

Result<Contents> ReadAll(const EngineInfo& info, const Options& options, const std::string& dir) {
  LSM_ASSIGN_OR_RETURN(const auto engine, info.open(options, dir));
  Contents contents;
  const auto cursor = engine->NewCursor(nullptr);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    contents.emplace(cursor->key(), cursor->value());
  }
  LSM_RETURN_IF_ERROR(cursor->status());
  return contents;
}

nlohmann::json ToJson(const CrashAnswer& answer) {
  const auto escaped = [](const std::vector<std::string>& names) {
    std::vector<std::string> texts;
    texts.reserve(names.size());
    for (const std::string& name : names) texts.push_back(Escape(name));
    return texts;
  };
  const Verdict& verdict = answer.verdict;
  return {{"judged", answer.judged},
          {"ok", verdict.ok},
          {"property", static_cast<int>(verdict.property)},
          {"key", Escape(verdict.key)},
          {"expected", Escape(verdict.expected)},
          {"actual", Escape(verdict.actual)},
          {"kept", escaped(answer.kept)},
          {"lost", escaped(answer.lost)}};
}

CrashAnswer AnswerFromJson(const nlohmann::json& json) {
  const auto text = [](const nlohmann::json& value) {
    return *Unescape(value.get<std::string>());  // it was escaped by a child of ours
  };
  CrashAnswer answer;
  answer.judged = json.at("judged");
  answer.verdict = {json.at("ok"), static_cast<Property>(json.at("property").get<int>()),
                    text(json.at("key")), text(json.at("expected")), text(json.at("actual"))};
  for (const auto& name : json.at("kept")) answer.kept.push_back(text(name));
  for (const auto& name : json.at("lost")) answer.lost.push_back(text(name));
  return answer;
}

}  // namespace

std::string UnitName(const sim::UnsyncedUnit& unit) {
  sim::UnsyncedUnit relative = unit;
  relative.path = RelativePath(unit.path);
  return relative.ToString();
}

CrashJudge::CrashJudge(EngineInfo engine, const Recording& recording)
    : engine_(std::move(engine)), recording_(recording) {
  auto workload = WorkloadOf(recording);
  status_ = workload.status();
  if (status_.ok()) workload_ = std::move(*workload);
  DiskReplay replay;
  if (status_.ok()) status_ = replay.ApplyBefore(recording, recording.calls.size());
}

// The writes that were called before the cut, and those of them that had returned.
Oracle CrashJudge::OracleAt(size_t cut) const {
  Oracle oracle(1);
  const bool every_write = OptionsOf(workload_).wal_sync == WalSync::kEveryWrite;
  size_t next = 0;
  const Operation* running = nullptr;
  for (size_t i = 0; i < cut; ++i) {
    const FileCall& call = recording_.calls[i];
    if (call.kind == Kind::kBegin && call.bytes != "open") {
      running = &workload_.operations[next++];
      if (running->IsWrite()) oracle.BeginWrite(0, running->updates);
    } else if (call.kind == Kind::kEnd && running != nullptr) {
      const bool ok = call.bytes == "OK";
      if (running->IsWrite()) oracle.EndWrite(0, ok, running->sync || every_write);
      running = nullptr;
    }
  }
  return oracle;
}

Verdict CrashJudge::Judge(size_t cut, const std::string& dir) const {
  const auto contents = ReadAll(engine_, OptionsOf(workload_), dir);
  if (!contents.ok()) {
    std::string why = contents.status().ToString();  // without this run's directory
    for (size_t at; (at = why.find(dir + "/")) != std::string::npos;) why.erase(at, dir.size() + 1);
    return CannotBeOpened(std::move(why));
  }
  return OracleAt(cut).JudgeRecovery(*contents, Oracle::End::kPowerCut);
}

// What the power cut leaves on the disk; the answer says what was kept and lost, no more. None: the
// profile does not allow it.
std::optional<CrashAnswer> CrashJudge::BuildImage(const CrashQuestion& question,
                                                  DiskReplay* replay) const {
  for (size_t i = 0; i < question.cut; ++i) {
    const Barrier* const barrier = question.barrier;
    if (barrier != nullptr && barrier->call == i) replay->Sync(barrier->path, barrier->directory);
    replay->Apply(recording_.calls[i]).IgnoreError();  // status() has it
  }
  const std::vector<sim::UnsyncedUnit> units = replay->disk().Unsynced();
  sim::Image image = question.image.Of(units);
  CrashAnswer answer;
  for (size_t i = 0; i < units.size(); ++i) {
    const std::string name = UnitName(units[i]);
    if (question.lost != nullptr) image[i] = sim::Fate(question.lost->count(name) == 0);
    (image[i] == sim::Fate(true) ? answer.kept : answer.lost).push_back(name);
  }
  if (!sim::CheckImage(question.profile, units, image).ok()) return std::nullopt;
  replay->CutPower(image);
  return answer;
}

CrashAnswer CrashJudge::Answer(const CrashQuestion& question, const std::string& dir,
                               std::set<uint64_t>* seen) const {
  DiskReplay replay;
  const std::optional<CrashAnswer> built = BuildImage(question, &replay);
  if (!built.has_value()) return {};
  CrashAnswer answer = *built;
  // What may be expected changes with what was called and what had returned.
  const auto marks = std::count_if(recording_.calls.begin(),
                                   recording_.calls.begin() + static_cast<ptrdiff_t>(question.cut),
                                   [](const FileCall& call) { return call.kind <= Kind::kEnd; });
  const bool first = seen->insert(replay.Digest() * 31 + static_cast<uint64_t>(marks)).second;
  if (!first) return answer;
  answer.judged = true;
  const Status written = replay.WriteTo(dir);
  answer.verdict = written.ok() ? Judge(question.cut, dir)
                                : Verdict{false, Property::kP0, "", "OK", written.ToString()};
  return answer;
}

std::vector<CrashAnswer> CrashJudge::Ask(const std::vector<CrashQuestion>& questions,
                                         bool skip_same) {
  const ScratchDir scratch;
  std::vector<CrashAnswer> answers(questions.size());
  std::vector<size_t> pending(questions.size());
  for (size_t i = 0; i < pending.size(); ++i) pending[i] = i;
  while (!pending.empty()) {
    const size_t share = (pending.size() + kWorkers - 1) / kWorkers;
    std::vector<size_t> asked(kWorkers), answered(kWorkers);
    for (size_t w = 0; w < kWorkers; ++w) {
      answered[w] = std::min(w * share, pending.size());
      asked[w] = std::min((w + 1) * share, pending.size());
    }
    const std::vector<size_t> first = answered;
    const std::vector<WorkerEnd> ends = RunWorkers(
        kWorkers, kSilenceMs,
        [&](int worker, const EmitLine& emit) {
          const auto w = static_cast<size_t>(worker);
          const std::string dir = fmt::format("{}/{}", scratch.path(), worker);
          std::set<uint64_t> seen;
          for (size_t i = first[w]; i < asked[w]; ++i) {
            std::filesystem::remove_all(dir);
            std::filesystem::create_directory(dir);
            if (!skip_same) seen.clear();
            emit(ToJson(Answer(questions[pending[i]], dir, &seen)).dump());
          }
        },
        [&](int worker, std::string_view line) {
          size_t& next = answered[static_cast<size_t>(worker)];
          answers[pending[next++]] = AnswerFromJson(nlohmann::json::parse(line));
          return true;
        });
    // A worker that died did so on the first question that it did not answer.
    std::vector<size_t> left;
    for (size_t w = 0; w < kWorkers; ++w) {
      if (answered[w] < asked[w]) {
        const size_t culprit = pending[answered[w]++];
        DiskReplay replay;
        CrashAnswer& answer = answers[culprit] = *BuildImage(questions[culprit], &replay);
        answer.judged = true;
        answer.verdict = CannotBeOpened(ends[w].how + ": " + ends[w].errors);
      }
      left.insert(left.end(), pending.begin() + static_cast<ptrdiff_t>(answered[w]),
                  pending.begin() + static_cast<ptrdiff_t>(asked[w]));
    }
    pending = std::move(left);
  }
  counts_.images += answers.size();
  counts_.opens += static_cast<uint64_t>(std::count_if(
      answers.begin(), answers.end(), [](const CrashAnswer& answer) { return answer.judged; }));
  return answers;
}

}  // namespace lsm::lab

// One run of a trace: what runner.h describes, in three files: the order of the operations
// (runner.cc), power cuts and recoveries (trace_run_crash.cc), and what is done and checked while
// no client runs (trace_run_rest.cc).
//
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "testing/session.h"
#include "testing/tree_watch.h"

namespace lsm::lab {

class DiscardLogger final : public Logger {
 public:
  void Log(LogLevel, std::string_view) override {}
};

// Hands events to several listeners; a null one hears nothing.
class Listeners final : public EventListener {
 public:
  explicit Listeners(std::vector<EventListener*> all) : all_(std::move(all)) {}
  void OnEvent(const Event& event) override {
    for (EventListener* listener : all_) {
      if (listener != nullptr) listener->OnEvent(event);
    }
  }

 private:
  const std::vector<EventListener*> all_;
};

class TraceRun {
  using Kind = Operation::Kind;

 public:
  TraceRun(const Trace& trace, const RunOptions& run);

  RunResult Run();

 private:
  Result<std::unique_ptr<DB>> Open();
  void OpenFirst();
  void OpenIfNeeded(Kind kind);
  void RunPhase(size_t begin, size_t end);
  void RunClient(size_t client, std::deque<size_t>* steps);
  void RunAlone(size_t step);
  void Begin(size_t step);
  void Finish(size_t step, std::string answer);

  void Arm(size_t step);
  void FireArmed();
  void CutInPlace();
  void BeforeIo(const sim::IoOperation& io);
  void Recover(size_t step);
  void ArmCut(const sim::IoAddress& at);
  void NoteCut(size_t cut);
  void NoteUnreached(size_t step, std::string_view what);
  void NoteIdleSteps();
  std::optional<uint64_t> Knowledge() const;
  void Reboot(size_t step, bool killed, const CrashImage& wanted);
  void FailOpen(Property property, size_t step, const Status& status);
  void DoDamage();
  void JudgeRecovered(size_t step, AnswerJudge::End end);
  void Reopen(size_t step);
  void ChangeOptions(size_t step);
  std::string Resume(size_t step);
  void CheckIntegrity(size_t step);
  void CheckRest(size_t step, bool alone);
  void CheckSequence(size_t step, bool durable);
  void CheckBounds(size_t step);
  void AwaitErrors();
  void CheckSwallowed(size_t step);
  bool ReadAll(size_t step, Contents* contents);
  void JudgeLast();
  void CloseDb();
  void End();

  const Trace& trace_;
  World world_;
  DiscardLogger logger_;
  TreeWatch tree_;
  Listeners listeners_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::optional<size_t> armed_;  // the crash or kill that is still to come
  IoNames::Counts cut_from_;     // where its address is counted from
  size_t recovery_ = 0;          // the power cut behind which the database is being opened
  bool in_place_ = false;        // it came without one
  std::vector<size_t> damages_;  // steps; done when the database is next opened
  size_t now_ = 0;               // the step that runs, or begins
  std::string told_tree_;
};

}  // namespace lsm::lab

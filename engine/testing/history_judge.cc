#include "testing/history_judge.h"

#include <utility>

#include "base/check.h"
#include "testing/anomaly.h"

namespace lsm::lab {

std::string HistoryJudge::Name(size_t client) const {
  const size_t step = steps_[client];
  return step < trace_.operations.size() ? Print(trace_.operations[step]) : "the end";
}

void HistoryJudge::BeginWrite(size_t client, std::vector<Update> updates) {
  writing_[client] = history_.BeginWrite(client, Name(client), std::move(updates));
}

// A trace with shared keys has no operation whose outcome must be looked up (trace_parse.cc).
void HistoryJudge::StateUpdates(size_t /*client*/, std::vector<Update> updates) {
  LSM_CHECK(updates.empty());
}

void HistoryJudge::EndWrite(size_t client, bool acknowledged, bool synced) {
  if (!acknowledged) return;
  history_.End(writing_[client]);
  if (synced) history_.MarkDurable(writing_[client]);
}

AnswerJudge::View HistoryJudge::BeginView(size_t client) {
  const History::Id id = history_.BeginView(client, Name(client));
  return {{}, id.client, id.index};
}

Verdict HistoryJudge::Check(View* view, const KeyRange& range, const Contents& seen,
                            Property /*otherwise*/) {
  history_.See({view->client, view->index}, Name(view->client), steps_[view->client], range, seen);
  return {};
}

Verdict HistoryJudge::JudgeRecovery(const Contents& recovered, End end) {
  if (end == End::kKilled) history_.MarkDurable(history_.Returned());
  history_.Recover(trace_.operations.size(), recovered);
  std::vector<Act> acts = history_.Acts(initial_);
  const Linearization result = Linearize(acts, initial_);
  if (result.verdict == Linearization::Verdict::kImpossible) {
    const Anomaly anomaly = Explain(std::move(acts), initial_);
    Verdict verdict;
    verdict.ok = false;
    verdict.property = anomaly.property;
    verdict.expected = "one order that explains every answer";
    verdict.actual = anomaly.seen + ": " + anomaly.why;
    if (!anomaly.recovery) verdict.step = anomaly.step;
    return verdict;
  }
  history_.Clear();
  initial_ = recovered;
  Verdict verdict;
  verdict.undecided = result.verdict == Linearization::Verdict::kUndecided;
  return verdict;
}

}  // namespace lsm::lab

// HistoryJudge: judges runs whose clients write the same keys ("keys shared" in a trace). Nobody
// knows the order of such writes beforehand, so nothing is judged at once: all is recorded, and at
// each recovery, clean reopening and at the end the whole history since the last one is judged,
// with what the database then holds as one more view. That is adopted as the beginning of the next.
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <vector>

#include "testing/answer_judge.h"
#include "testing/history.h"
#include "testing/trace.h"

namespace lsm::lab {

class HistoryJudge final : public AnswerJudge {
 public:
  // `trace` outlives the judge.
  explicit HistoryJudge(const Trace& trace)
      : trace_(trace), history_(trace.clients), writing_(trace.clients), steps_(trace.clients) {}

  void BeginStep(size_t client, size_t step) override { steps_[client] = step; }
  void BeginWrite(size_t client, std::vector<Update> updates) override;
  void StateUpdates(size_t client, std::vector<Update> updates) override;
  void EndWrite(size_t client, bool acknowledged, bool synced) override;
  std::vector<size_t> Returned() const override { return history_.Returned(); }
  void MarkDurable(const std::vector<size_t>& returned) override { history_.MarkDurable(returned); }
  View BeginView(size_t client) override;
  void EndView(View* view) override { history_.End({view->client, view->index}); }
  // Always ok: it is judged later.
  Verdict Check(View* view, const KeyRange& range, const Contents& seen,
                Property otherwise) override;
  Verdict JudgeRecovery(const Contents& recovered, End end) override;

 private:
  std::string Name(size_t client) const;

  const Trace& trace_;
  History history_;
  std::vector<History::Id> writing_;  // by client
  std::vector<size_t> steps_;         // by client
  Contents initial_;
};

}  // namespace lsm::lab

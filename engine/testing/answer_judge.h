// AnswerJudge: told of everything that clients do and see in a run, it says whether the answers are
// right. Oracle judges runs in which every key has one writer, each answer at once; HistoryJudge
// judges runs in which clients write the same keys, at each recovery and at the end.
// Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/event.h"
#include "testing/property.h"

namespace lsm::lab {

struct Update {
  std::string key;
  std::optional<std::string> value;  // none: a deletion

  bool operator==(const Update& other) const { return key == other.key && value == other.value; }
};

struct KeyRange {  // [from, to); none: unbounded
  std::optional<std::string> from, to;

  static KeyRange Only(std::string_view key);
  bool Contains(std::string_view key) const;
};

using Contents = std::map<std::string, std::string, std::less<>>;

// `ok`, or the property that broke, and at which key what was expected and seen.
struct Verdict {
  bool ok = true;
  Property property = Property::kP0;
  std::string key{}, expected{}, actual{};
  bool undecided = false;        // ok, because nothing was found; but not all was looked at
  std::optional<size_t> step{};  // of the answer that is wrong, if it is not the one just judged
  // P4 by what was written once: an older value, or a failed write that was gone for good.
  bool resurrected = false;
};

// Of the database's events it hears which sequence numbers are in use and which tables expire: what
// lay in those may be gone.
class AnswerJudge : public EventListener {
 public:
  void OnEvent(const Event& /*event*/) override {}

  // What the client does from here on belongs to this step of the trace.
  virtual void BeginStep(size_t /*client*/, size_t /*step*/) {}

  // --- Writes: begin before the call, end after it ---
  virtual void BeginWrite(size_t client, std::vector<Update> updates) = 0;
  // What the client's open write turned out to do, where only its outcome tells. It began with
  // nothing.
  virtual void StateUpdates(size_t client, std::vector<Update> updates) = 0;
  // A failed write may have taken effect, or do so when the database is next opened. `synced`: it
  // was acknowledged as durable.
  virtual void EndWrite(size_t client, bool acknowledged, bool synced) = 0;
  // How much of each client has returned; MarkDurable makes those writes survive any crash.
  virtual std::vector<size_t> Returned() const = 0;
  virtual void MarkDurable(const std::vector<size_t>& returned) = 0;
  // The database was resumed: the failed ones of those writes never take effect any more.
  virtual void MarkGone(const std::vector<size_t>& /*returned*/) {}

  // --- Reads ---
  // A view is a state that exists once: a get, a scan, a snapshot, an iterator. Which, its judge
  // knows.
  struct View {
    std::vector<std::vector<size_t>> prefixes{};  // Oracle: client -> the n that are possible
    size_t client = 0, index = 0;                 // HistoryJudge: the act
  };
  virtual View BeginView(size_t client) = 0;  // before the call that takes it
  virtual void EndView(View* view) = 0;       // after it
  // Is `seen` what the view holds in `range`? If not, the verdict names a property; `otherwise` is
  // named when no more telling one is broken.
  virtual Verdict Check(View* view, const KeyRange& range, const Contents& seen,
                        Property otherwise) = 0;

  // --- Recovery ---
  // kKilled also for a clean close. kDamaged: what was durable may be gone, too.
  enum class End : uint8_t { kPowerCut, kKilled, kDamaged };
  // Judges all that the reopened database holds and, if it may, adopts it as the truth.
  virtual Verdict JudgeRecovery(const Contents& recovered, End end) = 0;
  // A digest of all that the next judgement of a recovery rests on; none: it cannot be told.
  virtual std::optional<uint64_t> Knowledge() const { return std::nullopt; }
};

}  // namespace lsm::lab

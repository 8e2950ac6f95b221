// Oracle: what a correct database may answer. A std::map from each key to its versions, and for
// each client the order of its writes with their fate: in flight, acknowledged, or failed.
//
// One idea carries it: the state that client c's keys have is always that after the first n writes
// of c, for some n. Every check asks whether one n in a known window explains what was seen:
//   a read       window [writes that had returned before its call, writes called before its
//   return]; a snapshot   the same, narrowed by each read that goes through it (View); a recovery
//   window [last write known durable, last write]; after a killed process or a clean
//                close it begins at the last acknowledged write.
// Batches are one write, so they are all or nothing. A write that failed is a "maybe": it counts or
// not, whichever explains, until a Resume that returned OK: from then on it does not. Over several
// clients the chosen prefixes must also respect real time: a write that is counted drags in all
// that had returned before it was called.
//
// Expiry: an update that may lie in a table of which the event TableExpired was told may be gone
// from then on: its key shows it or is absent, and never shows an older one. It may lie there if
// its key is in the table's range, and if not every sequence number up to the table's newest was
// taken before the update's write began. What was once seen to be gone is not there after a
// recovery.
//
// Invariants: each client writes only keys of its own and one write at a time, so its order is
// exact. A judged recovery becomes the truth (P6): the history before it is forgotten, its state is
// durable. Not thread-safe: the tasks of a SimEnv take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "testing/answer_judge.h"

namespace lsm::lab {

class Oracle final : public AnswerJudge {
 public:
  // With one client it owns every key; with several, client i owns the keys that begin "c<i>/".
  explicit Oracle(size_t clients) : clients_(clients) {}

  static std::string KeyPrefix(size_t client) { return "c" + std::to_string(client) + "/"; }

  // AnswerJudge. A client may be any in BeginView: a view is of all keys.
  void OnEvent(const Event& event) override;
  void BeginWrite(size_t client, std::vector<Update> updates) override;
  void StateUpdates(size_t client, std::vector<Update> updates) override;
  void EndWrite(size_t client, bool acknowledged, bool synced) override;
  std::vector<size_t> Returned() const override;
  void MarkDurable(const std::vector<size_t>& returned) override;
  void MarkGone(const std::vector<size_t>& returned) override;
  View BeginView(size_t client) override;
  void EndView(View* view) override;
  Verdict Check(View* view, const KeyRange& range, const Contents& seen,
                Property otherwise) override;
  Verdict JudgeRecovery(const Contents& recovered, End end) override;
  std::optional<uint64_t> Knowledge() const override;

  size_t Writes() const { return writes_; }

 private:
  struct Version {
    size_t position;  // 1-based in the client's order; 0: from the last recovery
    std::optional<std::string> value;
    uint64_t after = 0;        // every sequence number of its write is above this one
    bool may_be_gone = false;  // with a table that expired
    bool seen_gone = false;
  };
  using Versions = std::vector<Version>;  // ascending positions
  struct Write {
    std::vector<Update> updates;
    uint64_t called = 0, returned = UINT64_MAX;
    uint64_t after = 0;  // the last sequence number that was taken when it was called
    bool failed = false;
    bool gone = false;  // failed, and cannot take effect any more
  };
  struct Client {
    std::vector<Write> writes;  // writes[i] has position i + 1
    std::set<size_t> failed;    // positions
    size_t durable = 0;         // positions up to it survive
    size_t observed = 0;        // a reader has seen the state at this position

    size_t Returned() const;
    bool IsGone(size_t position) const { return position > 0 && writes[position - 1].gone; }
  };
  // One client's part of what was seen in a range.
  struct Sight {
    size_t client;
    const KeyRange* range;
    const Contents* seen;

    const std::string* At(const std::string& key) const;
  };

  size_t Owner(std::string_view key) const;
  const Version* VersionWith(const std::string& key, const std::string& value) const;
  void Expire(const event::TableExpired& table);
  void NoteGone(const View& view, const KeyRange& range, const Contents& seen);
  static bool Shows(const Version* version, const std::string* seen);
  const Version* VersionAt(const Sight& sight, const Versions& versions, size_t n,
                           const std::set<size_t>& counted) const;
  const std::string* ValueAt(const Sight& sight, const Versions& versions, size_t n,
                             const std::set<size_t>& counted) const;
  std::set<size_t> CountFailed(const Sight& sight, size_t n) const;
  std::vector<std::string> Differences(const Sight& sight, size_t n, size_t limit) const;
  bool EverHad(const Sight& sight, const Versions& versions, size_t lo, size_t hi,
               const std::string* value) const;
  bool Narrow(View* view) const;
  Verdict Judge(View* view, const KeyRange& range, const Contents& seen, Property lost,
                Property otherwise) const;
  Verdict Explain(const Sight& sight, size_t lo, size_t hi, Property lost,
                  Property otherwise) const;
  std::optional<Verdict> TornBatch(const Sight& sight, size_t lo, size_t hi) const;
  template <class Visit>  // bool visit(key, versions): false ends the walk
  void ForEachKey(const Sight& sight, Visit visit) const;

  std::vector<Client> clients_;
  std::map<std::string, Versions, std::less<>> versions_;
  uint64_t now_ = 0;  // ticks at every call and return of a write
  size_t writes_ = 0;
  uint64_t last_sequence_ = 0;  // of what is known to be written
  bool expired_ = false;        // some version may be gone
};

}  // namespace lsm::lab

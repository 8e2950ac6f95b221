// Does one order explain a history? The acts of a history are writes (a put, a deletion, a batch)
// and views: a moment whose state somebody looked at, in one get, multiget or scan, or in all the
// reads through one snapshot or iterator. A history is explained by an order of its acts in which
//   1. an act that had returned before another was called stands before it;
//   2. every view sees what the writes before it left, in all that it looked at;
//   3. a recovery after a crash, which is a view too, stands behind every durable write. Rule 1
//   does
//      not bind it: it is a place in the order of commits, and what stands behind it was lost.
// So each key is linearizable (Herlihy and Wing 1990), batches are whole to readers, a snapshot is
// a moment, and all snapshots are moments of one order: P15, P3, P11; of a recovery P1 and P2.
//
// To decide this is NP-complete in general (Gibbons and Korach, Testing Shared Memories, 1997), and
// easy when a value tells which write it comes from. So, in two steps:
//   deduction   facts "a stands before b" follow from real time and from who saw whose value, and
//               from each other, until nothing new follows (as in Biswas and Enea, On the
//               Complexity of Checking Transactional Consistency, 2019). A cycle of facts is the
//               proof that there is no order. O(F n^2 / 64 + R L w) for n acts, F facts that are
//               found, R rounds (a few), L things seen, w writes a key;
//   search      for an order that keeps the facts, first act to last (Wing and Gong 1993): views as
//               soon as they fit, writes only if they overwrite nothing that is yet to be seen. An
//               order that it finds is the proof that there is one. It hardly ever turns back; it
//               gives up after kMaxSearchSteps.
// Values need not be different, and absence has many causes: what was seen then has several
// possible sources, of which deduction leaves out what it can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "testing/answer_judge.h"

namespace lsm::lab {

// One key as a view showed it.
struct Sighting {
  std::string key;
  std::optional<std::string> value{};  // none: absent
  std::string call{};                  // "c0 get k1 at s1"
  size_t step = 0;                     // of that call, in its trace
};

struct Act {
  enum class Kind : uint8_t { kWrite, kView, kRecovery };

  Kind kind = Kind::kWrite;
  std::string name{};              // for people: "c0 put k1 v1"
  uint64_t called = 0;             // ticks that order all calls and returns
  uint64_t returned = UINT64_MAX;  // never: may have happened at any time since, or not at all
  std::vector<Update> updates{};   // of a write; the last one of a key counts
  bool durable = false;            // a write that no crash may take
  std::vector<Sighting> sightings{};
};

// Why one act stands before another.
struct Fact {
  enum class Kind : uint8_t {
    kRealTime,     // it had returned before the other was called
    kDurable,      // a durable write, and a recovery
    kSaw,          // `before` wrote what `after` saw
    kHidden,       // `before` stands before `view`, which saw `after`: what it wrote is hidden
    kOverwritten,  // `before` is the view: it saw `source`, and `after` overwrites that
  };
  Kind kind = Kind::kRealTime;
  size_t before = 0, after = 0;               // acts; 0: the beginning, i + 1: acts[i]
  size_t view = 0, sighting = 0, source = 0;  // what was seen that says so, where something was
};

struct Linearization {
  enum class Verdict : uint8_t { kExplained, kImpossible, kUndecided };

  Verdict verdict = Verdict::kExplained;
  std::vector<size_t> order{};  // kExplained: of acts, as Fact counts them, without the beginning
  // kImpossible: what was deduced. The last one contradicts the others, unless nothing_fits.
  std::vector<Fact> facts{};
  // kImpossible: the act and the number of a sighting that no write explains.
  struct Unexplained {
    size_t view = 0, sighting = 0;
    bool unwritten = false;  // the value was never written
  };
  std::optional<Unexplained> nothing_fits{};
};

inline constexpr uint64_t kMaxSearchSteps = 100'000;

// `initial` is what the database held at the beginning.
Linearization Linearize(const std::vector<Act>& acts, const Contents& initial);

// Does `a` stand before `b` in real time?
inline bool Precedes(const Act& a, const Act& b) { return a.returned < b.called; }

}  // namespace lsm::lab

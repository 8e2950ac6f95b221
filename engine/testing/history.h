// History: what clients did, recorded as acts with the order of calls and returns, by real threads
// or by tasks of a simulated world.
//
// The order is that of one counter, not of a clock. Its ticks are relaxed, between fences: so the
// record is in real-time order, and yet ThreadSanitizer, which does not know fences, sees no
// synchronisation here that could hide a race of the engine.
//
// Thread-safe for different clients, each of which is used by one thread at a time; Acts and Clear
// need all of them at rest. An act is recorded by Begin before the call and End behind it; one that
// never ends is a write that may or may not have happened, or a view of which nothing was seen.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "testing/linearizable.h"

namespace lsm::lab {

class History {
 public:
  // Identifies an act.
  struct Id {
    size_t client = 0, index = 0;
  };

  explicit History(size_t clients) : clients_(clients) {}

  Id BeginWrite(size_t client, std::string name, std::vector<Update> updates);
  Id BeginView(size_t client, std::string name);
  void End(Id id);
  void MarkDurable(Id id) { At(id).act.durable = true; }
  // What a recovery shows: a view of a moment in the order of commits.
  void Recover(size_t step, Contents contents);
  // Through this view, `call` showed exactly `seen` in `range`.
  void See(Id view, std::string call, size_t step, KeyRange range, Contents seen);

  // How many acts of each client are over; MarkDurable makes the acknowledged writes among them
  // durable.
  std::vector<size_t> Returned() const;
  void MarkDurable(const std::vector<size_t>& returned);

  // All acts, by call, as Linearize takes them. A key that a look could have shown and did not is
  // absent; keys that occur nowhere in the history or in `initial` are left out.
  std::vector<Act> Acts(const Contents& initial) const;
  void Clear();

 private:
  struct Look {
    std::string call;
    size_t step;
    KeyRange range;
    Contents seen;
  };
  struct Entry {
    Act act;
    std::vector<Look> looks{};
  };
  // On a cache line of its own: clients do not wait for each other's records.
  struct alignas(64) Client {
    std::vector<Entry> entries;
  };

  uint64_t Tick();
  Id Begin(size_t client, Act act);
  Entry& At(Id id) { return clients_[id.client].entries[id.index]; }

  std::vector<Client> clients_;
  std::atomic<uint64_t> ticks_{0};
};

}  // namespace lsm::lab

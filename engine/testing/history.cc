#include "testing/history.h"

#include <algorithm>
#include <set>
#include <utility>

namespace lsm::lab {
namespace {

// Recoveries, which real time does not bind, come last.
std::pair<bool, uint64_t> PlaceInList(const Act& act) {
  return {act.kind == Act::Kind::kRecovery, act.called};
}

}  // namespace

uint64_t History::Tick() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const uint64_t tick = ticks_.fetch_add(1, std::memory_order_relaxed) + 1;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return tick;
}

History::Id History::Begin(size_t client, Act act) {
  std::vector<Entry>& entries = clients_[client].entries;
  entries.push_back({std::move(act)});
  entries.back().act.called = Tick();
  return {client, entries.size() - 1};
}

History::Id History::BeginWrite(size_t client, std::string name, std::vector<Update> updates) {
  Act act;
  act.name = std::move(name);
  act.updates = std::move(updates);
  return Begin(client, std::move(act));
}

History::Id History::BeginView(size_t client, std::string name) {
  Act act;
  act.kind = Act::Kind::kView;
  act.name = std::move(name);
  return Begin(client, std::move(act));
}

void History::End(Id id) { At(id).act.returned = Tick(); }

void History::Recover(size_t step, Contents contents) {
  Entry entry;
  entry.act.kind = Act::Kind::kRecovery;
  entry.act.name = "recovery";
  entry.looks.push_back({entry.act.name, step, KeyRange(), std::move(contents)});
  clients_[0].entries.push_back(std::move(entry));
}

void History::See(Id view, std::string call, size_t step, KeyRange range, Contents seen) {
  At(view).looks.push_back({std::move(call), step, std::move(range), std::move(seen)});
}

std::vector<size_t> History::Returned() const {
  std::vector<size_t> returned;
  for (const Client& client : clients_) {
    const std::vector<Entry>& entries = client.entries;
    const bool in_flight = !entries.empty() && entries.back().act.returned == UINT64_MAX;
    returned.push_back(entries.size() - (in_flight ? 1 : 0));
  }
  return returned;
}

void History::MarkDurable(const std::vector<size_t>& returned) {
  for (size_t c = 0; c < clients_.size(); ++c) {
    for (size_t i = 0; i < std::min(returned[c], clients_[c].entries.size()); ++i) {
      Act& act = clients_[c].entries[i].act;
      if (act.kind == Act::Kind::kWrite && act.returned != UINT64_MAX) act.durable = true;
    }
  }
}

std::vector<Act> History::Acts(const Contents& initial) const {
  std::set<std::string, std::less<>> keys;
  for (const auto& [key, value] : initial) keys.insert(key);
  for (const Client& client : clients_) {
    for (const Entry& entry : client.entries) {
      for (const Update& update : entry.act.updates) keys.insert(update.key);
      for (const Look& look : entry.looks) {
        for (const auto& [key, value] : look.seen) keys.insert(key);
      }
    }
  }
  std::vector<Act> acts;
  for (const Client& client : clients_) {
    for (const Entry& entry : client.entries) {
      Act& act = acts.emplace_back(entry.act);
      for (const Look& look : entry.looks) {
        for (const std::string& key : keys) {
          if (!look.range.Contains(key)) continue;
          const auto found = look.seen.find(key);
          Sighting& sighting = act.sightings.emplace_back(Sighting{key, {}, look.call, look.step});
          if (found != look.seen.end()) sighting.value = found->second;
        }
      }
    }
  }
  std::stable_sort(acts.begin(), acts.end(),
                   [](const Act& a, const Act& b) { return PlaceInList(a) < PlaceInList(b); });
  return acts;
}

void History::Clear() {
  for (Client& client : clients_) client.entries.clear();
}

}  // namespace lsm::lab

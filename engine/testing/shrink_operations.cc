#include <algorithm>
#include <optional>

#include "testing/shrink_search.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

void Erase(Trace* trace, size_t begin, size_t end) {
  const auto first = trace->operations.begin();
  trace->operations.erase(first + static_cast<ptrdiff_t>(begin),
                          first + static_cast<ptrdiff_t>(end));
}

// Whether the failure needs a certain schedule. Then it hardly ever comes again when something is
// left out, as that shifts all choices that follow: so other seeds are worth a try.
bool DependsOnSchedule(const Trace& trace) { return trace.Preempts(); }

// Points for as many operations as the candidate has: of falls that are drawn among those of the
// trace that it comes from, most would come behind its end.
void FitPoints(const Trace& from, Trace* candidate) {
  const uint64_t before = std::max<uint64_t>(from.operations.size(), 1);
  const uint64_t points = from.priority_points * candidate->operations.size() / before;
  if (candidate->priority_depth > 0) candidate->priority_points = points + 1;
}

bool TryWithOtherSeeds(ShrinkSearch* search, Trace candidate, uint64_t seeds) {
  if (search->Try(candidate)) return true;
  if (seeds == 0 || !DependsOnSchedule(candidate)) return false;
  FitPoints(search->best(), &candidate);
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    candidate.seed = seed;
    if (search->Try(candidate)) return true;
  }
  return false;
}

// So many for each candidate: the fewer operations there are, the cheaper is a run, and the more is
// each one less worth.
uint64_t SeedsFor(const Trace& trace) {
  constexpr uint64_t kLeast = 5, kMost = 40, kOperations = 400;
  return std::clamp<uint64_t>(kOperations / (trace.operations.size() + 1), kLeast, kMost);
}

// The trace of one client fewer: what `gone` did, `to` does, or nobody if it is the same. Where
// each client has keys of its own they go with what is done to them.
Trace WithoutClient(const Trace& trace, size_t gone, size_t to) {
  const auto number = [&](size_t client) {
    const size_t stays = client == gone ? to : client;
    return stays - (stays > gone ? 1 : 0);
  };
  const auto rename = [&](std::string* key) {
    for (size_t c = 0; c < trace.clients && !trace.shared_keys; ++c) {
      const std::string prefix = Oracle::KeyPrefix(c);
      if (!key->starts_with(prefix)) continue;
      // The keys of a client that goes for good are nobody's, and stay unwritten.
      const bool nobodys = c == gone && to == gone;
      const std::string renamed = Oracle::KeyPrefix(nobodys ? trace.clients : number(c));
      return void(key->replace(0, prefix.size(), renamed));
    }
  };
  Trace fewer = trace;
  --fewer.clients;
  if (to == gone) {
    std::erase_if(fewer.operations,
                  [gone](const Operation& op) { return op.client == static_cast<int>(gone); });
  }
  for (Operation& op : fewer.operations) {
    if (op.client != Operation::kNoClient) {
      op.client = static_cast<int>(number(static_cast<size_t>(op.client)));
    }
    for (Update& update : op.updates) rename(&update.key);
    for (std::string& key : op.keys) rename(&key);
    if (op.range.from.has_value()) rename(&*op.range.from);
    if (op.range.to.has_value()) rename(&*op.range.to);
  }
  return fewer;
}

bool WithOneClientFewer(ShrinkSearch* search) {
  constexpr uint64_t kSeeds = 8;
  const size_t clients = search->best().clients;
  for (size_t gone = clients; gone-- > 0;) {
    for (size_t to = clients; to-- > 0;) {
      Trace candidate = WithoutClient(search->best(), gone, to);
      if (TryWithOtherSeeds(search, std::move(candidate), kSeeds)) return true;
    }
  }
  return false;
}

bool WithoutChunks(ShrinkSearch* search, size_t chunk, uint64_t other_seeds) {
  bool any = false;
  size_t end = search->size();
  while (end > 0 && search->HasRuns()) {
    const size_t begin = end - std::min(chunk, end);
    Trace candidate = search->best();
    Erase(&candidate, begin, end);
    any = TryWithOtherSeeds(search, std::move(candidate), other_seeds) || any;
    end = begin;
  }
  return any;
}

// One put with as many bytes of values as the operations in [begin, end) have together, by the
// client and to the key of the last put there; none if there are not at least two.
std::optional<Operation> AsOnePut(const Trace& trace, size_t begin, size_t end) {
  size_t bytes = 0, puts = 0;
  Operation put;
  put.kind = Kind::kPut;
  for (size_t i = begin; i < end; ++i) {
    for (const Update& update : trace.operations[i].updates) {
      if (!update.value.has_value()) continue;
      ++puts;
      bytes += update.value->size();
      put.client = trace.operations[i].client;
      put.updates = {update};
    }
  }
  if (puts < 2) return std::nullopt;
  bytes = std::clamp(bytes, kMinGeneratedBytes, kMaxGeneratedBytes);
  put.updates[0].value = GeneratedBytes(bytes, begin + 1);
  return put;
}

bool ReplaceChunk(ShrinkSearch* search, size_t begin, size_t end) {
  std::vector<Operation> substitutes;
  for (const Kind kind : {Kind::kFlush, Kind::kCompact}) {
    Operation op;
    op.kind = kind;
    op.client = search->operation(begin).client;
    substitutes.push_back(op);
  }
  if (const auto put = AsOnePut(search->best(), begin, end)) substitutes.push_back(*put);
  for (const Operation& op : substitutes) {
    Trace candidate = search->best();
    candidate.operations[begin] = op;
    Erase(&candidate, begin + 1, end);
    if (search->Try(std::move(candidate))) return true;
  }
  return false;
}

}  // namespace

bool ShrinkLongRuns(ShrinkSearch* search) {
  constexpr size_t kLong = 8;
  const uint64_t seeds = search->best().priority_at_marks ? 6 : 0;
  bool any = false;
  for (size_t chunk = search->size() / 2; chunk >= kLong; chunk /= 2) {
    any = WithoutChunks(search, chunk, seeds) || any;
  }
  return any;
}

bool ShrinkOperations(ShrinkSearch* search) {
  bool any = false;
  for (const size_t chunk : {8, 4, 2, 1}) {
    any = WithoutChunks(search, chunk, SeedsFor(search->best())) || any;
  }
  return any;
}

// Many operations are only there to fill a memtable or a level. One flush, one compaction or one
// large value does the same.
bool ShrinkByReplacing(ShrinkSearch* search) {
  bool any = false;
  for (const size_t chunk : {16, 8, 4, 2}) {
    for (size_t end = search->size(); end >= chunk && search->HasRuns();) {
      const bool replaced = ReplaceChunk(search, end - chunk, end);
      any = any || replaced;
      end -= replaced ? chunk : (chunk + 1) / 2;
    }
  }
  return any;
}

bool ShrinkClients(ShrinkSearch* search) {
  bool any = false;
  while (search->best().clients > 1 && search->HasRuns()) {
    const bool fewer = search->TryWith([](Trace* t) {  // everything by one client
      for (Operation& op : t->operations) op.client = std::min(op.client, 0);
      t->clients = 1;
    }) || WithOneClientFewer(search);
    if (!fewer) break;
    any = true;
  }
  return any;
}

// Falls at marked points: those are so few that many a seed meets the same one again when
// operations are left out.
bool TryFallsAtMarks(ShrinkSearch* search) {
  constexpr uint64_t kSeeds = 24;
  if (!search->best().Preempts() || search->best().priority_at_marks) return false;
  for (const uint32_t depth : {2, 3}) {
    Trace candidate = search->best();
    candidate.switch_per_1024 = 0;
    candidate.priority_depth = depth;
    candidate.priority_at_marks = true;
    candidate.priority_points = 2 * candidate.operations.size() + 1;
    for (candidate.seed = 1; candidate.seed <= kSeeds; ++candidate.seed) {
      if (search->Try(candidate)) return true;
    }
  }
  return false;
}

// Few switches make a failure last when operations are left out.
bool ShrinkSchedule(ShrinkSearch* search) {
  constexpr uint64_t kSeeds = 8;
  bool any = search->TryWith([](Trace* t) { t->start_closed = false; });
  any = TryFallsAtMarks(search) || any;
  for (const uint32_t switches : {0, 4, 16, 64}) {
    if (switches >= search->best().switch_per_1024) break;
    Trace candidate = search->best();
    candidate.switch_per_1024 = switches;
    any = TryWithOtherSeeds(search, std::move(candidate), kSeeds) || any;
  }
  for (uint32_t depth = 0; depth < search->best().priority_depth; ++depth) {
    Trace candidate = search->best();
    candidate.priority_depth = depth;
    if (depth == 0) candidate.priority_points = candidate.priority_at_marks = 0;
    any = TryWithOtherSeeds(search, std::move(candidate), kSeeds) || any;
  }
  return search->TryWith([](Trace* t) { t->seed = 1; }) || any;
}

}  // namespace lsm::lab

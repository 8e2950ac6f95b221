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

bool TryWithOtherSeeds(ShrinkSearch* search, Trace candidate, uint64_t seeds) {
  if (search->Try(candidate)) return true;
  if (!DependsOnSchedule(candidate)) return false;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    candidate.seed = seed;
    if (search->Try(candidate)) return true;
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
  bool any = false;
  for (size_t chunk = search->size() / 2; chunk >= kLong; chunk /= 2) {
    any = WithoutChunks(search, chunk, 0) || any;
  }
  return any;
}

bool ShrinkOperations(ShrinkSearch* search) {
  constexpr uint64_t kSeeds = 5;
  bool any = false;
  for (const size_t chunk : {8, 4, 2, 1}) any = WithoutChunks(search, chunk, kSeeds) || any;
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
    }) || search->TryWith([](Trace* t) {  // without the last one
      const int last = static_cast<int>(--t->clients);
      std::erase_if(t->operations, [last](const Operation& op) { return op.client == last; });
    });
    if (!fewer) break;
    any = true;
  }
  return any;
}

// Few switches make a failure last when operations are left out.
bool ShrinkSchedule(ShrinkSearch* search) {
  constexpr uint64_t kSeeds = 8;
  bool any = search->TryWith([](Trace* t) { t->start_closed = false; });
  for (const uint32_t switches : {0, 4, 16, 64}) {
    if (switches >= search->best().switch_per_1024) break;
    Trace candidate = search->best();
    candidate.switch_per_1024 = switches;
    any = TryWithOtherSeeds(search, std::move(candidate), kSeeds) || any;
  }
  for (uint32_t depth = 0; depth < search->best().priority_depth; ++depth) {
    Trace candidate = search->best();
    candidate.priority_depth = depth;
    if (depth == 0) candidate.priority_points = 0;
    any = TryWithOtherSeeds(search, std::move(candidate), kSeeds) || any;
  }
  return search->TryWith([](Trace* t) { t->seed = 1; }) || any;
}

}  // namespace lsm::lab

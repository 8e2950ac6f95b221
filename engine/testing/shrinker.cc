#include "testing/shrinker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

// Calls visit(std::string*) for every key of a trace.
template <class Visit>
void ForEachKey(Trace* trace, Visit visit) {
  for (Operation& op : trace->operations) {
    for (Update& update : op.updates) visit(&update.key);
    for (std::string& key : op.keys) visit(&key);
    if (op.range.from.has_value()) visit(&*op.range.from);
    if (op.range.to.has_value()) visit(&*op.range.to);
  }
}

template <class Visit>
void ForEachValue(Trace* trace, Visit visit) {
  for (Operation& op : trace->operations) {
    for (Update& update : op.updates) {
      if (update.value.has_value()) visit(&*update.value);
    }
  }
}

std::string ClientPrefix(const Trace& trace, const std::string& key) {
  if (trace.clients == 1) return "";
  for (size_t c = 0; c < trace.clients; ++c) {
    if (key.starts_with(Oracle::KeyPrefix(c))) return Oracle::KeyPrefix(c);
  }
  return "";
}

class Shrinker {
 public:
  Shrinker(Trace trace, const StillFails& fails, uint64_t max_runs, const ShrinkDeadline& deadline)
      : best_(std::move(trace)), fails_(fails), max_runs_(max_runs), deadline_(deadline) {}

  Shrunk Run() {
    for (bool again = true; again && HasRuns();) {
      again = false;
      for (bool (Shrinker::*pass)() :
           {&Shrinker::ManyOperations, &Shrinker::Clients, &Shrinker::Schedule, &Shrinker::Options,
            &Shrinker::Values, &Shrinker::Keys, &Shrinker::Operations, &Shrinker::Details}) {
        again = (this->*pass)() || again;
      }
    }
    return {std::move(best_), runs_};
  }

 private:
  bool HasRuns() const { return runs_ < max_runs_ && !deadline_.Passed(); }

  bool Try(Trace candidate) {
    if (!HasRuns() || candidate == best_) return false;
    ++runs_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  // Tries best_ after change(&trace).
  template <class Change>
  bool TryWith(Change change) {
    Trace candidate = best_;
    change(&candidate);
    return Try(std::move(candidate));
  }

  // Leaves out runs of operations, in halves, quarters, ... while they are long.
  bool ManyOperations() {
    constexpr size_t kLong = 8;
    bool any = false;
    for (size_t chunk = best_.operations.size() / 2; chunk >= kLong; chunk /= 2) {
      any = WithoutChunks(chunk, false) || any;
    }
    return any;
  }

  // The same down to single ones. What needs a certain schedule hardly ever fails again without an
  // operation, as that shifts all that follows; so other seeds are tried, too.
  bool Operations() {
    bool any = false;
    for (const size_t chunk : {8, 4, 2, 1}) any = WithoutChunks(chunk, true) || any;
    return any;
  }

  bool WithoutChunks(size_t chunk, bool other_seeds) {
    constexpr uint64_t kSeeds = 5;
    bool any = false;
    size_t end = best_.operations.size();
    while (end > 0 && HasRuns()) {
      const size_t begin = end - std::min(chunk, end);
      Trace candidate = best_;
      candidate.operations.erase(candidate.operations.begin() + static_cast<ptrdiff_t>(begin),
                                 candidate.operations.begin() + static_cast<ptrdiff_t>(end));
      bool removed = Try(candidate);
      const uint64_t seeds = other_seeds && candidate.switch_per_1024 > 0 ? kSeeds : 0;
      for (uint64_t seed = 1; seed <= seeds && !removed; ++seed) {
        candidate.seed = seed;
        removed = Try(candidate);
      }
      any = any || removed;
      end = begin;
    }
    return any;
  }

  bool Clients() {
    bool any = false;
    while (best_.clients > 1 && HasRuns()) {
      const bool fewer =
          TryWith([](Trace* t) {  // everything by one client
            for (Operation& op : t->operations) op.client = std::min(op.client, 0);
            t->clients = 1;
          }) ||
          TryWith([](Trace* t) {  // without the last one
            const int last = static_cast<int>(--t->clients);
            std::erase_if(t->operations, [last](const Operation& op) { return op.client == last; });
          });
      if (!fewer) break;
      any = true;
    }
    return any;
  }

  bool Schedule() {
    const bool plain = TryWith([](Trace* t) { t->switch_per_1024 = 0; });
    return TryWith([](Trace* t) { t->seed = 1; }) || plain;
  }

  bool Options() {
    bool any = TryWith([](Trace* t) { t->options.clear(); });
    for (size_t i = best_.options.size(); i-- > 0;) {
      any = TryWith([i](Trace* t) {
              t->options.erase(t->options.begin() + static_cast<ptrdiff_t>(i));
            }) ||
            any;
    }
    return any;
  }

  // Tries best_ after change(&operation i).
  template <class Change>
  bool TryOperation(size_t i, Change change) {
    return TryWith([&](Trace* t) { change(&t->operations[i]); });
  }

  bool Details() {
    bool any = false;
    for (size_t i = 0; i < best_.operations.size() && HasRuns(); ++i) {
      any = Words(i) || any;
      any = Batch(i) || any;
      for (size_t cut = best_.operations[i].cuts.size(); cut-- > 0;) any = Cut(i, cut) || any;
      any = Number(i) || any;
    }
    return any;
  }

  // The optional words of an operation.
  bool Words(size_t i) {
    bool any = TryOperation(i, [](Operation* op) { op->sync = false; });
    any = TryOperation(i, [](Operation* op) { op->range.from.reset(); }) || any;
    any = TryOperation(i, [](Operation* op) { op->range.to.reset(); }) || any;
    any = TryOperation(i, [](Operation* op) { op->at.clear(); }) || any;
    any = TryOperation(i, [](Operation* op) { op->sticky = false; }) || any;
    any = TryOperation(i, [](Operation* op) { op->code = StatusCode::kIOError; }) || any;
    if (best_.operations[i].kind == Kind::kMultiGet) {
      for (size_t k = best_.operations[i].keys.size(); k-- > 0;) {
        any = TryOperation(i,
                           [k](Operation* op) {
                             op->keys.erase(op->keys.begin() + static_cast<ptrdiff_t>(k));
                           }) ||
              any;
      }
    }
    return any;
  }

  bool Batch(size_t i) {
    if (best_.operations[i].kind != Kind::kBatch) return false;
    bool any = false;
    for (size_t u = best_.operations[i].updates.size(); u-- > 0;) {
      any = TryOperation(i,
                         [u](Operation* op) {
                           op->updates.erase(op->updates.begin() + static_cast<ptrdiff_t>(u));
                         }) ||
            any;
    }
    if (best_.operations[i].updates.size() != 1) return any;
    return TryOperation(i,
                        [](Operation* op) {
                          op->kind = op->updates[0].value.has_value() ? Kind::kPut : Kind::kDelete;
                        }) ||
           any;
  }

  bool Cut(size_t i, size_t cut) {
    if (best_.operations[i].cuts.size() > 1 && TryOperation(i, [cut](Operation* op) {
          op->cuts.erase(op->cuts.begin() + static_cast<ptrdiff_t>(cut));
        })) {
      return true;
    }
    bool any = Smaller(
        i, [cut](Operation* op) { return &op->cuts[cut].io; }, 0);
    any = Image(i, cut) || any;
    return any;
  }

  bool Number(size_t i) {
    const bool fault = best_.operations[i].kind == Kind::kFail;
    return Smaller(
        i, [](Operation* op) { return &op->number; }, fault ? 1 : 0);
  }

  // The least value that still fails, as far as halving and counting down finds it.
  template <class Field>
  bool Smaller(size_t i, Field field, uint64_t least) {
    bool any = false;
    for (bool again = true; again && HasRuns();) {
      const uint64_t now = *field(&best_.operations[i]);
      again = false;
      for (const uint64_t next : {least, now / 2, now - 1}) {
        if (now <= least || next < least || next >= now) continue;
        again = TryOperation(i, [&](Operation* op) { *field(op) = next; });
        if (again) break;
      }
      any = any || again;
    }
    return any;
  }

  // Nothing kept, everything kept, or as few units as can be.
  bool Image(size_t i, size_t cut) {
    constexpr size_t kMostUnits = 64;  // of a seeded image when it is written out
    const auto image = [cut](Operation* op) { return &op->cuts[cut].image; };
    const CrashImage before = *image(&best_.operations[i]);
    if (before.kind == CrashImage::Kind::kNone) return false;
    if (TryOperation(i, [&](Operation* op) { *image(op) = CrashImage(); })) return true;
    if (before.kind == CrashImage::Kind::kAll) return false;
    if (TryOperation(i, [&](Operation* op) {
          *image(op) = CrashImage{CrashImage::Kind::kAll, 0, {}};
        })) {
      return true;
    }
    bool any = false;
    if (before.kind == CrashImage::Kind::kSeed) {
      CrashImage units{CrashImage::Kind::kUnits, 0, {}};
      const std::vector<bool> keep = before.Keep(kMostUnits);
      for (size_t u = 0; u < keep.size(); ++u) {
        if (keep[u]) units.units.push_back(u);
      }
      if (!TryOperation(i, [&](Operation* op) { *image(op) = units; })) return false;
      any = true;
    }
    for (size_t u = image(&best_.operations[i])->units.size(); u-- > 0;) {
      if (image(&best_.operations[i])->units.size() == 1) break;
      any = TryOperation(
                i,
                [&](Operation* op) {
                  image(op)->units.erase(image(op)->units.begin() + static_cast<ptrdiff_t>(u));
                }) ||
            any;
    }
    return any;
  }

  // Renames all keys at once to k1, k2, ... in their order; then one key to another, to have fewer.
  bool Keys() {
    std::set<std::string> used;
    ForEachKey(&best_, [&](std::string* key) { used.insert(*key); });
    std::map<std::string, std::string> names;
    const size_t digits = std::to_string(used.size()).size();
    for (const std::string& key : used) {
      names[key] = fmt::format("{}k{:0{}}", ClientPrefix(best_, key), names.size() + 1, digits);
    }
    bool any =
        TryWith([&](Trace* t) { ForEachKey(t, [&](std::string* key) { *key = names[*key]; }); });
    std::vector<std::string> keys;
    for (const auto& [key, name] : names) keys.push_back(any ? name : key);
    for (size_t i = keys.size(); i-- > 1 && HasRuns();) {
      any = Merge(keys[i], keys[0]) || (i > 1 && Merge(keys[i], keys[i - 1])) || any;
    }
    return any;
  }

  bool Merge(const std::string& key, const std::string& into) {
    if (ClientPrefix(best_, key) != ClientPrefix(best_, into)) return false;
    return TryWith([&](Trace* t) {
      ForEachKey(t, [&](std::string* k) {
        if (*k == key) *k = into;
      });
    });
  }

  bool Values() {
    std::map<std::string, std::string> names;  // in the order of first use
    std::vector<std::string> values;
    ForEachValue(&best_, [&](std::string* value) {
      if (names.emplace(*value, "v" + std::to_string(names.size() + 1)).second) {
        values.push_back(*value);
      }
    });
    if (TryWith([&](Trace* t) { ForEachValue(t, [&](std::string* v) { *v = names[*v]; }); })) {
      return true;
    }
    bool any = false;
    for (const std::string& value : values) {
      if (names.contains(names[value]) || !HasRuns()) continue;  // the name is another's value
      any = TryWith([&](Trace* t) {
              ForEachValue(t, [&](std::string* v) {
                if (*v == value) *v = names[value];
              });
            }) ||
            any;
    }
    return any;
  }

  Trace best_;
  const StillFails& fails_;
  const uint64_t max_runs_;
  const ShrinkDeadline& deadline_;
  uint64_t runs_ = 0;
};

}  // namespace

Shrunk Shrink(Trace trace, const StillFails& fails, uint64_t max_runs,
              const ShrinkDeadline& deadline) {
  return Shrinker(std::move(trace), fails, max_runs, deadline).Run();
}

}  // namespace lsm::lab

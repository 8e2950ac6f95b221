#include <algorithm>

#include "testing/shrink_search.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

template <class T>
void EraseAt(std::vector<T>* from, size_t i) {
  from->erase(from->begin() + static_cast<ptrdiff_t>(i));
}

// The optional words of an operation.
bool Words(ShrinkSearch* search, size_t i) {
  bool any = search->TryOperation(i, [](Operation* op) { op->sync = false; });
  // One of several clients deletes files between keys of its own, and no others.
  if (search->operation(i).kind != Kind::kDeleteFiles || search->best().clients == 1) {
    any = search->TryOperation(i, [](Operation* op) { op->range.from.reset(); }) || any;
    any = search->TryOperation(i, [](Operation* op) { op->range.to.reset(); }) || any;
  }
  any = search->TryOperation(i, [](Operation* op) { op->at.clear(); }) || any;
  if (search->operation(i).kind == Kind::kMultiGet) {
    for (size_t k = search->operation(i).keys.size(); k-- > 0;) {
      any = search->TryOperation(i, [k](Operation* op) { EraseAt(&op->keys, k); }) || any;
    }
  }
  return any;
}

bool Batch(ShrinkSearch* search, size_t i) {
  if (search->operation(i).kind != Kind::kBatch) return false;
  bool any = false;
  for (size_t u = search->operation(i).updates.size(); u-- > 0;) {
    any = search->TryOperation(i, [u](Operation* op) { EraseAt(&op->updates, u); }) || any;
  }
  if (search->operation(i).updates.size() != 1) return any;
  return search->TryOperation(i, [](Operation* op) {
    op->kind = op->updates[0].value.has_value() ? Kind::kPut : Kind::kDelete;
  }) || any;
}

// Nothing kept, everything kept, or as few units as can be, each whole.
bool Image(ShrinkSearch* search, size_t i, size_t cut) {
  const auto try_image = [&](const CrashImage& image) {
    return search->TryOperation(i, [&](Operation* op) { op->cuts[cut].image = image; });
  };
  const CrashImage before = search->operation(i).cuts[cut].image;
  if (before.kind == CrashImage::Kind::kNone) return false;
  if (try_image(CrashImage())) return true;
  if (before.kind == CrashImage::Kind::kAll) return false;
  if (try_image({.kind = CrashImage::Kind::kAll})) return true;
  bool any = false;
  for (size_t u = before.units.size(); u-- > 0;) {
    CrashImage fewer = search->operation(i).cuts[cut].image;
    EraseAt(&fewer.units, u);
    if (!fewer.units.empty() && try_image(fewer)) {
      any = true;
      continue;
    }
    CrashImage plainer = search->operation(i).cuts[cut].image;
    plainer.units[u].second = sim::Fate(true);
    any = try_image(plainer) || any;
  }
  return any;
}

bool Cut(ShrinkSearch* search, size_t i, size_t cut) {
  // Under the name of an operation a small number is found sooner than among all operations.
  if (search->operation(i).cuts.size() > 1 &&
      search->TryOperation(i, [cut](Operation* op) { EraseAt(&op->cuts, cut); })) {
    return true;
  }
  const sim::IoAddress& at = search->operation(i).cuts[cut].at;
  const uint64_t least = at.io == sim::IoKind::kAny && at.file == sim::FileRole::kAny ? 0 : 1;
  bool earlier = search->TryOperation(i, [cut](Operation* op) { op->cuts[cut].at = {.nth = 0}; });
  earlier =
      earlier ||
      search->Smaller([i, cut](Trace* t) { return &t->operations[i].cuts[cut].at.nth; }, least);
  return Image(search, i, cut) || earlier;
}

// Once, early, an I/O error that does nothing.
bool Fault(ShrinkSearch* search, size_t i) {
  if (search->operation(i).kind != Kind::kFail) return false;
  const auto fault = [i](Trace* t) { return &t->operations[i].fault; };
  bool any = search->TryWith([&](Trace* t) { fault(t)->times = 1; });
  any = search->TryWith([&](Trace* t) { fault(t)->code = StatusCode::kIOError; }) || any;
  any = search->TryWith([&](Trace* t) {
    fault(t)->effect = sim::Effect::kFail;
    fault(t)->bytes = 0;
  }) || any;
  any = search->TryWith([&](Trace* t) {
    fault(t)->at.begin = 0;
    fault(t)->at.end = UINT64_MAX;
  }) || any;
  any = search->Smaller([&](Trace* t) { return &fault(t)->at.nth; }, 1) || any;
  return search->Smaller([&](Trace* t) { return &fault(t)->bytes; }, 0) || any;
}

bool DamageAt(ShrinkSearch* search, size_t i) {
  if (search->operation(i).kind != Kind::kDamage) return false;
  const auto damage = [i](Trace* t) { return &t->operations[i].damage; };
  bool any = search->TryWith([&](Trace* t) {
    FileDamage plain{.file = damage(t)->file, .nth = damage(t)->nth};
    plain.how.offset = damage(t)->how.offset;
    *damage(t) = plain;
  });
  any = search->Smaller([&](Trace* t) { return &damage(t)->nth; }, 1) || any;
  any = search->Smaller([&](Trace* t) { return &damage(t)->how.bytes; }, 1) || any;
  return search->Smaller([&](Trace* t) { return &damage(t)->how.offset; }, 0) || any;
}

bool Number(ShrinkSearch* search, size_t i) {
  return search->Smaller([i](Trace* t) { return &t->operations[i].number; }, 0);
}

}  // namespace

// The default, else a small number: it makes things happen with few operations.
bool ShrinkOptions(ShrinkSearch* search) {
  constexpr const char* kSmall[] = {"1", "2", "1024"};
  bool any = search->TryWith([](Trace* t) { t->options.clear(); });
  for (size_t i = search->best().options.size(); i-- > 0;) {
    if (search->TryWith([i](Trace* t) { EraseAt(&t->options, i); })) {
      any = true;
      continue;
    }
    const std::string value = search->best().options[i].second;
    for (const std::string small : kSmall) {
      if (value.size() < small.size() || (value.size() == small.size() && value <= small)) break;
      if (value.find_first_not_of("0123456789") != std::string::npos) break;
      if (search->TryWith([&](Trace* t) { t->options[i].second = small; })) {
        any = true;
        break;
      }
    }
  }
  return any;
}

bool ShrinkDetails(ShrinkSearch* search) {
  bool any = false;
  for (size_t i = 0; i < search->size() && search->HasRuns(); ++i) {
    any = Words(search, i) || any;
    any = Batch(search, i) || any;
    for (size_t cut = search->operation(i).cuts.size(); cut-- > 0;) {
      any = Cut(search, i, cut) || any;
    }
    any = Fault(search, i) || any;
    any = DamageAt(search, i) || any;
    any = Number(search, i) || any;
  }
  return any;
}

}  // namespace lsm::lab

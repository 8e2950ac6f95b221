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
  any = search->TryOperation(i, [](Operation* op) { op->range.from.reset(); }) || any;
  any = search->TryOperation(i, [](Operation* op) { op->range.to.reset(); }) || any;
  any = search->TryOperation(i, [](Operation* op) { op->at.clear(); }) || any;
  any = search->TryOperation(i, [](Operation* op) { op->sticky = false; }) || any;
  any = search->TryOperation(i, [](Operation* op) { op->code = StatusCode::kIOError; }) || any;
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

// Nothing kept, everything kept, or as few units as can be.
bool Image(ShrinkSearch* search, size_t i, size_t cut) {
  constexpr size_t kMostUnits = 64;  // of a seeded image when it is written out
  const auto try_image = [&](const CrashImage& image) {
    return search->TryOperation(i, [&](Operation* op) { op->cuts[cut].image = image; });
  };
  const CrashImage before = search->operation(i).cuts[cut].image;
  if (before.kind == CrashImage::Kind::kNone) return false;
  if (try_image(CrashImage())) return true;
  if (before.kind == CrashImage::Kind::kAll) return false;
  if (try_image({CrashImage::Kind::kAll, 0, {}})) return true;
  bool any = false;
  if (before.kind == CrashImage::Kind::kSeed) {
    CrashImage units{CrashImage::Kind::kUnits, 0, {}};
    const std::vector<bool> keep = before.Keep(kMostUnits);
    for (size_t u = 0; u < keep.size(); ++u) {
      if (keep[u]) units.units.push_back(u);
    }
    if (!try_image(units)) return false;
    any = true;
  }
  const auto units = [&] { return search->operation(i).cuts[cut].image; };
  for (size_t u = units().units.size(); u-- > 0;) {
    CrashImage fewer = units();
    if (fewer.units.size() == 1) break;
    EraseAt(&fewer.units, u);
    any = try_image(fewer) || any;
  }
  return any;
}

bool Cut(ShrinkSearch* search, size_t i, size_t cut) {
  if (search->operation(i).cuts.size() > 1 &&
      search->TryOperation(i, [cut](Operation* op) { EraseAt(&op->cuts, cut); })) {
    return true;
  }
  const bool earlier =
      search->Smaller([i, cut](Trace* t) { return &t->operations[i].cuts[cut].io; }, 0);
  return Image(search, i, cut) || earlier;
}

bool Number(ShrinkSearch* search, size_t i) {
  const uint64_t least = search->operation(i).kind == Kind::kFail ? 1 : 0;
  return search->Smaller([i](Trace* t) { return &t->operations[i].number; }, least);
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
    any = Number(search, i) || any;
  }
  return any;
}

}  // namespace lsm::lab

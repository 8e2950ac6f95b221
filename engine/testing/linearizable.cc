#include "testing/linearizable.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "testing/precedence.h"

namespace lsm::lab {
namespace {

using Value = std::optional<std::string>;

// One sighting, with the writes that can be its source.
struct Look {
  size_t view;      // act
  size_t sighting;  // its number in the act
  size_t key;
  const Value* value;
  std::vector<size_t> sources{};
};

// The history with acts and keys as numbers. Act 0 is the beginning: it writes every key.
struct Problem {
  Problem(const std::vector<Act>& acts, const Contents& initial);

  size_t acts;
  std::vector<const Act*> act;                         // act[0] is null
  std::vector<std::map<size_t, const Value*>> writes;  // act -> key -> value
  std::vector<std::vector<size_t>> writers;            // key -> acts
  std::vector<Look> looks;                             // by view
  std::vector<Value> initial;                          // key -> value
};

Problem::Problem(const std::vector<Act>& history, const Contents& contents)
    : acts(history.size() + 1), act(1, nullptr), writes(acts) {
  std::map<std::string, size_t, std::less<>> keys;
  for (const Act& a : history) {
    act.push_back(&a);
    for (const Update& update : a.updates) keys.emplace(update.key, 0);
    for (const Sighting& sighting : a.sightings) keys.emplace(sighting.key, 0);
  }
  for (auto& [key, number] : keys) {
    number = initial.size();
    const auto found = contents.find(key);
    initial.push_back(found == contents.end() ? Value() : Value(found->second));
  }
  writers.resize(keys.size());
  for (size_t k = 0; k < initial.size(); ++k) writes[0][k] = &initial[k];
  for (size_t i = 1; i < acts; ++i) {
    for (const Update& update : act[i]->updates) writes[i][keys[update.key]] = &update.value;
  }
  for (size_t i = 0; i < acts; ++i) {
    for (const auto& [key, value] : writes[i]) writers[key].push_back(i);
  }
  for (size_t i = 1; i < acts; ++i) {
    for (size_t s = 0; s < act[i]->sightings.size(); ++s) {
      const Sighting& sighting = act[i]->sightings[s];
      Look look{i, s, keys[sighting.key], &sighting.value};
      for (const size_t w : writers[look.key]) {
        if (*writes[w][look.key] == sighting.value) look.sources.push_back(w);
      }
      looks.push_back(std::move(look));
    }
  }
}

// Finds all facts that follow, until one contradicts the others.
class Deduction {
 public:
  explicit Deduction(Problem* problem) : problem_(*problem), order_(problem->acts) {}

  // False: impossible; `result` says why.
  bool Run(Linearization* result) {
    const bool possible = Begin() && Saturate();
    if (!possible) {
      result->verdict = Linearization::Verdict::kImpossible;
      result->facts = order_.facts();
      result->nothing_fits = nothing_fits_;
    }
    return possible;
  }

  const Precedence& order() const { return order_; }

 private:
  bool Begin() {
    for (size_t i = 1; i < problem_.acts; ++i) order_.Given(0, i);
    for (size_t i = 1; i < problem_.acts; ++i) {
      for (size_t j = 1; j < problem_.acts; ++j) {
        if (Precedes(*problem_.act[i], *problem_.act[j])) order_.Given(i, j);
      }
    }
    for (size_t i = 1; i < problem_.acts; ++i) {
      if (!problem_.act[i]->durable) continue;
      for (size_t j = 1; j < problem_.acts; ++j) {
        if (problem_.act[j]->kind != Act::Kind::kRecovery) continue;
        if (!order_.Add({Fact::Kind::kDurable, i, j})) return false;
      }
    }
    return true;
  }

  bool Saturate() {
    for (size_t known = SIZE_MAX; known != order_.facts().size();) {
      known = order_.facts().size();
      for (Look& look : problem_.looks) {
        if (!Learn(&look)) return false;
      }
    }
    return true;
  }

  bool Learn(Look* look) {
    const bool unwritten = look->sources.empty();
    if (look->sources.size() > 1) {
      std::erase_if(look->sources, [&](size_t w) { return Excluded(*look, w); });
    }
    if (look->sources.empty()) nothing_fits_ = {look->view, look->sighting, unwritten};
    if (look->sources.size() != 1) return !look->sources.empty();
    const size_t source = look->sources[0];
    const auto add = [&](Fact::Kind kind, size_t a, size_t b) {
      return order_.Add({kind, a, b, look->view, look->sighting, source});
    };
    if (!add(Fact::Kind::kSaw, source, look->view)) return false;
    for (const size_t w : problem_.writers[look->key]) {
      if (w == source) continue;
      if (order_.Before(w, look->view)) {
        if (!add(Fact::Kind::kHidden, w, source)) return false;
      } else if (order_.Before(source, w)) {
        if (!add(Fact::Kind::kOverwritten, look->view, w)) return false;
      }
    }
    return true;
  }

  // The view cannot have seen what `source` wrote: that comes later, or another hides it.
  bool Excluded(const Look& look, size_t source) const {
    if (order_.Before(look.view, source)) return true;
    const std::vector<size_t>& writers = problem_.writers[look.key];
    return std::any_of(writers.begin(), writers.end(), [&](size_t w) {
      return order_.Before(source, w) && order_.Before(w, look.view);
    });
  }

  Problem& problem_;
  Precedence order_;
  std::optional<Linearization::Unexplained> nothing_fits_;
};

// Looks for an order that keeps what was deduced.
class Search {
 public:
  Search(const Problem& problem, const Precedence& order)
      : problem_(problem), placed_(problem.acts), now_(problem.initial.size()) {
    placed_[0] = true;
    for (size_t i = 1; i < problem.acts; ++i) {
      std::vector<size_t>& before = before_.emplace_back();
      for (size_t j = 1; j < problem.acts; ++j) {
        if (order.Before(j, i)) before.push_back(j);
      }
    }
    for (const Look& look : problem.looks) looks_of_[look.view].push_back(&look);
  }

  Linearization Run() {
    Linearization result;
    if (Place()) {
      result.order = std::move(order_);
    } else {
      result.verdict = steps_ > kMaxSearchSteps ? Linearization::Verdict::kUndecided
                                                : Linearization::Verdict::kImpossible;
    }
    return result;
  }

 private:
  bool Ready(size_t i) const {
    return !placed_[i] && std::all_of(before_[i - 1].begin(), before_[i - 1].end(),
                                      [this](size_t j) { return placed_[j]; });
  }

  bool Fits(size_t view) const {
    const auto looks = looks_of_.find(view);
    if (looks == looks_of_.end()) return true;
    return std::all_of(looks->second.begin(), looks->second.end(), [this](const Look* look) {
      return *problem_.writes[now_[look->key]].at(look->key) == *look->value;
    });
  }

  // Would `write` overwrite what a view has yet to see, and no later write can bring back?
  bool Destroys(size_t write) const {
    return std::any_of(problem_.looks.begin(), problem_.looks.end(), [&](const Look& look) {
      if (placed_[look.view]) return false;
      const auto overwritten = problem_.writes[write].find(look.key);
      if (overwritten == problem_.writes[write].end()) return false;
      if (*overwritten->second == *look.value) return false;
      return std::all_of(look.sources.begin(), look.sources.end(),
                         [this](size_t source) { return placed_[source]; });
    });
  }

  void Put(size_t i) {
    placed_[i] = true;
    order_.push_back(i);
  }

  // A view that fits changes nothing and only lets others go on: at once is never too early.
  void PlaceViews() {
    for (bool again = true; again;) {
      again = false;
      for (size_t i = 1; i < problem_.acts; ++i) {
        if (problem_.act[i]->kind == Act::Kind::kWrite || !Ready(i) || !Fits(i)) continue;
        Put(i);
        again = true;
      }
    }
  }

  // Those that may come next, the ones that had to be done soonest first.
  std::vector<size_t> NextWrites() const {
    std::vector<size_t> writes;
    for (size_t i = 1; i < problem_.acts; ++i) {
      if (problem_.act[i]->kind == Act::Kind::kWrite && Ready(i) && !Destroys(i)) {
        writes.push_back(i);
      }
    }
    std::stable_sort(writes.begin(), writes.end(), [this](size_t a, size_t b) {
      return problem_.act[a]->returned < problem_.act[b]->returned;
    });
    return writes;
  }

  // Completes the order, or leaves it as it was.
  bool Place() {
    const size_t begin = order_.size();
    PlaceViews();
    if (order_.size() + 1 == problem_.acts) return true;
    if (++steps_ <= kMaxSearchSteps && !dead_ends_.contains({placed_, now_})) {
      for (const size_t write : NextWrites()) {
        const std::vector<size_t> now = now_;
        for (const auto& [key, value] : problem_.writes[write]) now_[key] = write;
        Put(write);
        if (Place()) return true;
        order_.pop_back();
        placed_[write] = false;
        now_ = now;
      }
      dead_ends_.insert({placed_, now_});
    }
    for (; order_.size() > begin; order_.pop_back()) placed_[order_.back()] = false;
    return false;
  }

  const Problem& problem_;
  std::vector<std::vector<size_t>> before_;  // of act i + 1, the acts that must stand before it
  std::map<size_t, std::vector<const Look*>> looks_of_;
  std::vector<bool> placed_;
  std::vector<size_t> now_;  // key -> the write whose value stands
  std::vector<size_t> order_;
  std::set<std::pair<std::vector<bool>, std::vector<size_t>>> dead_ends_;
  uint64_t steps_ = 0;
};

}  // namespace

Linearization Linearize(const std::vector<Act>& acts, const Contents& initial) {
  Problem problem(acts, initial);
  Deduction deduction(&problem);
  Linearization result;
  if (!deduction.Run(&result)) return result;
  return Search(problem, deduction.order()).Run();
}

}  // namespace lsm::lab

#include "testing/anomaly.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/escape.h"
#include "testing/trace.h"

namespace lsm::lab {
namespace {

using Kind = Fact::Kind;

bool Impossible(const std::vector<Act>& acts, const Contents& initial) {
  return Linearize(acts, initial).verdict == Linearization::Verdict::kImpossible;
}

// Leaves out items while `still` holds of the rest: halves, quarters, ..., single ones.
template <class Item, class Still>
std::vector<Item> Fewest(std::vector<Item> items, Still still) {
  for (size_t chunk = std::max<size_t>(items.size() / 2, 1);;
       chunk = std::max<size_t>(chunk / 2, 1)) {
    const size_t before = items.size();
    for (size_t end = items.size(); end > 0;) {
      const size_t begin = end - std::min(chunk, end);
      std::vector<Item> rest(items.begin(), items.begin() + static_cast<ptrdiff_t>(begin));
      rest.insert(rest.end(), items.begin() + static_cast<ptrdiff_t>(end), items.end());
      if (still(rest)) items = std::move(rest);
      end = begin;
    }
    if (chunk == 1 && items.size() == before) return items;
  }
}

// --- The fewest acts ---

struct SeenAt {
  size_t act, sighting;
};

// All writes, and the views that see something of `seen`.
std::vector<Act> WithSightings(const std::vector<Act>& acts, const std::vector<SeenAt>& seen) {
  std::vector<Act> result = acts;
  for (Act& act : result) act.sightings.clear();
  for (const SeenAt& s : seen) {
    result[s.act].sightings.push_back(acts[s.act].sightings[s.sighting]);
  }
  std::erase_if(result, [](const Act& act) {
    return act.kind != Act::Kind::kWrite && act.sightings.empty();
  });
  return result;
}

std::vector<Act> FewestSightings(const std::vector<Act>& acts, const Contents& initial) {
  std::vector<SeenAt> seen;
  for (size_t i = 0; i < acts.size(); ++i) {
    for (size_t s = 0; s < acts[i].sightings.size(); ++s) seen.push_back({i, s});
  }
  seen = Fewest(std::move(seen), [&](const std::vector<SeenAt>& rest) {
    return Impossible(WithSightings(acts, rest), initial);
  });
  return WithSightings(acts, seen);
}

const std::optional<std::string>* WrittenTo(const Act& write, std::string_view key) {
  const auto last = std::find_if(write.updates.rbegin(), write.updates.rend(),
                                 [key](const Update& update) { return update.key == key; });
  return last == write.updates.rend() ? nullptr : &last->value;
}

// Did this act write what somebody saw, if only for an update that the next one in its batch hides?
bool IsSource(const Act& write, const std::vector<Act>& acts) {
  return std::any_of(acts.begin(), acts.end(), [&](const Act& act) {
    return std::any_of(act.sightings.begin(), act.sightings.end(), [&](const Sighting& sighting) {
      const Update seen{sighting.key, sighting.value};
      return std::find(write.updates.begin(), write.updates.end(), seen) != write.updates.end();
    });
  });
}

std::vector<Act> FewestWrites(const std::vector<Act>& acts, const Contents& initial) {
  std::vector<size_t> others;
  for (size_t i = 0; i < acts.size(); ++i) {
    if (acts[i].kind == Act::Kind::kWrite && !IsSource(acts[i], acts)) others.push_back(i);
  }
  const auto with = [&](const std::vector<size_t>& kept) {
    std::vector<Act> result;
    for (size_t i = 0; i < acts.size(); ++i) {
      const bool optional = std::binary_search(others.begin(), others.end(), i);
      if (!optional || std::binary_search(kept.begin(), kept.end(), i)) result.push_back(acts[i]);
    }
    return result;
  };
  return with(Fewest(
      others, [&](const std::vector<size_t>& kept) { return Impossible(with(kept), initial); }));
}

// --- In words ---

std::string Show(const Sighting& sighting) {
  constexpr size_t kShownBytes = 48;
  const std::string key = Escape(sighting.key);
  if (!sighting.value.has_value()) return key + " absent";
  const std::string value = PrintValue(*sighting.value);
  if (value.size() <= kShownBytes) return key + " = " + value;
  return fmt::format("{} = {}... ({} bytes)", key, value.substr(0, kShownBytes),
                     sighting.value->size());
}

// Tells the facts of a contradiction, each behind those that it rests on.
class Proof {
 public:
  Proof(const std::vector<Act>& acts, const Linearization& result)
      : acts_(acts), facts_(result.facts) {
    if (result.nothing_fits.has_value()) {
      NothingFits(*result.nothing_fits);
    } else if (facts_.empty()) {
      Say("Every order was tried.");
    } else {
      const Fact& last = facts_.back();
      if (last.before != last.after) Justify(last.after, last.before, facts_.size() - 1);
      Tell(facts_.size() - 1);
      text_.back() += " A contradiction.";
    }
  }

  const std::vector<std::string>& text() const { return text_; }
  // The facts that were told, as indexes.
  const std::set<size_t>& told() const { return told_; }

 private:
  static std::string Name(size_t act) {
    return act == 0 ? "the beginning" : fmt::format("({})", act);
  }
  const Act& At(size_t act) const { return acts_[act - 1]; }
  std::string ShowSeen(const Fact& fact) const {
    return Show(At(fact.view).sightings[fact.sighting]);
  }

  void Say(std::string sentence) {
    if (std::find(text_.begin(), text_.end(), sentence) == text_.end()) {
      text_.push_back(std::move(sentence));
    }
  }

  // Tells why `a` stands before `b`, by facts before number `limit`.
  void Justify(size_t a, size_t b, size_t limit) {
    constexpr size_t kNone = SIZE_MAX, kRealTime = SIZE_MAX - 1;
    struct Step {
      size_t from, fact;
    };
    std::vector<Step> reached(acts_.size() + 1, {kNone, 0});
    std::vector<size_t> queue{a};
    for (size_t next = 0; next < queue.size() && reached[b].from == kNone; ++next) {
      const size_t at = queue[next];
      const auto reach = [&](size_t to, size_t fact) {
        if (to == a || reached[to].from != kNone) return;
        reached[to] = {at, fact};
        queue.push_back(to);
      };
      for (size_t to = 1; to <= acts_.size(); ++to) {
        if (at == 0 || Precedes(At(at), At(to))) reach(to, kRealTime);
      }
      for (size_t i = 0; i < limit; ++i) {
        if (facts_[i].before == at) reach(facts_[i].after, i);
      }
    }
    LSM_CHECK(reached[b].from != kNone);
    std::vector<Step> path;
    for (size_t at = b; at != a; at = reached[at].from) path.push_back({at, reached[at].fact});
    for (size_t from = a; !path.empty(); path.pop_back()) {
      const auto [to, fact] = path.back();
      if (fact != kRealTime) Tell(fact);
      if (fact == kRealTime && from != 0) {
        Say(fmt::format("{} had returned before {} was called.", Name(from), Name(to)));
      }
      from = to;
    }
  }

  void Tell(size_t index) {
    if (!told_.insert(index).second) return;
    const Fact& fact = facts_[index];
    const std::string before = Name(fact.before), after = Name(fact.after);
    switch (fact.kind) {
      case Kind::kRealTime:
        return Say(fmt::format("{} had returned before {} was called.", before, after));
      case Kind::kDurable:
        return Say(fmt::format("{} was durable, so {} cannot miss it.", before, after));
      case Kind::kSaw:
        if (fact.before == 0) return;
        return Say(fmt::format("{} saw {}, as {} left it.", after, ShowSeen(fact), before));
      case Kind::kHidden:
        Justify(fact.before, fact.view, index);
        return Say(fmt::format("{} saw {} of {}, and {} stands before {}: so {} stands before {}.",
                               Name(fact.view), ShowSeen(fact), after, before, Name(fact.view),
                               before, after));
      case Kind::kOverwritten:
        Justify(fact.source, fact.after, index);
        return Say(fmt::format("{} saw {} of {}, and {} overwrites that: so {} stands before {}.",
                               before, ShowSeen(fact), Name(fact.source), after, before, after));
    }
  }

  void NothingFits(const Linearization::Unexplained& unexplained) {
    const std::string seen = Show(At(unexplained.view).sightings[unexplained.sighting]);
    if (unexplained.unwritten) {
      return Say(fmt::format("{} saw {}, and no act left it so.", Name(unexplained.view), seen));
    }
    Say(
        fmt::format("{} saw {}: every act that left it so stands behind {}, or was overwritten "
                    "before it.",
                    Name(unexplained.view), seen, Name(unexplained.view)));
  }

  const std::vector<Act>& acts_;
  const std::vector<Fact>& facts_;
  std::vector<std::string> text_;
  std::set<size_t> told_;
};

std::string ShowAct(const Act& act) {
  std::string text = act.name;
  for (size_t s = 0; s < act.sightings.size(); ++s) {
    const Sighting& sighting = act.sightings[s];
    text += (s == 0 ? ": " : ", ") + Show(sighting);
    if (sighting.call != act.name) text += " by " + sighting.call;
  }
  if (act.kind == Act::Kind::kRecovery) return text;
  if (act.returned == UINT64_MAX) return text + fmt::format(" [{}, did not return]", act.called);
  return text + fmt::format(" [{}, {}]", act.called, act.returned);
}

// --- Which property ---

// A batch that `view` saw in one key and missed in another.
bool IsTorn(const Act& view, const std::vector<Act>& acts) {
  return std::any_of(acts.begin(), acts.end(), [&](const Act& write) {
    bool saw = false, missed = false;
    for (const Sighting& sighting : view.sightings) {
      const auto* value = WrittenTo(write, sighting.key);
      if (value == nullptr) continue;
      (*value == sighting.value ? saw : missed) = true;
    }
    return saw && missed;
  });
}

// By different calls, one key in two ways or two keys of two moments; or what was written later.
bool Moved(const Act& view, const std::vector<Act>& acts) {
  const std::vector<Sighting>& seen = view.sightings;
  if (seen.size() > 1 && seen.front().call != seen.back().call) return true;
  return std::any_of(acts.begin(), acts.end(), [&](const Act& write) {
    const auto* value = WrittenTo(write, seen.front().key);
    return value != nullptr && value->has_value() && *value == seen.front().value &&
           Precedes(view, write);
  });
}

Property Broken(const std::vector<Act>& acts, const Linearization& result,
                const std::set<size_t>& told) {
  if (result.nothing_fits.has_value() && result.nothing_fits->unwritten) {
    const bool within_batch =
        std::any_of(acts.begin(), acts.end(), [&](const Act& act) { return IsSource(act, acts); });
    return within_batch ? Property::kP3 : Property::kP4;
  }
  for (const Act& act : acts) {
    if (act.kind == Act::Kind::kWrite) continue;
    if (Moved(act, acts)) return Property::kP11;
    if (acts.size() <= 3 && IsTorn(act, acts)) return Property::kP3;
  }
  const bool recovery = std::any_of(
      acts.begin(), acts.end(), [](const Act& act) { return act.kind == Act::Kind::kRecovery; });
  if (!recovery) return Property::kP15;
  const bool lost = std::any_of(told.begin(), told.end(),
                                [&](size_t i) { return result.facts[i].kind == Kind::kDurable; });
  return lost ? Property::kP1 : Property::kP2;
}

}  // namespace

Anomaly Explain(std::vector<Act> acts, const Contents& initial) {
  acts = FewestSightings(acts, initial);
  acts = FewestWrites(acts, initial);
  const Linearization result = Linearize(acts, initial);
  LSM_CHECK(result.verdict == Linearization::Verdict::kImpossible);
  const Proof proof(acts, result);
  Anomaly anomaly;
  anomaly.property = Broken(acts, result, proof.told());
  anomaly.why = "no order of these explains what was seen:";
  for (size_t i = 0; i < acts.size(); ++i) {
    anomaly.why += fmt::format("\n  ({}) {}", i + 1, ShowAct(acts[i]));
    for (const Sighting& sighting : acts[i].sightings) {
      if (!anomaly.seen.empty() && sighting.step < anomaly.step) continue;
      anomaly.step = sighting.step;
      anomaly.recovery = acts[i].kind == Act::Kind::kRecovery;
      anomaly.key = sighting.key;
      anomaly.seen = fmt::format("{} saw {}", sighting.call, Show(sighting));
    }
  }
  for (const std::string& sentence : proof.text()) anomaly.why += "\n" + sentence;
  anomaly.acts = std::move(acts);
  return anomaly;
}

}  // namespace lsm::lab

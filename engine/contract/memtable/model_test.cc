// A memtable against an ordered map, as RapidCheck state commands: additions, lookups, and one
// iterator that stays open and walks on through what was added meanwhile (M-GET, M-ORDER).
#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <rapidcheck/gtest.h>
#include <rapidcheck/state.h>

#include <stage/memtable/memtable.h>
#include "contract/memtable/concept.h"

namespace lsm::testing {
namespace {

const InternalKeyComparator kBytewise(BytewiseComparator());

struct Less {
  bool operator()(std::string_view a, std::string_view b) const {
    return kBytewise.Compare(a, b) < 0;
  }
};

struct Model {
  std::map<std::string, std::string, Less> entries{};  // by internal key
  std::optional<std::string> at{};                     // where the iterator stands; none: nowhere
  SequenceNumber last = 0;

  void MoveTo(std::map<std::string, std::string, Less>::const_iterator it) {
    at = it == entries.end() ? std::nullopt : std::optional<std::string>(it->first);
  }
};

struct System {
  MemTable table{kBytewise};
  MemTable::Iterator it{&table};
};

using Command = rc::state::Command<Model, System>;

std::string AnyKey() {
  return *rc::gen::element<std::string>("", "a", "aa", "ab", "b", "\xff", "\xff\xff",
                                        std::string(1, '\0'), std::string(300, 'a'));
}

struct Add : Command {
  std::string key = AnyKey();
  bool deletes = *rc::gen::inRange(0, 3) == 0;
  SequenceNumber step = *rc::gen::inRange<SequenceNumber>(1, 4);
  explicit Add(const Model&) {}

  ValueType Type() const { return deletes ? ValueType::kDeletion : ValueType::kValue; }
  std::string Value(SequenceNumber sequence) const {
    return deletes ? "" : std::to_string(sequence);
  }
  void apply(Model& model) const override {
    model.last += step;
    model.entries[MakeInternalKey(key, model.last, Type())] = Value(model.last);
  }
  void run(const Model& model, System& system) const override {
    const SequenceNumber sequence = model.last + step;
    system.table.Add(sequence, Type(), key, Value(sequence));
    RC_ASSERT(system.table.Entries() == model.entries.size() + 1);
  }
  void show(std::ostream& os) const override {
    os << (deletes ? "delete " : "put ") << rc::toString(key);
  }
};

struct Get : Command {
  std::string key = AnyKey();
  SequenceNumber back = *rc::gen::inRange<SequenceNumber>(0, 8);
  explicit Get(const Model&) {}

  void run(const Model& model, System& system) const override {
    const SequenceNumber sequence = model.last < back ? 0 : model.last - back;
    const auto newest = model.entries.lower_bound(MakeInternalKey(key, sequence, kTypeForSeek));
    LookupState expected = LookupState::kAbsent;
    ParsedInternalKey found;
    if (newest != model.entries.end() && ParseInternalKey(newest->first, &found) &&
        found.user_key == key) {
      expected = found.type == ValueType::kDeletion ? LookupState::kDeleted : LookupState::kFound;
    }
    std::string value;
    RC_ASSERT((system.table.Get(LookupKey(key, sequence), &value) == expected));
    if (expected == LookupState::kFound) RC_ASSERT(value == newest->second);
  }
  void show(std::ostream& os) const override {
    os << "get " << rc::toString(key) << " at " << back << " sequences before the last";
  }
};

struct Move : Command {
  enum class How { kFirst, kLast, kSeek, kNext, kPrev };
  How how =
      static_cast<How>(*rc::gen::weightedElement<int>({{1, 0}, {1, 1}, {2, 2}, {4, 3}, {4, 4}}));
  std::string target =
      MakeInternalKey(AnyKey(), *rc::gen::inRange<SequenceNumber>(0, 40), kTypeForSeek);
  explicit Move(const Model&) {}

  void checkPreconditions(const Model& model) const override {
    RC_PRE(how < How::kNext || model.at.has_value());
  }
  void apply(Model& model) const override {
    const auto& entries = model.entries;
    const auto before = [&](auto it) {
      return it == entries.begin() ? entries.end() : std::prev(it);
    };
    switch (how) {
      case How::kFirst:
        return model.MoveTo(entries.begin());
      case How::kLast:
        return model.MoveTo(before(entries.end()));
      case How::kSeek:
        return model.MoveTo(entries.lower_bound(target));
      case How::kNext:
        return model.MoveTo(entries.upper_bound(*model.at));
      case How::kPrev:
        return model.MoveTo(before(entries.lower_bound(*model.at)));
    }
  }
  void run(const Model& model, System& system) const override {
    switch (how) {
      case How::kFirst:
        system.it.SeekToFirst();
        break;
      case How::kLast:
        system.it.SeekToLast();
        break;
      case How::kSeek:
        system.it.Seek(target);
        break;
      case How::kNext:
        system.it.Next();
        break;
      case How::kPrev:
        system.it.Prev();
        break;
    }
    const Model next = nextState(model);
    RC_ASSERT(system.it.Valid() == next.at.has_value());
    if (!next.at.has_value()) return;
    RC_ASSERT(std::string(system.it.key()) == *next.at);
    RC_ASSERT(std::string(system.it.value()) == next.entries.at(*next.at));
  }
  void show(std::ostream& os) const override {
    constexpr const char* kNames[] = {"first", "last", "seek", "next", "prev"};
    os << kNames[static_cast<int>(how)];
    if (how == How::kSeek) os << " " << rc::toString(target);
  }
};

RC_GTEST_PROP(MemTableContract, M_GET_and_M_ORDER_any_commands_agree_with_a_map, ()) {
  System system;
  rc::state::check(Model{}, system, rc::state::gen::execOneOfWithArgs<Add, Add, Get, Move, Move>());
}

}  // namespace
}  // namespace lsm::testing

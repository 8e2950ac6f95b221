// Contract suite of the sstable stage, (b): random tables against a std::map.
#include <gtest/gtest.h>
// After gtest.h.
#include <rapidcheck/gtest.h>

#include <stage/bloom/bloom.h>

#include "contract/sstable/fixture.h"

namespace lsm::sstable_suite {
namespace {

// Few letters, 0xff among them, and short: shared prefixes, prefixes of one another, empty keys.
rc::Gen<std::string> UserKeys() {
  const auto letter = rc::gen::element('\0', 'a', 'b', '\xfe', '\xff');
  return rc::gen::scale(0.1, rc::gen::oneOf(rc::gen::container<std::string>(letter),
                                            rc::gen::map(rc::gen::container<std::string>(letter),
                                                         [](const std::string& tail) {
                                                           return std::string(150, 'p') + tail;
                                                         })));
}

rc::Gen<std::string> Values() {
  return rc::gen::map(rc::gen::inRange(0, 400), [](int n) {
    return std::string(static_cast<size_t>(n < 300 ? n % 20 : n), static_cast<char>(n));
  });
}

struct Case {
  TableOptions options;
  Model model;
  bool mapped;
};

Case ArbitraryCase() {
  TableOptions options = SmallBlocks();
  options.block_bytes = *rc::gen::element<size_t>(1, 64, 300, 4096, 1 << 20);
  options.restart_interval = *rc::gen::element(1, 2, 16);
  options.bits_per_key = *rc::gen::element(0.0, 4.0, 10.0);
  options.compression = *rc::gen::element(Compression::kNone, Compression::kSnappy,
                                          Compression::kLz4, Compression::kZstd);
  if (*rc::gen::arbitrary<bool>()) options.comparator = InternalKeyComparator(Reverse());
  Case c{options, EmptyModel(options), *rc::gen::arbitrary<bool>()};
  const int entries = *rc::gen::inRange(0, 60);
  std::vector<std::string> user_keys;
  for (int i = 0; i < entries; ++i) {
    // Half of the entries are further versions of keys already there.
    const bool again = !user_keys.empty() && *rc::gen::arbitrary<bool>();
    user_keys.push_back(again ? *rc::gen::elementOf(user_keys) : *UserKeys());
    const auto sequence = *rc::gen::element<SequenceNumber>(1, 2, 3, 4, 5, 1000, kMaxSequence);
    const auto type = *rc::gen::element(ValueType::kValue, ValueType::kDeletion);
    // One entry a (key, sequence), as the engine writes them.
    if (c.model.count(Key(user_keys.back(), sequence, ValueType::kValue)) > 0 ||
        c.model.count(Key(user_keys.back(), sequence, ValueType::kDeletion)) > 0) {
      continue;
    }
    c.model[Key(user_keys.back(), sequence, type)] =
        type == ValueType::kValue ? *Values() : std::string();
  }
  return c;
}

// A key of the model, or another one.
std::string ArbitraryUserKey(const Model& model) {
  if (model.empty() || *rc::gen::arbitrary<bool>()) return *UserKeys();
  const auto i = *rc::gen::inRange<size_t>(0, model.size());
  return std::string(ExtractUserKey(std::next(model.begin(), static_cast<int>(i))->first));
}

RC_GTEST_PROP(TableProperty, S_SCAN_WalksSeeAllEntriesBothWays, ()) {
  const Case c = ArbitraryCase();
  const OpenedTable opened(c.options, c.model, c.mapped);
  Table::Iterator it(opened.table.get(), true);
  const Walk forward = WalkForward(it);
  RC_ASSERT(forward.status.ok());
  RC_ASSERT(forward.entries == decltype(forward.entries)(c.model.begin(), c.model.end()));
  const Walk backward = WalkBackward(it);
  RC_ASSERT(backward.status.ok());
  RC_ASSERT(backward.entries == decltype(backward.entries)(c.model.rbegin(), c.model.rend()));
  RC_ASSERT(opened.table->VerifyChecksums().ok());
}

RC_GTEST_PROP(TableProperty, S_GET_AgreesWithTheModel, ()) {
  const Case c = ArbitraryCase();
  const OpenedTable opened(c.options, c.model, c.mapped);
  for (int i = 0; i < 20; ++i) {
    const std::string user_key = ArbitraryUserKey(c.model);
    const auto sequence = *rc::gen::element<SequenceNumber>(0, 1, 2, 3, 6, 999, kMaxSequence);
    const Answer want = ModelGet(c.model, user_key, sequence);
    Answer answer;
    RC_ASSERT(TableGet(*opened.table, user_key, sequence, &answer).ok());
    RC_ASSERT(answer == want);
    RC_ASSERT(want.state == LookupState::kAbsent ||
              opened.table->MayContain(Bloom::Hash(user_key)));
  }
}

RC_GTEST_PROP(TableProperty, S_SCAN_SeeksAndTurnsStandWhereTheModelDoes, ()) {
  const Case c = ArbitraryCase();
  BlockCache cache(Env::Default(), 300);  // a block or two
  TableOptions options = c.options;
  if (*rc::gen::arbitrary<bool>()) options.cache = &cache;
  const OpenedTable opened(options, c.model, c.mapped);
  Table::Iterator it(opened.table.get(), *rc::gen::arbitrary<bool>());
  auto want = c.model.end();
  for (int i = 0; i < 60; ++i) {
    // Mostly steps; a position that is not valid allows seeks alone.
    const int step = *rc::gen::inRange(want == c.model.end() ? 7 : 0, 10);
    if (step < 4) {
      it.Next();
      ++want;
    } else if (step < 7) {
      it.Prev();
      want = want == c.model.begin() ? c.model.end() : std::prev(want);
    } else if (step == 7) {
      it.SeekToFirst();
      want = c.model.begin();
    } else if (step == 8) {
      it.SeekToLast();
      want = c.model.empty() ? c.model.end() : std::prev(c.model.end());
    } else {
      const std::string target = Key(ArbitraryUserKey(c.model), *rc::gen::inRange(0, 7));
      it.Seek(target);
      want = c.model.lower_bound(target);
    }
    RC_ASSERT(StandsAt(it, c.model, want));
  }
}

}  // namespace
}  // namespace lsm::sstable_suite

// The visibility half of the iterator contract, for any implementation of the stage.
#include <gtest/gtest.h>

#include <iterator>
#include <map>

#include <rapidcheck/gtest.h>

#include <stage/iterator/merging_iterator.h>
#include <stage/iterator/visible_iterator.h>
#include "contract/iterator/concept.h"
#include "contract/iterator/growing_source.h"
#include "contract/iterator/vector_source.h"
#include "testing/sim/random.h"

namespace lsm {
namespace {

using Visible = VisibleIterator<VectorSource>;
static_assert(VisibleIteratorStage<Visible, VectorSource>);

const InternalKeyComparator kCmp(BytewiseComparator());

Visible View(Entries entries, SequenceNumber sequence, const IteratorBounds& bounds = {},
             size_t fail_at = VectorSource::kNever) {
  SortEntries(&entries, kCmp);
  return Visible(kCmp, VectorSource(kCmp, std::move(entries), fail_at), sequence, bounds);
}

template <class I>
std::string Show(const I& it) {
  if (!it.Valid()) return Status(it.status()).ok() ? "end" : Status(it.status()).ToString();
  return std::string(it.key()) + "=" + std::string(it.value());
}

template <class I>
std::string Forward(I it) {
  std::string walk;
  for (it.SeekToFirst(); it.Valid(); it.Next()) walk += Show(it) + " ";
  return walk + Show(it);
}
template <class I>
std::string Backward(I it) {
  std::string walk;
  for (it.SeekToLast(); it.Valid(); it.Prev()) walk += Show(it) + " ";
  return walk + Show(it);
}

// Three versions of b, a deleted c, and d deleted and written again.
Entries Sample() {
  return {PutEntry("a", 1, "1"), PutEntry("b", 2, "2"), PutEntry("b", 5, "5"),
          PutEntry("b", 8, "8"), PutEntry("c", 3, "3"), DeleteEntry("c", 6),
          DeleteEntry("d", 4),   PutEntry("d", 7, "7")};
}

TEST(IVisible, TheNewestVersionOfEachKeyIsShown) {
  EXPECT_EQ(Forward(View(Sample(), 9)), "a=1 b=8 d=7 end");
  EXPECT_EQ(Backward(View(Sample(), 9)), "d=7 b=8 a=1 end");
}

TEST(IVisible, VersionsAboveTheSequenceAreNotSeen) {
  EXPECT_EQ(Forward(View(Sample(), 5)), "a=1 b=5 c=3 end");
  EXPECT_EQ(Backward(View(Sample(), 5)), "c=3 b=5 a=1 end");
}

TEST(IVisible, AtSequenceZeroThereIsNothing) {
  EXPECT_EQ(Forward(View(Sample(), 0)), "end");
  EXPECT_EQ(Backward(View(Sample(), 0)), "end");
}

TEST(IVisible, TurningDoesNotShowANewerVersion) {
  Visible it = View({PutEntry("1", 1, "b"), PutEntry("2", 2, "c"), PutEntry("3", 3, "d"),
                     PutEntry("2", 9, "new"), PutEntry("25", 10, "new")},
                    5);
  it.Seek("3");
  it.Prev();
  EXPECT_EQ(Show(it), "2=c");
  it.Next();
  EXPECT_EQ(Show(it), "3=d");
}

TEST(IVisible, ATombstoneHidesItsKeyFromSeeksToo) {
  Visible it = View(Sample(), 9);
  it.Seek("c");
  EXPECT_EQ(Show(it), "d=7");
  it.SeekForPrev("c");
  EXPECT_EQ(Show(it), "b=8");
}

TEST(IVisible, EmptyKeysAndValuesAreOrdinary) {
  Visible it = View({PutEntry("", 1, ""), PutEntry("a", 2, "")}, 9);
  EXPECT_EQ(Forward(View({PutEntry("", 1, ""), PutEntry("a", 2, "")}, 9)), "= a= end");
  it.Seek("");
  EXPECT_EQ(Show(it), "=");
  it.SeekForPrev("");
  EXPECT_EQ(Show(it), "=");
  it.Next();
  EXPECT_EQ(Show(it), "a=");
  it.Prev();
  EXPECT_EQ(Show(it), "=");
}

TEST(IVisible, SequenceZeroIsAnOrdinarySequence) {
  Visible it = View({PutEntry("k", 0, "v")}, 9);
  it.SeekForPrev("k");
  EXPECT_EQ(Show(it), "k=v");
}

TEST(IBounds, LowerIsInsideUpperIsOutside) {
  const IteratorBounds bounds{"b", "d"};
  EXPECT_EQ(Forward(View(Sample(), 5, bounds)), "b=5 c=3 end");
  EXPECT_EQ(Backward(View(Sample(), 5, bounds)), "c=3 b=5 end");
}

TEST(IBounds, SeeksClamp) {
  Visible it = View(Sample(), 5, {"b", "c"});
  it.Seek("a");
  EXPECT_EQ(Show(it), "b=5");
  it.Seek("c");
  EXPECT_EQ(Show(it), "end");
  it.SeekForPrev("z");
  EXPECT_EQ(Show(it), "b=5");
  it.SeekForPrev("a");
  EXPECT_EQ(Show(it), "end");
}

TEST(IBounds, LastUnderAnUpperBoundBehindAllKeys) {
  Visible it = View(Sample(), 5, {{}, "zz"});
  it.SeekToLast();
  EXPECT_EQ(Show(it), "c=3");
}

TEST(IBounds, LastUnderAnUpperBoundThatHasManyVersions) {
  Visible it = View(Sample(), 9, {{}, "b"});
  it.SeekToLast();
  EXPECT_EQ(Show(it), "a=1");
}

TEST(IBounds, BoundsThatLeaveNothing) {
  const IteratorBounds bounds{"c", "b"};
  EXPECT_EQ(Forward(View(Sample(), 9, bounds)), "end");
  EXPECT_EQ(Backward(View(Sample(), 9, bounds)), "end");
}

TEST(IBounds, AnEmptyKeyIsABound) {
  EXPECT_EQ(Forward(View(Sample(), 9, {{}, ""})), "end");
  EXPECT_EQ(Forward(View(Sample(), 9, {"", {}})), "a=1 b=8 d=7 end");
}

TEST(ISame, ZigZagOverTombstonesAndVersions) {
  Visible it = View(Sample(), 9);
  it.SeekToFirst();
  it.Next();
  EXPECT_EQ(Show(it), "b=8");
  it.Next();
  EXPECT_EQ(Show(it), "d=7");
  it.Prev();
  EXPECT_EQ(Show(it), "b=8");
  it.Next();
  EXPECT_EQ(Show(it), "d=7");
  it.Prev();
  it.Prev();
  EXPECT_EQ(Show(it), "a=1");
  it.Next();
  EXPECT_EQ(Show(it), "b=8");
}

TEST(IKeep, AnOwnKeyMayBeTheTargetOfASeek) {
  Visible it = View(Sample(), 9);
  it.SeekToLast();
  it.Seek(it.key());
  EXPECT_EQ(Show(it), "d=7");
  it.SeekForPrev(it.key());
  EXPECT_EQ(Show(it), "d=7");
  it.SeekForPrev(it.key());
  EXPECT_EQ(Show(it), "d=7");
}

TEST(IKeep, KeyAndValueStandUntilTheNextMoveAfterATurnToo) {
  Visible it = View(Sample(), 9);
  it.SeekToFirst();
  it.Next();
  it.Prev();
  const std::string_view key = it.key();
  const std::string_view value = it.value();
  EXPECT_EQ(key, it.key());
  EXPECT_EQ(std::string(key) + std::string(value), "a1");
}

// The input fails where it arrives at one entry, or at the end. An implementation may not need that
// entry; then the walk is whole. It is never cut short without an error.
TEST(IError, AnErrorIsNeverTakenForAnEnd) {
  const auto is_honest = [](const std::string& walk, const std::string& whole,
                            const std::string& error) {
    if (walk == whole) return true;
    const size_t at = walk.find(error);
    return at != std::string::npos && whole.compare(0, at, walk, 0, at) == 0;
  };
  for (size_t fail_at = 0; fail_at <= Sample().size(); ++fail_at) {
    const std::string error = "IO error: read of entry " + std::to_string(fail_at);
    const std::string forward = Forward(View(Sample(), 9, {}, fail_at));
    EXPECT_TRUE(is_honest(forward, "a=1 b=8 d=7 end", error)) << forward;
    const std::string backward = Backward(View(Sample(), 9, {}, fail_at));
    EXPECT_TRUE(is_honest(backward, "d=7 b=8 a=1 end", error)) << backward;
  }
}

TEST(IError, AnEntryThatMustBeShownCannotBeLeftOut) {
  constexpr size_t kNewestOfB = 1;  // behind a
  EXPECT_EQ(Forward(View(Sample(), 9, {}, kNewestOfB)), "a=1 IO error: read of entry 1");
  EXPECT_EQ(Backward(View(Sample(), 9, {}, kNewestOfB)), "d=7 IO error: read of entry 1");
}

TEST(IError, AValueWhoseNewerVersionsCouldNotBeReadIsNotShown) {
  Visible it = View({PutEntry("a", 1, "old"), PutEntry("a", 2, "new")}, 9, {}, 0);
  it.SeekToLast();
  EXPECT_EQ(Show(it), "IO error: read of entry 0");
}

TEST(IError, AnUnparseableKeyIsCorruption) {
  Entries entries = {PutEntry("a", 1, "1"), PutEntry("b", 2, "2")};
  entries.back().key[1] = 0x7f;  // the type
  Visible it = View(entries, 9);
  it.SeekToFirst();
  EXPECT_EQ(Show(it), "a=1");
  it.Next();
  EXPECT_FALSE(it.Valid());
  EXPECT_TRUE(Status(it.status()).IsCorruption());
  it.SeekToLast();
  EXPECT_FALSE(it.Valid());
  EXPECT_TRUE(Status(it.status()).IsCorruption());
}

// What a user sees, as a sorted map with a cursor.
class ModelView {
 public:
  ModelView(const Entries& sorted, SequenceNumber sequence, const IteratorBounds& bounds) {
    for (auto entry = sorted.rbegin(); entry != sorted.rend(); ++entry) {  // oldest version first
      ParsedInternalKey key;
      LSM_CHECK(ParseInternalKey(entry->key, &key));
      if (key.sequence > sequence) continue;
      if (bounds.lower.data() != nullptr && key.user_key < bounds.lower) continue;
      if (bounds.upper.data() != nullptr && key.user_key >= bounds.upper) continue;
      if (key.type == ValueType::kValue) {
        view_[std::string(key.user_key)] = entry->value;
      } else {
        view_.erase(std::string(key.user_key));
      }
    }
    at_ = view_.end();
  }

  bool Valid() const { return at_ != view_.end(); }
  void SeekToFirst() { at_ = view_.begin(); }
  void SeekToLast() { Before(view_.end()); }
  void Seek(std::string_view target) { at_ = view_.lower_bound(std::string(target)); }
  void SeekForPrev(std::string_view target) { Before(view_.upper_bound(std::string(target))); }
  void Next() { ++at_; }
  void Prev() { Before(at_); }
  std::string_view key() const { return at_->first; }
  std::string_view value() const { return at_->second; }
  Status status() const { return Status::Ok(); }

 private:
  using Map = std::map<std::string, std::string>;
  void Before(Map::const_iterator it) { at_ = it == view_.begin() ? view_.end() : std::prev(it); }

  Map view_;
  Map::const_iterator at_;
};

std::string RandomKey() {
  return *rc::gen::element<std::string>("", "a", "aa", "ab", "b", "c", "cc", "d", "\xff");
}

Entries RandomVersions() {
  Entries entries;
  const int n = *rc::gen::inRange(0, 30);
  for (SequenceNumber sequence = 1; sequence <= static_cast<SequenceNumber>(n); ++sequence) {
    const std::string key = RandomKey();
    entries.push_back(*rc::gen::inRange(0, 3) == 0
                          ? DeleteEntry(key, sequence)
                          : PutEntry(key, sequence, std::to_string(sequence)));
  }
  SortEntries(&entries, kCmp);
  return entries;
}

template <class I>
void WalkBoth(I* it, ModelView* model) {
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const int move = *rc::gen::inRange(0, model->Valid() ? 12 : 4);
    const std::string target = RandomKey();
    const auto apply = [&](auto* walker) {
      if (move == 0) return walker->SeekToFirst();
      if (move == 1) return walker->SeekToLast();
      if (move == 2) return walker->Seek(target);
      if (move == 3) return walker->SeekForPrev(target);
      if (move % 2 == 0) return walker->Prev();
      walker->Next();
    };
    apply(model);
    apply(it);
    RC_LOG() << "move " << move << " -> " << Show(*it) << "\n";
    RC_ASSERT(Show(*it) == Show(*model));
  }
}

RC_GTEST_PROP(ISame, AnyWalkFollowsTheMapOfVisibleKeys, ()) {
  const Entries entries = RandomVersions();
  const auto sequence = *rc::gen::inRange<SequenceNumber>(0, 32);
  const std::string lower = RandomKey();
  const std::string upper = RandomKey();
  IteratorBounds bounds;
  if (*rc::gen::arbitrary<bool>()) bounds.lower = lower;
  if (*rc::gen::arbitrary<bool>()) bounds.upper = upper;
  ModelView model(entries, sequence, bounds);
  Visible it = View(entries, sequence, bounds);
  WalkBoth(&it, &model);
}

RC_GTEST_PROP(ISame, AnyWalkOverAMergeDoesToo, ()) {
  const Entries entries = RandomVersions();
  const auto sequence = *rc::gen::inRange<SequenceNumber>(0, 32);
  std::vector<Entries> parts(*rc::gen::inRange<size_t>(1, 5));
  for (const Entry& entry : entries) {
    parts[*rc::gen::inRange<size_t>(0, parts.size())].push_back(entry);
  }
  std::vector<VectorSource> sources;
  for (const Entries& part : parts) sources.emplace_back(kCmp, part);
  using Merging = MergingIterator<VectorSource>;
  ModelView model(entries, sequence, {});
  VisibleIterator<Merging> it(kCmp, Merging(kCmp, std::move(sources)), sequence, {});
  WalkBoth(&it, &model);
}

// Writes come between the moves of one source and those of the next, too: a merge that seeks anew
// may find another neighbour than the one that it has just looked at.
RC_GTEST_PROP(IGrow, WritesMadeDuringAWalkAreNotSeen, ()) {
  constexpr SequenceNumber kSequence = 32;
  const Entries entries = RandomVersions();
  std::vector<GrowingSource::Map> maps(*rc::gen::inRange<size_t>(1, 4),
                                       GrowingSource::Map(GrowingSource::Less{kCmp}));
  for (const Entry& entry : entries) {
    maps[*rc::gen::inRange<size_t>(0, maps.size())].emplace(entry.key, entry.value);
  }
  sim::Random random(*rc::gen::arbitrary<uint64_t>());
  SequenceNumber last = kSequence;
  const auto write_now_and_then = [&] {
    if (!random.OneIn1024(256)) return;
    const Entry entry = PutEntry(std::string(1, static_cast<char>('a' + random.Below(6))), ++last);
    maps[random.Below(maps.size())].emplace(entry.key, "unseen");
  };
  std::vector<GrowingSource> sources;
  for (const GrowingSource::Map& map : maps) sources.emplace_back(&map, write_now_and_then);
  using Merging = MergingIterator<GrowingSource>;
  VisibleIterator<Merging> it(kCmp, Merging(kCmp, std::move(sources)), kSequence, {});
  ModelView model(entries, kSequence, {});
  WalkBoth(&it, &model);
}

}  // namespace
}  // namespace lsm

// The merging half of the iterator contract, for any implementation of the stage.
#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <utility>

#include <rapidcheck/gtest.h>

#include <stage/iterator/merging_iterator.h>
#include "contract/iterator/concept.h"
#include "contract/iterator/growing_source.h"
#include "contract/iterator/vector_source.h"

namespace lsm {
namespace {

using Merging = MergingIterator<VectorSource>;
static_assert(MergingIteratorStage<Merging, VectorSource>);
static_assert(InternalIterator<MergingIterator<Merging>>, "a merge is a source of merges");

const InternalKeyComparator kCmp(BytewiseComparator());

Merging Merge(const std::vector<Entries>& sources) {
  std::vector<VectorSource> moved;
  for (const Entries& entries : sources) moved.emplace_back(kCmp, entries);
  return Merging(kCmp, std::move(moved));
}

// "key@sequence=value", or "end" with the status if there is one.
template <class I>
std::string Show(const I& it) {
  if (!it.Valid()) return Status(it.status()).ok() ? "end" : Status(it.status()).ToString();
  ParsedInternalKey key;
  if (!ParseInternalKey(it.key(), &key)) return "malformed";
  return std::string(key.user_key) + "@" + std::to_string(key.sequence) + "=" +
         std::string(it.value());
}

TEST(IMerge, YieldsAllEntriesInOrderForward) {
  Merging it = Merge({{PutEntry("b", 5, "v")}, {PutEntry("a", 2, "x"), PutEntry("c", 3, "y")}});
  std::string walk;
  for (it.SeekToFirst(); it.Valid(); it.Next()) walk += Show(it) + " ";
  EXPECT_EQ(walk, "a@2=x b@5=v c@3=y ");
  EXPECT_EQ(Show(it), "end");
}

TEST(IMerge, YieldsAllEntriesInOrderBackward) {
  Merging it = Merge({{PutEntry("b", 5, "v")}, {PutEntry("a", 2, "x"), PutEntry("c", 3, "y")}});
  std::string walk;
  for (it.SeekToLast(); it.Valid(); it.Prev()) walk += Show(it) + " ";
  EXPECT_EQ(walk, "c@3=y b@5=v a@2=x ");
}

TEST(IMerge, NewerVersionsComeFirstWhereverTheyStand) {
  Merging it = Merge({{PutEntry("k", 3, "new")}, {PutEntry("k", 9, "newest")}, {PutEntry("k", 1)}});
  it.SeekToFirst();
  EXPECT_EQ(Show(it), "k@9=newest");
  it.Next();
  EXPECT_EQ(Show(it), "k@3=new");
}

TEST(IMerge, OfEqualKeysTheEarlierSourceComesFirstAndLastGoingBackward) {
  Merging it = Merge({{PutEntry("k", 1, "first")}, {PutEntry("k", 1, "second")}});
  it.SeekToFirst();
  EXPECT_EQ(Show(it), "k@1=first");
  it.Next();
  EXPECT_EQ(Show(it), "k@1=second");
  it.SeekToLast();
  EXPECT_EQ(Show(it), "k@1=second");
  it.Prev();
  EXPECT_EQ(Show(it), "k@1=first");
}

TEST(IMerge, WithoutSourcesOrEntriesThereIsNothing) {
  Merging none = Merge({});
  none.SeekToFirst();
  EXPECT_EQ(Show(none), "end");
  Merging empty = Merge({{}, {}});
  empty.SeekToLast();
  EXPECT_EQ(Show(empty), "end");
  empty.Seek(MakeInternalKey("a", 1, kTypeForSeek));
  EXPECT_EQ(Show(empty), "end");
}

TEST(IMerge, SeekGoesToTheFirstEntryNotBeforeTheTarget) {
  Merging it = Merge({{PutEntry("a", 1), PutEntry("c", 7)}, {PutEntry("c", 4), PutEntry("d", 2)}});
  it.Seek(MakeInternalKey("c", 5, kTypeForSeek));
  EXPECT_EQ(Show(it), "c@4=");
  it.Seek(MakeInternalKey("d", 1, kTypeForSeek));
  EXPECT_EQ(Show(it), "end");
}

TEST(ITurn, BackAtOnceFromASourceThatIsExhaustedForward) {
  Merging it = Merge({{PutEntry("a", 1)}, {PutEntry("b", 1), PutEntry("c", 1)}});
  it.Seek(MakeInternalKey("c", 1, kTypeForSeek));
  it.Prev();
  EXPECT_EQ(Show(it), "b@1=");
  it.Prev();
  EXPECT_EQ(Show(it), "a@1=");
  it.Next();
  EXPECT_EQ(Show(it), "b@1=");
}

TEST(ITurn, EqualKeysAreNeitherRepeatedNorLost) {
  Merging it = Merge({{PutEntry("k", 1, "0")}, {PutEntry("k", 1, "1")}, {PutEntry("k", 1, "2")}});
  it.SeekToFirst();
  it.Next();
  EXPECT_EQ(Show(it), "k@1=1");
  it.Prev();
  EXPECT_EQ(Show(it), "k@1=0");
  it.Next();
  EXPECT_EQ(Show(it), "k@1=1");
  it.Next();
  EXPECT_EQ(Show(it), "k@1=2");
}

using GrowingMap = GrowingSource::Map;

GrowingMap MapOf(std::initializer_list<std::string_view> keys) {
  GrowingMap map{GrowingSource::Less{kCmp}};
  for (const std::string_view key : keys) map.emplace(PutEntry(key, 1).key, "");
  return map;
}

TEST(IGrow, WhatASourceGainedMeanwhileStaysInOrder) {
  const GrowingMap still = MapOf({"a", "c"});
  GrowingMap grows = MapOf({"e"});
  MergingIterator<GrowingSource> it(kCmp, {GrowingSource(&grows), GrowingSource(&still)});
  it.SeekToFirst();
  it.Next();
  EXPECT_EQ(Show(it), "c@1=");
  grows.merge(MapOf({"d"}));  // in front of e, where this source stands, and behind c
  it.Prev();
  EXPECT_EQ(Show(it), "a@1=");
  grows.merge(MapOf({"0"}));
  it.Next();
  EXPECT_EQ(Show(it), "c@1=");
  it.Next();
  EXPECT_EQ(Show(it), "d@1=");
}

TEST(IGrow, WhatASourceGainsWithinAMoveStaysInOrder) {
  const GrowingMap still = MapOf({"a", "c"});
  GrowingMap grows = MapOf({"e"});
  bool written = true;
  const auto write_d = [&] {
    if (!std::exchange(written, true)) grows.merge(MapOf({"d"}));
  };
  MergingIterator<GrowingSource> it(kCmp, {GrowingSource(&grows, write_d), GrowingSource(&still)});
  it.SeekToFirst();
  it.Next();
  EXPECT_EQ(Show(it), "c@1=");
  written = false;
  it.Prev();
  EXPECT_EQ(Show(it), "a@1=");
}

TEST(ITurn, AnIteratorMayBeMovedInMidWalk) {
  Merging it = Merge({{PutEntry("a", 1), PutEntry("c", 1)}, {PutEntry("b", 1)}});
  it.SeekToFirst();
  Merging moved(std::move(it));
  EXPECT_EQ(Show(moved), "a@1=");
  moved.Next();
  EXPECT_EQ(Show(moved), "b@1=");
}

// The error of one source, met in any way, ends the walk; the other source is not walked on alone.
Merging FailingAt(size_t fail_at) {
  std::vector<VectorSource> sources;
  sources.emplace_back(kCmp, Entries{PutEntry("a", 1), PutEntry("c", 1), PutEntry("e", 1)},
                       fail_at);
  sources.emplace_back(kCmp, Entries{PutEntry("b", 1), PutEntry("d", 1), PutEntry("f", 1)});
  return Merging(kCmp, std::move(sources));
}

TEST(IError, WhileSeeking) {
  Merging it = FailingAt(0);
  it.SeekToFirst();
  EXPECT_EQ(Show(it), "IO error: read of entry 0");
}

TEST(IError, WhileWalkingForward) {
  Merging it = FailingAt(1);
  it.SeekToFirst();
  it.Next();
  EXPECT_EQ(Show(it), "IO error: read of entry 1");
}

TEST(IError, WhileWalkingBackward) {
  Merging it = FailingAt(1);
  for (it.SeekToLast(); it.Valid(); it.Prev()) EXPECT_GE(Show(it), "d");
  EXPECT_EQ(Show(it), "IO error: read of entry 1");
}

TEST(IError, AtTheEndOfASource) {
  Merging it = FailingAt(3);
  for (it.SeekToFirst(); it.Valid(); it.Next()) EXPECT_LE(Show(it), "e@1=");
  EXPECT_EQ(Show(it), "IO error: read of entry 3");
}

TEST(IError, WhileTurning) {
  Merging it = FailingAt(0);
  it.Seek(MakeInternalKey("b", 1, kTypeForSeek));
  EXPECT_EQ(Show(it), "b@1=");
  it.Prev();
  EXPECT_EQ(Show(it), "IO error: read of entry 0");
}

TEST(IError, ALaterSeekStartsAfresh) {
  Merging it = FailingAt(0);
  it.SeekToFirst();
  it.Seek(MakeInternalKey("d", 1, kTypeForSeek));
  EXPECT_EQ(Show(it), "d@1=");
}

TEST(IError, AKeyWithoutATagIsCorruption) {
  Merging it = Merge({{Entry{"short", ""}}, {PutEntry("a", 1)}});
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  EXPECT_TRUE(Status(it.status()).IsCorruption());
}

// Random sources with few user keys, so that ties and neighbours are common.
std::vector<Entries> RandomSources() {
  std::vector<Entries> sources(*rc::gen::inRange<size_t>(0, 6));
  for (Entries& source : sources) {
    const size_t n = *rc::gen::inRange<size_t>(0, 8);
    for (size_t i = 0; i < n; ++i) {
      source.push_back(PutEntry(std::string(1, *rc::gen::inRange('a', 'f')),
                                *rc::gen::inRange<SequenceNumber>(1, 4)));
    }
    SortEntries(&source, kCmp);
    source.erase(std::unique(source.begin(), source.end()), source.end());
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    for (Entry& entry : sources[i]) entry.value = std::to_string(i);
  }
  return sources;
}

// A cursor into the sorted list of all entries, which any walk must follow.
RC_GTEST_PROP(IMerge, AnyWalkFollowsTheSortedList, ()) {
  const std::vector<Entries> sources = RandomSources();
  Entries all;
  for (const Entries& source : sources) all.insert(all.end(), source.begin(), source.end());
  SortEntries(&all, kCmp);
  VectorSource expected(kCmp, all);
  Merging it = Merge(sources);
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const int move = *rc::gen::inRange(0, expected.Valid() ? 10 : 3);
    const std::string target =
        MakeInternalKey(std::string(1, *rc::gen::inRange('a', 'g')),
                        *rc::gen::inRange<SequenceNumber>(0, 5), kTypeForSeek);
    const auto apply = [&](auto* walker) {
      if (move == 0) return walker->SeekToFirst();
      if (move == 1) return walker->SeekToLast();
      if (move == 2) return walker->Seek(target);
      if (move % 2 == 0) return walker->Prev();
      walker->Next();
    };
    apply(&expected);
    apply(&it);
    RC_LOG() << "move " << move << " -> " << Show(it) << "\n";
    RC_ASSERT(Show(it) == Show(expected));
  }
}

}  // namespace
}  // namespace lsm

// Serves the iterators. Their sources are in the process that tests them.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <stage/iterator/merging_iterator.h>
#include <stage/iterator/visible_iterator.h>
#include "contract/iterator/concept.h"
#include "remote/asked_comparator.h"
#include "remote/host.h"
#include "remote/position.h"
#include "remote/protocol.h"
#include "remote/serve.h"

namespace lsm::remote {
namespace {

// A source on the other side. As hostile as it may be: a move overwrites what key() gave.
class AskedSource {
 public:
  AskedSource(uint64_t index, In* in) : index_(index) { at_.Take(in); }

  bool Valid() const { return at_.valid; }
  void SeekToFirst() { Ask(Move::kSeekToFirst); }
  void SeekToLast() { Ask(Move::kSeekToLast); }
  void Seek(std::string_view target) { Ask(Move::kSeek, target); }
  void Next() { Ask(Move::kNext); }
  void Prev() { Ask(Move::kPrev); }
  std::string_view key() const { return at_.key; }
  std::string_view value() const { return at_.value; }
  Status status() const { return at_.status; }

 private:
  void Ask(Move how, std::string_view target = {}) {
    Out out;
    out.Number(static_cast<uint64_t>(HarnessCall::kMoveSource)).Number(index_);
    out.Number(static_cast<uint64_t>(how)).Bytes(target);
    for (std::string* bytes : {&at_.key, &at_.value}) bytes->assign(bytes->size(), '?');
    const std::string answer = AskHarness(out);
    In in(answer);
    at_.Take(&in);
  }

  uint64_t index_;
  Position at_;
};

using Merging = MergingIterator<AskedSource>;
using Visible = VisibleIterator<AskedSource>;
static_assert(MergingIteratorStage<Merging, AskedSource>);
static_assert(VisibleIteratorStage<Visible, AskedSource>);

class Served {
 public:
  virtual ~Served() = default;
  virtual bool MoveTo(Move how, bool own_key, std::string_view target, Out* answer) = 0;
};

template <class I>
class ServedIterator final : public Served {
 public:
  ServedIterator(std::unique_ptr<AskedComparator> order, I it)
      : order_(std::move(order)), it_(std::move(it)) {}

  bool MoveTo(Move how, bool own_key, std::string_view target, Out* answer) override {
    if (own_key && it_.Valid()) target = it_.key();
    if (how == Move::kSeekToFirst) it_.SeekToFirst();
    if (how == Move::kSeekToLast) it_.SeekToLast();
    if (how == Move::kSeek) it_.Seek(target);
    if constexpr (requires { it_.SeekForPrev(target); }) {
      if (how == Move::kSeekForPrev) it_.SeekForPrev(target);
    }
    if (how == Move::kNext) it_.Next();
    if (how == Move::kPrev) it_.Prev();
    TellPosition(it_, answer);
    return true;
  }

 private:
  const std::unique_ptr<AskedComparator> order_;
  I it_;
};

// With the bounds that a VisibleIterator looks at for as long as it lives.
class ServedView final : public Served {
 public:
  ServedView(std::unique_ptr<AskedComparator> order, AskedSource source, In* view) {
    const SequenceNumber sequence = view->Number();
    const bool from_open = view->Flag();
    lower_ = view->Bytes();
    const bool to_open = view->Flag();
    upper_ = view->Bytes();
    if (!from_open) bounds_.lower = lower_;
    if (!to_open) bounds_.upper = upper_;
    const InternalKeyComparator keys = order->ForInternalKeys();
    it_ = std::make_unique<ServedIterator<Visible>>(
        std::move(order), Visible(keys, std::move(source), sequence, bounds_));
  }
  bool MoveTo(Move how, bool own_key, std::string_view target, Out* answer) override {
    return it_->MoveTo(how, own_key, target, answer);
  }

 private:
  std::string lower_, upper_;
  IteratorBounds bounds_;
  std::unique_ptr<Served> it_;
};

Objects<Served>* Iterators() {
  static auto* const iterators = new Objects<Served>;
  return iterators;
}

bool Make(IteratorCall which, In* call, Out* answer) {
  auto order = std::make_unique<AskedComparator>(call->Bytes());
  std::vector<AskedSource> sources;
  const uint64_t count = call->Number();
  for (uint64_t i = 0; i < count && call->ok(); ++i) sources.emplace_back(i, call);
  const std::string made(call->Bytes());
  if (!call->ok()) return false;
  std::unique_ptr<Served> served;
  if (which == IteratorCall::kNewMerging) {
    const InternalKeyComparator keys = order->ForInternalKeys();
    served = std::make_unique<ServedIterator<Merging>>(std::move(order),
                                                       Merging(keys, std::move(sources)));
  } else {
    if (sources.size() != 1) return false;
    In view(made);
    served = std::make_unique<ServedView>(std::move(order), std::move(sources[0]), &view);
  }
  answer->Number(Iterators()->Keep(std::move(served)));
  return true;
}

}  // namespace

bool ServeStage(In* call, Out* answer) {
  const auto which = static_cast<IteratorCall>(call->Number());
  if (which <= IteratorCall::kNewVisible) return Make(which, call, answer);
  const uint64_t id = call->Number();
  if (which == IteratorCall::kDrop) {
    Iterators()->Drop(id);
    return true;
  }
  const auto how = static_cast<Move>(call->Number());
  const bool own_key = call->Flag();
  const std::string target(call->Bytes());
  Served* const it = Iterators()->Find(id);
  return it != nullptr && it->MoveTo(how, own_key, target, answer);
}

}  // namespace lsm::remote

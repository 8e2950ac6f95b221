// What both iterators behind the wall have in common: the sources, which stay on this side, and
// where the iterator stands. Not for use by itself.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/internal_key.h"
#include "remote/position.h"
#include "remote/protocol.h"
#include "remote/serve.h"
#include "remote/stage_process.h"

namespace lsm::remote {

// Moves an iterator as the other side asked for. SeekForPrev is no move of a source.
template <class I>
bool MoveAs(Move how, std::string_view target, I* it) {
  if (how == Move::kSeekToFirst) {
    it->SeekToFirst();
  } else if (how == Move::kSeekToLast) {
    it->SeekToLast();
  } else if (how == Move::kSeek) {
    it->Seek(target);
  } else if (how == Move::kNext && it->Valid()) {
    it->Next();
  } else if (how == Move::kPrev && it->Valid()) {
    it->Prev();
  } else {
    return false;
  }
  return true;
}

template <class Source>
class RemoteIterator {
 public:
  // `made` makes it: what is sent behind the comparator's name and the sources' positions.
  RemoteIterator(const char* what, IteratorCall call, const InternalKeyComparator& comparator,
                 std::vector<Source> sources, const Out& made)
      : user_(comparator.user_comparator()), sources_(std::move(sources)) {
    Out out;
    out.Number(static_cast<uint64_t>(call)).Bytes(user_->Name()).Number(sources_.size());
    for (const Source& source : sources_) TellPosition(source, &out);
    out.Bytes(made.bytes());
    id_ = Ask(what, out, [](In* in) { return in->Number(); });
  }
  ~RemoteIterator() {
    Out out;
    out.Number(static_cast<uint64_t>(IteratorCall::kDrop)).Number(id_);
    Ask("~Iterator", out, [](In*) { return true; });
  }
  RemoteIterator(const RemoteIterator&) = delete;
  RemoteIterator& operator=(const RemoteIterator&) = delete;

  void MoveTo(const char* what, Move how, std::string_view target = {}) {
    // A target that is the iterator's own key is that there, too.
    const bool own = at_.valid && target.data() == at_.key.data();
    Out out;
    out.Number(static_cast<uint64_t>(IteratorCall::kMove)).Number(id_);
    out.Number(static_cast<uint64_t>(how)).Number(own ? 1 : 0).Bytes(target);
    Ask(what, out, [this](In* in) {
      at_.Take(in);
      return true;
    });
  }
  const Position& at() const { return at_; }

 private:
  template <class Read>
  auto Ask(const char* what, const Out& call, Read read) {
    const auto serve = [this](In* in, Out* out) {
      const auto asked = static_cast<HarnessCall>(in->Number());
      if (asked == HarnessCall::kCompare) {
        ServeCompare(user_, in, out);
        return true;
      }
      const uint64_t source = in->Number();
      const auto how = static_cast<Move>(in->Number());
      const std::string_view target = in->Bytes();
      if (asked != HarnessCall::kMoveSource || source >= sources_.size()) return false;
      if (!MoveAs(how, target, &sources_[source])) return false;
      TellPosition(sources_[source], out);
      return true;
    };
    return ReadAnswer(what, CallStage(what, call, serve), read);
  }

  const Comparator* const user_;
  std::vector<Source> sources_;
  uint64_t id_ = 0;  // in the other process
  Position at_;
};

}  // namespace lsm::remote

// A second implementation of the iterator stage, which shows that its suites pin the contract and
// not the reference. It has no heap and no direction: every move seeks all sources anew from the
// current key and takes the best by looking at each. Slow, short. Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/internal_iterator.h"
#include "format/internal_key.h"
#include "lsm/status.h"

namespace lsm {

template <InternalIterator Source>
class MergingIterator {
 public:
  MergingIterator(const InternalKeyComparator& cmp, std::vector<Source> sources)
      : cmp_(cmp), sources_(std::move(sources)), current_(sources_.size()) {}

  bool Valid() const { return current_ < sources_.size(); }

  void SeekToFirst() {
    for (Source& source : sources_) source.SeekToFirst();
    ChooseFirst();
  }
  void SeekToLast() {
    for (Source& source : sources_) source.SeekToLast();
    ChooseLast();
  }
  void Seek(std::string_view target) {
    for (Source& source : sources_) source.Seek(target);
    ChooseFirst();
  }

  void Next() {
    const std::string here(key());
    for (size_t i = 0; i < sources_.size(); ++i) {
      Source& source = sources_[i];
      if (i != current_) source.Seek(here);
      // An earlier source's equal key came before the current entry.
      if (i == current_ || (i < current_ && AtKey(source, here))) source.Next();
    }
    ChooseFirst();
  }

  void Prev() {
    const std::string here(key());
    for (size_t i = 0; i < sources_.size(); ++i) {
      Source& source = sources_[i];
      if (i != current_) source.Seek(here);
      if (i < current_ && AtKey(source, here)) continue;
      if (source.Valid()) {
        source.Prev();
      } else if (Status(source.status()).ok()) {
        source.SeekToLast();
      }
      // More than one step only if the source grew meanwhile: a memtable that is being written.
      while (source.Valid() && source.key().size() >= kTagBytes &&
             cmp_.Compare(source.key(), here) >= (i < current_ ? 1 : 0)) {
        source.Prev();
      }
    }
    ChooseLast();
  }

  std::string_view key() const { return sources_[current_].key(); }
  std::string_view value() const { return sources_[current_].value(); }
  Status status() const { return status_; }

 private:
  bool AtKey(const Source& source, std::string_view key) const {
    return source.Valid() && cmp_.Compare(source.key(), key) == 0;
  }

  void ChooseFirst() {
    Choose([](int order) { return order < 0; });  // of equal keys the earlier source's
  }
  void ChooseLast() {
    Choose([](int order) { return order >= 0; });  // of equal keys the later source's
  }

  template <class Better>
  void Choose(const Better& better) {
    current_ = sources_.size();
    for (size_t i = 0; i < sources_.size(); ++i) {
      status_ = sources_[i].status();
      if (status_.ok() && sources_[i].Valid() && sources_[i].key().size() < kTagBytes) {
        status_ = Status::Corruption("merging: an internal key without a tag");
      }
      if (!status_.ok()) {
        current_ = sources_.size();
        return;
      }
      if (!sources_[i].Valid()) continue;
      if (!Valid() || better(cmp_.Compare(sources_[i].key(), key()))) current_ = i;
    }
  }

  InternalKeyComparator cmp_;
  std::vector<Source> sources_;
  size_t current_;  // sources_.size(): none
  Status status_;
};

}  // namespace lsm

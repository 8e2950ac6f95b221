#include <stage/sstable/table.h>

namespace lsm {

void Table::Iterator::SeekToFirst() {
  index_.SeekToFirst();
  if (!Load()) return;
  data_.SeekToFirst();
  GoForward();
}

void Table::Iterator::SeekToLast() {
  index_.SeekToLast();
  if (!Load()) return;
  data_.SeekToLast();
  GoBackward();
}

void Table::Iterator::Seek(std::string_view target) {
  index_.Seek(target);
  if (!Load()) return;
  data_.Seek(target);
  GoForward();
}

Status Table::Iterator::status() const {
  return status_.ok() ? table_->file_.MappingStatus() : status_;
}

bool Table::Iterator::Load() {
  if (!index_.Valid()) {
    Unload();
    status_ = table_->BlockStatus(index_, table_->index_contents_);
    return false;
  }
  if (loaded_ && loaded_entry_ == index_.EntryOffset()) return true;
  Unload();
  status_ = table_->LoadBlock(index_, fill_cache_, &contents_);
  if (!status_.ok()) return false;
  data_.Reset(Block(contents_.bytes));
  loaded_ = true;
  loaded_entry_ = index_.EntryOffset();
  return true;
}

void Table::Iterator::Unload() {
  data_.Reset(Block());
  contents_ = BlockContents();
  loaded_ = false;
}

bool Table::Iterator::LeaveBlock() {
  status_ = table_->BlockStatus(data_, contents_);
  if (!status_.ok()) Unload();
  return status_.ok();
}

void Table::Iterator::GoForward() {
  while (!data_.Valid()) {
    if (!LeaveBlock()) return;
    index_.Next();
    if (!Load()) return;
    data_.SeekToFirst();
  }
}

void Table::Iterator::GoBackward() {
  while (!data_.Valid()) {
    if (!LeaveBlock()) return;
    index_.Prev();
    if (!Load()) return;
    data_.SeekToLast();
  }
}

}  // namespace lsm

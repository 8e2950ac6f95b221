#include <stage/memtable/memtable.h>

#include <utility>

#include "remote/protocol.h"
#include "remote/serve.h"
#include "remote/stage_process.h"

namespace lsm {
namespace {

using remote::In;
using remote::MemTableCall;
using remote::Out;

Out CallOf(MemTableCall call, uint64_t id) {
  Out out;
  out.Number(static_cast<uint64_t>(call)).Number(id);
  return out;
}

template <class Read>
auto Ask(const char* what, const Out& call, const Comparator* user, Read read) {
  const auto serve = [user](In* in, Out* out) {
    if (static_cast<remote::HarnessCall>(in->Number()) != remote::HarnessCall::kCompare) {
      return false;
    }
    remote::ServeCompare(user, in, out);
    return true;
  };
  const std::string answer = remote::CallStage(what, call, serve);
  return remote::ReadAnswer(what, answer, read);
}

uint64_t ReadNumber(In* in) { return in->Number(); }
bool ReadNothing(In*) { return true; }

}  // namespace

MemTable::MemTable(const InternalKeyComparator& comparator)
    : user_(comparator.user_comparator()),
      id_(Ask("MemTable()", CallOf(MemTableCall::kNew, 0).Bytes(user_->Name()), user_,
              ReadNumber)) {}

MemTable::~MemTable() { Ask("~MemTable", CallOf(MemTableCall::kDrop, id_), user_, ReadNothing); }

void MemTable::Add(SequenceNumber sequence, ValueType type, std::string_view key,
                   std::string_view value) {
  Out call = CallOf(MemTableCall::kAdd, id_);
  call.Number(sequence).Number(static_cast<uint64_t>(type)).Bytes(key).Bytes(value);
  Ask("MemTable::Add", call, user_, ReadNothing);
}

LookupState MemTable::Get(const LookupKey& key, std::string* value) const {
  Out call = CallOf(MemTableCall::kGet, id_);
  call.Number(key.sequence()).Bytes(key.user_key()).Number(value != nullptr ? 1 : 0);
  return Ask("MemTable::Get", call, user_, [value](In* in) {
    const uint64_t state = in->Number();
    const std::string_view found = in->Bytes();
    if (state > static_cast<uint64_t>(LookupState::kDeleted)) {
      remote::StageBroke("MemTable::Get", "answered a state that is none");
    }
    if (state == static_cast<uint64_t>(LookupState::kFound) && value != nullptr) *value = found;
    return static_cast<LookupState>(state);
  });
}

size_t MemTable::MemoryUsage() const {
  return Ask("MemTable::MemoryUsage", CallOf(MemTableCall::kMemoryUsage, id_), user_, ReadNumber);
}

size_t MemTable::Entries() const {
  return Ask("MemTable::Entries", CallOf(MemTableCall::kEntries, id_), user_, ReadNumber);
}

MemTable::Iterator::Iterator(const MemTable* table)
    : user_(table->user_),
      id_(Ask("MemTable::Iterator()", CallOf(MemTableCall::kNewIterator, table->id_), user_,
              ReadNumber)) {}

MemTable::Iterator::~Iterator() { Drop(); }

MemTable::Iterator::Iterator(Iterator&& other) noexcept
    : user_(other.user_), id_(std::exchange(other.id_, 0)), at_(std::move(other.at_)) {}

MemTable::Iterator& MemTable::Iterator::operator=(Iterator&& other) noexcept {
  std::swap(user_, other.user_);
  std::swap(id_, other.id_);
  std::swap(at_, other.at_);
  return *this;
}

void MemTable::Iterator::Drop() {
  if (id_ == 0) return;
  Ask("~Iterator", CallOf(MemTableCall::kDropIterator, id_), user_, ReadNothing);
}

void MemTable::Iterator::Move(const char* what, uint64_t call, std::string_view target) {
  const Out out = CallOf(static_cast<MemTableCall>(call), id_).Bytes(target);
  Ask(what, out, user_, [this](In* in) {
    at_.Take(in);
    return true;
  });
}

void MemTable::Iterator::SeekToFirst() {
  Move("Iterator::SeekToFirst", static_cast<uint64_t>(MemTableCall::kSeekToFirst), {});
}
void MemTable::Iterator::SeekToLast() {
  Move("Iterator::SeekToLast", static_cast<uint64_t>(MemTableCall::kSeekToLast), {});
}
void MemTable::Iterator::Seek(std::string_view target) {
  Move("Iterator::Seek", static_cast<uint64_t>(MemTableCall::kSeek), target);
}
void MemTable::Iterator::Next() {
  Move("Iterator::Next", static_cast<uint64_t>(MemTableCall::kNext), {});
}
void MemTable::Iterator::Prev() {
  Move("Iterator::Prev", static_cast<uint64_t>(MemTableCall::kPrev), {});
}

}  // namespace lsm

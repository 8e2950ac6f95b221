// Serves a memtable. A user's order that is not the bytewise one is asked for.
#include <memory>
#include <string>

#include <stage/memtable/memtable.h>
#include "contract/memtable/concept.h"
#include "remote/asked_comparator.h"
#include "remote/host.h"
#include "remote/protocol.h"
#include "remote/serve.h"

namespace lsm::remote {

static_assert(MemTableStage<MemTable>);

namespace {

struct Table {
  explicit Table(std::string_view order) : asked(order), memtable(asked.ForInternalKeys()) {}
  const AskedComparator asked;
  MemTable memtable;
};

Objects<Table>* Tables() {
  static auto* const tables = new Objects<Table>;
  return tables;
}
Objects<MemTable::Iterator>* Iterators() {
  static auto* const iterators = new Objects<MemTable::Iterator>;
  return iterators;
}

bool Add(MemTable* table, In* in) {
  const SequenceNumber sequence = in->Number();
  const auto type = static_cast<ValueType>(in->Number());
  // Of their own, gone after the call: M-ADD copies them.
  const std::string key(in->Bytes()), value(in->Bytes());
  table->Add(sequence, type, key, value);
  return true;
}

bool Get(const MemTable& table, In* in, Out* answer) {
  const SequenceNumber sequence = in->Number();
  const std::string_view key = in->Bytes();
  std::string value;
  const bool wanted = in->Flag();
  const LookupState state = table.Get(LookupKey(key, sequence), wanted ? &value : nullptr);
  answer->Number(static_cast<uint64_t>(state)).Bytes(value);
  return true;
}

bool MoveIterator(MemTableCall call, uint64_t id, In* in, Out* answer) {
  MemTable::Iterator* const it = Iterators()->Find(id);
  const std::string target(in->Bytes());
  if (it == nullptr) return false;
  if (call == MemTableCall::kSeekToFirst) it->SeekToFirst();
  if (call == MemTableCall::kSeekToLast) it->SeekToLast();
  if (call == MemTableCall::kSeek) it->Seek(target);
  if (call == MemTableCall::kNext) it->Next();
  if (call == MemTableCall::kPrev) it->Prev();
  TellPosition(*it, answer);
  return true;
}

}  // namespace

bool ServeStage(In* call, Out* answer) {
  const auto which = static_cast<MemTableCall>(call->Number());
  const uint64_t id = call->Number();
  if (which == MemTableCall::kNew) {
    answer->Number(Tables()->Keep(std::make_unique<Table>(call->Bytes())));
    return true;
  }
  if (which == MemTableCall::kDropIterator) {
    Iterators()->Drop(id);
    return true;
  }
  if (which > MemTableCall::kNewIterator) return MoveIterator(which, id, call, answer);
  Table* const found = Tables()->Find(id);
  if (found == nullptr) return false;
  MemTable* const table = &found->memtable;
  switch (which) {
    case MemTableCall::kAdd:
      return Add(table, call);
    case MemTableCall::kGet:
      return Get(*table, call, answer);
    case MemTableCall::kMemoryUsage:
      answer->Number(table->MemoryUsage());
      return true;
    case MemTableCall::kEntries:
      answer->Number(table->Entries());
      return true;
    case MemTableCall::kDrop:
      Tables()->Drop(id);
      return true;
    case MemTableCall::kNewIterator:
      answer->Number(Iterators()->Keep(std::make_unique<MemTable::Iterator>(table)));
      return true;
    default:
      return false;
  }
}

}  // namespace lsm::remote

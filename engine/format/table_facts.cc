#include "format/table_facts.h"

#include "base/coding.h"

namespace lsm {

std::string EncodeFacts(const TableFacts& facts) {
  std::string bytes;
  for (const uint64_t number : {facts.entries, facts.tombstones, facts.last_sequence,
                                facts.newest_us, facts.oldest_tombstone_us}) {
    PutVarint64(&bytes, number);
  }
  return bytes;
}

bool DecodeFacts(std::string_view bytes, TableFacts* facts) {
  for (uint64_t* number : {&facts->entries, &facts->tombstones, &facts->last_sequence,
                           &facts->newest_us, &facts->oldest_tombstone_us}) {
    if (!GetVarint64(&bytes, number)) return false;
  }
  return true;
}

}  // namespace lsm

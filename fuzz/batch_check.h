// The oracles of target `batch`, for any parser of a write batch.
//
//   bytes as a batch     refused, or: its updates are as many as its header counts, the same by
//                        handler and by reader, and a batch made of them parses to the same;
//   bytes as updates     what was put in comes back.
#pragma once

#include "fuzz/target.h"
#include "lsm/write_batch.h"

namespace lsm::fuzz {

using ParseBatch = Status (*)(std::string_view bytes, WriteBatch* batch);

Finding CheckBatch(std::string_view input, ParseBatch parse);

}  // namespace lsm::fuzz

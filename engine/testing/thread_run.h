// RunThreads: real threads on one database that all write the same few keys, put, delete and in
// batches, and read them by get, multiget, iterators and snapshots, while another thread flushes
// and compacts. In rounds: after each the clients rest, the whole database is read once more, and
// the round's history is judged (testing/linearizable.h). What is then there begins the next one.
//
// Which operations a client does is a function of the seed; how the threads interleave is not, so
// a finding may need more than one run to be seen again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "lsm/db.h"
#include "testing/property.h"

namespace lsm::lab {

struct ThreadRunOptions {
  uint64_t seed = 1;
  size_t clients = 4;
  uint64_t rounds = 20;
  uint64_t operations = 40;          // of a client in a round
  std::function<void()> on_round{};  // told after each
};

struct ThreadRunReport {
  uint64_t rounds = 0, acts = 0, sightings = 0, undecided = 0;
  // Of the first round that is wrong, in words; empty: none.
  std::string finding;
  Property property = Property::kP0;
};

ThreadRunReport RunThreads(Env* env, DB* db, const ThreadRunOptions& options);

}  // namespace lsm::lab

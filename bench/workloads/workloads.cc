#include <algorithm>

#include "workloads/workload.h"

namespace lsm::bench {
namespace {

Status PutKey(Worker* w, bool sync = false) {
  w->values->Make(w->random.Next(), &w->value);
  w->user_bytes += w->key.size() + w->value.size();
  return w->store->Put(w->key, w->value, sync);
}
void RandomKey(Worker* w) { ScatteredKey(w->random.Below(w->keys), &w->key); }
void ZipfianKey(Worker* w) { ScatteredKey(w->zipfian->Draw(&w->random), &w->key); }

Status GetKey(Worker* w) {
  const Result<bool> found = w->store->Get(w->key, &w->value);
  if (!found.ok()) return found.status();
  w->answers += AnswerSum(w->key, *found, w->value);
  return Status::Ok();
}

// --- Fills ---
Status FillSeq(Worker* w) {
  SequentialKey(w->first + w->steps, &w->key);
  return PutKey(w);
}
Status FillRandom(Worker* w) {
  RandomKey(w);
  return PutKey(w);
}
Status FillSync(Worker* w) {
  RandomKey(w);
  return PutKey(w, true);
}
template <size_t kEntries, bool kSequential>
Status FillBatch(Worker* w) {
  w->batch.resize(kEntries);
  for (size_t i = 0; i < kEntries; ++i) {
    auto& [key, value] = w->batch[i];
    if (kSequential) {
      SequentialKey(w->first + w->steps * kEntries + i, &key);
    } else {
      ScatteredKey(w->random.Below(w->keys), &key);
    }
    w->values->Make(w->random.Next(), &value);
    w->user_bytes += key.size() + value.size();
  }
  return w->store->Write(w->batch);
}
Status DeleteRandom(Worker* w) {
  RandomKey(w);
  w->user_bytes += w->key.size();
  return w->store->Delete(w->key);
}

// --- Lookups ---
Status ReadRandom(Worker* w) {
  RandomKey(w);
  return GetKey(w);
}
Status ReadHot(Worker* w) {
  ScatteredKey(w->random.Below(std::max<uint64_t>(1, w->keys / 100)), &w->key);
  return GetKey(w);
}
Status ReadMissing(Worker* w) {
  ScatteredKey(w->keys + w->random.Below(w->keys), &w->key);
  return GetKey(w);
}

// --- Cursors ---
void Answer(Worker* w, const lab::Cursor& cursor) {
  w->answers += AnswerSum(cursor.key(), true, cursor.value());
}
// Walks on with the worker's own cursor, from an end of the keys to the other, and again.
template <bool kForward>
Status Walk100(Worker* w) {
  if (w->cursor == nullptr) w->cursor = w->store->NewCursor();
  for (int i = 0; i < 100; ++i) {
    if (!w->cursor->Valid()) {
      LSM_RETURN_IF_ERROR(w->cursor->status());
      kForward ? w->cursor->SeekToFirst() : w->cursor->SeekToLast();
    } else {
      kForward ? w->cursor->Next() : w->cursor->Prev();
    }
    if (w->cursor->Valid()) Answer(w, *w->cursor);
  }
  return w->cursor->status();
}
// With a cursor of its own, from w->key.
Status ScanFromKey(Worker* w, uint64_t entries) {
  const auto cursor = w->store->NewCursor();
  for (cursor->Seek(w->key); cursor->Valid() && entries > 0; cursor->Next(), --entries) {
    Answer(w, *cursor);
  }
  return cursor->status();
}
template <uint64_t kEntries>
Status ScanRandom(Worker* w) {
  RandomKey(w);
  return ScanFromKey(w, kEntries);
}

// --- Mixes ---
template <uint64_t kReads>  // of 100
Status Mixed(Worker* w) {
  RandomKey(w);
  return w->random.Below(100) < kReads ? GetKey(w) : PutKey(w);
}

// --- YCSB, with its zipfian skew; inserts of a thread are those of its own numbers ---
Status Insert(Worker* w) {
  ScatteredKey(w->first + w->inserted++, &w->key);
  return PutKey(w);
}
template <uint64_t kReads>
Status YcsbReadUpdate(Worker* w) {
  ZipfianKey(w);
  return w->random.Below(100) < kReads ? GetKey(w) : PutKey(w);
}
Status YcsbReadLatest(Worker* w) {
  if (w->random.Below(100) >= 95) return Insert(w);
  const uint64_t age = w->zipfian->Draw(&w->random);  // 0: the newest
  const uint64_t number =
      age < w->inserted ? w->first + w->inserted - 1 - age : w->keys - 1 - (age - w->inserted);
  ScatteredKey(number, &w->key);
  return GetKey(w);
}
Status YcsbScan(Worker* w) {
  if (w->random.Below(100) >= 95) return Insert(w);
  ZipfianKey(w);
  return ScanFromKey(w, 1 + w->random.Below(100));
}
Status YcsbReadModifyWrite(Worker* w) {
  ZipfianKey(w);
  LSM_RETURN_IF_ERROR(GetKey(w));
  return w->random.Below(100) < 50 ? Status::Ok() : PutKey(w);
}

Workload Fill(std::string_view name, std::string_view about, Status (*step)(Worker*),
              uint64_t entries_per_step = 1) {
  Workload w{name, about, Start::kEmpty, true, entries_per_step};
  w.step = step;
  return w;
}
Workload OnLoaded(std::string_view name, std::string_view about, bool writes, uint64_t divisor,
                  Status (*step)(Worker*), uint64_t entries_per_step = 1) {
  Workload w{name, about, Start::kLoaded, writes, entries_per_step, divisor};
  w.step = step;
  return w;
}
Workload Ycsb(std::string_view name, std::string_view about, bool writes, uint64_t divisor,
              Status (*step)(Worker*)) {
  Workload w = OnLoaded(name, about, writes, divisor, step);
  w.zipfian = true;
  return w;
}

std::vector<Workload> MakeWorkloads() {
  std::vector<Workload> all = {
      Fill("fillseq", "puts in key order", FillSeq),
      Fill("fillrandom", "puts of random keys, 63 % of them different", FillRandom),
      Fill("fillsync", "random puts, each durable", FillSync),
      Fill("fillbatch100", "batches of 100 random puts", FillBatch<100, false>, 100),
      Fill("fillbatch1000", "batches of 1000 random puts", FillBatch<1000, false>, 1000),
      Fill("fillseqbatch1000", "batches of 1000 puts in key order", FillBatch<1000, true>, 1000),
      OnLoaded("overwrite", "random puts of keys that are there", true, 1, FillRandom),
      OnLoaded("deleterandom", "random deletes", true, 1, DeleteRandom),
      OnLoaded("readseq", "one cursor forward over all keys", false, 1, Walk100<true>, 100),
      OnLoaded("readreverse", "one cursor backward", false, 1, Walk100<false>, 100),
      OnLoaded("readrandom", "lookups of random keys that are there", false, 1, ReadRandom),
      OnLoaded("readhot", "lookups of 1 % of the keys", false, 1, ReadHot),
      OnLoaded("readmissing", "lookups of keys between those that are there", false, 1,
               ReadMissing),
      OnLoaded("seekrandom", "a new cursor, seek, 10 entries", false, 5, ScanRandom<10>),
      OnLoaded("scan100", "a new cursor, seek, 100 entries", false, 20, ScanRandom<100>),
      OnLoaded("scan500", "the same with 500 entries", false, 100, ScanRandom<500>),
      OnLoaded("scan10000", "the same with 10000 entries", false, 2000, ScanRandom<10000>),
      OnLoaded("readwhilewriting", "random lookups, beside a thread that overwrites", true, 1,
               ReadRandom),
      OnLoaded("mixed70", "70 % random lookups, 30 % overwrites", true, 1, Mixed<70>),
      OnLoaded("mixed90", "90 % random lookups, 10 % overwrites", true, 1, Mixed<90>),
      Ycsb("ycsb-a", "50 % reads, 50 % updates, zipfian", true, 1, YcsbReadUpdate<50>),
      Ycsb("ycsb-b", "95 % reads, 5 % updates, zipfian", true, 1, YcsbReadUpdate<95>),
      Ycsb("ycsb-c", "reads, zipfian", false, 1, YcsbReadUpdate<100>),
      Ycsb("ycsb-d", "95 % reads of the latest, 5 % inserts", true, 1, YcsbReadLatest),
      Ycsb("ycsb-e", "95 % scans of 1 to 100 entries, 5 % inserts", true, 10, YcsbScan),
      Ycsb("ycsb-f", "50 % reads, 50 % read-modify-writes, zipfian", true, 1, YcsbReadModifyWrite),
      OnLoaded("recovery", "opening after a kill", false, 1, nullptr),
  };
  for (Workload& w : all) {
    if (w.name == "fillsync") w.divisor = 200;
    if (w.name == "readwhilewriting") w.beside = FillRandom;
    if (w.name == "recovery") w.start = Start::kCrashed;
  }
  return all;
}

}  // namespace

const std::vector<Workload>& Workloads() {
  static const auto* const kWorkloads = new std::vector<Workload>(MakeWorkloads());
  return *kWorkloads;
}

const Workload* FindWorkload(std::string_view name) {
  for (const Workload& workload : Workloads()) {
    if (workload.name == name) return &workload;
  }
  return nullptr;
}

Status LoadStep(Worker* w) {
  ScatteredKey(w->steps, &w->key);
  return PutKey(w);
}

}  // namespace lsm::bench

// Target batch: the input is a write batch as a log holds it, and then the updates of one.
#include "fuzz/batch_check.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "format/batch.h"
#include "fuzz/explain.h"
#include "fuzz/input.h"
#include "fuzz/log_model.h"
#include "fuzz/real_files.h"

namespace lsm::fuzz {
namespace {

using lab::Update;

class Collector final : public WriteBatch::Handler {
 public:
  void Put(std::string_view key, std::string_view value) override {
    updates.push_back({std::string(key), std::string(value)});
  }
  void Delete(std::string_view key) override {
    updates.push_back({std::string(key), std::nullopt});
  }
  std::vector<Update> updates;
};

WriteBatch BatchOf(const std::vector<Update>& updates, SequenceNumber sequence) {
  WriteBatch batch;
  for (const Update& update : updates) {
    if (update.value.has_value()) {
      batch.Put(update.key, *update.value);
    } else {
      batch.Delete(update.key);
    }
  }
  WriteBatchRep::SetSequence(&batch, sequence);
  return batch;
}

Finding CheckRawBatch(std::string_view bytes, ParseBatch parse) {
  const std::string copy(bytes);
  WriteBatch batch;
  if (!parse(copy, &batch).ok()) return "";
  Collector collector;
  if (const Status s = batch.Iterate(&collector); !s.ok()) {
    return "a batch that was accepted cannot be walked: " + s.ToString();
  }
  BatchReader reader(copy);
  std::vector<Update> read;
  while (reader.Next()) {
    const bool put = reader.type() == ValueType::kValue;
    read.push_back({std::string(reader.key()),
                    put ? std::optional<std::string>(reader.value()) : std::nullopt});
  }
  if (reader.damaged() || read != collector.updates) return "handler and reader differ";
  if (read.size() != batch.Count()) {
    return fmt::format("the header counts {} updates, there are {}", batch.Count(), read.size());
  }
  const WriteBatch again = BatchOf(read, WriteBatchRep::Sequence(batch));
  WriteBatch parsed;
  if (const Status s = parse(WriteBatchRep::Bytes(again), &parsed); !s.ok()) {
    return "a batch made of the updates that were read is refused: " + s.ToString();
  }
  Collector second;
  parsed.Iterate(&second).IgnoreError();  // shows in the updates
  if (second.updates != read) return "a batch made of the updates that were read has others";
  return "";
}

Finding CheckBuiltBatch(std::string_view bytes, ParseBatch parse) {
  Input input(bytes);
  const SequenceNumber sequence = input.Below(kMaxSequence >> 1);
  std::vector<Update> updates;
  while (!input.empty()) {
    Update update;
    const bool put = input.Byte() % 4 != 0;
    update.key = input.Piece();
    if (put) update.value = input.Piece();
    updates.push_back(std::move(update));
  }
  const WriteBatch batch = BatchOf(updates, sequence);
  WriteBatch parsed;
  if (const Status s = parse(WriteBatchRep::Bytes(batch), &parsed); !s.ok()) {
    return fmt::format("a batch of {} updates is refused: {}", updates.size(), s.ToString());
  }
  Collector collector;
  parsed.Iterate(&collector).IgnoreError();  // shows in the updates
  if (collector.updates != updates) return "updates that were put in do not come back";
  if (WriteBatchRep::Sequence(parsed) != sequence) return "another sequence number comes back";
  return "";
}

std::vector<std::string> BatchSeeds() {
  std::vector<std::string> seeds;
  for (const std::string& log : RealFiles(FileKind::kWal)) {
    const std::vector<std::string> records = ReadByTheRules(log).records;
    seeds.insert(seeds.end(), records.begin(), records.end());
  }
  return seeds;
}

std::string ExplainBatch(std::string_view input) {
  WriteBatch batch;
  const Status parsed = WriteBatchRep::Parse(input, &batch);
  std::string text = HexDump(input) + parsed.ToString() + "\n";
  Collector collector;
  if (!parsed.ok() || !batch.Iterate(&collector).ok()) return text;
  text += fmt::format("sequence {}\n", WriteBatchRep::Sequence(batch));
  for (const Update& update : collector.updates) {
    text += update.value.has_value()
                ? fmt::format("put {} {}\n", Escape(update.key), Escape(*update.value))
                : fmt::format("delete {}\n", Escape(update.key));
  }
  return text;
}

}  // namespace

Finding CheckBatch(std::string_view input, ParseBatch parse) {
  Finding finding = CheckRawBatch(input, parse);
  if (finding.empty()) finding = CheckBuiltBatch(input, parse);
  // What is lost or added between a batch and its bytes is replayed as a part of the batch.
  return finding.empty() ? finding : "P3: " + finding;
}

Target BatchTarget() {
  return {.name = "batch",
          .about = "a write batch: refused, or what it holds survives writing and reading again",
          .max_bytes = size_t{64} << 10,
          .check = [](std::string_view input) { return CheckBatch(input, WriteBatchRep::Parse); },
          .seeds = BatchSeeds,
          .explain = ExplainBatch};
}

}  // namespace lsm::fuzz

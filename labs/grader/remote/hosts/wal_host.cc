// Serves a write-ahead log. Its files are in the process that tests it.
#include <memory>
#include <string>

#include <stage/wal/wal.h>
#include "contract/wal/concept.h"
#include "remote/host.h"
#include "remote/protocol.h"

namespace lsm::remote {

static_assert(LogWriterStage<LogWriter>);
static_assert(LogReaderStage<LogReader>);

namespace {

Status AskForOutcome(HarnessCall call, const std::string_view* bytes = nullptr) {
  Out out;
  out.Number(static_cast<uint64_t>(call));
  if (bytes != nullptr) out.Bytes(*bytes);
  const std::string answer = AskHarness(out);
  return In(answer).Outcome();
}

class FileToWrite final : public WritableFile {
 public:
  Status Append(std::string_view data) override {
    return AskForOutcome(HarnessCall::kAppend, &data);
  }
  Status Flush() override { return AskForOutcome(HarnessCall::kFlush); }
  Status Sync() override { return AskForOutcome(HarnessCall::kSync); }
  Status Close() override { return AskForOutcome(HarnessCall::kClose); }
};

class FileToRead final : public SequentialFile {
 public:
  Result<size_t> Read(size_t n, char* scratch) override {
    Out out;
    out.Number(static_cast<uint64_t>(HarnessCall::kRead)).Number(n);
    const std::string answer = AskHarness(out);
    In in(answer);
    LSM_RETURN_IF_ERROR(in.Outcome());
    return in.Bytes().copy(scratch, n);
  }
};

bool AskForProof(std::string_view record) {
  Out out;
  out.Number(static_cast<uint64_t>(HarnessCall::kProof)).Bytes(record);
  const std::string answer = AskHarness(out);
  return In(answer).Flag();
}

struct Writer {
  FileToWrite file;
  LogWriter log{&file};
};

struct Reader {
  explicit Reader(bool has_proof) : log(&file, has_proof ? ProofTest(AskForProof) : nullptr) {}
  FileToRead file;
  LogReader log;
};

Objects<Writer>* Writers() {
  static auto* const writers = new Objects<Writer>;
  return writers;
}
Objects<Reader>* Readers() {
  static auto* const readers = new Objects<Reader>;
  return readers;
}

bool ServeWriter(WalCall call, uint64_t id, In* in, Out* answer) {
  const std::string record(in->Bytes());
  if (call == WalCall::kNewWriter) {
    answer->Number(Writers()->Keep(std::make_unique<Writer>()));
    return true;
  }
  Writer* const writer = Writers()->Find(id);
  if (writer == nullptr) return false;
  if (call == WalCall::kAppend) answer->Outcome(writer->log.Append(record));
  if (call == WalCall::kSync) answer->Outcome(writer->log.Sync());
  if (call == WalCall::kSize) answer->Number(writer->log.Size());
  if (call == WalCall::kDropWriter) Writers()->Drop(id);
  return true;
}

bool ServeReader(WalCall call, uint64_t id, In* in, Out* answer) {
  const bool has_proof = in->Flag();
  if (call == WalCall::kNewReader) {
    answer->Number(Readers()->Keep(std::make_unique<Reader>(has_proof)));
    return true;
  }
  Reader* const reader = Readers()->Find(id);
  if (reader == nullptr) return false;
  if (call == WalCall::kRead) {
    std::string_view record;
    const bool found = reader->log.Read(&record);
    answer->Number(found ? 1 : 0);
    if (found) answer->Bytes(record);
  }
  if (call == WalCall::kEnd) {
    const LogEnd end = reader->log.end();
    answer->Number(static_cast<uint64_t>(end.kind)).Number(end.offset).Bytes(end.reason);
  }
  if (call == WalCall::kStatus) answer->Outcome(reader->log.status());
  if (call == WalCall::kDropReader) Readers()->Drop(id);
  return true;
}

}  // namespace

bool ServeStage(In* call, Out* answer) {
  const uint64_t number = call->Number();
  const uint64_t id = call->Number();
  if (number > static_cast<uint64_t>(WalCall::kDropReader)) return false;
  const auto which = static_cast<WalCall>(number);
  return which < WalCall::kNewReader ? ServeWriter(which, id, call, answer)
                                     : ServeReader(which, id, call, answer);
}

}  // namespace lsm::remote

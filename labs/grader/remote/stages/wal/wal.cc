#include <stage/wal/wal.h>

#include <algorithm>
#include <utility>

#include "remote/protocol.h"
#include "remote/stage_process.h"

namespace lsm {
namespace {

using remote::HarnessCall;
using remote::In;
using remote::Out;
using remote::WalCall;

Out CallOf(WalCall call, uint64_t id) {
  Out out;
  out.Number(static_cast<uint64_t>(call)).Number(id);
  return out;
}

// Calls on a writer: `record` is for kAppend.
template <class Read>
auto AskWriter(const char* what, WalCall call, uint64_t id, WritableFile* file,
               std::string_view record, Read read) {
  const auto serve = [file](In* in, Out* out) {
    const auto asked = static_cast<HarnessCall>(in->Number());
    if (asked == HarnessCall::kAppend) {
      out->Outcome(file->Append(in->Bytes()));
    } else if (asked == HarnessCall::kFlush) {
      out->Outcome(file->Flush());
    } else if (asked == HarnessCall::kSync) {
      out->Outcome(file->Sync());
    } else if (asked == HarnessCall::kClose) {
      out->Outcome(file->Close());
    } else {
      return false;
    }
    return true;
  };
  const std::string answer = remote::CallStage(what, CallOf(call, id).Bytes(record), serve);
  return remote::ReadAnswer(what, answer, read);
}

// Calls on a reader.
template <class Read>
auto AskReader(const char* what, WalCall call, uint64_t id, SequentialFile* file,
               const ProofTest& proof, Read read) {
  const auto serve = [file, &proof](In* in, Out* out) {
    const auto asked = static_cast<HarnessCall>(in->Number());
    if (asked == HarnessCall::kProof) {
      out->Number(proof != nullptr && proof(in->Bytes()) ? 1 : 0);
      return true;
    }
    const uint64_t n = in->Number();
    if (asked != HarnessCall::kRead || n > remote::Channel::kMaxBytes / 2) return false;
    std::string bytes(n, '\0');
    const Result<size_t> got = file->Read(n, bytes.data());
    out->Outcome(got.status());
    if (got.ok()) out->Bytes(std::string_view(bytes).substr(0, *got));
    return true;
  };
  const std::string answer =
      remote::CallStage(what, CallOf(call, id).Number(proof != nullptr ? 1 : 0), serve);
  return remote::ReadAnswer(what, answer, read);
}

uint64_t ReadNumber(In* in) { return in->Number(); }
Status ReadOutcome(In* in) { return in->Outcome(); }
bool ReadNothing(In*) { return true; }

LogEnd ReadEnd(In* in) {
  LogEnd end;
  end.kind =
      static_cast<LogEndKind>(std::min(in->Number(), static_cast<uint64_t>(LogEndKind::kIoError)));
  end.offset = in->Number();
  end.reason = in->Bytes();
  return end;
}

}  // namespace

LogWriter::LogWriter(WritableFile* file)
    : file_(file), id_(AskWriter("LogWriter()", WalCall::kNewWriter, 0, file, {}, ReadNumber)) {}

LogWriter::~LogWriter() {
  AskWriter("~LogWriter", WalCall::kDropWriter, id_, file_, {}, ReadNothing);
}

Status LogWriter::Append(std::string_view record) {
  return AskWriter("LogWriter::Append", WalCall::kAppend, id_, file_, record, ReadOutcome);
}

Status LogWriter::Sync() {
  return AskWriter("LogWriter::Sync", WalCall::kSync, id_, file_, {}, ReadOutcome);
}

uint64_t LogWriter::Size() const {
  return AskWriter("LogWriter::Size", WalCall::kSize, id_, file_, {}, ReadNumber);
}

LogReader::LogReader(SequentialFile* file, ProofTest proof)
    : file_(file),
      proof_(std::move(proof)),
      id_(AskReader("LogReader()", WalCall::kNewReader, 0, file, proof_, ReadNumber)) {}

LogReader::~LogReader() {
  AskReader("~LogReader", WalCall::kDropReader, id_, file_, proof_, ReadNothing);
}

bool LogReader::Read(std::string_view* record) {
  return AskReader("LogReader::Read", WalCall::kRead, id_, file_, proof_, [&](In* in) {
    const bool found = in->Flag();
    if (found) *record = record_ = in->Bytes();
    return found;
  });
}

LogEnd LogReader::end() const {
  return AskReader("LogReader::end", WalCall::kEnd, id_, file_, proof_, ReadEnd);
}

Status LogReader::status() const {
  return AskReader("LogReader::status", WalCall::kStatus, id_, file_, proof_, ReadOutcome);
}

}  // namespace lsm

#include "testing/trace_words.h"

#include "testing/trace_line.h"

namespace lsm::lab {
namespace {

using Kind = Operation::Kind;

// In the order of Operation::Kind.
constexpr Word kWords[] = {
    {"put", Kind::kPut, Speaker::kClient},
    {"delete", Kind::kDelete, Speaker::kClient},
    {"batch", Kind::kBatch, Speaker::kClient},
    {"get", Kind::kGet, Speaker::kClient},
    {"multiget", Kind::kMultiGet, Speaker::kClient},
    {"scan", Kind::kScan, Speaker::kClient},
    {"rscan", Kind::kReverseScan, Speaker::kClient},
    {"pscan", Kind::kPrefixScan, Speaker::kClient},
    {"zigzag", Kind::kZigzag, Speaker::kClient},
    {"snapshot", Kind::kSnapshot, Speaker::kClient},
    {"release", Kind::kRelease, Speaker::kClient},
    {"iterate", Kind::kIterate, Speaker::kClient},
    {"check", Kind::kCheck, Speaker::kClient},
    {"close", Kind::kClose, Speaker::kClient},
    {"sleep", Kind::kSleep, Speaker::kClient},
    {"clock", Kind::kClock, Speaker::kClient},
    {"sizes", Kind::kSizes, Speaker::kClient},
    {"deletefiles", Kind::kDeleteFiles, Speaker::kClient},
    {"flush", Kind::kFlush, Speaker::kEither},
    {"syncwal", Kind::kSyncWal, Speaker::kEither},
    {"compact", Kind::kCompact, Speaker::kEither},
    {"compactlevel", Kind::kCompactLevel, Speaker::kEither},
    {"wait", Kind::kWait, Speaker::kEither},
    {"checkpoint", Kind::kCheckpoint, Speaker::kEither},
    {"resume", Kind::kResume, Speaker::kWorld},
    {"reopen", Kind::kReopen, Speaker::kWorld},
    {"integrity", Kind::kIntegrity, Speaker::kWorld},
    {"crash", Kind::kCrash, Speaker::kWorld},
    {"kill", Kind::kKill, Speaker::kWorld},
    {"fail", Kind::kFail, Speaker::kWorld},
    {"damage", Kind::kDamage, Speaker::kWorld},
};

}  // namespace

std::string_view WordOf(Operation::Kind kind) { return kWords[static_cast<size_t>(kind)].text; }

const Word* FindWord(std::string_view text) {
  for (const Word& word : kWords) {
    if (word.text == text) return &word;
  }
  return nullptr;
}

bool ParseGenerated(std::string_view word, size_t* size, uint64_t* seed) {
  const size_t colon = word.find(':');
  if (!word.starts_with('@') || colon == std::string_view::npos) return false;
  uint64_t n = 0;
  if (!ParseNumber(word.substr(1, colon - 1), &n) || !ParseNumber(word.substr(colon + 1), seed)) {
    return false;
  }
  *size = n;
  return n >= kMinGeneratedBytes && n <= kMaxGeneratedBytes;
}

}  // namespace lsm::lab

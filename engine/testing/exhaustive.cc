#include "testing/exhaustive.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "base/check.h"

namespace lsm::lab {
namespace {

constexpr std::array<Letter, 10> kAlphabet = {{
    {"put_a", "c0 put a V"},
    {"put_b_synced", "c0 put b V sync"},
    {"delete_a", "c0 delete a"},
    {"batch", "c0 batch put a V put b V"},
    {"sync", "syncwal"},
    {"flush", "flush"},
    {"compact", "compact"},
    {"snapshot", "c0 snapshot s"},
    {"read", "c0 scan\nc0 scan at s"},
    {"reopen", "reopen"},
}};

// Small windows make mapped logs cheap; nothing is flushed but by `flush`.
constexpr std::string_view kHead =
    "lsmlab-trace 1\noption memtable_bytes 4096\noption wal_io {0}\noption read_io {0}\n";

std::string WithValue(std::string_view text, int value) {
  std::string result;
  for (const char c : text) result += c == 'V' ? fmt::format("v{}", value) : std::string(1, c);
  return result;
}

}  // namespace

std::span<const Letter> Alphabet() { return kAlphabet; }

uint64_t SequenceCount(size_t length) {
  uint64_t count = 1;
  for (size_t i = 0; i < length; ++i) count *= kAlphabet.size();
  return count;
}

Sequence SequenceAt(size_t length, uint64_t index, IoMode io) {
  LSM_CHECK(length > 0 && index < SequenceCount(length));
  std::string text = fmt::format(kHead, io == IoMode::kPlain ? "plain" : "mapped");
  Sequence sequence;
  int writes = 0;
  for (uint64_t place = SequenceCount(length - 1); place > 0; place /= kAlphabet.size()) {
    const std::string_view letter = kAlphabet[index / place % kAlphabet.size()].text;
    if (place == 1) sequence.last_letter = Parse(text)->operations.size();
    text += WithValue(letter, ++writes) + "\n";
    if (letter.find('V') == letter.npos) --writes;
  }
  sequence.trace = *Parse(text);
  return sequence;
}

}  // namespace lsm::lab

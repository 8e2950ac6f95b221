#include "testing/guarantees.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "base/check.h"

namespace lsm::lab {
namespace {

using F = FaultClass;
using P = Property;

template <class E>
class Set {
 public:
  constexpr Set(std::initializer_list<E> members) {  // {}: all
    for (const E member : members) bits_ |= uint64_t{1} << static_cast<int>(member);
    if (members.size() == 0) bits_ = ~uint64_t{0};
  }
  constexpr bool Has(E member) const { return (bits_ >> static_cast<int>(member) & 1) != 0; }

 private:
  uint64_t bits_ = 0;
};

struct Rule {
  Set<Property> properties;
  Set<FaultClass> faults;
  Promise promise;
  std::string_view reason;
  Set<IoMode> io{};
  Set<WalSync> sync{};
};

constexpr std::array kRules = {
    Rule{{P::kP0},
         {F::kKill, F::kPowerCut, F::kStaleSpace, F::kStaleBlock, F::kTornRename, F::kIoError,
          F::kIoErrorAfterwards, F::kFullDisk, F::kFailedSync, F::kLateSync, F::kLyingSync,
          F::kDamage, F::kTailDamage, F::kLiveDamage},
         Promise::kNone,
         ""},
    Rule{{P::kP9, P::kP10},
         {F::kNone, F::kExpiry, F::kKill, F::kPowerCut, F::kStaleSpace, F::kStaleBlock,
          F::kTornRename, F::kLyingSync, F::kDamage, F::kTailDamage, F::kLiveDamage},
         Promise::kNone,
         ""},

    Rule{{P::kP1, P::kP2, P::kP3, P::kP6, P::kP11, P::kP15},
         {F::kExpiry},
         Promise::kPromised,
         "For all that did not expire. What lay in a table of which `TableExpired` was told may be "
         "gone from then on, for snapshots too, and its keys are then absent: no older value comes "
         "to light (P4). Nothing newer than its `last_sequence` and no key outside of it goes with "
         "it."},

    Rule{{P::kP1},
         {F::kKill},
         Promise::kPromised,
         "Every acknowledged write stays, synced or not: what was appended is with the operating "
         "system."},
    Rule{{P::kP1},
         {F::kPowerCut},
         Promise::kPromised,
         "`kEveryWrite`: that is every acknowledged write.",
         {},
         {WalSync::kEveryWrite}},
    Rule{{P::kP1},
         {F::kPowerCut},
         Promise::kPromised,
         "`kInterval`: what was acknowledged before the last sync of the interval began. That the "
         "lost part is about one interval long is usual, not promised: a sync can be slow.",
         {},
         {WalSync::kInterval}},
    Rule{{P::kP1},
         {F::kPowerCut},
         Promise::kPromised,
         "`kOnRequest`: what was written with `sync`, or before such a write, a `SyncWal`, a "
         "`Flush` or a `Close` that returned OK.",
         {},
         {WalSync::kOnRequest}},

    Rule{
        {P::kP2, P::kP3, P::kP4},
        {F::kStaleBlock},
        Promise::kExcluded,
        "A batch that was not synced and goes over the end of a block of the log: its front may be "
        "joined with the end of an old one. LevelDB's fragments do not say to which record they "
        "belong."},
    Rule{{P::kP1, P::kP2, P::kP5, P::kP6, P::kP7, P::kP8},
         {F::kTornRename},
         Promise::kReported,
         "CURRENT may name nothing, or be gone; `Open` says so and leaves all files as they are."},

    Rule{{P::kP8},
         {F::kIoError, F::kIoErrorAfterwards, F::kFullDisk, F::kFailedSync, F::kLateSync},
         Promise::kReported,
         "`Open` returns the error; a later one, on a machine that works, succeeds."},
    Rule{{P::kP11, P::kP12, P::kP15},
         {F::kIoError, F::kIoErrorAfterwards, F::kFullDisk, F::kFailedSync, F::kLateSync},
         Promise::kReported,
         "A read that meets the error returns it."},
    Rule{{P::kP1, P::kP2, P::kP6},
         {F::kLateSync},
         Promise::kExcluded,
         "A write that was acknowledged between the false OK and the report of the error. What was "
         "synced before stays."},
    Rule{{P::kP4},
         {F::kLateSync},
         Promise::kPromised,
         "Nothing is there that was never written. But a key whose deletion was lost is there "
         "again, "
         "and so may be a write that failed."},
    Rule{{P::kP2, P::kP4},
         {F::kIoError, F::kIoErrorAfterwards, F::kFullDisk, F::kFailedSync, F::kLateSync},
         Promise::kPromised,
         "A write that *failed* may be missing, or be there after a crash or a reopen; never in "
         "part, and until then no reader sees it. After a `Resume` that returned OK it is gone "
         "for good."},
    Rule{{P::kP9},
         {},
         Promise::kPromised,
         "But for harmless ones: an obsolete file that could not be removed (tried again later), "
         "the info log, space of a finished log that could not be given back, a link of a "
         "checkpoint in whose place a copy is made."},
    Rule{{P::kP13},
         {F::kIoError, F::kIoErrorAfterwards, F::kFullDisk, F::kFailedSync, F::kLateSync},
         Promise::kPromised,
         "Files that a failed operation left go at the next open."},
    Rule{{P::kP14},
         {F::kIoError, F::kIoErrorAfterwards, F::kFullDisk, F::kFailedSync, F::kLateSync},
         Promise::kPromised,
         "Once the machine works again and `Resume` returned OK."},

    Rule{{P::kP1, P::kP2, P::kP3, P::kP4, P::kP5, P::kP6, P::kP7, P::kP8, P::kP13},
         {F::kLyingSync},
         Promise::kExcluded,
         "Nothing lasting can be promised on a device that says it has written and has not."},

    Rule{{P::kP3},
         {F::kDamage, F::kTailDamage},
         Promise::kPromised,
         "A batch is one record of the log, whole or not at all; a read of a damaged table returns "
         "Corruption."},
    Rule{{P::kP1, P::kP6},
         {F::kTailDamage},
         Promise::kExcluded,
         "The evidence that bytes were synced is written with the next append to the log or the "
         "manifest. Damage that has none behind it looks like a torn tail and is dropped as one: "
         "the last synced group of a log, the last edit of a manifest. The info log has a warning, "
         "the event log a `RecoveryStep`."},
    Rule{{P::kP2},
         {F::kTailDamage},
         Promise::kPromised,
         "But the prefix may be shorter than what was synced last."},
    Rule{{P::kP14},
         {F::kDamage, F::kLiveDamage},
         Promise::kExcluded,
         "A table that cannot be read blocks its compaction."},
    Rule{{P::kP4, P::kP11, P::kP12, P::kP15},
         {F::kLiveDamage},
         Promise::kExcluded,
         "An uncompressed block of a mapped table is verified at its first use since the table was "
         "opened; bytes that change under the mapping later go unnoticed until the next open.",
         {IoMode::kMapped}},
    Rule{{P::kP4},
         {F::kDamage, F::kTailDamage, F::kLiveDamage},
         Promise::kReported,
         "Not without `verify_checksums`, and not after a `Repair` that lost the manifest. A "
         "checksum of 32 bits misses a random change with a chance of 1 in 2^32."},
    Rule{{}, {F::kDamage, F::kTailDamage, F::kLiveDamage}, Promise::kReported, ""},
};

constexpr std::array<std::string_view, static_cast<size_t>(F::kCount)> kFaultTexts = {
    "no fault",
    "tables expired (`policy = fifo`)",
    "process killed",
    "power cut",
    "power cut, old bytes in new space",
    "power cut, old bytes where a block begins",
    "power cut, renames not atomic",
    "I/O error",
    "I/O error, but it happened",
    "full disk",
    "failed sync",
    "failed sync, reported late",
    "sync that lies",
    "damage, evidence behind it",
    "damage of what was synced last",
    "damage while open",
};

const Rule* FindRule(Property property, const Circumstances& at) {
  for (const Rule& rule : kRules) {
    if (rule.properties.Has(property) && rule.faults.Has(at.fault) && rule.io.Has(at.io) &&
        rule.sync.Has(at.sync)) {
      return &rule;
    }
  }
  return nullptr;
}

std::string_view Word(Promise promise) {
  switch (promise) {
    case Promise::kPromised:
      return "yes";
    case Promise::kReported:
      return "told";
    case Promise::kExcluded:
      return "no";
    case Promise::kNone:
      return "";
  }
  return "";
}

// The notes in the order of their first use: (a), (b), ...
class Notes {
 public:
  std::string Mark(std::string_view reason) {
    if (reason.empty()) return "";
    const auto it = std::find(notes_.begin(), notes_.end(), reason);
    const auto index = static_cast<size_t>(it - notes_.begin());
    if (it == notes_.end()) notes_.push_back(reason);
    return fmt::format(" ({})", Letter(index));
  }
  std::string List() const {
    std::string text;
    for (size_t i = 0; i < notes_.size(); ++i) {
      text += Wrapped(fmt::format("- ({}) {}", Letter(i), notes_[i]));
    }
    return text;
  }

 private:
  static char Letter(size_t index) {
    LSM_CHECK(index < 26);
    return static_cast<char>('a' + index);
  }
  static std::string Wrapped(std::string_view text) {
    constexpr size_t kColumns = 118;
    std::string wrapped;
    size_t column = 0;
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(' '));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      if (column + 1 + word.size() > kColumns) {
        wrapped += "\n ";
        column = 1;
      }
      if (column > 0) wrapped += ' ';
      wrapped += word;
      column += word.size() + 1;
    }
    return wrapped + "\n";
  }

  std::vector<std::string_view> notes_;
};

// "yes (a) (b); mapped: no (c)": a promise is named once, with the notes of all modes that have it.
std::string Cell(Property property, FaultClass fault, Notes* notes) {
  std::string cell, last;
  for (const IoMode io : {IoMode::kPlain, IoMode::kMapped}) {
    for (const WalSync sync : {WalSync::kEveryWrite, WalSync::kInterval, WalSync::kOnRequest}) {
      const Guarantee guarantee = GuaranteeOf(property, {fault, io, sync});
      const Guarantee plain = GuaranteeOf(property, {fault, IoMode::kPlain, sync});
      const bool differs = guarantee.promise != plain.promise;
      const std::string word =
          fmt::format("{}{}", differs ? "mapped: " : "", Word(guarantee.promise));
      if (word != last && (last.empty() || differs)) {
        cell += fmt::format("{}{}", last.empty() ? "" : "; ", word);
        last = word;
      }
      const std::string mark = notes->Mark(guarantee.reason);
      if (cell.find(mark) == std::string::npos) cell += mark;
    }
  }
  return cell;
}

}  // namespace

std::string_view FaultText(FaultClass fault) {
  LSM_CHECK(fault < F::kCount);
  return kFaultTexts[static_cast<size_t>(fault)];
}

Guarantee GuaranteeOf(Property property, const Circumstances& circumstances) {
  const Rule* rule = FindRule(property, circumstances);
  return rule == nullptr ? Guarantee{} : Guarantee{rule->promise, rule->reason};
}

Promise WeakestPromise(Property property, const std::vector<Circumstances>& run) {
  Promise weakest = Promise::kPromised;
  for (const Circumstances& circumstances : run) {
    const Promise promise = GuaranteeOf(property, circumstances).promise;
    if (promise != Promise::kNone) weakest = std::max(weakest, promise);
  }
  return weakest;
}

std::string GuaranteesMarkdown() {
  std::string text = "| fault |";
  std::string rule = "|---|";
  for (int p = 0; p < static_cast<int>(P::kCount); ++p) {
    text += fmt::format(" {} |", PropertyId(static_cast<Property>(p)));
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  Notes notes;
  for (int f = 0; f < static_cast<int>(F::kCount); ++f) {
    const auto fault = static_cast<FaultClass>(f);
    text += fmt::format("| {} |", FaultText(fault));
    for (int p = 0; p < static_cast<int>(P::kCount); ++p) {
      text += fmt::format(" {} |", Cell(static_cast<Property>(p), fault, &notes));
    }
    text += "\n";
  }
  text += "\n" + notes.List() + "\n";
  for (int p = 0; p < static_cast<int>(P::kCount); ++p) {
    text += fmt::format("- {}\n", PropertyText(static_cast<Property>(p)));
  }
  return text;
}

}  // namespace lsm::lab

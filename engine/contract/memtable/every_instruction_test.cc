// M-CONCUR between any two instructions of an Add. Between the two stores that link a node lie some
// nanoseconds, which no schedule of threads meets: here the processor stops behind each instruction
// of the writer (x86's trap flag), and the signal handler reads in its place.
//
// Only for the reference, whose readers never wait for the writer; a reader that needs a lock would
// wait for ever. Sanitized builds leave this file out: their own code would be stepped through.
#include <gtest/gtest.h>

#if defined(__x86_64__) && defined(__linux__)

#include <fmt/format.h>
#include <signal.h>
#include <ucontext.h>
#include <x86intrin.h>

#include <cstdint>
#include <functional>
#include <string>

#include <stage/memtable/memtable.h>
#include "base/mix.h"
#include "contract/memtable/concept.h"

extern "C" const char __executable_start, etext;  // the linker's: where this program's code is

namespace lsm::testing {
namespace {

const std::function<void()>* look = nullptr;

// In a library, as in malloc, nothing else may run in the middle: what it needs may be locked.
void OnTrap(int, siginfo_t*, void* context) {
  const auto at =
      static_cast<uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  const bool is_ours = at >= reinterpret_cast<uintptr_t>(&__executable_start) &&
                       at < reinterpret_cast<uintptr_t>(&etext);
  if (is_ours) (*look)();
}

// Calls `between` behind each instruction of `body`.
void RunStepping(const std::function<void()>& body, const std::function<void()>& between) {
  constexpr unsigned long long kTrapFlag = 0x100;
  struct sigaction action = {}, before = {};
  action.sa_sigaction = OnTrap;
  action.sa_flags = SA_SIGINFO;
  look = &between;
  ASSERT_EQ(sigaction(SIGTRAP, &action, &before), 0);
  __writeeflags(__readeflags() | kTrapFlag);
  body();
  __writeeflags(__readeflags() & ~kTrapFlag);
  sigaction(SIGTRAP, &before, nullptr);
}

std::string KeyOf(SequenceNumber s) { return fmt::format("key{}", s * 7 % 11); }
std::string ValueOf(SequenceNumber s) { return fmt::format("value {}", s); }

// What a reader finds wrong while version `adding` is added; "" if nothing.
std::string Wrong(const MemTable& table, SequenceNumber adding) {
  size_t forward = 0, backward = 0;
  MemTable::Iterator it(&table);
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    ParsedInternalKey key;
    if (!ParseInternalKey(it.key(), &key) || key.user_key != KeyOf(key.sequence) ||
        it.value() != ValueOf(key.sequence)) {
      return "a version that nobody added";
    }
    forward += key.sequence < adding ? 1 : 0;
  }
  for (it.SeekToLast(); it.Valid(); it.Prev()) {
    backward += ExtractTag(it.key()) >> 8 < adding ? 1 : 0;
  }
  if (forward != adding - 1 || backward != adding - 1) {
    return fmt::format("of {} versions {} forward, {} backward", adding - 1, forward, backward);
  }
  std::string value;
  const SequenceNumber last = adding - 1;
  if (last > 0 && (table.Get(LookupKey(KeyOf(last), last), &value) != LookupState::kFound ||
                   value != ValueOf(last))) {
    return fmt::format("version {} is not found", last);
  }
  return "";
}

TEST(MemTableContract, M_CONCUR_readers_are_right_behind_each_instruction_of_an_add) {
  if (!IsReference("memtable")) GTEST_SKIP() << "its readers may wait for the writer";
  constexpr SequenceNumber kAdds = 24;
  MemTable table{InternalKeyComparator(BytewiseComparator())};
  uint64_t looks = 0;
  for (SequenceNumber s = 1; s <= kAdds; ++s) {
    const std::string key = KeyOf(s), value = ValueOf(s);
    std::string wrong;
    RunStepping([&] { table.Add(s, ValueType::kValue, key, value); },
                [&] {
                  ++looks;
                  if (wrong.empty()) wrong = Wrong(table, s);
                });
    ASSERT_EQ(wrong, "") << "while version " << s << " was added";
  }
  EXPECT_GT(looks, 50 * kAdds) << "the machine did not stop behind each instruction";
}

}  // namespace
}  // namespace lsm::testing

#endif

// A fuzz target: a pure function from bytes to what is wrong. Everything else (libFuzzer, the
// driver without clang, the row of lsm-verify, OSS-Fuzz) only brings bytes to it.
//
// A target never aborts for a finding of its own: it returns text. Crashes, hangs and sanitizer
// reports come on top. The same bytes give the same result, whatever ran before.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "testing/trace.h"

namespace lsm::fuzz {

// What was found wrong, for a person; empty: nothing.
using Finding = std::string;

struct Target {
  std::string_view name;
  std::string_view about;  // its input and its oracle, in one line
  size_t max_bytes;        // of an input; longer ones are cut
  Finding (*check)(std::string_view input);
  // Inputs made by the product itself, to begin with.
  std::vector<std::string> (*seeds)();
  // Makes the checksums of a mutated input right again, so that it is not refused at the door; the
  // size stays. Null: the format has none.
  void (*repair)(std::string* input) = nullptr;
  // The input as text that says what it means.
  std::string (*explain)(std::string_view input) = nullptr;
  // The input as a trace, where it is one: findings are then shrunk and told as a story.
  Result<lab::Trace> (*to_trace)(std::string_view input) = nullptr;
};

// One function a file of this folder: wal_fuzz.cc, table_fuzz.cc, ...
Target WalTarget();
Target BlockTarget();
Target TableTarget();
Target FilterTarget();
Target ManifestTarget();
Target BatchTarget();
Target TraceTarget();
Target OpsTarget();
Target DirectoryTarget();

std::span<const Target> Targets();
const Target* FindTarget(std::string_view name);  // null: there is none

// Cuts the input to the target's size and checks it.
Finding Check(const Target& target, std::string_view input);

}  // namespace lsm::fuzz

// The Unicode character database as a workload: code point -> the rest of its record, with
// overwrites and deletions. Everything follows from a seed, so that any row can say what a database
// must hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lsm/env.h"
#include "lsm/options.h"
#include "lsm/status.h"
#include "testing/oracle.h"
#include "tools/verify/row.h"

namespace lsm::lab {

inline constexpr char kUnicodeFile[] = "/usr/share/unicode/UnicodeData.txt";

using Records = std::vector<std::pair<std::string, std::string>>;

Result<Records> LoadUnicode();

// One way of loading it; each has a database directory of its own.
struct UnicodeVariant {
  bool shuffled;
  IoMode io;

  std::string Name() const;
  std::string Directory(const VerifyOptions& options) const;
};
std::vector<UnicodeVariant> UnicodeVariants(const VerifyOptions& options);

// The updates in order: all records, then overwrites of one in eight and deletions of one in
// sixteen.
std::vector<Update> UnicodeUpdates(Records records, const UnicodeVariant& variant, uint64_t seed);
Contents ContentsAfter(const std::vector<Update>& updates);

// Small enough that the tree gets several levels.
Options UnicodeOptions(const UnicodeVariant& variant);

}  // namespace lsm::lab

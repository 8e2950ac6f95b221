// The oracles of target `manifest`, for any codec of version edits and any version set.
//
//   bytes as a manifest  each record that decodes survives encoding and decoding; recovery refuses
//                        the file by name, or gives a sound tree that survives a new manifest;
//   bytes as an edit     what was encoded comes back.
#pragma once

#include <fmt/format.h>

#include <memory>

#include "base/escape.h"
#include "contract/version/concept.h"
#include "format/filename.h"
#include "fuzz/edit_text.h"
#include "fuzz/input.h"
#include "fuzz/log_model.h"
#include "fuzz/target.h"
#include "testing/sim/sim_env.h"

namespace lsm::fuzz {

// A Codec has Encode(edit, string*) and Decode(bytes, edit*).
template <class Codec>
Finding CheckEdit(const VersionEdit& edit) {
  std::string bytes;
  Codec::Encode(edit, &bytes);
  VersionEdit decoded;
  if (const Status s = Codec::Decode(bytes, &decoded); !s.ok()) {
    return fmt::format("V-CODEC: what was encoded is refused: {}: {}", DescribeEdit(edit),
                       s.ToString());
  }
  if (DescribeEdit(decoded) == DescribeEdit(edit)) return "";
  return fmt::format("V-CODEC: encoded:\n{}decoded:\n{}", DescribeEdit(edit),
                     DescribeEdit(decoded));
}

inline VersionEdit EditOf(Input* input) {
  VersionEdit edit;
  const auto key = [&] {
    return MakeInternalKey(input->Piece(), input->Below(kMaxSequence), ValueType::kValue);
  };
  while (!input->empty()) {
    const uint8_t draw = input->Byte();
    const int level = draw / 8 % kMaxLevels;
    switch (draw % 7) {
      case 0:
        edit.comparator = input->Piece();
        break;
      case 1:
        edit.log_number = input->Below(kFileNumberLimit);
        break;
      case 2:
        edit.next_file_number = input->Below(kFileNumberLimit);
        break;
      case 3:
        edit.last_sequence = input->Below(kMaxSequence);
        break;
      case 4:
        edit.compact_pointers.emplace_back(level, key());
        break;
      case 5:
        edit.removed.emplace_back(level, input->Below(kFileNumberLimit));
        break;
      default: {
        FileMeta meta;
        meta.number = input->Below(kFileNumberLimit);
        meta.run = draw < 128 ? DefaultRun(level, meta.number) : input->Below(kFileNumberLimit);
        meta.bytes = input->Below(UINT64_MAX);
        meta.smallest = key();
        meta.largest = key();
        if (draw >= 192) meta.compression = static_cast<Compression>(input->Byte());
        edit.added.emplace_back(level, std::move(meta));
      }
    }
  }
  return edit;
}

// All that must survive a new manifest.
template <class Set>
std::string DescribeSet(const Set& set) {
  const std::shared_ptr<const Tree> tree = set.current();
  std::string text = fmt::format("log {} sequence {}\n{}", set.log_number(), set.last_sequence(),
                                 DescribeTree(*tree));
  for (const std::string& key : tree->compact_pointers) text += Escape(key) + "\n";
  return text;
}

template <class Set>
Finding CheckRecovery(std::string_view bytes) {
  constexpr uint64_t kManifest = 5;
  sim::SimEnv env{sim::SimOptions()};
  VersionOptions options;
  options.env = &env;
  options.dir = "/db";
  options.comparator = BytewiseComparator();
  Status prepared = env.CreateDir(options.dir);
  if (prepared.ok()) {
    prepared = env.OverwriteFile(ManifestFileName(options.dir, kManifest), bytes);
  }
  if (prepared.ok()) {
    prepared = env.OverwriteFile(CurrentFileName(options.dir), "MANIFEST-000005\n");
  }
  if (!prepared.ok()) return prepared.ToString();
  auto set = Set::Recover(options);
  if (!set.ok()) {
    const StatusCode code = set.status().code();
    const bool refused = code == StatusCode::kCorruption || code == StatusCode::kInvalidArgument ||
                         code == StatusCode::kNotSupported;
    return refused ? "" : "V-RECOVER: an odd error: " + set.status().ToString();
  }
  const InternalKeyComparator cmp(options.comparator);
  if (const Status s = CheckTree(*(*set)->current(), cmp); !s.ok()) {
    return "V-CHECK: recovered: " + s.ToString();
  }
  const std::string before = DescribeSet(**set);
  if (const Status s = (*set)->Rotate(); !s.ok()) {
    return "V-CURRENT: no new manifest can be begun: " + s.ToString();
  }
  set->reset();
  auto again = Set::Recover(options);
  if (!again.ok()) return "V-RECOVER: the new manifest: " + again.status().ToString();
  const std::string after = DescribeSet(**again);
  if (after == before) return "";
  return fmt::format("V-RECOVER: before:\n{}in the new manifest:\n{}", before, after);
}

template <class Codec, class Set>
Finding CheckManifest(std::string_view input) {
  for (const std::string& record : ReadByTheRules(input).records) {
    VersionEdit edit;
    if (!Codec::Decode(record, &edit).ok()) continue;
    const Finding finding = CheckEdit<Codec>(edit);
    if (!finding.empty()) return finding;
  }
  Input source(input);
  const Finding finding = CheckEdit<Codec>(EditOf(&source));
  return finding.empty() ? CheckRecovery<Set>(input) : finding;
}

}  // namespace lsm::fuzz

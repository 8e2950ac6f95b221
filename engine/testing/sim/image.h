// What a power cut leaves on the disk: the units that were not durable, the fate of each, and the
// profiles that say which fates a file system allows together.
//
// Units (SimEnv::Unsynced lists them: file by file, sectors by offset, then the size; then the
// directory operations in the order in which they were made):
//   sector     512 bytes, or what of them changed since the last sync. A write to a sector does
//              not harm its other bytes ("powersafe overwrite"): else no log could be appended to.
//   size       of a file, apart from its bytes. A sector beyond the size that survives is gone.
//   directory  a creation, rename or removal of an entry. Kept ones are applied to the durable
//              entries in their order. Each names its file itself: a kept rename shows the file
//              even if its creation is lost. Directories are entries too.
//
// Profiles, each allowing all that the one before it allows:
//   ordered            ext4 with data=ordered, see the rules in image.cc
//   weakest            every fate of every unit but stale, in every combination, but a rename is
//                      one step
//   recycled           stale as well: blocks of removed files are handed out without being cleared
//   no-atomic-rename   a rename may also leave both names, none, or only remove the old one
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsm/status.h"

namespace lsm::sim {

inline constexpr uint64_t kSectorBytes = 512;
inline constexpr uint64_t kPageBytes = 4096;  // what samples decide about at a time

// One thing that is not yet durable.
struct UnsyncedUnit {
  enum class Kind : uint8_t { kSector, kSize, kDirCreate, kDirRename, kDirRemove };
  Kind kind = Kind::kSector;
  std::string path;     // of the file, or of the entry
  uint64_t offset = 0;  // kSector: of its first byte; kSize: the new size

  // What the profiles go by.
  uint64_t file = 0;            // units with the same number belong to one file
  uint64_t begin = 0, end = 0;  // kSector: the bytes that changed; kSize: what it may be
  uint64_t old_size = 0;        // kSize: the durable one
  bool grew = false;            // kSector: written when the file ended before or within it
  bool committed = false;       // directory: some file or directory was synced since
  uint64_t removed_files = 0;   // whose bytes may show through

  bool is_directory() const { return kind >= Kind::kDirCreate; }
  std::string ToString() const;  // "000003.log bytes [512, 1024)", "entry 000005.ldb", ...
};

// What becomes of a unit.
struct Fate {
  enum class Kind : uint8_t {
    kOld,      // lost
    kNew,      // kept
    kZero,     // sector: what changed is zeros
    kGarbage,  // sector: what changed is random, from the seed `number`
    kPart,     // sector: its first `number` bytes are new, the others old; size: it is `number`
    kStale,    // sector: what changed, size: what it adds, holds the bytes that stood at this
               // offset in the file of its directory that was removed `number` removals ago
               // (0: the last)
    kBoth,     // rename: the new name is there, the old one too
    kNeither,  // rename: both names are gone
    kGone      // rename: the old name is gone, the new one as it was
  };
  Kind kind = Kind::kOld;
  uint64_t number = 0;

  Fate() = default;
  Fate(bool kept) : kind(kept ? Kind::kNew : Kind::kOld) {}  // NOLINT: implicit on purpose
  Fate(Kind k, uint64_t n = 0) : kind(k), number(n) {}       // NOLINT: implicit on purpose

  std::string ToString() const;  // "old" "new" "zero" "garbage:7" "part:100" "stale:0" "both" ...
  bool operator==(const Fate&) const = default;
};
std::optional<Fate> ParseFate(std::string_view text);
inline constexpr size_t kFates = 9;
std::string_view NameOf(Fate::Kind kind);  // without a number

// One for each unit, in the order of the units.
using Image = std::vector<Fate>;
Image ImageOf(const std::vector<bool>& keep);

enum class Profile : uint8_t { kOrdered, kWeakest, kRecycled, kNoAtomicRename };
std::string_view NameOf(Profile profile);  // "ordered" "weakest" "recycled" "no-atomic-rename"
std::optional<Profile> ParseProfile(std::string_view name);

// OK, or InvalidArgument that names the unit and the rule.
Status CheckImage(Profile profile, const std::vector<UnsyncedUnit>& units, const Image& image);

// One that the profile allows, the same for a seed on every machine.
Image SampleImage(Profile profile, const std::vector<UnsyncedUnit>& units, uint64_t seed);

// Calls `visit` for every image that the profile allows, the first being the one that loses all;
// stops after `limit`. Numbers are represented: one seed for garbage, one or two places for a part.
// Returns how many were visited: less than limit means all.
uint64_t ForEachImage(Profile profile, const std::vector<UnsyncedUnit>& units, uint64_t limit,
                      const std::function<void(const Image&)>& visit);

}  // namespace lsm::sim

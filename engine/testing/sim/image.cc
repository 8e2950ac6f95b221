// Which fates a profile allows. One function says it (Choices); checking, sampling and enumerating
// all go by it.
//
// Rules of `ordered`, a journal of metadata with data=ordered as ext4's:
//   1. Directory operations, of all directories, survive as a prefix of the order in which they
//      were made: the journal commits in order.
//   2. A sync of any file or directory commits the journal: directory operations before it survive.
//      (No engine may build on this for files; Env promises it for directories alone.)
//   3. A file's size is written with its data: a size that covers bytes which made the file grow
//      survives only with them. So an appended file is cut somewhere, without holes.
//   4. Sizes of different files, and sizes against directory operations, are not ordered: data and
//      size are written back later than the journal commits (delayed allocation). This allows more
//      than ext4 does, which flushes a file that is renamed over another, and orders truncations.
//   5. A write within the file's end, as into a preallocated window, is old or new, sector by
//      sector: allocated space that was not written reads as zeros.
// A sector whose sync failed is free of rule 3: the journal does not wait for it.
#include "testing/sim/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "testing/sim/random.h"

namespace lsm::sim {
namespace {

using Unit = UnsyncedUnit;
using FateKind = Fate::Kind;

// In the order of the enumerations.
constexpr std::string_view kFateNames[] = {"old",   "new",  "zero",    "garbage", "part",
                                           "stale", "both", "neither", "gone"};
static_assert(std::size(kFateNames) == kFates);
constexpr std::string_view kProfiles[] = {"ordered", "weakest", "recycled", "no-atomic-rename"};

bool HasNumber(FateKind kind) {
  return kind == FateKind::kGarbage || kind == FateKind::kPart || kind == FateKind::kStale;
}

// What a unit may become when those before it have become what `image` says. Numbers that a fate
// may have are [number_min, number_max].
struct Choice {
  FateKind kind;
  uint64_t number_min = 0, number_max = 0;
};
using Choices = std::vector<Choice>;

// The largest size that the data of the file allows: up to the first byte that made it grow and was
// lost (rule 3).
uint64_t OrderedSizeMax(const std::vector<Unit>& units, const Image& image, size_t size_unit) {
  uint64_t size = units[size_unit].end;
  for (size_t i = size_unit; i-- > 0 && units[i].file == units[size_unit].file;) {
    const bool is_lost = units[i].grew && image[i].kind != FateKind::kNew;
    // What of the sector was durable may stay.
    if (is_lost) size = std::max(units[i].begin, units[size_unit].old_size);
  }
  return size;
}

Choices SizeChoices(Profile profile, const std::vector<Unit>& units, const Image& image, size_t i) {
  const Unit& unit = units[i];
  uint64_t max = unit.end;
  if (profile == Profile::kOrdered) max = std::min(max, OrderedSizeMax(units, image, i));
  Choices choices{{FateKind::kOld}};
  if (unit.offset <= max) choices.push_back({FateKind::kNew});
  if (unit.begin < max) choices.push_back({FateKind::kPart, unit.begin, max});
  const bool shows_removed = unit.removed_files > 0 && unit.offset > unit.old_size;
  if (shows_removed && profile >= Profile::kRecycled) {
    choices.push_back({FateKind::kStale, 0, unit.removed_files - 1});
  }
  return choices;
}

Choices SectorChoices(Profile profile, const Unit& unit) {
  Choices choices{{FateKind::kOld}, {FateKind::kNew}};
  if (profile == Profile::kOrdered) return choices;
  choices.push_back({FateKind::kZero});
  choices.push_back({FateKind::kGarbage, 0, UINT64_MAX});
  if (unit.end - unit.begin > 1) {
    choices.push_back({FateKind::kPart, unit.begin - unit.offset + 1, unit.end - unit.offset - 1});
  }
  if (unit.removed_files > 0 && profile >= Profile::kRecycled) {
    choices.push_back({FateKind::kStale, 0, unit.removed_files - 1});
  }
  return choices;
}

Choices DirectoryChoices(Profile profile, const std::vector<Unit>& units, const Image& image,
                         size_t i) {
  const bool has_previous = i > 0 && units[i - 1].is_directory();
  if (profile == Profile::kOrdered) {
    if (units[i].committed) return {{FateKind::kNew}};
    if (has_previous && image[i - 1].kind == FateKind::kOld) return {{FateKind::kOld}};
  }
  Choices choices{{FateKind::kOld}, {FateKind::kNew}};
  if (profile == Profile::kNoAtomicRename && units[i].kind == Unit::Kind::kDirRename) {
    for (const FateKind kind : {FateKind::kBoth, FateKind::kNeither, FateKind::kGone}) {
      choices.push_back({kind});
    }
  }
  return choices;
}

Choices ChoicesOf(Profile profile, const std::vector<Unit>& units, const Image& image, size_t i) {
  if (units[i].kind == Unit::Kind::kSector) return SectorChoices(profile, units[i]);
  if (units[i].kind == Unit::Kind::kSize) return SizeChoices(profile, units, image, i);
  return DirectoryChoices(profile, units, image, i);
}

uint64_t Within(const Choice& choice, Random* random) {
  // Seeds are kept short, because people read them.
  const uint64_t max = choice.kind == FateKind::kGarbage ? 9999 : choice.number_max;
  return choice.number_min + random->Below(max - choice.number_min + 1);
}

Fate Draw(const Choices& choices, Random* random) {
  const Choice& choice = choices[random->Below(choices.size())];
  return {choice.kind, HasNumber(choice.kind) ? Within(choice, random) : 0};
}

// One fate for each choice.
Fate Represent(const Choice& choice) {
  if (choice.kind != FateKind::kPart) return {choice.kind, choice.number_min};
  return {choice.kind, choice.number_min + (choice.number_max - choice.number_min) / 2};
}

Status Forbidden(Profile profile, const Unit& unit, const Fate& fate) {
  return Status::InvalidArgument(fmt::format("crash image: {} cannot be '{}' in the profile {}",
                                             unit.ToString(), fate.ToString(), NameOf(profile)));
}

}  // namespace

std::string UnsyncedUnit::ToString() const {
  switch (kind) {
    case Kind::kSector:
      return fmt::format("{} bytes [{}, {})", path, offset, offset + kSectorBytes);
    case Kind::kSize:
      return fmt::format("{} size {}", path, offset);
    case Kind::kDirCreate:
      return fmt::format("entry {} created", path);
    case Kind::kDirRename:
      return fmt::format("entry {} renamed to", path);
    case Kind::kDirRemove:
      return fmt::format("entry {} removed", path);
  }
  return path;
}

std::string Fate::ToString() const {
  const std::string_view name = NameOf(kind);
  return HasNumber(kind) ? fmt::format("{}:{}", name, number) : std::string(name);
}

std::string_view NameOf(Fate::Kind kind) { return kFateNames[static_cast<size_t>(kind)]; }

std::optional<Fate> ParseFate(std::string_view text) {
  const size_t colon = std::min(text.find(':'), text.size());
  const auto name = std::find(std::begin(kFateNames), std::end(kFateNames), text.substr(0, colon));
  if (name == std::end(kFateNames)) return std::nullopt;
  Fate fate(static_cast<FateKind>(name - std::begin(kFateNames)));
  if (HasNumber(fate.kind) != (colon < text.size())) return std::nullopt;
  if (!HasNumber(fate.kind)) return fate;
  const std::string_view number = text.substr(colon + 1);
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, fate.number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return fate;
}

Image ImageOf(const std::vector<bool>& keep) { return {keep.begin(), keep.end()}; }

std::string_view NameOf(Profile profile) { return kProfiles[static_cast<size_t>(profile)]; }

std::optional<Profile> ParseProfile(std::string_view name) {
  const auto found = std::find(std::begin(kProfiles), std::end(kProfiles), name);
  if (found == std::end(kProfiles)) return std::nullopt;
  return static_cast<Profile>(found - std::begin(kProfiles));
}

Status CheckImage(Profile profile, const std::vector<UnsyncedUnit>& units, const Image& image) {
  if (image.size() != units.size()) {
    return Status::InvalidArgument(
        fmt::format("crash image: {} fates for {} units", image.size(), units.size()));
  }
  for (size_t i = 0; i < units.size(); ++i) {
    const Fate& fate = image[i];
    const Choices choices = ChoicesOf(profile, units, image, i);
    const bool allowed = std::any_of(choices.begin(), choices.end(), [&fate](const Choice& c) {
      return c.kind == fate.kind && c.number_min <= fate.number && fate.number <= c.number_max;
    });
    if (!allowed) return Forbidden(profile, units[i], fate);
  }
  return Status::Ok();
}

// A page is lost, kept or mixed; what has no page is mixed.
Image SampleImage(Profile profile, const std::vector<UnsyncedUnit>& units, uint64_t seed) {
  enum Mood : uint64_t { kLost, kKept, kMixed };
  Random random(seed);
  Image image(units.size());
  Mood mood = kMixed;
  for (size_t i = 0; i < units.size(); ++i) {
    const Unit& unit = units[i];
    const bool is_sector = unit.kind == Unit::Kind::kSector;
    const bool same_page = i > 0 && is_sector && units[i - 1].kind == Unit::Kind::kSector &&
                           units[i - 1].file == unit.file &&
                           units[i - 1].offset / kPageBytes == unit.offset / kPageBytes;
    if (!same_page) mood = is_sector ? static_cast<Mood>(random.Below(3)) : kMixed;
    image[i] =
        mood == kMixed ? Draw(ChoicesOf(profile, units, image, i), &random) : Fate(mood == kKept);
  }
  return image;
}

uint64_t ForEachImage(Profile profile, const std::vector<UnsyncedUnit>& units, uint64_t limit,
                      const std::function<void(const Image&)>& visit) {
  Image image(units.size());
  uint64_t visited = 0;
  const std::function<void(size_t)> decide = [&](size_t i) {
    if (visited == limit) return;
    if (i == units.size()) {
      ++visited;
      visit(image);
      return;
    }
    for (const Choice& choice : ChoicesOf(profile, units, image, i)) {
      image[i] = Represent(choice);
      decide(i + 1);
    }
  };
  decide(0);
  return visited;
}

}  // namespace lsm::sim

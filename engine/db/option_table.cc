#include "db/option_table.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "format/codec.h"

namespace lsm {
namespace {

template <class T>
struct Word {
  std::string_view text;
  T value;
};

// The words of an enumeration, in the order in which a person is told of them.
constexpr auto WordsOf(Compression) {
  std::array<Word<Compression>, std::size(kCodecNames)> words{};
  for (size_t i = 0; i < words.size(); ++i) words[i] = {kCodecNames[i].name, kCodecNames[i].codec};
  return words;
}
constexpr auto WordsOf(FilterAllocation) {
  return std::array{Word<FilterAllocation>{"uniform", FilterAllocation::kUniform},
                    Word<FilterAllocation>{"monkey", FilterAllocation::kMonkey}};
}
constexpr auto WordsOf(WalSync) {
  return std::array{Word<WalSync>{"on_request", WalSync::kOnRequest},
                    Word<WalSync>{"every_write", WalSync::kEveryWrite},
                    Word<WalSync>{"interval", WalSync::kInterval}};
}
constexpr auto WordsOf(IoMode) {
  return std::array{Word<IoMode>{"plain", IoMode::kPlain}, Word<IoMode>{"mapped", IoMode::kMapped}};
}
constexpr auto WordsOf(CompactionPolicy) {
  return std::array{Word<CompactionPolicy>{"leveled", CompactionPolicy::kLeveled},
                    Word<CompactionPolicy>{"tiered", CompactionPolicy::kTiered},
                    Word<CompactionPolicy>{"lazy_leveled", CompactionPolicy::kLazyLeveled},
                    Word<CompactionPolicy>{"hybrid", CompactionPolicy::kHybrid},
                    Word<CompactionPolicy>{"fifo", CompactionPolicy::kFifo}};
}
constexpr auto WordsOf(FilePick) {
  return std::array{Word<FilePick>{"round_robin", FilePick::kRoundRobin},
                    Word<FilePick>{"oldest", FilePick::kOldest},
                    Word<FilePick>{"most_overlap", FilePick::kMostOverlap},
                    Word<FilePick>{"least_overlap", FilePick::kLeastOverlap},
                    Word<FilePick>{"most_tombstones", FilePick::kMostTombstones}};
}
constexpr auto WordsOf(bool) {
  return std::array{Word<bool>{"true", true}, Word<bool>{"false", false}};
}

template <class T>
constexpr bool kIsNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

template <class T>
bool ParseInteger(std::string_view text, T* out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && stop == end;
}

// Digits with at most one point: all that a knob needs, and the same under every locale.
bool ParseDecimal(std::string_view text, double* out) {
  const size_t point = text.find('.');
  uint64_t whole = 0, fraction = 0;
  if (!ParseInteger(text.substr(0, point), &whole)) return false;
  *out = static_cast<double>(whole);
  if (point == std::string_view::npos) return true;
  const std::string_view digits = text.substr(point + 1);
  if (digits.size() > 9 || !ParseInteger(digits, &fraction)) return false;
  *out += static_cast<double>(fraction) / std::pow(10.0, static_cast<double>(digits.size()));
  return true;
}

template <class T>
bool ParseValue(std::string_view text, T* out) {
  if constexpr (std::is_same_v<T, double>) {
    return ParseDecimal(text, out);
  } else if constexpr (kIsNumber<T>) {
    return ParseInteger(text, out);
  } else {
    for (const auto& word : WordsOf(T())) {
      if (word.text != text) continue;
      *out = word.value;
      return true;
    }
    return false;
  }
}

template <class T>
std::string PrintValue(T value) {
  if constexpr (kIsNumber<T>) {
    return fmt::format("{}", value);
  } else {
    for (const auto& word : WordsOf(T())) {
      if (word.value == value) return std::string(word.text);
    }
    return fmt::format("{}", static_cast<int>(value));
  }
}

template <class T>
bool InRange(const Knob& knob, T value) {
  if constexpr (kIsNumber<T>) {
    return static_cast<double>(value) >= knob.low && static_cast<double>(value) <= knob.high;
  } else {
    return true;  // a word that there is
  }
}

template <class T>
std::string RangeText(const Knob& knob) {
  if constexpr (kIsNumber<T>) {
    if (std::isinf(knob.high)) return fmt::format("{} or more", knob.low);
    return fmt::format("{} to {}", knob.low, knob.high);
  } else {
    constexpr auto kWords = WordsOf(T());
    std::string text;
    for (size_t i = 0; i < kWords.size(); ++i) {
      text += i == 0 ? "" : i + 1 == kWords.size() ? " or " : ", ";
      text += kWords[i].text;
    }
    return text;
  }
}

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

template <auto kMember>
constexpr Knob Number(std::string_view name, std::string_view unit, double low, double high,
                      std::string_view about) {
  using T = std::remove_reference_t<decltype(std::declval<Options&>().*kMember)>;
  return {name,
          unit,
          about,
          low,
          high,
          [](std::string_view text, Options* o) { return ParseValue(text, &(o->*kMember)); },
          [](const Options& o) { return PrintValue(o.*kMember); },
          [](const Knob& knob, const Options& o) { return InRange(knob, o.*kMember); },
          RangeText<T>};
}

template <auto kMember>
constexpr Knob Choice(std::string_view name, std::string_view about) {
  return Number<kMember>(name, "", 0, 0, about);
}

// Codecs by level, with commas; the empty list has a name, since a value must have one.
constexpr std::string_view kSame = "same";

bool ParseCodecs(std::string_view text, Options* options) {
  std::vector<Compression> codecs;
  for (bool more = text != kSame; more;) {
    const size_t comma = text.find(',');
    if (!CodecOfName(text.substr(0, comma), &codecs.emplace_back())) return false;
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  options->compression_per_level = std::move(codecs);
  return true;
}

std::string PrintCodecs(const Options& options) {
  if (options.compression_per_level.empty()) return std::string(kSame);
  std::vector<std::string> names;
  for (const Compression codec : options.compression_per_level) names.push_back(CodecName(codec));
  return fmt::format("{}", fmt::join(names, ","));
}

constexpr Knob kCompressionPerLevel = {
    "compression_per_level",
    "",
    "by the level a table is written to; the last one also for those below; same: as compression",
    0,
    0,
    ParseCodecs,
    PrintCodecs,
    [](const Knob&, const Options&) { return true; },  // how many and which: CheckOptions
    [](const Knob&) { return "same, or with commas: " + RangeText<Compression>({}); }};

constexpr double kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB, kTiB = 1024 * kGiB;
constexpr double kHourUs = 3600e6;
using O = Options;

constexpr Knob kKnobs[] = {
    Number<&O::memtable_bytes>("memtable_bytes", "bytes", kKiB, kGiB,
                               "a memtable that uses more is sealed"),
    Number<&O::max_immutable_memtables>("max_immutable_memtables", "memtables", 1, 16,
                                        "sealed ones before writers wait"),
    Number<&O::block_cache_bytes>("block_cache_bytes", "bytes", 0, kNoLimit,
                                  "hard bound of the block cache; 0: no cache"),
    Number<&O::max_open_files>("max_open_files", "tables", 16, 1'000'000, "open tables kept"),
    Number<&O::block_bytes>("block_bytes", "bytes", 64, 16 * kMiB, "uncompressed data block"),
    Number<&O::block_restart_interval>("block_restart_interval", "keys", 1, 1024,
                                       "keys between full keys of a block"),
    Number<&O::max_file_bytes>("max_file_bytes", "bytes", kKiB, 4 * kGiB,
                               "size at which a compaction cuts a table"),
    Choice<&O::compression>("compression", "of the blocks of a table"),
    kCompressionPerLevel,
    Number<&O::bits_per_key>("bits_per_key", "bits", 0, 40, "bloom filter; 0: none"),
    Choice<&O::filter_allocation>("filter_allocation",
                                  "bits_per_key for every table, or as the average of the tree"),
    Choice<&O::verify_checksums>("verify_checksums", "of all that is read from a table"),
    Choice<&O::policy>("policy", "how the tree is kept in shape"),
    Choice<&O::file_pick>("file_pick", "which table of a leveled level goes down next"),
    Number<&O::num_levels>("num_levels", "levels", 2, kMaxLevels, "levels of the tree"),
    Number<&O::l0_compaction_trigger>("l0_compaction_trigger", "runs", 1, 10'000,
                                      "runs in level 0 that start a compaction"),
    Number<&O::l0_slowdown_trigger>("l0_slowdown_trigger", "runs", 1, kNoLimit,
                                    "runs in level 0 at which writes are delayed"),
    Number<&O::l0_stop_trigger>("l0_stop_trigger", "runs", 1, kNoLimit,
                                "runs in level 0 at which writers wait"),
    Number<&O::level1_bytes>("level1_bytes", "bytes", kKiB, kTiB, "target size of level 1"),
    Number<&O::size_ratio>("size_ratio", "", 2, 100, "target of a level / target of the one above"),
    Number<&O::runs_per_level>("runs_per_level", "runs", 2, 100,
                               "runs in a tiered level that start a compaction"),
    Number<&O::tiered_levels>("tiered_levels", "levels", 1, kMaxLevels,
                              "with policy = hybrid, level 0 among them"),
    Number<&O::fifo_bytes_max>("fifo_bytes_max", "bytes", kKiB, kTiB* kKiB,
                               "with policy = fifo: what all tables hold at most"),
    Number<&O::ttl_us>("ttl_us", "us", 0, kNoLimit,
                       "with policy = fifo: age at which tables are dropped; 0: none"),
    Number<&O::tombstone_age_max_us>("tombstone_age_max_us", "us", 0, kNoLimit,
                                     "age at which a tombstone is compacted away; 0: none"),
    Number<&O::tombstone_retention_us>("tombstone_retention_us", "us", 0, kNoLimit,
                                       "age up to which a tombstone is kept"),
    Number<&O::max_background_jobs>("max_background_jobs", "threads", 2, 64,
                                    "for flushes and compactions; one only flushes"),
    Number<&O::background_bytes_per_second>("background_bytes_per_second", "bytes/s", 0, kTiB,
                                            "written by flushes and compactions; 0: no limit"),
    Number<&O::delayed_write_bytes_per_second>(
        "delayed_write_bytes_per_second", "bytes/s", kKiB, kTiB,
        "pace of writers at l0_slowdown_trigger; slower with each run more"),
    Choice<&O::wal_sync>("wal_sync", "when the log is made durable"),
    Number<&O::wal_sync_interval_us>("wal_sync_interval_us", "us", 100, kHourUs,
                                     "between syncs, with wal_sync = interval"),
    Number<&O::max_wal_bytes>("max_wal_bytes", "bytes", kKiB, 4 * kGiB,
                              "size at which a log rotates"),
    Choice<&O::wal_io>("wal_io", "how logs are written"),
    Choice<&O::read_io>("read_io", "how tables are read"),
    Choice<&O::auto_resume>("auto_resume", "resume when a full disk has space again"),
    Number<&O::resume_backoff_us_min>("resume_backoff_us_min", "us", 1, kHourUs,
                                      "first wait of an automatic resume; doubled up to ..."),
    Number<&O::resume_backoff_us_max>("resume_backoff_us_max", "us", 1, kHourUs, "... this"),
};

}  // namespace

std::span<const Knob> Knobs() { return kKnobs; }

const Knob* FindKnob(std::string_view name) {
  for (const Knob& knob : kKnobs) {
    if (knob.name == name) return &knob;
  }
  return nullptr;
}

Status CheckRange(const Knob& knob, const Options& options) {
  if (knob.in_range(knob, options)) return Status::Ok();
  return Status::InvalidArgument(fmt::format("option {} = {} is outside [{}, {}]", knob.name,
                                             knob.print(options), knob.low, knob.high));
}

}  // namespace lsm

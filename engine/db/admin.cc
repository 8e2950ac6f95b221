// Properties, statistics, and the check of everything on disk.
#include <charconv>

#include <fmt/format.h>

#include "base/escape.h"
#include "db/db_impl.h"
#include "db/run_iterator.h"
#include "lsm/options_text.h"

namespace lsm {

bool DBImpl::GetProperty(std::string_view name, std::string* value) {
  value->clear();
  constexpr std::string_view kFilesAtLevel = "lsm.num-files-at-level";
  if (name == "lsm.levels") {
    *value = DescribeTree(*versions_->current());
  } else if (name == "lsm.stats") {
    DescribeStatistics(value);
  } else if (name == "lsm.tables") {
    const std::shared_ptr<const Tree> tree = versions_->current();
    for (size_t level = 0; level < tree->levels.size(); ++level) {
      for (const SortedRun& run : tree->levels[level].runs) {
        for (const FileRef& file : run) {
          *value += fmt::format("{} {} {} {} {}\n", level, file->number, file->bytes,
                                Escape(ExtractUserKey(file->smallest)),
                                Escape(ExtractUserKey(file->largest)));
        }
      }
    }
  } else if (name == "lsm.options") {
    *value = PrintOptions(options_);
  } else if (name == "lsm.background-error") {
    MutexLock lock(&mu_);
    *value = error_.ToString();
  } else if (name == "lsm.memory") {
    const std::shared_ptr<const ReadView> view = View();
    size_t bytes = view->active->MemoryUsage() + (cache_ == nullptr ? 0 : cache_->UsedBytes());
    for (const auto& table : view->sealed) bytes += table->MemoryUsage();
    *value = std::to_string(bytes);
  } else if (name.substr(0, kFilesAtLevel.size()) == kFilesAtLevel) {
    const std::string_view digits = name.substr(kFilesAtLevel.size());
    size_t level = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), level);
    const std::shared_ptr<const Tree> tree = versions_->current();
    if (error != std::errc() || end != digits.data() + digits.size() ||
        level >= tree->levels.size()) {
      return false;
    }
    *value = std::to_string(tree->levels[level].Files());
  } else {
    return false;
  }
  return true;
}

namespace {

void CountTombstones(const Level& level, LevelStatistics* out) {
  for (const SortedRun& run : level.runs) {
    for (const FileRef& file : run) {
      out->tombstones += file->facts.tombstones;
      const uint64_t oldest_us = file->facts.oldest_tombstone_us;
      if (oldest_us == 0) continue;
      const bool first = out->oldest_tombstone_us == 0;
      out->oldest_tombstone_us = first ? oldest_us : std::min(out->oldest_tombstone_us, oldest_us);
    }
  }
}

}  // namespace

Statistics DBImpl::GetStatistics() {
  const Counters& c = counters_;
  Statistics s;
  s.puts = Read(c.puts), s.deletes = Read(c.deletes), s.batches = Read(c.batches);
  s.user_bytes_in = Read(c.user_bytes_in);
  s.wal_bytes = Read(c.wal_bytes), s.wal_syncs = Read(c.wal_syncs);
  s.flushes = Read(c.flushes), s.flush_bytes = Read(c.flush_bytes);
  s.compactions = Read(c.compactions);
  s.compaction_bytes_read = Read(c.compaction_bytes_read);
  s.compaction_bytes_written = Read(c.compaction_bytes_written);
  s.trivial_moves = Read(c.trivial_moves);
  s.tables_expired = Read(c.tables_expired);
  s.entries_dropped = Read(c.entries_dropped);
  s.tombstones_dropped = Read(c.tombstones_dropped);
  s.gets = Read(c.gets), s.gets_found = Read(c.gets_found);
  s.tables_probed = Read(c.tables_probed);
  s.filter_negatives = Read(c.filter_negatives);
  s.cache_hits = Read(c.tables.cache_hits), s.cache_misses = Read(c.tables.cache_misses);
  s.blocks_read = Read(c.tables.blocks_read);
  s.block_bytes_read = Read(c.tables.block_bytes_read);
  s.iterators = Read(c.iterators);
  s.stalls = Read(c.stalls), s.stall_us = Read(c.stall_us), s.slowdowns = Read(c.slowdowns);
  if (cache_ != nullptr) {
    const CacheCounts cache = cache_->Counts();
    s.cache_protected_hits = cache.protected_hits;
    s.cache_ghost_hits = cache.ghost_hits, s.cache_evictions = cache.evictions;
  }
  s.limiter_wait_us = limiter_ == nullptr ? 0 : limiter_->WaitedMicros();
  const std::shared_ptr<const Tree> tree = versions_->current();
  const TreeShape shape = ShapeOf(*tree);
  for (size_t i = 0; i < tree->levels.size(); ++i) {
    const Level& level = tree->levels[i];
    LevelStatistics& out = s.level[i];
    out.runs = level.runs.size(), out.files = level.Files(), out.bytes = level.Bytes();
    CountTombstones(level, &out);
    out.bytes_written = Read(c.level[i].bytes_written);
    out.bytes_read = Read(c.level[i].bytes_read);
    out.entry_bytes_written = Read(c.level[i].entry_bytes_written);
    out.compactions = Read(c.level[i].compactions);
    out.tables_probed = Read(c.level[i].tables_probed);
    out.score = picker_->Score(*tree, static_cast<int>(i));
    out.filter_probes = Read(c.level[i].filter_probes);
    out.filter_false_positives = Read(c.level[i].filter_false_positives);
    s.filter_probes += out.filter_probes;
    s.filter_false_positives += out.filter_false_positives;
    out.bits_per_key = FilterBitsFor(options_, shape, static_cast<int>(i));
    if (out.bytes > 0) s.live_bytes_estimate = out.bytes;  // the deepest level wins
  }
  return s;
}

void DBImpl::DescribeStatistics(std::string* out) {
  const Statistics s = GetStatistics();
  *out =
      "level   runs  files        bytes  tombstones  score      written  write-amp  packed         "
      "read"
      "  compactions   searched  filter bits  false\n";
  for (size_t i = 0; i < s.level.size(); ++i) {
    const LevelStatistics& l = s.level[i];
    if (l.files == 0 && l.bytes_written == 0) continue;
    *out += fmt::format(
        "{:5} {:6} {:6} {:12} {:11} {:6.2f} {:12} {:10.2f} {:7.2f} {:12} {:12} {:10} {:12.1f} "
        "{:6}\n",
        i, l.runs, l.files, l.bytes, l.tombstones, l.score, l.bytes_written,
        s.WriteAmplification(l), l.Packed(), l.bytes_read, l.compactions, l.tables_probed,
        l.bits_per_key, l.filter_false_positives);
  }
  *out += fmt::format("updates: {} puts, {} deletes in {} groups, {} bytes\n", s.puts, s.deletes,
                      s.batches, s.user_bytes_in);
  *out += fmt::format("log: {} bytes, {} syncs; flushes: {}, {} bytes\n", s.wal_bytes, s.wal_syncs,
                      s.flushes, s.flush_bytes);
  *out += fmt::format(
      "compactions: {}, {} trivial moves; dropped: {} versions, {} tombstones, {} expired tables\n",
      s.compactions, s.trivial_moves, s.entries_dropped, s.tombstones_dropped, s.tables_expired);
  *out += fmt::format(
      "gets: {}, {} found, {} tables searched; filter: {} probes, {} no, {} false\n", s.gets,
      s.gets_found, s.tables_probed, s.filter_probes, s.filter_negatives, s.filter_false_positives);
  *out += fmt::format(
      "cache: {} hits, {} of them protected, {} misses, {} came back, {} evicted; blocks read: {}, "
      "{} bytes\n",
      s.cache_hits, s.cache_protected_hits, s.cache_misses, s.cache_ghost_hits, s.cache_evictions,
      s.blocks_read, s.block_bytes_read);
  *out += fmt::format("stalls: {}, {} us; slowdowns: {}; background waited for its rate: {} us\n",
                      s.stalls, s.stall_us, s.slowdowns, s.limiter_wait_us);
  *out += fmt::format("amplification: write {:.2f}, read {:.2f}, space {:.2f}\n",
                      s.WriteAmplification(), s.ReadAmplification(), s.SpaceAmplification());
}

Status DBImpl::CheckIntegrity(std::vector<std::string>* findings) {
  findings->clear();
  LSM_RETURN_IF_ERROR(CheckOpen());
  const std::shared_ptr<const ReadView> view = View();
  Status first = CheckTree(*view->tree, cmp_);
  if (!first.ok()) findings->push_back(first.ToString());
  for (size_t level = 0; level < view->tree->levels.size(); ++level) {
    for (const SortedRun& run : view->tree->levels[level].runs) {
      for (const FileRef& file : run) {
        Status s = CheckTable(*file, level, findings);
        if (first.ok()) first = std::move(s);
      }
    }
  }
  Status s = CheckOrphans(findings);
  return first.ok() ? s : first;
}

// Every checksum, the order of the keys, and the bounds that the manifest states.
Status DBImpl::CheckTable(const FileMeta& file, size_t level, std::vector<std::string>* findings) {
  const auto damaged = [&](const Status& s) {
    findings->push_back(fmt::format("level {} {}", level, s.ToString()));
    return s;
  };
  auto table = tables_->Get(file.number);
  if (!table.ok()) return damaged(table.status());
  if (Status s = (*table)->VerifyChecksums(); !s.ok()) return damaged(s);
  Table::Iterator it(table->get(), false);
  std::string previous, smallest;
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    ParsedInternalKey parsed;
    if (!ParseInternalKey(it.key(), &parsed)) {
      return damaged(Status::Corruption(fmt::format("table {}: malformed key", file.number)));
    }
    if (!previous.empty() && cmp_.Compare(previous, it.key()) >= 0) {
      return damaged(Status::Corruption(
          fmt::format("table {}: key {} is out of order", file.number, Escape(parsed.user_key))));
    }
    if (smallest.empty()) smallest = it.key();
    previous = it.key();
  }
  if (Status s = it.status(); !s.ok()) return damaged(s);
  if (smallest != file.smallest || previous != file.largest) {
    return damaged(Status::Corruption(
        fmt::format("table {}: its keys are not those that the manifest states", file.number)));
  }
  return Status::Ok();
}

// Files that belong to nothing. Files that still wait for a reader, or are being written, do not
// count.
Status DBImpl::CheckOrphans(std::vector<std::string>* findings) {
  MutexLock lock(&mu_);
  CollectGarbage();
  while (removals_running_ > 0) progress_cv_.Wait();
  if (!error_.ok() || !jobs_->Idle()) return Status::Ok();
  LSM_ASSIGN_OR_RETURN(const std::vector<Garbage> orphans, Orphans());
  Status first;
  for (const Garbage& file : orphans) {
    if (file.kind == FileKind::kTemp) continue;  // CURRENT may be on its way
    Status s = Status::Corruption(PathOf(file) + " belongs to nothing");
    findings->push_back(s.ToString());
    if (first.ok()) first = std::move(s);
  }
  return first;
}

}  // namespace lsm

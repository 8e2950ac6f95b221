#include "db/check_options.h"

#include <fmt/format.h>

#include "format/codec.h"

namespace lsm {
namespace {

template <class T>
Status InRange(const char* name, T value, T low, T high) {
  if (value >= low && value <= high) return Status::Ok();
  return Status::InvalidArgument(
      fmt::format("option {} = {} is outside [{}, {}]", name, value, low, high));
}

Status CheckMemory(const Options& o) {
  LSM_RETURN_IF_ERROR(InRange<size_t>("memtable_bytes", o.memtable_bytes, 1024, 1u << 30));
  LSM_RETURN_IF_ERROR(InRange("max_immutable_memtables", o.max_immutable_memtables, 1, 16));
  return InRange("max_open_files", o.max_open_files, 16, 1'000'000);
}

Status CheckTables(const Options& o) {
  LSM_RETURN_IF_ERROR(InRange<size_t>("block_bytes", o.block_bytes, 64, 16u << 20));
  LSM_RETURN_IF_ERROR(InRange("block_restart_interval", o.block_restart_interval, 1, 1024));
  LSM_RETURN_IF_ERROR(InRange<size_t>("max_file_bytes", o.max_file_bytes, 1024, size_t{4} << 30));
  LSM_RETURN_IF_ERROR(InRange("bits_per_key", o.bits_per_key, 0.0, 40.0));
  if (!CodecAvailable(o.compression)) {
    return Status::NotSupported(
        fmt::format("option compression = {}: the codec is not in this build",
                    static_cast<int>(o.compression)));
  }
  return Status::Ok();
}

Status CheckLevels(const Options& o) {
  LSM_RETURN_IF_ERROR(InRange("num_levels", o.num_levels, 2, kMaxLevels));
  LSM_RETURN_IF_ERROR(InRange("l0_compaction_trigger", o.l0_compaction_trigger, 1, 10'000));
  LSM_RETURN_IF_ERROR(InRange<uint64_t>("level1_bytes", o.level1_bytes, 1024, uint64_t{1} << 40));
  LSM_RETURN_IF_ERROR(InRange("size_ratio", o.size_ratio, 2, 100));
  if (o.l0_slowdown_trigger < o.l0_compaction_trigger ||
      o.l0_stop_trigger < o.l0_slowdown_trigger) {
    return Status::InvalidArgument(fmt::format(
        "options l0_compaction_trigger = {} <= l0_slowdown_trigger = {} <= l0_stop_trigger = {} do "
        "not ascend",
        o.l0_compaction_trigger, o.l0_slowdown_trigger, o.l0_stop_trigger));
  }
  return Status::Ok();
}

Status CheckLogAndErrors(const Options& o) {
  LSM_RETURN_IF_ERROR(InRange<size_t>("max_wal_bytes", o.max_wal_bytes, 1024, size_t{4} << 30));
  LSM_RETURN_IF_ERROR(InRange<uint64_t>("wal_sync_interval_us", o.wal_sync_interval_us, 100,
                                        uint64_t{3600} * 1'000'000));
  LSM_RETURN_IF_ERROR(
      InRange<uint64_t>("resume_backoff_us_min", o.resume_backoff_us_min, 1, 3'600'000'000));
  return InRange<uint64_t>("resume_backoff_us_max", o.resume_backoff_us_max,
                           o.resume_backoff_us_min, 3'600'000'000);
}

}  // namespace

Status CheckOptions(const Options& o) {
  if (o.env == nullptr) return Status::InvalidArgument("option env is null");
  if (o.comparator == nullptr) return Status::InvalidArgument("option comparator is null");
  LSM_RETURN_IF_ERROR(CheckMemory(o));
  LSM_RETURN_IF_ERROR(CheckTables(o));
  LSM_RETURN_IF_ERROR(CheckLevels(o));
  return CheckLogAndErrors(o);
}

}  // namespace lsm

#include "db/check_options.h"

#include <fmt/format.h>

#include "db/option_table.h"
#include "db/stages.h"
#include "format/codec.h"

namespace lsm {
namespace {

Status CheckCodec(const char* option, Compression codec) {
  if (!IsCodec(codec)) {
    return Status::InvalidArgument(
        fmt::format("option {}: there is no {}", option, CodecName(codec)));
  }
  if (CodecAvailable(codec)) return Status::Ok();
  return Status::NotSupported(
      fmt::format("option {} = {}: the codec is not in this build", option, CodecName(codec)));
}

Status CheckCodecs(const Options& o) {
  if (o.compression_per_level.size() > kMaxLevels) {
    return Status::InvalidArgument(fmt::format("option compression_per_level names {} of {} levels",
                                               o.compression_per_level.size(), kMaxLevels));
  }
  for (const Compression codec : o.compression_per_level) {
    LSM_RETURN_IF_ERROR(CheckCodec("compression_per_level", codec));
  }
  return CheckCodec("compression", o.compression);
}

}  // namespace

Status CheckOptions(const Options& o) {
  if (o.env == nullptr) return Status::InvalidArgument("option env is null");
  if (o.comparator == nullptr) return Status::InvalidArgument("option comparator is null");
  for (const Knob& knob : Knobs()) LSM_RETURN_IF_ERROR(CheckRange(knob, o));
  LSM_RETURN_IF_ERROR(CheckCodecs(o));
  if (o.tiered_levels > o.num_levels) {
    return Status::InvalidArgument(fmt::format("option tiered_levels = {} is above num_levels = {}",
                                               o.tiered_levels, o.num_levels));
  }
  if (o.tombstone_age_max_us > 0 && o.tombstone_age_max_us < o.tombstone_retention_us) {
    return Status::InvalidArgument(
        fmt::format("option tombstone_age_max_us = {} is below tombstone_retention_us = {}",
                    o.tombstone_age_max_us, o.tombstone_retention_us));
  }
  if (o.l0_slowdown_trigger < o.l0_compaction_trigger ||
      o.l0_stop_trigger < o.l0_slowdown_trigger) {
    return Status::InvalidArgument(fmt::format(
        "options l0_compaction_trigger = {} <= l0_slowdown_trigger = {} <= l0_stop_trigger = {} do "
        "not ascend",
        o.l0_compaction_trigger, o.l0_slowdown_trigger, o.l0_stop_trigger));
  }
  if (o.resume_backoff_us_max < o.resume_backoff_us_min) {
    return Status::InvalidArgument(fmt::format(
        "options resume_backoff_us_min = {} <= resume_backoff_us_max = {} do not ascend",
        o.resume_backoff_us_min, o.resume_backoff_us_max));
  }
  if (!CompactionPicker::Supports(o.policy)) {
    return Status::NotSupported(
        fmt::format("option policy = {}: the compaction stage of this build does not have it",
                    FindKnob("policy")->print(o)));
  }
  return Status::Ok();
}

}  // namespace lsm

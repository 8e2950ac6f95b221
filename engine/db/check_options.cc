#include "db/check_options.h"

#include <fmt/format.h>

#include "db/option_table.h"
#include "db/stages.h"
#include "format/codec.h"

namespace lsm {

Status CheckOptions(const Options& o) {
  if (o.env == nullptr) return Status::InvalidArgument("option env is null");
  if (o.comparator == nullptr) return Status::InvalidArgument("option comparator is null");
  for (const Knob& knob : Knobs()) LSM_RETURN_IF_ERROR(CheckRange(knob, o));
  if (!CodecAvailable(o.compression)) {
    return Status::NotSupported(
        fmt::format("option compression = {}: the codec is not in this build",
                    FindKnob("compression")->print(o)));
  }
  if (!CompactionPicker::Supports(o.policy)) {
    return Status::NotSupported(
        fmt::format("option policy = {}: the compaction stage of this build does not have it",
                    FindKnob("policy")->print(o)));
  }
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
  return Status::Ok();
}

}  // namespace lsm

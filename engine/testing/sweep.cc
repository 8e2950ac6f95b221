#include "testing/sweep.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "testing/digest.h"
#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

using sim::Profile;

// The image, unit by unit.
CrashImage Exactly(const sim::Image& fates) {
  CrashImage image;
  for (size_t i = 0; i < fates.size(); ++i) {
    if (fates[i].kind != sim::Fate::Kind::kOld) image.units.emplace_back(i, fates[i]);
  }
  if (!image.units.empty()) image.kind = CrashImage::Kind::kUnits;
  return image;
}

// Of the disk behind a power cut, and of what its judgement rests on.
uint64_t DigestOf(const IoPlace& place, const sim::Image& fates) {
  const auto disk = place.disk->Copy();
  disk->LoseUnsynced(fates);
  Digest digest;
  digest.Add(place.knowledge);
  AddDisk(*disk, &digest);
  return digest.value();
}

// Two places of one digest leave the same images: what is durable, what is seen, what lies between
// and what was removed are the same.
uint64_t DigestOf(const IoPlace& place, const std::vector<sim::UnsyncedUnit>& units) {
  Digest digest;
  digest.Add(DigestOf(place, sim::Image(units.size(), sim::Fate(false))));
  digest.Add(DigestOf(place, sim::Image(units.size(), sim::Fate(true))));
  for (const sim::UnsyncedUnit& unit : units) {
    digest.Add(unit.ToString());
    digest.Add(unit.begin);
    digest.Add(unit.end);
  }
  for (const auto& [dir, files] : place.disk->removed()) {
    digest.Add(dir);
    for (const auto& bytes : files) digest.Add(*bytes);
  }
  return digest.value();
}

class Sweeper {
 public:
  Sweeper(const Trace& trace, const SweepOptions& options)
      : trace_(trace),
        options_(options),
        random_(options.seed),
        seen_(options.seen != nullptr ? options.seen : &own_seen_) {}

  SweepReport Run() {
    Tell(trace_);
    const Survey survey = SurveyIo(trace_, options_.run, options_.first_step, options_.last_step);
    if (!survey.result.ok) report_.failed = trace_;
    TryPlaces(survey.places, 1, [this](const IoPlace& place, CrashImage image) {
      return CutAt(trace_, place, std::move(image));
    });
    return std::move(report_);
  }

 private:
  using MakeTrace = std::function<Trace(const IoPlace& place, CrashImage image)>;

  void Tell(const Trace& trace) {
    if (options_.on_trace) options_.on_trace(trace);
  }

  // `cuts` stand in the traces that `make` makes.
  void TryPlaces(const std::vector<IoPlace>& places, size_t cuts, const MakeTrace& make) {
    for (const IoPlace& place : places) {
      const std::vector<sim::UnsyncedUnit> units = place.disk->Unsynced();
      ++report_.cuts;
      if (!seen_->insert(DigestOf(place, units)).second) continue;
      for (CrashImage& image : Images(units)) {
        if (report_.failed.has_value()) return;
        const sim::Image fates = image.Of(units);
        ++report_.states;
        for (const sim::Fate& fate : fates) ++report_.fates[static_cast<size_t>(fate.kind)];
        if (seen_->insert(DigestOf(place, fates)).second)
          Judge(make(place, std::move(image)), cuts);
      }
    }
  }

  // All that the weakest profile allows; if they are many, a sample of each profile that allows
  // more than the one before.
  std::vector<CrashImage> Images(const std::vector<sim::UnsyncedUnit>& units) {
    const bool renames = std::any_of(units.begin(), units.end(), [](const auto& unit) {
      return unit.kind == sim::UnsyncedUnit::Kind::kDirRename;
    });
    const bool recycles = std::any_of(units.begin(), units.end(),
                                      [](const auto& unit) { return unit.removed_files > 0; });
    std::vector<Profile> profiles{Profile::kWeakest, Profile::kOrdered};
    if (recycles) profiles.push_back(Profile::kRecycled);
    if (renames) profiles.push_back(Profile::kNoAtomicRename);
    std::vector<CrashImage> images;
    const uint64_t limit = options_.images_max + 1;
    const uint64_t count =
        ForEachImage(Profile::kNoAtomicRename, units, limit,
                     [&images](const sim::Image& fates) { images.push_back(Exactly(fates)); });
    if (count < limit) return images;
    images = {{.kind = CrashImage::Kind::kNone}, {.kind = CrashImage::Kind::kAll}};
    while (images.size() < options_.images_max) {
      images.push_back({.kind = CrashImage::Kind::kProfile,
                        .seed = random_.Below(1'000'000),
                        .profile = profiles[images.size() % profiles.size()]});
    }
    return images;
  }

  void Judge(const Trace& state, size_t cuts) {
    Tell(state);
    const bool again = cuts < options_.cuts_max && random_.Below(options_.again_one_in) == 0;
    Survey survey;
    if (again) {
      survey = SurveyRecovery(state, options_.run);
    } else {
      survey.result = RunTrace(state, options_.run);
    }
    ++report_.distinct;
    if (cuts > 1) ++report_.again;
    if (!survey.result.excused.empty()) ++report_.told;
    if (!survey.result.ok) report_.failed = state;
    if (report_.failed.has_value()) return;
    TryPlaces(survey.places, cuts + 1, [&state](const IoPlace& place, CrashImage image) {
      return CutAgain(state, place, std::move(image));
    });
  }

  const Trace& trace_;
  const SweepOptions& options_;
  sim::Random random_;
  SeenStates own_seen_;
  SeenStates* const seen_;
  SweepReport report_;
};

}  // namespace

SweepReport Sweep(const Trace& trace, const SweepOptions& options) {
  return Sweeper(trace, options).Run();
}

}  // namespace lsm::lab

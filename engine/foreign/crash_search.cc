#include "foreign/crash_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lsm::lab {
namespace {

// "000012.log bytes [512, 1024)" and "000012.log size 900" are "#.log data".
std::string WithoutNumbers(const std::string& unit) {
  std::string text = unit;
  for (const char* const data : {" bytes [", " size "}) {
    const size_t at = text.find(data);
    if (at != std::string::npos) text = text.substr(0, at) + " data";
  }
  std::string general;
  for (const char c : text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit) general += c;
    if (digit && (general.empty() || general.back() != '#')) general += '#';
  }
  return general;
}

std::set<std::string> WithoutNumbers(const std::vector<std::string>& units) {
  std::set<std::string> general;
  for (const std::string& unit : units) general.insert(WithoutNumbers(unit));
  return general;
}

// Images of units, by what they lose.
class Images {
 public:
  explicit Images(const std::vector<sim::UnsyncedUnit>& units) : units_(units) {}

  // All that is told in the header.
  std::vector<CrashImage> All(const SearchOptions& options, uint64_t salt) {
    Add([](size_t) { return true; });
    for (size_t i = 0; i < units_.size(); ++i) {
      if (!IsInnerSector(i)) Add([i](size_t unit) { return unit == i; });
      if (IsFirstOfFile(i)) Add([this, i](size_t unit) { return SameFile(unit, i); });
      if (units_[i].is_directory()) {
        Add([this, i](size_t unit) { return unit >= i && units_[unit].is_directory(); });
      }
    }
    images_.push_back({.kind = CrashImage::Kind::kAll});
    for (uint64_t seed = 1; seed <= options.seeds && units_.size() > 2; ++seed) {
      const sim::Image sample = sim::SampleImage(options.profile, units_, seed + salt);
      Add([&sample](size_t unit) { return sample[unit].kind != sim::Fate::Kind::kNew; });
    }
    return std::move(images_);
  }

  // Those of them that lose what is asked for and nothing else; and the one that loses all of it.
  std::vector<CrashImage> Losing(const std::set<std::string>& lost) {
    Add([&](size_t unit) { return lost.count(NameOf(unit)) != 0; });
    for (CrashImage& image : Images(units_).All({}, 0)) {
      std::set<std::string> loses;
      const sim::Image fates = image.Of(units_);
      for (size_t i = 0; i < units_.size(); ++i) {
        if (fates[i] == sim::Fate(false)) loses.insert(NameOf(i));
      }
      if (loses == lost) images_.push_back(std::move(image));
    }
    return std::move(images_);
  }

 private:
  template <class IsLost>  // bool is_lost(unit)
  void Add(IsLost is_lost) {
    CrashImage image{.kind = CrashImage::Kind::kUnits};
    for (size_t i = 0; i < units_.size(); ++i) {
      if (!is_lost(i)) image.units.emplace_back(i, true);
    }
    images_.push_back(image.units.empty() ? CrashImage() : std::move(image));
  }

  std::string NameOf(size_t unit) const { return WithoutNumbers(UnitName(units_[unit])); }
  bool IsSector(size_t i) const {
    return i < units_.size() && units_[i].kind == sim::UnsyncedUnit::Kind::kSector;
  }
  bool SameFile(size_t a, size_t b) const {
    return !units_[a].is_directory() && !units_[b].is_directory() &&
           units_[a].file == units_[b].file;
  }
  bool IsFirstOfFile(size_t i) const {
    return !units_[i].is_directory() && (i == 0 || !SameFile(i, i - 1));
  }
  bool IsInnerSector(size_t i) const {
    return IsSector(i) && i > 0 && IsSector(i - 1) && SameFile(i, i - 1) && IsSector(i + 1) &&
           SameFile(i, i + 1);
  }

  const std::vector<sim::UnsyncedUnit>& units_;
  std::vector<CrashImage> images_;
};

std::vector<CrashQuestion> AllQuestions(const Recording& recording, const SearchOptions& options) {
  std::vector<CrashQuestion> questions;
  DiskReplay replay;
  size_t cuts = 0;
  for (size_t i = 0; i < recording.calls.size(); ++i) {
    replay.Apply(recording.calls[i]).IgnoreError();  // the judge's status has it
    if (!IsCutPoint(recording.calls[i]) || cuts++ % options.every != 0) continue;
    const auto units = replay.disk().Unsynced();
    for (CrashImage& image : options.lost.empty() ? Images(units).All(options, i)
                                                  : Images(units).Losing(options.lost)) {
      questions.push_back({i + 1, std::move(image), nullptr, nullptr, options.profile});
    }
  }
  return questions;
}

std::string KeyOf(const CrashFinding& finding) {
  const std::string lost = fmt::format("{}", fmt::join(finding.lost, " + "));
  return fmt::format("{} without {}", PropertyId(finding.answer.verdict.property),
                     lost.empty() ? "any loss" : lost);
}

class Search {
 public:
  Search(CrashJudge* judge, const SearchOptions& options) : judge_(judge), options_(options) {}

  std::vector<CrashFinding> Run(const Recording& recording) {
    const std::vector<CrashQuestion> questions = AllQuestions(recording, options_);
    const std::vector<CrashAnswer> answers = judge_->Ask(questions, true);
    // First those that lost one thing: they name it. What lost more is looked into only if none of
    // these explains it.
    for (const bool alone : {true, false}) {
      for (size_t i = 0; i < answers.size(); ++i) {
        if (answers[i].verdict.ok || (answers[i].lost.size() == 1) != alone) continue;
        Add({questions[i].cut, answers[i], options_.profile});
      }
    }
    return std::move(findings_);
  }

 private:
  void Add(CrashFinding finding) {
    if (CrashFinding* known = Explanation(finding.answer); known != nullptr) {
      ++known->images;
      return;
    }
    if (findings_.size() >= kMostFindings) return;
    if (finding.answer.lost.size() > 1) LoseLess(&finding);
    finding.lost = WithoutNumbers(finding.answer.lost);
    finding.key = KeyOf(finding);
    findings_.push_back(std::move(finding));
  }

  // A write that is gone shows its key's older value (P1) or, if it deleted the key, what was
  // deleted (P4).
  static bool SameHarm(Property a, Property b) {
    const auto gone = [](Property p) { return p == Property::kP1 || p == Property::kP4; };
    return a == b || (gone(a) && gone(b));
  }

  // A finding of the same harm all of whose losses are lost here, too.
  CrashFinding* Explanation(const CrashAnswer& answer) {
    const std::set<std::string> lost = WithoutNumbers(answer.lost);
    const auto explains = [&](const CrashFinding& finding) {
      return SameHarm(finding.answer.verdict.property, answer.verdict.property) &&
             finding.lost.empty() == lost.empty() &&
             std::includes(lost.begin(), lost.end(), finding.lost.begin(), finding.lost.end());
    };
    const auto found = std::find_if(findings_.begin(), findings_.end(), explains);
    return found == findings_.end() ? nullptr : &*found;
  }

  // Keeps more and more while the same property breaks: halves first, then single units.
  void LoseLess(CrashFinding* finding) {
    for (size_t chunk = finding->answer.lost.size() / 2; chunk >= 1;) {
      if (!KeepOneChunk(chunk, finding)) chunk /= 2;
    }
  }

  bool KeepOneChunk(size_t chunk, CrashFinding* finding) {
    const std::vector<std::string>& lost = finding->answer.lost;
    std::vector<std::set<std::string>> less;
    for (size_t begin = 0; begin < lost.size() && lost.size() > chunk; begin += chunk) {
      std::set<std::string> fewer;
      for (size_t i = 0; i < lost.size(); ++i) {
        if (i < begin || i >= begin + chunk) fewer.insert(lost[i]);
      }
      less.push_back(std::move(fewer));
    }
    std::vector<CrashQuestion> questions;
    questions.reserve(less.size());
    for (const std::set<std::string>& fewer : less) {
      questions.push_back({finding->cut, CrashImage(), &fewer, nullptr, options_.profile});
    }
    for (CrashAnswer& answer : judge_->Ask(questions, false)) {
      const Property property = answer.verdict.property;
      if (answer.verdict.ok || property != finding->answer.verdict.property) continue;
      finding->answer = std::move(answer);
      return true;
    }
    return false;
  }

  // More would be the same few causes again.
  static constexpr size_t kMostFindings = 16;

  CrashJudge* const judge_;
  const SearchOptions& options_;
  std::vector<CrashFinding> findings_;
};

}  // namespace

std::vector<CrashFinding> SearchCrashes(CrashJudge* judge, const Recording& recording,
                                        const SearchOptions& options) {
  return Search(judge, options).Run(recording);
}

}  // namespace lsm::lab

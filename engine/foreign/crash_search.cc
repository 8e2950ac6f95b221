#include "foreign/crash_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace lsm::lab {
namespace {

using Kind = FileCall::Kind;
using UnitKind = sim::UnsyncedUnit::Kind;

CrashImage AllBut(size_t lost, size_t units) {
  CrashImage image{.kind = CrashImage::Kind::kUnits};
  for (size_t i = 0; i < units; ++i) {
    if (i != lost) image.units.emplace_back(i, true);
  }
  return units == 1 ? CrashImage() : image;
}

// Which units are lost alone: of the sectors of a file only the first and the last.
std::vector<size_t> Singles(const std::vector<sim::UnsyncedUnit>& units) {
  std::vector<size_t> singles;
  for (size_t i = 0; i < units.size(); ++i) {
    const auto sector_of_same = [&](size_t j) {
      return j < units.size() && units[j].kind == UnitKind::kSector &&
             units[j].path == units[i].path;
    };
    const bool inner = units[i].kind == UnitKind::kSector && i > 0 && sector_of_same(i - 1) &&
                       sector_of_same(i + 1);
    if (!inner) singles.push_back(i);
  }
  return singles;
}

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

// Images that lose nothing but what is asked for: one such unit, or all of them.
std::vector<CrashQuestion> QuestionsAbout(size_t cut, const std::vector<sim::UnsyncedUnit>& units,
                                          const std::set<std::string>& lost) {
  std::vector<CrashQuestion> questions;
  CrashImage without{.kind = CrashImage::Kind::kUnits};
  for (const size_t unit : Singles(units)) {
    if (lost.count(WithoutNumbers(UnitName(units[unit]))) == 0) continue;
    questions.push_back({cut, AllBut(unit, units.size())});
  }
  if (lost.size() == 1) return questions;
  for (size_t i = 0; i < units.size(); ++i) {
    if (lost.count(WithoutNumbers(UnitName(units[i]))) == 0) {
      without.units.emplace_back(i, true);
    }
  }
  if (without.units.size() == units.size()) return {};
  return {{cut, without.units.empty() ? CrashImage() : without}};
}

std::vector<CrashQuestion> QuestionsAt(size_t cut, const std::vector<sim::UnsyncedUnit>& units,
                                       uint64_t seeds) {
  std::vector<CrashQuestion> questions;
  for (const size_t unit : Singles(units)) questions.push_back({cut, AllBut(unit, units.size())});
  questions.push_back({cut, CrashImage()});
  questions.push_back({cut, CrashImage{.kind = CrashImage::Kind::kAll}});
  for (uint64_t seed = 1; seed <= seeds && units.size() > 2; ++seed) {
    questions.push_back({cut, CrashImage{.kind = CrashImage::Kind::kSeed, .seed = seed + cut}});
  }
  return questions;
}

std::vector<CrashQuestion> AllQuestions(const Recording& recording, const SearchOptions& options) {
  std::vector<CrashQuestion> questions;
  DiskReplay replay;
  size_t cuts = 0;
  for (size_t i = 0; i < recording.calls.size(); ++i) {
    replay.Apply(recording.calls[i]).IgnoreError();  // the judge's status has it
    if (!IsCutPoint(recording.calls[i]) || cuts++ % options.every != 0) continue;
    const auto units = replay.disk().Unsynced();
    const auto at_cut = options.lost.empty() ? QuestionsAt(i + 1, units, options.seeds)
                                             : QuestionsAbout(i + 1, units, options.lost);
    questions.insert(questions.end(), at_cut.begin(), at_cut.end());
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
  Search(CrashJudge* judge, const Recording& recording) : judge_(judge), recording_(recording) {}

  std::vector<CrashFinding> Run(const SearchOptions& options) {
    const std::vector<CrashQuestion> questions = AllQuestions(recording_, options);
    const std::vector<CrashAnswer> answers = judge_->Ask(questions, true);
    // First those that lost one thing: they name it. What lost more is looked into only if none of
    // these explains it.
    for (const bool alone : {true, false}) {
      for (size_t i = 0; i < answers.size(); ++i) {
        if (answers[i].verdict.ok || (answers[i].lost.size() == 1) != alone) continue;
        Add({questions[i].cut, answers[i]});
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
    for (const std::set<std::string>& fewer : less) {
      questions.push_back({finding->cut, CrashImage(), &fewer, nullptr});
    }
    for (CrashAnswer& answer : judge_->Ask(questions, false)) {
      if (answer.verdict.ok || answer.verdict.property != finding->answer.verdict.property)
        continue;
      finding->answer = std::move(answer);
      return true;
    }
    return false;
  }

  // More would be the same few causes again.
  static constexpr size_t kMostFindings = 16;

  CrashJudge* const judge_;
  const Recording& recording_;
  std::vector<CrashFinding> findings_;
};

}  // namespace

std::vector<CrashFinding> SearchCrashes(CrashJudge* judge, const Recording& recording,
                                        const SearchOptions& options) {
  return Search(judge, recording).Run(options);
}

}  // namespace lsm::lab

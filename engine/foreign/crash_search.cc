#include "foreign/crash_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace lsm::lab {
namespace {

using Kind = FileCall::Kind;
using UnitKind = sim::UnsyncedUnit::Kind;

// Does a cut behind this call show anything that one before it does not?
bool Matters(const FileCall& call) {
  switch (call.kind) {
    case Kind::kOpen:
      return call.create || call.truncate;
    case Kind::kEnd:  // what is promised
    case Kind::kWrite:
    case Kind::kTruncate:
    case Kind::kAllocate:
    case Kind::kRename:
    case Kind::kLink:
    case Kind::kUnlink:
    case Kind::kMkdir:
    case Kind::kRmdir:
      return true;
    default:
      return false;
  }
}

CrashImage AllBut(size_t lost, size_t units) {
  CrashImage image{CrashImage::Kind::kUnits, 0, {}};
  for (size_t i = 0; i < units; ++i) {
    if (i != lost) image.units.push_back(i);
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

std::vector<CrashQuestion> QuestionsAt(size_t cut, const std::vector<sim::UnsyncedUnit>& units,
                                       uint64_t seeds) {
  std::vector<CrashQuestion> questions;
  for (const size_t unit : Singles(units)) questions.push_back({cut, AllBut(unit, units.size())});
  questions.push_back({cut, CrashImage()});
  questions.push_back({cut, CrashImage{CrashImage::Kind::kAll, 0, {}}});
  for (uint64_t seed = 1; seed <= seeds && units.size() > 2; ++seed) {
    questions.push_back({cut, CrashImage{CrashImage::Kind::kSeed, seed + cut, {}}});
  }
  return questions;
}

std::vector<CrashQuestion> AllQuestions(const Recording& recording, const SearchOptions& options) {
  std::vector<CrashQuestion> questions;
  DiskReplay replay;
  size_t cuts = 0;
  for (size_t i = 0; i < recording.calls.size(); ++i) {
    replay.Apply(recording.calls[i]).IgnoreError();  // the judge's status has it
    if (!Matters(recording.calls[i]) || cuts++ % options.every != 0) continue;
    const auto at_cut = QuestionsAt(i + 1, replay.disk().Unsynced(), options.seeds);
    questions.insert(questions.end(), at_cut.begin(), at_cut.end());
  }
  return questions;
}

// "000012.log bytes [512, 1024)" and "000012.log size 900" are "#.log data".
std::string WithoutNumbers(const std::string& unit) {
  std::string text = unit;
  for (const char* const data : {" bytes [", " size "}) {
    if (const size_t at = text.find(data); at != std::string::npos)
      text = text.substr(0, at) + " data";
  }
  std::string general;
  for (const char c : text) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit) general += c;
    if (digit && (general.empty() || general.back() != '#')) general += '#';
  }
  return general;
}

std::set<std::string> Lost(const CrashAnswer& answer) {
  return {answer.lost.begin(), answer.lost.end()};
}

std::string KeyOf(const CrashAnswer& answer) {
  std::set<std::string> lost;
  for (const std::string& unit : answer.lost) lost.insert(WithoutNumbers(unit));
  return fmt::format("{} without {}", PropertyId(answer.verdict.property),
                     lost.empty() ? "any loss" : fmt::format("{}", fmt::join(lost, " + ")));
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
        Add({questions[i].cut, answers[i], "", 1});
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
    finding.key = KeyOf(finding.answer);
    findings_.push_back(std::move(finding));
  }

  // A finding of the same property all of whose losses are lost here, too.
  CrashFinding* Explanation(const CrashAnswer& answer) {
    std::set<std::string> lost;
    for (const std::string& unit : answer.lost) lost.insert(WithoutNumbers(unit));
    const auto explains = [&](const CrashFinding& finding) {
      return finding.answer.verdict.property == answer.verdict.property &&
             answer.lost.empty() == finding.answer.lost.empty() &&
             std::all_of(finding.answer.lost.begin(), finding.answer.lost.end(),
                         [&](const std::string& u) { return lost.count(WithoutNumbers(u)) != 0; });
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

  static constexpr size_t kMostFindings = 8;

  CrashJudge* const judge_;
  const Recording& recording_;
  std::vector<CrashFinding> findings_;
};

// Every place where something was not durable, before a call, the latest first.
std::vector<Barrier> Places(const Recording& recording, size_t cut) {
  std::vector<Barrier> places;
  DiskReplay replay;
  for (size_t i = 0; i < cut; ++i) {
    const FileCall& call = recording.calls[i];
    if (Matters(call)) {
      for (const std::string& path : replay.disk().DirtyFiles()) places.push_back({i, path, false});
      for (const std::string& path : replay.disk().DirtyDirs()) places.push_back({i, path, true});
    }
    replay.Apply(call).IgnoreError();  // the judge's status has it
  }
  std::reverse(places.begin(), places.end());
  return places;
}

// Index among the workload's operations of the one that call `at` belongs to.
size_t StepAt(const Recording& recording, size_t at) {
  size_t begun = 0;
  for (size_t i = 0; i <= at && i < recording.calls.size(); ++i) {
    const FileCall& call = recording.calls[i];
    if (call.kind == Kind::kBegin && call.bytes != "open") ++begun;
  }
  return begun;
}

std::string Describe(const Recording& recording, const Barrier& barrier) {
  const FileCall& call = recording.calls[barrier.call];
  const std::string what = barrier.directory && RelativePath(barrier.path) == "."
                               ? "the directory"
                               : RelativePath(barrier.path);
  const std::string before =
      call.kind == Kind::kEnd
          ? fmt::format("step {} was acknowledged", StepAt(recording, barrier.call))
          : fmt::format("\"{}\"", Narrate(recording)[barrier.call]);
  return fmt::format("a sync of {} before {} (I/O {}) would have prevented it", what, before,
                     barrier.call);
}

}  // namespace

std::vector<CrashFinding> SearchCrashes(CrashJudge* judge, const Recording& recording,
                                        const SearchOptions& options) {
  return Search(judge, recording).Run(options);
}

Diagnosis FindMissingBarrier(CrashJudge* judge, const Recording& recording,
                             const CrashFinding& finding) {
  const std::set<std::string> lost = Lost(finding.answer);
  const std::vector<Barrier> places = Places(recording, finding.cut);
  std::vector<CrashQuestion> questions;
  for (const Barrier& barrier : places) {
    questions.push_back({finding.cut, CrashImage(), &lost, &barrier});
  }
  Diagnosis diagnosis;
  const uint64_t before = judge->counts().opens;
  const std::vector<CrashAnswer> answers = judge->Ask(questions, false);
  for (size_t i = 0; i < answers.size() && diagnosis.barrier.empty(); ++i) {
    if (!answers[i].verdict.ok) continue;
    std::vector<CrashQuestion> earlier;
    for (size_t cut = places[i].call; cut < finding.cut; ++cut) {
      earlier.push_back({cut, CrashImage(), &lost, &places[i]});
    }
    const std::vector<CrashAnswer> all = judge->Ask(earlier, true);
    if (!std::all_of(all.begin(), all.end(), [](const auto& a) { return a.verdict.ok; })) continue;
    diagnosis.barrier = Describe(recording, places[i]);
    diagnosis.target = RelativePath(places[i].path);
    diagnosis.io = places[i].call;
  }
  diagnosis.runs = judge->counts().opens - before;
  return diagnosis;
}

Recording CutRecording(const Recording& recording, const CrashFinding& finding) {
  Recording cut = recording;
  cut.calls.resize(finding.cut);
  DiskReplay replay;
  replay.ApplyBefore(recording, finding.cut).IgnoreError();  // the judge's status has it
  const std::set<std::string> lost = Lost(finding.answer);
  CrashImage image{CrashImage::Kind::kUnits, 0, {}};
  const auto units = replay.disk().Unsynced();
  for (size_t i = 0; i < units.size(); ++i) {
    if (lost.count(UnitName(units[i])) == 0) image.units.push_back(i);
  }
  if (image.units.empty()) image = CrashImage();
  cut.crash = CrashPoint{finding.cut, image};
  return cut;
}

Story TellCrash(const Recording& recording, const CrashFinding& finding, Diagnosis diagnosis) {
  Story story;
  const Recording cut = CutRecording(recording, finding);
  const auto workload = WorkloadOf(cut);
  if (workload.ok()) story.trace = *workload;
  RunResult& result = story.result;
  size_t step = 0;
  for (size_t i = 0; i < cut.calls.size(); ++i) {
    const FileCall& call = cut.calls[i];
    if (call.kind == Kind::kBegin && call.bytes != "open") result.steps.emplace_back();
    if (call.kind == Kind::kEnd && step < result.steps.size()) {
      result.steps[step++] = {call.bytes, i};
    }
  }
  result.steps.resize(story.trace.operations.size());
  Operation crash;
  crash.kind = Operation::Kind::kCrash;
  crash.cuts = {*cut.crash};
  story.trace.operations.push_back(std::move(crash));
  result.steps.emplace_back();
  const Verdict& verdict = finding.answer.verdict;
  result.ok = false;
  result.property = verdict.property;
  result.step = story.trace.operations.size() - 1;
  result.key = verdict.key;
  result.expected = verdict.expected;
  result.actual = verdict.actual;
  result.cuts.push_back({result.step, finding.cut, finding.answer.kept, finding.answer.lost});
  story.diagnosis = std::move(diagnosis);
  story.operations_before = story.trace.operations.size();
  return story;
}

}  // namespace lsm::lab

// Target directory: the input says what happens to the files of a real database.
#include "fuzz/directory_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "fuzz/directory_harm.h"
#include "inspect/check.h"
#include "testing/session.h"
#include "testing/sim/random.h"
#include "testing/sim/sim_env.h"

namespace lsm::fuzz {
namespace {

constexpr char kDir[] = "/db";
constexpr char kNewKey[] = "written after the open";
// Far above what an open needs: more schedule points are an endless loop (P14).
constexpr uint64_t kMaxSchedulePoints = 2'000'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What a database shows of itself.
struct Sight {
  Pairs forward, backward;
  Status forward_status, backward_status;
  std::map<std::string, Result<std::string>> gets;  // NotFound: an answer
};

Sight LookAt(DB* db, const std::set<std::string>& keys) {
  Sight sight;
  const auto it = db->NewIterator({});
  sight.forward = lab::WalkForward(it.get());
  sight.forward_status = it->status();
  for (it->SeekToLast(); it->Valid(); it->Prev())
    sight.backward.emplace_back(it->key(), it->value());
  sight.backward_status = it->status();
  for (const std::string& key : keys) {
    std::string value;
    const Status s = db->Get({}, key, &value);
    sight.gets.emplace(key, s.ok() ? Result<std::string>(value) : Result<std::string>(s));
  }
  return sight;
}

// Are these the first entries in [begin, end), and all of them if the walk ended well?
template <class It>
bool IsWalkOver(const Pairs& pairs, const Status& status, It begin, It end) {
  for (const auto& [key, value] : pairs) {
    if (begin == end || begin->first != key || begin->second != value) return false;
    ++begin;
  }
  return !status.ok() || begin == end;
}

// Could a database that holds `state` show this? Errors are answers; wrong data is not.
bool Explains(const lab::Contents& state, const Sight& sight) {
  if (!IsWalkOver(sight.forward, sight.forward_status, state.begin(), state.end())) return false;
  if (!IsWalkOver(sight.backward, sight.backward_status, state.rbegin(), state.rend()))
    return false;
  for (const auto& [key, got] : sight.gets) {
    const auto found = state.find(key);
    if (got.ok() && (found == state.end() || found->second != *got)) return false;
    if (!got.ok() && got.status().IsNotFound() && found != state.end()) return false;
  }
  return true;
}

std::string Describe(const Sight& sight) {
  std::string text = fmt::format("{} entries forward ({}), {} backward ({})", sight.forward.size(),
                                 sight.forward_status.ToString(), sight.backward.size(),
                                 sight.backward_status.ToString());
  constexpr size_t kMost = 20;
  for (size_t i = 0; i < sight.forward.size() && i < kMost; ++i) {
    text += fmt::format("\n  {} = {}", Escape(sight.forward[i].first),
                        lab::PrintValue(sight.forward[i].second));
  }
  return text;
}

class Checker {
 public:
  Checker(const Harm& harm, const DirectoryDoor& door)
      : harm_(harm), door_(door), options_(harm.database->options) {
    options_.env = &env_;
    for (const lab::Contents& state : harm.database->states) {
      for (const auto& [key, value] : state) keys_.insert(key);
    }
  }

  Finding Run() {
    if (const Status s = WriteFiles(); !s.ok()) return s.ToString();
    return harm_.repair ? AfterRepair() : AfterOpen();
  }

 private:
  Status WriteFiles() {
    LSM_RETURN_IF_ERROR(env_.CreateDir(kDir));
    for (const auto& [name, bytes] : harm_.files) {
      LSM_RETURN_IF_ERROR(env_.OverwriteFile(std::string(kDir) + "/" + name, bytes));
    }
    return Status::Ok();
  }

  // The states that may be shown, by what was harmed.
  std::vector<lab::Contents> Allowed() const {
    const std::vector<lab::Contents>& states = harm_.database->states;
    if (harm_.OnlyTablesChanged()) return {states.back()};
    const bool tree_lost = harm_.Changed(FileKind::kManifest) || harm_.Changed(FileKind::kCurrent);
    const size_t first = tree_lost ? 0 : std::max(harm_.database->in_tables, CommitsInLogs(harm_));
    return {states.begin() + static_cast<ptrdiff_t>(first), states.end()};
  }

  Finding AfterOpen() {
    std::vector<lab::Contents> allowed = Allowed();
    auto db = door_.open(options_, kDir);
    if (!db.ok()) return harm_.changed.empty() ? "P8: no harm, but " + db.status().ToString() : "";
    Finding finding = Judge(db->get(), &allowed, "P2");
    if (!finding.empty()) return finding;
    std::vector<std::string> findings;
    (*db)->CheckIntegrity(&findings).IgnoreError();  // must end, whatever it finds
    if (!(*db)->Put(WriteOptions{true}, kNewKey, "new").ok()) return "";
    keys_.insert(kNewKey);
    for (lab::Contents& state : allowed) state[kNewKey] = "new";
    (*db)->Close().IgnoreError();  // a damaged table may end a compaction with an error
    db->reset();
    db = door_.open(options_, kDir);
    return db.ok() ? Judge(db->get(), &allowed, "P6: at the second open") : "";
  }

  // Leaves in *allowed what explains what is seen.
  Finding Judge(DB* db, std::vector<lab::Contents>* allowed, std::string_view property) {
    const Sight sight = LookAt(db, keys_);
    const size_t before = allowed->size();
    allowed->erase(std::remove_if(allowed->begin(), allowed->end(),
                                  [&](const auto& state) { return !Explains(state, sight); }),
                   allowed->end());
    if (!allowed->empty()) return "";
    return fmt::format("{}: wrong data: none of the {} states that may be left shows {}", property,
                       before, Describe(sight));
  }

  Finding AfterRepair() {
    std::string report;
    if (!door_.repair(options_, kDir, &report).ok()) return "";
    auto db = door_.open(options_, kDir);
    if (!db.ok()) return "P8: repaired, but " + db.status().ToString();
    const Sight sight = LookAt(db->get(), keys_);
    for (const auto& entry : sight.forward) {
      const auto had_it = [&](const lab::Contents& state) {
        const auto found = state.find(entry.first);
        return found != state.end() && found->second == entry.second;
      };
      const std::vector<lab::Contents>& states = harm_.database->states;
      if (std::any_of(states.begin(), states.end(), had_it)) continue;
      return fmt::format("P4: repair invents {} = {}", Escape(entry.first), Escape(entry.second));
    }
    lab::Contents shown(sight.forward.begin(), sight.forward.end());
    if (!sight.forward_status.ok() || !Explains(shown, sight)) {
      return "P12: after a repair scan, reverse scan and get differ: " + Describe(sight);
    }
    return "";
  }

  const Harm& harm_;
  const DirectoryDoor& door_;
  sim::SimEnv env_{sim::SimOptions{1, 0, UINT64_MAX, nullptr, kMaxSchedulePoints}};
  Options options_;
  std::set<std::string> keys_;  // all that ever were
};

std::string ExplainDirectory(std::string_view input) {
  const Harm harm = DecodeHarm(input);
  const std::vector<RealDatabase>& all = RealDatabases();
  std::string text = fmt::format("database {} of {}, {} commits ({} of them in tables), {}\n",
                                 harm.database - all.data() + 1, all.size(),
                                 harm.database->states.size() - 1, harm.database->in_tables,
                                 harm.repair ? "then repaired and opened" : "then opened");
  for (const std::string& step : harm.steps) text += "  " + step + "\n";
  sim::SimEnv env{sim::SimOptions()};
  Status s = env.CreateDir(kDir);
  for (const auto& [name, bytes] : harm.files) {
    if (s.ok()) s = env.OverwriteFile(std::string(kDir) + "/" + name, bytes);
  }
  std::vector<lsm::Finding> findings;
  if (s.ok()) s = CheckDatabase(&env, kDir, BytewiseComparator(), &findings);
  text += "the offline check says:\n";
  for (const lsm::Finding& finding : findings) text += "  " + ToText(finding) + "\n";
  return s.ok() ? text : text + s.ToString() + "\n";
}

// Bytes by chance: all of them are harms.
std::vector<std::string> DirectorySeeds() {
  constexpr size_t kSeeds = 24;
  std::vector<std::string> seeds(1);  // no harm at all, to the first database
  for (uint64_t i = 0; i < kSeeds; ++i) {
    sim::Random random(i);
    std::string& seed = seeds.emplace_back();
    for (size_t n = 1 + i; n > 0; --n) seed.push_back(static_cast<char>(random.Next()));
  }
  return seeds;
}

}  // namespace

Finding CheckDirectory(std::string_view input, const DirectoryDoor& door) {
  const Harm harm = DecodeHarm(input);
  return Checker(harm, door).Run();
}

Target DirectoryTarget() {
  return {.name = "directory",
          .about = "a database whose files are harmed: an error or right data, never wrong data",
          .max_bytes = 1024,
          .check = [](std::string_view input) { return CheckDirectory(input, DirectoryDoor()); },
          .seeds = DirectorySeeds,
          .explain = ExplainDirectory};
}

}  // namespace lsm::fuzz

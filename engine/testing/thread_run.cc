#include "testing/thread_run.h"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "env/sync.h"
#include "testing/anomaly.h"
#include "testing/history.h"
#include "testing/session.h"
#include "testing/sim/random.h"

namespace lsm::lab {
namespace {

constexpr uint64_t kKeys = 5;

// One client's thread in one round.
class Client {
 public:
  Client(DB* db, History* history, size_t number, uint64_t seed, std::string values)
      : db_(db), history_(history), number_(number), random_(seed), values_(std::move(values)) {}

  void Run(uint64_t operations) {
    for (uint64_t i = 0; i < operations && error_.ok(); ++i) Operation();
  }
  // The first error that an operation returned.
  const Status& error() const { return error_; }

 private:
  std::string Key() { return "k" + std::to_string(random_.Below(kKeys)); }
  // Different from all others.
  std::string Value() { return values_ + std::to_string(++written_); }
  std::string Name(std::string_view what) const { return fmt::format("c{} {}", number_, what); }

  void Operation() {
    switch (random_.Below(10)) {
      case 0:
      case 1:
      case 2:
        return Write(1, false);
      case 3:
        return Write(1, true);
      case 4:
        return Write(3, random_.Below(3) == 0);
      case 5:
        return ReadOnce(&Client::MultiGet, "multiget");
      case 6:
        return ReadOnce(&Client::Scan, "scan");
      case 7:
        return ReadSnapshot();
      default:
        return ReadOnce(&Client::Get, "get");
    }
  }

  void Write(size_t count, bool with_delete) {
    WriteBatch batch;
    std::vector<Update> updates;
    std::string name = Name("write");
    for (size_t i = 0; i < count; ++i) {
      Update& update = updates.emplace_back(Update{Key(), {}});
      if (with_delete && i == 0) {
        batch.Delete(update.key);
        name += " delete " + update.key;
      } else {
        batch.Put(update.key, update.value.emplace(Value()));
        name += " put " + update.key + " " + *update.value;
      }
    }
    const History::Id id = history_->BeginWrite(number_, std::move(name), std::move(updates));
    if (Ok(db_->Write({}, batch))) history_->End(id);
  }

  using Read = void (Client::*)(const ReadOptions&, History::Id, const std::string& call);

  // The view is the moment of one call.
  void ReadOnce(Read read, std::string_view what) {
    const std::string call = Name(what);
    const History::Id id = history_->BeginView(number_, call);
    (this->*read)({}, id, call);
  }

  void ReadSnapshot() {
    const History::Id id = history_->BeginView(number_, Name("snapshot"));
    ReadOptions at;
    at.snapshot = db_->GetSnapshot();
    history_->End(id);
    Get(at, id, Name("first get"));
    Write(2, false);
    Scan(at, id, Name("scan"));
    Write(1, true);
    Get(at, id, Name("second get"));
    db_->ReleaseSnapshot(at.snapshot);
  }

  // Reads of one moment: the view ends with the first of them, if it has not ended before.
  void Get(const ReadOptions& options, History::Id id, const std::string& call) {
    const std::string key = Key();
    std::string value;
    const Status status = db_->Get(options, key, &value);
    if (options.snapshot == nullptr) history_->End(id);
    if (!status.IsNotFound() && !Ok(status)) return;
    Contents seen;
    if (status.ok()) seen.emplace(key, value);
    history_->See(id, call, 0, KeyRange::Only(key), std::move(seen));
  }

  void MultiGet(const ReadOptions& options, History::Id id, const std::string& call) {
    const std::vector<std::string> keys = {Key(), Key(), Key()};
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    std::vector<std::string> values;
    const std::vector<Status> statuses = db_->MultiGet(options, views, &values);
    history_->End(id);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!statuses[i].IsNotFound() && !Ok(statuses[i])) return;
      Contents seen;
      if (statuses[i].ok()) seen.emplace(keys[i], values[i]);
      history_->See(id, call, 0, KeyRange::Only(keys[i]), std::move(seen));
    }
  }

  // An iterator that lives for a while and is walked twice.
  void Scan(const ReadOptions& options, History::Id id, const std::string& call) {
    const std::unique_ptr<Iterator> iterator = db_->NewIterator(options);
    if (options.snapshot == nullptr) history_->End(id);
    for (const char* walk : {" forward", " again"}) {
      Contents seen;
      for (auto& entry : WalkForward(iterator.get())) seen.insert(std::move(entry));
      if (!Ok(iterator->status())) return;
      history_->See(id, call + walk, 0, {}, std::move(seen));
    }
  }

  bool Ok(const Status& status) {
    if (error_.ok()) error_ = status;
    return status.ok();
  }

  DB* const db_;
  History* const history_;
  const size_t number_;
  sim::Random random_;
  const std::string values_;  // how they begin
  uint64_t written_ = 0;
  Status error_;
};

class Storm {
 public:
  Storm(Env* env, DB* db, const ThreadRunOptions& options)
      : env_(env), db_(db), options_(options), history_(options.clients + 1) {}

  ThreadRunReport Run() {
    ReadAll();  // the beginning
    for (; report_.rounds < options_.rounds && report_.finding.empty(); ++report_.rounds) {
      history_.Clear();
      Round();
      const Contents initial = std::move(contents_);
      if (report_.finding.empty()) ReadAll();
      if (report_.finding.empty()) Judge(initial);
      if (options_.on_round) options_.on_round();
    }
    return std::move(report_);
  }

 private:
  void Round() {
    std::vector<Client> clients;
    clients.reserve(options_.clients);
    for (size_t c = 0; c < options_.clients; ++c) {
      sim::Random seed(options_.seed * 1000 + report_.rounds);
      const uint64_t of_round = seed.Next();
      clients.emplace_back(db_, &history_, c, of_round + c,
                           fmt::format("{}-{}-", report_.rounds, c));
    }
    std::atomic<bool> resting{false};
    Status maintained;
    {
      const auto maintenance = env_->StartThread("maintenance", [&] {
        while (!resting && maintained.ok()) {
          maintained = db_->Flush();
          if (maintained.ok()) maintained = db_->CompactRange({}, {}, {});
        }
      });
      std::vector<std::unique_ptr<Thread>> threads;
      for (Client& client : clients) {
        threads.push_back(env_->StartThread("client", [&] { client.Run(options_.operations); }));
      }
      threads.clear();  // joined
      resting = true;
    }
    for (const Client& client : clients) Expect(client.error());
    Expect(maintained);
  }

  void Expect(const Status& status) {
    if (status.ok() || !report_.finding.empty()) return;
    report_.property = Property::kP0;
    report_.finding =
        fmt::format("round {}: an operation failed: {}", report_.rounds, status.ToString());
  }

  // One more view of the history.
  void ReadAll() {
    const std::string name = "final scan";
    const History::Id id = history_.BeginView(options_.clients, name);
    const std::unique_ptr<Iterator> iterator = db_->NewIterator({});
    history_.End(id);
    contents_.clear();
    for (auto& entry : WalkForward(iterator.get())) contents_.insert(std::move(entry));
    Expect(iterator->status());
    history_.See(id, name, 0, {}, contents_);
  }

  void Judge(const Contents& initial) {
    std::vector<Act> acts = history_.Acts(initial);
    report_.acts += acts.size();
    for (const Act& act : acts) report_.sightings += act.sightings.size();
    const Linearization result = Linearize(acts, initial);
    if (result.verdict == Linearization::Verdict::kUndecided) ++report_.undecided;
    if (result.verdict != Linearization::Verdict::kImpossible) return;
    const Anomaly anomaly = Explain(std::move(acts), initial);
    report_.property = anomaly.property;
    report_.finding = fmt::format("round {}: {}: {}: {}", report_.rounds,
                                  PropertyText(anomaly.property), anomaly.seen, anomaly.why);
  }

  Env* const env_;
  DB* const db_;
  const ThreadRunOptions options_;
  History history_;
  Contents contents_;  // when the clients rested last
  ThreadRunReport report_;
};

}  // namespace

ThreadRunReport RunThreads(Env* env, DB* db, const ThreadRunOptions& options) {
  return Storm(env, db, options).Run();
}

}  // namespace lsm::lab

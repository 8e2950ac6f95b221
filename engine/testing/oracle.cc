#include "testing/oracle.h"

#include <algorithm>

#include "base/check.h"
#include "base/escape.h"
#include "testing/digest.h"

namespace lsm::lab {
namespace {

bool Same(const std::string* a, const std::string* b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

std::string Show(const std::string* value) {
  constexpr size_t kShownBytes = 48;
  if (value == nullptr) return "absent";
  if (value->size() <= kShownBytes) return Escape(*value);
  return Escape(value->substr(0, kShownBytes)) + "... (" + std::to_string(value->size()) +
         " bytes)";
}

const std::string* Pointer(const std::optional<std::string>& value) {
  return value.has_value() ? &*value : nullptr;
}

Verdict Broken(Property property, std::string key, std::string expected, std::string actual) {
  return {false, property, std::move(key), std::move(expected), std::move(actual)};
}

}  // namespace

KeyRange KeyRange::Only(std::string_view key) {
  KeyRange range{std::string(key), std::string(key)};
  range.to->push_back('\0');
  return range;
}

bool KeyRange::Contains(std::string_view key) const {
  return (!from.has_value() || key >= *from) && (!to.has_value() || key < *to);
}

size_t Oracle::Client::Returned() const {
  const bool in_flight = !writes.empty() && writes.back().returned == UINT64_MAX;
  return writes.size() - (in_flight ? 1 : 0);
}

const std::string* Oracle::Sight::At(const std::string& key) const {
  const auto it = seen->find(key);
  return it == seen->end() ? nullptr : &it->second;
}

size_t Oracle::Owner(std::string_view key) const {
  if (clients_.size() == 1) return 0;
  for (size_t c = 0; c < clients_.size(); ++c) {
    if (key.starts_with(KeyPrefix(c))) return c;
  }
  return clients_.size();
}

void Oracle::OnEvent(const Event& event) {
  if (const auto* write = std::get_if<event::Write>(&event)) {
    last_sequence_ = std::max(last_sequence_, write->sequence + write->count - 1);
  } else if (const auto* opened = std::get_if<event::Opened>(&event)) {
    last_sequence_ = opened->last_sequence;
  } else if (const auto* expired = std::get_if<event::TableExpired>(&event)) {
    Expire(*expired);
  }
}

void Oracle::Expire(const event::TableExpired& table) {
  const auto end = versions_.upper_bound(table.largest);
  for (auto it = versions_.lower_bound(table.smallest); it != end; ++it) {
    for (Version& version : it->second) {
      version.may_be_gone = version.may_be_gone || version.after < table.last_sequence;
      expired_ = expired_ || version.may_be_gone;
    }
  }
}

void Oracle::BeginWrite(size_t client, std::vector<Update> updates) {
  Client& c = clients_[client];
  LSM_CHECK(c.Returned() == c.writes.size());
  Write write;
  write.called = ++now_;
  write.after = last_sequence_;
  c.writes.push_back(std::move(write));
  ++writes_;
  StateUpdates(client, std::move(updates));
}

void Oracle::StateUpdates(size_t client, std::vector<Update> updates) {
  Client& c = clients_[client];
  LSM_CHECK(c.Returned() + 1 == c.writes.size());
  LSM_CHECK(c.writes.back().updates.empty());
  for (const Update& update : updates) {
    LSM_CHECK(Owner(update.key) == client);
    Version version{c.writes.size(), update.value, c.writes.back().after};
    const Version* same =
        update.value.has_value() ? VersionWith(update.key, *update.value) : nullptr;
    if (same != nullptr) {  // it may be this one that is stated
      version.after = std::min(version.after, same->after);
      version.may_be_gone = same->may_be_gone;
    }
    versions_[update.key].push_back(std::move(version));
  }
  c.writes.back().updates = std::move(updates);
}

void Oracle::EndWrite(size_t client, bool acknowledged, bool synced) {
  Client& c = clients_[client];
  LSM_CHECK(c.Returned() + 1 == c.writes.size());
  Write& write = c.writes.back();
  write.returned = ++now_;
  write.failed = !acknowledged;
  if (!acknowledged) c.failed.insert(c.writes.size());
  if (acknowledged && synced) c.durable = c.writes.size();
}

std::vector<size_t> Oracle::Returned() const {
  std::vector<size_t> counts;
  for (const Client& client : clients_) counts.push_back(client.Returned());
  return counts;
}

void Oracle::MarkDurable(const std::vector<size_t>& returned) {
  for (size_t c = 0; c < clients_.size(); ++c) {
    clients_[c].durable = std::max(clients_[c].durable, returned[c]);
  }
}

void Oracle::MarkGone(const std::vector<size_t>& returned) {
  for (size_t c = 0; c < clients_.size(); ++c) {
    for (const size_t position : clients_[c].failed) {
      if (position <= returned[c]) clients_[c].writes[position - 1].gone = true;
    }
  }
}

Oracle::View Oracle::BeginView(size_t /*client*/) {
  View view;
  for (const Client& client : clients_) {
    view.prefixes.push_back({std::max(client.Returned(), client.observed)});
  }
  return view;
}

void Oracle::EndView(View* view) {
  for (size_t c = 0; c < clients_.size(); ++c) {
    std::vector<size_t>& prefixes = view->prefixes[c];
    while (prefixes.back() < clients_[c].writes.size()) prefixes.push_back(prefixes.back() + 1);
  }
}

Verdict Oracle::Check(View* view, const KeyRange& range, const Contents& seen, Property otherwise) {
  Verdict verdict = Judge(view, range, seen, otherwise, otherwise);
  if (!verdict.ok) return verdict;
  for (size_t c = 0; c < clients_.size(); ++c) {
    clients_[c].observed = std::max(clients_[c].observed, view->prefixes[c].front());
  }
  if (expired_) NoteGone(*view, range, seen);
  return verdict;
}

// Where it is certain which version a reader looked for.
void Oracle::NoteGone(const View& view, const KeyRange& range, const Contents& seen) {
  for (auto& [key, versions] : versions_) {
    if (!range.Contains(key) || seen.contains(key)) continue;
    const size_t client = Owner(key);
    const std::vector<size_t>& prefixes = view.prefixes[client];
    if (prefixes.size() != 1 || !clients_[client].failed.empty()) continue;
    const Sight sight{client, &range, &seen};
    const Version* version = VersionAt(sight, versions, prefixes.front(), {});
    if (version == nullptr || !version->value.has_value()) continue;
    versions[static_cast<size_t>(version - versions.data())].seen_gone = true;
  }
}

Verdict Oracle::JudgeRecovery(const Contents& recovered, End end) {
  View view;
  for (const Client& client : clients_) {
    const size_t last = client.writes.size();
    const size_t first = end == End::kKilled ? last : end == End::kDamaged ? 0 : client.durable;
    view.prefixes.push_back({first});
    while (view.prefixes.back().back() < last) {
      view.prefixes.back().push_back(view.prefixes.back().back() + 1);
    }
  }
  Verdict verdict = Judge(&view, KeyRange(), recovered, Property::kP1, Property::kP2);
  if (!verdict.ok) return verdict;
  std::map<std::string, Versions, std::less<>> adopted;
  for (const auto& [key, value] : recovered) {
    Version version = *VersionWith(key, value);
    if (version.seen_gone) {
      return Broken(Property::kP4, key, "absent: it was seen to have expired", Show(&value));
    }
    version.position = 0;
    adopted[key].push_back(std::move(version));
  }
  versions_ = std::move(adopted);
  for (Client& client : clients_) client = Client();
  return verdict;
}

std::optional<uint64_t> Oracle::Knowledge() const {
  Digest digest;
  for (const auto& [key, versions] : versions_) {
    digest.Add(key);
    digest.Add(versions.size());
    for (const Version& version : versions) {
      digest.Add(version.position);
      digest.Add(version.value.has_value() ? 1 : 0);
      digest.Add(version.value.value_or(""));
      digest.Add(version.after);
      digest.Add((version.may_be_gone ? 1 : 0) + (version.seen_gone ? 2 : 0));
    }
  }
  for (const Client& client : clients_) {
    digest.Add(client.writes.size());
    digest.Add(client.Returned());
    digest.Add(client.durable);
    digest.Add(client.failed.size());
    for (const size_t position : client.failed) {
      digest.Add(position);
      digest.Add(client.IsGone(position) ? 1 : 0);
    }
  }
  return digest.value();
}

template <class Visit>
void Oracle::ForEachKey(const Sight& sight, Visit visit) const {
  const KeyRange& range = *sight.range;
  auto it = range.from.has_value() ? versions_.lower_bound(*range.from) : versions_.begin();
  for (; it != versions_.end() && (!range.to.has_value() || it->first < *range.to); ++it) {
    if (Owner(it->first) == sight.client && !visit(it->first, it->second)) return;
  }
}

// The newest with this value. Where several have it, what is said of the first to be seen gone must
// not count against the others.
const Oracle::Version* Oracle::VersionWith(const std::string& key, const std::string& value) const {
  const auto found = versions_.find(key);
  if (found == versions_.end()) return nullptr;
  const Version* with = nullptr;
  for (const Version& version : found->second) {
    if (Same(Pointer(version.value), &value) && (with == nullptr || !version.seen_gone)) {
      with = &version;
    }
  }
  return with;
}

// May a reader see this of a key whose newest version it is?
bool Oracle::Shows(const Version* version, const std::string* seen) {
  if (version == nullptr) return seen == nullptr;
  return Same(Pointer(version->value), seen) || (version->may_be_gone && seen == nullptr);
}

// The version after n writes, when of the failed ones only those in `counted` took effect.
const Oracle::Version* Oracle::VersionAt(const Sight& sight, const Versions& versions, size_t n,
                                         const std::set<size_t>& counted) const {
  const std::set<size_t>& failed = clients_[sight.client].failed;
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->position > n) continue;
    if (failed.contains(it->position) && !counted.contains(it->position)) continue;
    return &*it;
  }
  return nullptr;
}

const std::string* Oracle::ValueAt(const Sight& sight, const Versions& versions, size_t n,
                                   const std::set<size_t>& counted) const {
  const Version* version = VersionAt(sight, versions, n, counted);
  return version == nullptr ? nullptr : Pointer(version->value);
}

// Which failed writes among the first n took effect, if what was seen can be explained at all. From
// the newest to the oldest, one counts if all of its keys that no later write covers show its
// values: counting it then only takes demands away from older writes.
std::set<size_t> Oracle::CountFailed(const Sight& sight, size_t n) const {
  const Client& client = clients_[sight.client];
  std::set<size_t> counted;
  for (auto p = client.failed.rbegin(); p != client.failed.rend(); ++p) {
    if (*p > n || client.IsGone(*p)) continue;
    bool visible = false, matches = true;
    for (const Update& update : client.writes[*p - 1].updates) {
      if (!sight.range->Contains(update.key)) continue;
      const Versions& versions = versions_.find(update.key)->second;
      const bool covered = std::any_of(versions.begin(), versions.end(), [&](const Version& v) {
        return v.position > *p && v.position <= n &&
               (!client.failed.contains(v.position) || counted.contains(v.position));
      });
      if (covered) continue;
      visible = true;
      matches = matches && Shows(VersionAt(sight, versions, *p, {*p}), sight.At(update.key));
    }
    if (visible && matches) counted.insert(*p);
  }
  return counted;
}

// Up to `limit` keys whose seen value is not the one after n writes.
std::vector<std::string> Oracle::Differences(const Sight& sight, size_t n, size_t limit) const {
  const std::set<size_t> counted = CountFailed(sight, n);
  std::vector<std::string> keys;
  ForEachKey(sight, [&](const std::string& key, const Versions& versions) {
    if (!Shows(VersionAt(sight, versions, n, counted), sight.At(key))) keys.push_back(key);
    return keys.size() < limit;
  });
  return keys;
}

// Had a key `value` after some number of writes in [lo, hi]?
bool Oracle::EverHad(const Sight& sight, const Versions& versions, size_t lo, size_t hi,
                     const std::string* value) const {
  const Client& client = clients_[sight.client];
  for (auto it = versions.rbegin(); it != versions.rend(); ++it) {
    if (it->position > hi || client.IsGone(it->position)) continue;
    if (Shows(&*it, value)) return true;
    if (it->position <= lo && !client.failed.contains(it->position)) return false;
  }
  return value == nullptr;
}

// Drops prefixes that real time rules out: the least fixed point, as dropping only raises the rest.
bool Oracle::Narrow(View* view) const {
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t b = 0; b < clients_.size(); ++b) {
      const size_t n = view->prefixes[b].front();
      if (n == 0) continue;
      const uint64_t called = clients_[b].writes[n - 1].called;
      for (size_t c = 0; c < clients_.size(); ++c) {
        const std::vector<Write>& writes = clients_[c].writes;
        const auto later = std::partition_point(
            writes.begin(), writes.end(), [&](const Write& w) { return w.returned < called; });
        const auto needed = static_cast<size_t>(later - writes.begin());
        std::vector<size_t>& prefixes = view->prefixes[c];
        const auto keep = std::lower_bound(prefixes.begin(), prefixes.end(), needed);
        changed = changed || keep != prefixes.begin();
        prefixes.erase(prefixes.begin(), keep);
        if (prefixes.empty()) return false;
      }
    }
  }
  return true;
}

Verdict Oracle::Judge(View* view, const KeyRange& range, const Contents& seen, Property lost,
                      Property otherwise) const {
  for (const auto& [key, value] : seen) {
    if (!range.Contains(key)) return Broken(Property::kP12, key, "out of bounds", Show(&value));
    if (!versions_.contains(key)) return Broken(Property::kP4, key, "never written", Show(&value));
  }
  for (size_t c = 0; c < clients_.size(); ++c) {
    const Sight sight{c, &range, &seen};
    std::vector<size_t> possible;
    for (const size_t n : view->prefixes[c]) {
      if (Differences(sight, n, 1).empty()) possible.push_back(n);
    }
    if (possible.empty()) {
      const std::vector<size_t>& window = view->prefixes[c];
      return Explain(sight, window.front(), window.back(), lost, otherwise);
    }
    view->prefixes[c] = std::move(possible);
  }
  if (!Narrow(view)) {
    return Broken(otherwise, "", "a later write only with all that had returned before its call",
                  "a later write of one client without an earlier one of another");
  }
  return {};
}

// Names the property that broke, when no n in [lo, hi] explains what was seen.
Verdict Oracle::Explain(const Sight& sight, size_t lo, size_t hi, Property lost,
                        Property otherwise) const {
  std::optional<Verdict> verdict;
  ForEachKey(sight, [&](const std::string& key, const Versions& versions) {
    const std::string* actual = sight.At(key);
    if (EverHad(sight, versions, lo, hi, actual)) return true;
    const std::string* expected = ValueAt(sight, versions, hi, {});
    Property property = lost;
    const bool invented = actual != nullptr && !EverHad(sight, versions, 0, SIZE_MAX, actual);
    // Deleted, or expired: an older value must not come to light.
    const Version* newest = VersionAt(sight, versions, lo, {});
    const bool may_be_absent =
        newest == nullptr || !newest->value.has_value() || newest->may_be_gone;
    const bool is_older = actual != nullptr && lost != Property::kP11 && may_be_absent;
    bool resurrected = false;
    if (invented || is_older) {
      property = Property::kP4;
      resurrected = std::any_of(versions.begin(), versions.end(), [actual](const Version& v) {
        return Same(Pointer(v.value), actual);
      });
    } else if (lost == Property::kP1 && versions.front().position == 0 &&
               (versions.size() == 1 || versions[1].position > lo)) {
      property = Property::kP6;
    }
    verdict = Broken(property, key, Show(expected), Show(actual));
    verdict->resurrected = resurrected;
    return false;
  });
  if (verdict.has_value()) return *verdict;
  if (auto torn = TornBatch(sight, lo, hi); torn.has_value()) return *torn;

  size_t best = hi;
  size_t fewest = SIZE_MAX;
  for (size_t n = hi + 1; n-- > lo;) {
    const size_t count = Differences(sight, n, fewest).size();
    if (count < fewest) {
      fewest = count;
      best = n;
    }
  }
  const std::string key = Differences(sight, best, 1).front();
  const Versions& versions = versions_.find(key)->second;
  const std::string* expected = ValueAt(sight, versions, best, CountFailed(sight, best));
  return Broken(otherwise, key,
                Show(expected) + ", as after the first " + std::to_string(best) + " writes",
                Show(sight.At(key)));
}

// Is what was seen the state between two writes, but for a part of the second one's updates?
std::optional<Verdict> Oracle::TornBatch(const Sight& sight, size_t lo, size_t hi) const {
  const Client& client = clients_[sight.client];
  for (size_t n = std::max<size_t>(lo, 1); n <= hi; ++n) {
    if (client.writes[n - 1].updates.size() < 2 || client.IsGone(n)) continue;
    std::optional<Verdict> verdict;
    bool explained = true;
    ForEachKey(sight, [&](const std::string& key, const Versions& versions) {
      const std::string* actual = sight.At(key);
      const Version* after = VersionAt(sight, versions, n, {n});
      if (Shows(after, actual)) return true;
      explained = Shows(VersionAt(sight, versions, n - 1, {}), actual);
      if (explained) {
        verdict = Broken(Property::kP3, key, Show(ValueAt(sight, versions, n, {n})), Show(actual));
      }
      return explained;
    });
    if (explained && verdict.has_value()) {
      verdict->expected += ", as the rest of its batch of " +
                           std::to_string(client.writes[n - 1].updates.size()) + " updates";
      return verdict;
    }
  }
  return std::nullopt;
}

}  // namespace lsm::lab

#include <fmt/format.h>

#include <map>
#include <set>

#include "testing/shrink_search.h"

namespace lsm::lab {
namespace {

// Calls visit(std::string*) for every key of a trace. The prefix of a scan is none: the names that
// keys get share one.
template <class Visit>
void ForEachKey(Trace* trace, Visit visit) {
  for (Operation& op : trace->operations) {
    for (Update& update : op.updates) visit(&update.key);
    if (op.kind != Operation::Kind::kPrefixScan) {
      for (std::string& key : op.keys) visit(&key);
    }
    if (op.range.from.has_value()) visit(&*op.range.from);
    if (op.range.to.has_value()) visit(&*op.range.to);
  }
}

template <class Visit>
void ForEachValue(Trace* trace, Visit visit) {
  for (Operation& op : trace->operations) {
    for (Update& update : op.updates) {
      if (update.value.has_value()) visit(&*update.value);
    }
  }
}

std::string ClientPrefix(const Trace& trace, const std::string& key) {
  if (trace.clients == 1 || trace.shared_keys) return "";
  for (size_t c = 0; c < trace.clients; ++c) {
    if (key.starts_with(Oracle::KeyPrefix(c))) return Oracle::KeyPrefix(c);
  }
  return "";
}

bool Merge(ShrinkSearch* search, const std::string& key, const std::string& into) {
  if (ClientPrefix(search->best(), key) != ClientPrefix(search->best(), into)) return false;
  return search->TryWith([&](Trace* t) {
    ForEachKey(t, [&](std::string* k) {
      if (*k == key) *k = into;
    });
  });
}

}  // namespace

// Renames all keys at once to k1, k2, ... in their order; then one key to another, to have fewer.
bool ShrinkKeys(ShrinkSearch* search) {
  Trace trace = search->best();
  std::set<std::string> used;
  ForEachKey(&trace, [&](std::string* key) { used.insert(*key); });
  std::map<std::string, std::string> names;
  const size_t digits = std::to_string(used.size()).size();
  for (const std::string& key : used) {
    names[key] = fmt::format("{}k{:0{}}", ClientPrefix(trace, key), names.size() + 1, digits);
  }
  ForEachKey(&trace, [&](std::string* key) { *key = names[*key]; });
  bool any = search->Try(std::move(trace));
  std::vector<std::string> keys;
  for (const auto& [key, name] : names) keys.push_back(any ? name : key);
  for (size_t i = keys.size(); i-- > 1 && search->HasRuns();) {
    any = Merge(search, keys[i], keys[0]) || (i > 1 && Merge(search, keys[i], keys[i - 1])) || any;
  }
  return any;
}

// Renames all values to v1, v2, ... in the order of first use, at once or one by one.
bool ShrinkValues(ShrinkSearch* search) {
  Trace trace = search->best();
  std::map<std::string, std::string> names;
  std::vector<std::string> values;
  ForEachValue(&trace, [&](std::string* value) {
    if (names.emplace(*value, "v" + std::to_string(names.size() + 1)).second) {
      values.push_back(*value);
    }
  });
  ForEachValue(&trace, [&](std::string* value) { *value = names[*value]; });
  if (search->Try(std::move(trace))) return true;
  bool any = false;
  for (const std::string& value : values) {
    if (names.contains(names[value])) continue;  // the name is another's value
    any = search->TryWith([&](Trace* t) {
      ForEachValue(t, [&](std::string* v) {
        if (*v == value) *v = names[value];
      });
    }) || any;
  }
  return any;
}

}  // namespace lsm::lab

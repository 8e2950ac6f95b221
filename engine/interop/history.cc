#include "interop/history.h"

#include <fmt/format.h>

namespace lsm::interop {
namespace {

uint64_t NextRandom(uint64_t* state) {  // splitmix64
  uint64_t z = (*state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::string RandomValue(uint64_t* state) {
  std::string value(NextRandom(state) % 101, 'x');
  if (NextRandom(state) % 2 == 0) {
    for (char& c : value) c = static_cast<char>(NextRandom(state));
  }
  return value;
}

Update RandomUpdate(uint64_t* state, size_t keys) {
  Update update;
  update.key = fmt::format("{:08}", NextRandom(state) % keys);
  if (NextRandom(state) % 4 != 0) update.value = RandomValue(state);
  return update;
}

void Apply(const std::vector<Update>& group, Model* model) {
  for (const Update& update : group) {
    if (update.value.has_value()) {
      (*model)[update.key] = *update.value;
    } else {
      model->erase(update.key);
    }
  }
}

// Whether two states agree on one key.
bool SameAt(const Model& a, const Model& b, const std::string& key) {
  const auto in_a = a.find(key);
  const auto in_b = b.find(key);
  if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b == b.end();
  return in_a->second == in_b->second;
}

}  // namespace

History MakeHistory(uint64_t seed, size_t updates, size_t keys) {
  uint64_t state = seed;
  History history;
  for (size_t done = 0; done < updates;) {
    const size_t n = NextRandom(&state) % 10 == 0 ? 2 + NextRandom(&state) % 20 : 1;
    std::vector<Update> group;
    for (size_t i = 0; i < n; ++i) group.push_back(RandomUpdate(&state, keys));
    done += n;
    history.push_back(std::move(group));
  }
  return history;
}

Model StateAfter(const History& history, size_t groups) {
  Model model;
  for (size_t i = 0; i < groups; ++i) Apply(history[i], &model);
  return model;
}

std::optional<size_t> PrefixOf(const History& history, const Model& state) {
  Model model;
  size_t differing = state.size();  // keys at which model and state disagree
  std::optional<size_t> found;
  if (differing == 0) found = 0;
  for (size_t i = 0; i < history.size(); ++i) {
    for (const Update& update : history[i]) {
      const bool same_before = SameAt(model, state, update.key);
      Apply({update}, &model);
      const bool same_after = SameAt(model, state, update.key);
      if (same_before && !same_after) ++differing;
      if (!same_before && same_after) --differing;
    }
    if (differing == 0) found = i + 1;
  }
  return found;
}

}  // namespace lsm::interop

#include "testing/damage.h"

namespace lsm::lab {
namespace {

// The path of the nth file of a role, by name; empty: there is none.
std::string FindFile(sim::SimEnv* env, const std::string& dir, sim::FileRole role, uint64_t nth) {
  const auto names = env->ListDir(dir);
  if (!names.ok()) return "";
  for (const std::string& name : *names) {
    if (sim::RoleOf(name) == role && --nth == 0) return dir + "/" + name;
  }
  return "";
}

void Wrap(sim::SimEnv* env, const std::string& path, uint64_t* offset) {
  const auto bytes = env->ReadWholeFile(path);
  if (bytes.ok() && !bytes->empty()) *offset %= bytes->size();
}

}  // namespace

bool ApplyDamage(sim::SimEnv* env, const std::string& dir, const FileDamage& damage) {
  sim::Damage how = damage.how;
  how.path = FindFile(env, dir, damage.file, damage.nth);
  how.from = FindFile(env, dir, damage.from, damage.from_nth);
  if (how.path.empty()) return false;
  if (damage.removed) {
    const bool removed = env->RemoveFile(how.path).ok();
    env->SyncDirNow(dir);
    return removed;
  }
  Wrap(env, how.path, &how.offset);
  Wrap(env, how.from, &how.from_offset);
  return Inflict(env, how).ok();
}

}  // namespace lsm::lab

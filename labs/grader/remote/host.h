// The other side of the wall: the process that holds the stage under test. A host in hosts/ defines
// ServeStage for its stage; host.cc has main().
//
// Calls come on several threads, one a channel; what a stage asks back goes out on the channel of
// the call that it is in.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "remote/channel.h"

namespace lsm::remote {

// Answers one call. False: it makes no sense.
bool ServeStage(In* call, Out* answer);

// Asks the process that tests the stage; to be called within ServeStage, on its thread.
std::string AskHarness(const Out& request);

// The stage's objects of one kind, by number. Thread-safe; an object belongs to who uses it.
template <class T>
class Objects {
 public:
  uint64_t Keep(std::unique_ptr<T> object) {
    const std::lock_guard lock(mu_);
    objects_[++last_] = std::move(object);
    return last_;
  }
  T* Find(uint64_t id) {  // null: there is none
    const std::lock_guard lock(mu_);
    const auto it = objects_.find(id);
    return it == objects_.end() ? nullptr : it->second.get();
  }
  void Drop(uint64_t id) {
    std::unique_ptr<T> object;  // dies without the lock: its destructor may ask the harness
    const std::lock_guard lock(mu_);
    if (const auto it = objects_.find(id); it != objects_.end()) {
      object = std::move(it->second);
      objects_.erase(it);
    }
  }

 private:
  std::mutex mu_;
  std::map<uint64_t, std::unique_ptr<T>> objects_;
  uint64_t last_ = 0;
};

}  // namespace lsm::remote

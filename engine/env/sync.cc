#include "env/sync.h"

#include <chrono>

namespace lsm {

bool CondVar::WaitFor(uint64_t timeout_us) {
  if (mu_->baton_ != nullptr) return mu_->baton_->Wait(this, mu_, timeout_us);
  std::unique_lock<std::mutex> lock(mu_->mu_, std::adopt_lock);
  bool signalled = true;
  if (timeout_us == UINT64_MAX) {
    cv_.wait(lock);
  } else {
    signalled = cv_.wait_for(lock, std::chrono::microseconds(timeout_us)) ==
                std::cv_status::no_timeout;
  }
  lock.release();
  return signalled;
}

}  // namespace lsm

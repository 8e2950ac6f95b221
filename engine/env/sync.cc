#include "env/sync.h"

#include <chrono>

namespace lsm {
namespace {

// 35 years: a longer limit would overflow the clock's arithmetic.
constexpr uint64_t kNoLimitFromUs = uint64_t{1} << 50;

}  // namespace

bool CondVar::WaitFor(uint64_t timeout_us) {
  if (mu_->baton_ != nullptr) return mu_->baton_->Wait(this, mu_, timeout_us);
  std::unique_lock<std::mutex> lock(mu_->mu_, std::adopt_lock);
  bool signalled = true;
  if (timeout_us >= kNoLimitFromUs) {
    cv_.wait(lock);
  } else {
    signalled =
        cv_.wait_for(lock, std::chrono::microseconds(timeout_us)) == std::cv_status::no_timeout;
  }
  lock.release();
  return signalled;
}

}  // namespace lsm

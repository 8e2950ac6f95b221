// CHECK (always on) and DCHECK (debug builds): programmer errors alone. What a file or a user can
// cause is a Status.
#pragma once

namespace lsm {

// Prints file, line and the condition, then aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace lsm

#define LSM_CHECK(cond) ((cond) ? (void)0 : ::lsm::CheckFailed(__FILE__, __LINE__, #cond))
#ifdef NDEBUG
#define LSM_DCHECK(cond) ((void)0)
#else
#define LSM_DCHECK(cond) LSM_CHECK(cond)
#endif

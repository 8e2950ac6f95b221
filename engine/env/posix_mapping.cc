#include "env/posix_mapping.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "base/check.h"

namespace lsm::posix {

// Slots are never freed, so that the handler may walk them at any time. A slot that changes while
// the handler looks at it is not the one it looks for: the faulting thread keeps its own mapping
// alive. `version` is odd during a change, and lets the handler skip such a slot.
struct MappingSlot {
  std::atomic<uint32_t> version{0};
  std::atomic<uintptr_t> begin{0}, end{0};
  std::atomic<int> protection{0};
  std::atomic<bool> damaged{false};
  MappingSlot* next = nullptr;  // never changes once the slot is in the list
};

namespace {

std::atomic<MappingSlot*> all_slots{nullptr};
struct sigaction previous_action;  // written before the handler is installed

// Async-signal-safe.
MappingSlot* FindSlot(uintptr_t address) {
  for (MappingSlot* slot = all_slots.load(std::memory_order_acquire); slot != nullptr;
       slot = slot->next) {
    const uint32_t version = slot->version.load(std::memory_order_acquire);
    const uintptr_t begin = slot->begin.load(std::memory_order_acquire);
    const uintptr_t end = slot->end.load(std::memory_order_acquire);
    const bool stable =
        version % 2 == 0 && slot->version.load(std::memory_order_relaxed) == version;
    if (stable && begin <= address && address < end) return slot;
  }
  return nullptr;
}

// Puts zeros in place of a page. The system call by itself: ThreadSanitizer takes mmap() for a
// write to the page, and that for a race with its readers.
bool MapZeros(void* page, int protection) {
  return syscall(SYS_mmap, page, PageBytes(), protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                 -1, 0) != -1;
}

void CallPreviousHandler(int signal, siginfo_t* info, void* context) {
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
    previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler == SIG_DFL) {
    sigaction(SIGBUS, &previous_action, nullptr);  // the instruction faults again, and that ends it
    if (info->si_code <= 0) raise(SIGBUS);         // sent by a process: nothing would fault again
  } else if (previous_action.sa_handler != SIG_IGN) {
    previous_action.sa_handler(signal);
  }
}

void OnBusError(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  MappingSlot* slot = info->si_code > 0 ? FindSlot(address) : nullptr;
  bool repaired = false;
  if (slot != nullptr) {
    // Marked before the zeros can be seen.
    slot->damaged.store(true, std::memory_order_release);
    void* page = static_cast<char*>(info->si_addr) - address % PageBytes();
    repaired = MapZeros(page, slot->protection.load(std::memory_order_relaxed));
  }
  if (!repaired) CallPreviousHandler(signal, info, context);
  errno = saved_errno;
}

// Hands out slots. Never destroyed.
class Registry {
 public:
  static Registry& Instance() {
    static Registry* const instance = new Registry;
    return *instance;
  }

  MappingSlot* Add(const char* data, size_t n, int protection) {
    std::lock_guard<std::mutex> lock(mu_);
    if (free_.empty()) {
      auto* fresh = new MappingSlot;
      fresh->next = all_slots.load(std::memory_order_relaxed);
      all_slots.store(fresh, std::memory_order_release);
      free_.push_back(fresh);
    }
    MappingSlot* slot = free_.back();
    free_.pop_back();
    const auto begin = reinterpret_cast<uintptr_t>(data);
    slot->protection.store(protection, std::memory_order_relaxed);
    slot->damaged.store(false, std::memory_order_relaxed);
    SetRange(slot, begin, begin + n);
    return slot;
  }

  void Remove(MappingSlot* slot) {
    std::lock_guard<std::mutex> lock(mu_);
    SetRange(slot, 0, 0);
    free_.push_back(slot);
  }

 private:
  Registry() {
    PageBytes();  // its first call is not for a signal handler
    sigaction(SIGBUS, nullptr, &previous_action);
    struct sigaction action = {};
    action.sa_sigaction = OnBusError;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&action.sa_mask);
    LSM_CHECK(sigaction(SIGBUS, &action, nullptr) == 0);
  }

  static void SetRange(MappingSlot* slot, uintptr_t begin, uintptr_t end) {
    slot->version.fetch_add(1, std::memory_order_acq_rel);
    slot->begin.store(begin, std::memory_order_release);
    slot->end.store(end, std::memory_order_release);
    slot->version.fetch_add(1, std::memory_order_release);
  }

  std::mutex mu_;
  std::vector<MappingSlot*> free_;
};

}  // namespace

size_t PageBytes() {
  static const auto bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(slot_, other.slot_);
  return *this;
}

Mapping::~Mapping() {
  if (data_ == nullptr) return;
  Registry::Instance().Remove(slot_);  // first: the addresses may be reused once they are unmapped
  munmap(data_, size_);
}

Result<Mapping> Mapping::Map(const Fd& fd, std::string_view path, uint64_t offset, size_t n,
                             Access access) {
  LSM_DCHECK(n > 0 && offset % PageBytes() == 0);
  const int protection = access == Access::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
  void* data = mmap(nullptr, n, protection, MAP_SHARED, fd.get(), static_cast<off_t>(offset));
  if (data == MAP_FAILED && errno == ENODEV)
    return Status::NotSupported(fmt::format("map {}", path));
  if (data == MAP_FAILED) return ErrorStatus("map", path, errno);
#ifdef MADV_POPULATE_WRITE
  // MAP_POPULATE would leave a shared page write-protected, so that its first write faults. Only a
  // hint: a page that cannot be had, or a kernel that does not know the call, shows on touching.
  if (access == Access::kAppend) madvise(data, n, MADV_POPULATE_WRITE);
#endif
  Mapping mapping;
  mapping.data_ = static_cast<char*>(data);
  mapping.size_ = n;
  mapping.slot_ = Registry::Instance().Add(mapping.data_, n, protection);
  return mapping;
}

bool Mapping::damaged() const {
  // The reads of the mapped bytes come first.
  std::atomic_thread_fence(std::memory_order_acquire);
  return slot_ != nullptr && slot_->damaged.load(std::memory_order_relaxed);
}

}  // namespace lsm::posix

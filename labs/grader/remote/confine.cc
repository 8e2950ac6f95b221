#include "remote/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iterator>

namespace lsm::remote {
namespace {

constexpr uid_t kStageUser = 60990;  // nobody's: below what systemd hands out, above people's

#if defined(__x86_64__)
constexpr uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#error "confine.cc does not know the system calls of this machine"
#endif

constexpr sock_filter Load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
constexpr sock_filter Return(uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
// Goes on behind `skip` instructions if the loaded value is not v.
constexpr sock_filter SkipUnless(uint32_t v, uint8_t skip) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v, 0, skip);
}
constexpr sock_filter SkipUnlessAny(uint32_t bits, uint8_t skip) {
  return BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, skip);
}

constexpr uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;
constexpr size_t kNumber = offsetof(seccomp_data, nr);
constexpr size_t Argument(size_t i) { return offsetof(seccomp_data, args) + 8 * i; }  // low half

// Computing, memory, threads, and talking over what is open already.
constexpr int kAllowed[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_sendto,
    SYS_sendmsg,
    SYS_ppoll,
    SYS_futex,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_brk,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_exit,
    SYS_exit_group,
    SYS_set_robust_list,
    SYS_set_tid_address,
    SYS_rseq,
    SYS_gettid,
    SYS_getpid,
    SYS_sched_yield,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_gettime,
    SYS_getrandom,
    SYS_close,
    SYS_fstat,
    SYS_execveat,
    SYS_sched_getaffinity,
#if defined(__x86_64__)
    SYS_poll,
    SYS_arch_prctl,
#endif
};

// No library calls these by itself: who does wants out.
constexpr int kFatal[] = {
    SYS_socket,
    SYS_connect,
    SYS_bind,
    SYS_unlinkat,
    SYS_renameat2,
    SYS_mkdirat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_truncate,
    SYS_fchmodat,
    SYS_fchownat,
    SYS_kill,
    SYS_execve,
    SYS_ptrace,
    SYS_mount,
    SYS_setuid,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
#if defined(__x86_64__)
    SYS_unlink,
    SYS_rename,
    SYS_renameat,
    SYS_mkdir,
    SYS_rmdir,
    SYS_link,
    SYS_symlink,
    SYS_chmod,
    SYS_chown,
    SYS_creat,
    SYS_fork,
    SYS_vfork,
#endif
};

// The filter, made in place: no allocation.
class Filter {
 public:
  explicit Filter(pid_t self) {
    Add(Load(offsetof(seccomp_data, arch)));
    Add(SkipUnless(kMachine, 1));
    Add(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0));
    Add(Return(SECCOMP_RET_KILL_PROCESS));
    Add(Load(kNumber));
    for (const int call : kAllowed) Decide(call, SECCOMP_RET_ALLOW);
    for (const int call : kFatal) Decide(call, SECCOMP_RET_KILL_PROCESS);
    Decide(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);  // glibc then takes clone, which can be judged
    DecideByBits(SYS_clone, 0, CLONE_THREAD, SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS);
    DecideByBits(SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, SECCOMP_RET_KILL_PROCESS,
                 kRefuse);
#if defined(__x86_64__)
    DecideByBits(SYS_open, 1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, SECCOMP_RET_KILL_PROCESS,
                 kRefuse);
#endif
    DecideByValue(SYS_tgkill, static_cast<uint32_t>(self));  // abort()
    DecideByValue(SYS_prlimit64, 0);                         // its own: a thread asks for its stack
    Add(Return(kRefuse));
  }

  bool Install() {
    const sock_fprog program{count_, code_};
    return count_ < std::size(code_) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  void Add(sock_filter instruction) {
    if (count_ < std::size(code_)) code_[count_++] = instruction;
  }
  void Decide(int call, uint32_t action) {
    Add(SkipUnless(static_cast<uint32_t>(call), 1));
    Add(Return(action));
  }
  // If the call's argument has any of the bits `with`, else `without`.
  void DecideByBits(int call, size_t argument, uint32_t bits, uint32_t with, uint32_t without) {
    Add(SkipUnless(static_cast<uint32_t>(call), 4));
    Add(Load(Argument(argument)));
    Add(SkipUnlessAny(bits, 1));
    Add(Return(with));
    Add(Return(without));
  }
  // Allowed with this first argument alone.
  void DecideByValue(int call, uint32_t value) {
    Add(SkipUnless(static_cast<uint32_t>(call), 4));
    Add(Load(Argument(0)));
    Add(SkipUnless(value, 1));
    Add(Return(SECCOMP_RET_ALLOW));
    Add(Return(SECCOMP_RET_KILL_PROCESS));
  }

  sock_filter code_[256] = {};
  uint16_t count_ = 0;
};

bool Limit(decltype(RLIMIT_AS) what, uint64_t most) {
  const rlimit limit{most, most};
  return setrlimit(what, &limit) == 0;
}

}  // namespace

bool ConfineThisProcess(pid_t self) {
  constexpr uint64_t kMaxThreads = 512;  // of all stages that run at once under this user id
  constexpr uint64_t kMaxFiles = 512;
  constexpr uint64_t kStack_bytes = 8 << 20;  // of a thread, too
  const bool limited = Limit(RLIMIT_AS, kMaxMemory_bytes) && Limit(RLIMIT_CPU, kMaxCpu_s) &&
                       Limit(RLIMIT_FSIZE, kMaxOutput_bytes) && Limit(RLIMIT_CORE, 0) &&
                       Limit(RLIMIT_NOFILE, kMaxFiles) && Limit(RLIMIT_STACK, kStack_bytes);
  if (!limited) return false;
  if (geteuid() == 0) {  // a limit of processes binds no root
    if (setgroups(0, nullptr) != 0 || setresgid(kStageUser, kStageUser, kStageUser) != 0 ||
        !Limit(RLIMIT_NPROC, kMaxThreads) || setresuid(kStageUser, kStageUser, kStageUser) != 0) {
      return false;
    }
  }
  return Filter(self).Install();
}

}  // namespace lsm::remote

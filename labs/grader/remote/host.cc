#include "remote/host.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <thread>

namespace lsm::remote {
namespace {

constexpr int kControlFd = 3;

thread_local Channel* channel_of_this_thread = nullptr;

// The next channel's socket; -1 once the harness is gone.
int ReceiveFd() {
  char byte = 0;
  iovec data{&byte, 1};
  int fd = -1;
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(fd))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof(space);
  if (recvmsg(kControlFd, &message, 0) <= 0) return -1;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    std::memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  }
  return fd;
}

void ServeChannel(int fd) {
  Channel channel(fd);
  channel_of_this_thread = &channel;
  if (!channel.Serve(ServeStage)) _exit(3);
}

}  // namespace

std::string AskHarness(const Out& request) {
  if (channel_of_this_thread == nullptr) {
    std::fputs("The stage used its file on a thread that the engine did not call it on.\n", stderr);
    std::abort();
  }
  std::string answer;
  if (!channel_of_this_thread->Call(request.bytes(), ServeStage, nullptr, &answer)) _exit(3);
  return answer;
}

}  // namespace lsm::remote

int main() {
  std::setvbuf(stdout, nullptr, _IONBF, 0);  // what was printed before a crash is told
  for (int fd; (fd = lsm::remote::ReceiveFd()) >= 0;) {
    std::thread(lsm::remote::ServeChannel, fd).detach();
  }
  _exit(0);
}

#include "remote/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace lsm::remote {
namespace {

constexpr int kPatienceStep_ms = 100;
constexpr size_t kHeaderBytes = 5;

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace

Channel::~Channel() { close(fd_); }

bool Channel::Call(std::string_view request, const Handler& serve, const Patience& patience,
                   std::string* answer) {
  if (!Send(Kind::kCall, request)) return false;
  for (;;) {
    Kind kind{};
    if (!Receive(patience, &kind, answer)) return false;
    if (kind == Kind::kAnswer) return true;
    if (!Answer(*answer, serve)) return false;
  }
}

bool Channel::Serve(const Handler& serve) {
  for (;;) {
    Kind kind{};
    std::string call;
    if (!Receive(nullptr, &kind, &call)) return true;
    if (kind != Kind::kCall || !Answer(call, serve)) return false;
  }
}

bool Channel::Answer(const std::string& call, const Handler& serve) {
  In in(call);
  Out out;
  return serve && serve(&in, &out) && in.AllRead() && Send(Kind::kAnswer, out.bytes());
}

bool Channel::Send(Kind kind, std::string_view bytes) {
  std::string message;
  message.reserve(kHeaderBytes + bytes.size());
  PutFixed32(&message, static_cast<uint32_t>(bytes.size()));
  message.push_back(static_cast<char>(kind));
  message.append(bytes);
  return bytes.size() <= kMaxBytes && SendAll(fd_, message);
}

bool Channel::Receive(const Patience& patience, Kind* kind, std::string* bytes) {
  char header[kHeaderBytes];
  if (!ReceiveBytes(patience, header, kHeaderBytes)) return false;
  const uint32_t size = DecodeFixed32(header);
  *kind = static_cast<Kind>(header[4]);
  if (size > kMaxBytes || (*kind != Kind::kCall && *kind != Kind::kAnswer)) return false;
  bytes->resize(size);
  return ReceiveBytes(patience, bytes->data(), size);
}

bool Channel::ReceiveBytes(const Patience& patience, char* to, size_t n) {
  while (n > 0) {
    if (patience) {
      pollfd ready{fd_, POLLIN, 0};
      const int found = poll(&ready, 1, kPatienceStep_ms);
      if (found < 0 && errno != EINTR) return false;
      if (found <= 0 && !patience()) return false;
      if (found <= 0) continue;
    }
    const ssize_t got = recv(fd_, to, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    n -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace lsm::remote

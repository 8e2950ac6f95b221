// A conversation between two processes over a socket. Either side calls; before it answers, the
// other side may call back, and so on: calls nest as on one stack, so one thread of each process is
// enough for it.
//
// A message is its length (4 bytes), its kind (1 byte), its bytes. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "remote/wire.h"

namespace lsm::remote {

class Channel {
 public:
  // Answers a call of the other side. False: the call makes no sense.
  using Handler = std::function<bool(In*, Out*)>;
  // Asked from time to time while nothing comes; false ends the wait.
  using Patience = std::function<bool()>;

  static constexpr uint32_t kMaxBytes = 64 << 20;  // of a message

  explicit Channel(int fd) : fd_(fd) {}
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Calls the other side and serves its calls until it answers. False: it is gone, does not keep
  // the format, or patience ended.
  bool Call(std::string_view request, const Handler& serve, const Patience& patience,
            std::string* answer);
  // Serves calls until the other side is gone. False: one made no sense.
  bool Serve(const Handler& serve);

 private:
  enum class Kind : char { kCall = 1, kAnswer = 2 };

  bool Send(Kind kind, std::string_view bytes);
  bool Receive(const Patience& patience, Kind* kind, std::string* bytes);
  bool ReceiveBytes(const Patience& patience, char* to, size_t n);
  bool Answer(const std::string& call, const Handler& serve);

  const int fd_;
};

}  // namespace lsm::remote

// Mapping: a window into a file whose faults are survived. Touching a mapped page that the machine
// cannot deliver (the file was truncated, the device failed) raises SIGBUS, which would end the
// process. Here the page becomes zeros and the mapping is marked as damaged: whoever used its
// bytes asks damaged() before it lets a result rest on them.
//
// How: every mapping stands in a registry that a signal handler may search. The handler is
// installed with the first mapping; it puts an anonymous zero page over the faulting one, and the
// interrupted instruction runs again. Faults at other addresses go to the handler that was
// installed before. A handler that somebody installs later must do the same for ours.
// Thread-safe: damaged() and the bytes; a mapping is moved and destroyed by one thread, when no
// other uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "env/posix_io.h"
#include "lsm/status.h"

namespace lsm::posix {

struct MappingSlot;  // a mapping's entry in the registry

class Mapping {
 public:
  enum class Access : uint8_t { kRead, kAppend };  // kAppend: pages are made present at once

  Mapping() = default;  // maps nothing
  Mapping(Mapping&& other) noexcept { *this = std::move(other); }
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  // Maps bytes [offset, offset + n) of the file. REQUIRES: n > 0, offset a multiple of PageBytes().
  // NotSupported if the file system cannot map.
  static Result<Mapping> Map(const Fd& fd, std::string_view path, uint64_t offset, size_t n,
                             Access access);

  char* data() const { return data_; }
  size_t size() const { return size_; }
  // True once a page could not be delivered; covers all bytes that this thread has read before.
  bool damaged() const;

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  MappingSlot* slot_ = nullptr;
};

size_t PageBytes();

}  // namespace lsm::posix

// The open files of the simulated world. They hold their Inode, so that an open file outlives its
// last name, and the boot they were opened in. The SimEnv outlives them.
#pragma once

#include <memory>
#include <string>

#include "lsm/env.h"
#include "testing/sim/disk.h"
#include "testing/sim/handles.h"
#include "testing/sim/io_gate.h"

namespace lsm::sim {

// What a file object works with.
struct Machine {
  IoGate* gate;
  Disk* disk;
  HandleTable* handles;
};

std::unique_ptr<SequentialFile> NewSequentialFile(const Machine& machine, std::string path,
                                                  Disk::File file);
std::unique_ptr<RandomAccessFile> NewRandomAccessFile(const Machine& machine, std::string path,
                                                      Disk::File file, IoMode io);
// The file is empty. kMapped: the first window has been allocated if options asked for one.
std::unique_ptr<WritableFile> NewWritableFile(const Machine& machine, std::string path,
                                              Disk::File file, const WritableFileOptions& options);
// Nobody holds the lock.
std::unique_ptr<FileLock> NewFileLock(const Machine& machine, const std::string& path);

}  // namespace lsm::sim

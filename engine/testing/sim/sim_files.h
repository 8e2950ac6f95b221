// The open files of the simulated world. They hold their Inode, so that an open file outlives its
// last name, and the boot they were opened in. The SimEnv outlives them.
#pragma once

#include <memory>
#include <string>

#include "lsm/env.h"
#include "testing/sim/disk.h"
#include "testing/sim/io_gate.h"

namespace lsm::sim {

std::unique_ptr<SequentialFile> NewSequentialFile(IoGate* gate, std::string path, Disk::File file);
std::unique_ptr<RandomAccessFile> NewRandomAccessFile(IoGate* gate, std::string path,
                                                      Disk::File file, IoMode io);
// The file is empty. kMapped: the first window has been allocated if options asked for one.
std::unique_ptr<WritableFile> NewWritableFile(IoGate* gate, const Disk* disk, std::string path,
                                              Disk::File file, const WritableFileOptions& options);
// disk->Lock(path) has succeeded.
std::unique_ptr<FileLock> NewFileLock(IoGate* gate, Disk* disk, std::string path);

}  // namespace lsm::sim

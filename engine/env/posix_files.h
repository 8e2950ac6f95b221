// The POSIX environment's files. Private to env/posix*; lsm/env.h has their contracts.
#pragma once

#include <memory>
#include <string>

#include "lsm/env.h"
#include "lsm/status.h"

namespace lsm::posix {

Result<std::unique_ptr<SequentialFile>> OpenSequentialFile(const std::string& path);

// A file that cannot be mapped (an odd file system, too many mappings) is read with pread instead.
Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccessFile(const std::string& path, IoMode io);

// A file system that cannot allocate space ahead gets a plain file instead of a mapped one.
Result<std::unique_ptr<WritableFile>> CreateWritableFile(const std::string& path,
                                                         const WritableFileOptions& options);

// Busy if the file is locked by another process or by this one. The lock is fcntl's, as LevelDB's:
// it is lost if any descriptor of the file is closed in this process, so nothing else may open it.
Result<std::unique_ptr<FileLock>> AcquireFileLock(const std::string& path);

}  // namespace lsm::posix

// Stage 1, the write-ahead log: the reference implementation of contract/wal/concept.h.
#pragma once

#include <stage/wal/log_reader.h>
#include <stage/wal/log_writer.h>

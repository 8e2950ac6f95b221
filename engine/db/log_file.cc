#include "db/log_file.h"

#include "format/batch.h"
#include "format/filename.h"

namespace lsm {

Result<std::unique_ptr<LogFile>> LogFile::Create(Env* env, const std::string& dir, uint64_t number,
                                                 const WritableFileOptions& options) {
  LSM_ASSIGN_OR_RETURN(auto file, env->CreateWritable(WalFileName(dir, number), options));
  return std::unique_ptr<LogFile>(new LogFile(env, dir, number, std::move(file)));
}

Status LogFile::Append(std::string_view batch, SequenceNumber last) {
  if (proof_due_) {
    WriteBatch proof;
    WriteBatchRep::SetSequence(&proof, last_synced_);
    LSM_RETURN_IF_ERROR(writer_.Append(WriteBatchRep::Bytes(proof)));
    proof_due_ = false;
  }
  LSM_RETURN_IF_ERROR(writer_.Append(batch));
  last_appended_ = last;
  return Status::Ok();
}

Status LogFile::Sync() {
  LSM_RETURN_IF_ERROR(writer_.Sync());
  if (!entry_durable_) {
    LSM_RETURN_IF_ERROR(env_->SyncDir(dir_));
    entry_durable_ = true;
  }
  proof_due_ = last_appended_ > last_synced_ || proof_due_;
  last_synced_ = last_appended_;
  return Status::Ok();
}

Status LogFile::Close() { return file_->Close(); }

}  // namespace lsm

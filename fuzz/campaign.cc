#include "fuzz/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/escape.h"
#include "testing/isolate.h"

namespace lsm::fuzz {
namespace {

uint64_t ToNumber(std::string_view text) {
  uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

// A worker says "INDEX" before each input and "INDEX finding TEXT" after one that failed.
class Listener {
 public:
  explicit Listener(const Campaign& campaign)
      : campaign_(campaign), running_(static_cast<size_t>(campaign.workers)) {}

  bool OnLine(size_t worker, std::string_view line) {
    const size_t space = line.find(' ');
    const uint64_t index = ToNumber(line.substr(0, space));
    if (space != std::string_view::npos) {
      Fail(index, *Unescape(line.substr(line.rfind(' ') + 1)));
    } else {
      running_[worker] = index;
      ++result_.executions;
      if (campaign_.progress) campaign_.progress(result_.executions);
    }
    if (!result_.failed.has_value()) return true;
    const auto behind = [&](const std::optional<uint64_t>& at) {
      return at.has_value() && *at >= *result_.failed;
    };
    return !std::all_of(running_.begin(), running_.end(), behind);
  }

  CampaignResult Finish(const std::vector<lab::WorkerEnd>& ends) {
    for (size_t w = 0; w < ends.size(); ++w) {
      const lab::WorkerEnd& end = ends[w];
      if (end.ok) continue;
      Fail(running_[w].value_or(w),
           end.errors.empty() ? end.how : fmt::format("{}: {}", end.how, end.errors));
    }
    return std::move(result_);
  }

 private:
  void Fail(uint64_t index, Finding finding) {
    if (result_.failed.has_value() && *result_.failed <= index) return;
    result_.failed = index;
    result_.finding = std::move(finding);
  }

  const Campaign& campaign_;
  std::vector<std::optional<uint64_t>> running_;  // of each worker, the input that it began last
  CampaignResult result_;
};

}  // namespace

Result<std::vector<std::string>> Seeds(const Target& target) {
  std::vector<std::string> seeds;
  const auto ends = lab::RunWorkers(
      1, Campaign().silence_ms,
      [&](int, const lab::EmitLine& emit) {
        for (const std::string& seed : target.seeds()) {
          emit(Escape(std::string_view(seed).substr(0, target.max_bytes)));
        }
      },
      [&](int, std::string_view line) {
        seeds.push_back(*Unescape(line));
        return true;
      });
  if (ends[0].ok && !seeds.empty()) return seeds;
  return Status::IOError(fmt::format("the seeds of target {} cannot be made: {} {}", target.name,
                                     ends[0].how, ends[0].errors));
}

CampaignResult RunCampaign(const Campaign& campaign) {
  Listener listener(campaign);
  const auto stride = static_cast<uint64_t>(campaign.workers);
  const auto ends = lab::RunWorkers(
      campaign.workers, campaign.silence_ms,
      [&](int worker, const lab::EmitLine& emit) {
        for (uint64_t i = static_cast<uint64_t>(worker); i < campaign.count; i += stride) {
          emit(fmt::format("{}", i));
          const Finding finding = Check(*campaign.target, campaign.input(i));
          if (!finding.empty()) return emit(fmt::format("{} finding {}", i, Escape(finding)));
        }
      },
      [&](int worker, std::string_view line) {
        return listener.OnLine(static_cast<size_t>(worker), line);
      });
  return listener.Finish(ends);
}

}  // namespace lsm::fuzz

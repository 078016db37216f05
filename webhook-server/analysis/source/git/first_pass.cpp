#include "analysis/source/git/first_pass.hpp"

#include <algorithm>
#include <thread>

namespace cadence::analysis::source {
namespace {

constexpr std::size_t kReport = 16;  // pairs between two words on the progress

// Pairs that one thread takes at a time. Neighbours in the history lie on the same delta chains, and each thread
// unpacks chains for itself: long stretches, so that little is unpacked twice; several a thread, so that all end
// together.
std::size_t share_of(std::size_t pairs, std::size_t threads) {
  return std::clamp<std::size_t>(pairs / (threads * 8), 16, 8192);
}

}  // namespace

base::Result<std::vector<git::Verdict>> FirstPass::run(StoredObjects& own_view, git::Memory* memory,
                                                       SharedVerdicts* shared) {
  remember(memory);
  const auto unknown = open_;
  if (shared != nullptr) shared->take(open_, verdicts_, options_.threads);
  done_ = pairs_.size() - open_.size();
  if (options_.progress && done_ > 0) options_.progress(done_, pairs_.size());
  share_ = share_of(open_.size(), std::max(1U, options_.threads));
  const std::size_t shares = (open_.size() + share_ - 1) / share_;
  const std::size_t threads = std::clamp<std::size_t>(options_.threads, 1, std::max<std::size_t>(shares, 1));
  std::vector<std::unique_ptr<StoredObjects>> views;
  for (std::size_t i = 1; i < threads; ++i) {
    auto view = own_view.open_another();
    if (!view) return view.error();
    views.push_back(std::move(*view));
  }
  {
    std::vector<std::jthread> others;
    for (auto& view : views) others.emplace_back([this, objects = view.get()] { work(*objects); });
    work(own_view);
  }
  for (const auto& view : views) unreadable_ += view->unreadable();
  if (!stop_.stop_requested()) learn(memory, unknown);
  return std::move(verdicts_);
}

// Takes what is known already and leaves the rest open.
void FirstPass::remember(git::Memory* memory) {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    auto known = memory == nullptr ? std::nullopt
                                   : memory->verdict(history_[pairs_[i].current].oid, history_[pairs_[i].previous].oid);
    if (known) {
      verdicts_[i] = std::move(*known);
    } else {
      open_.push_back(static_cast<std::uint32_t>(i));
    }
  }
}

void FirstPass::learn(git::Memory* memory, const std::vector<std::uint32_t>& places) const {
  if (memory == nullptr) return;
  for (const std::uint32_t i : places)
    memory->learn(history_[pairs_[i].current].oid, history_[pairs_[i].previous].oid, verdicts_[i]);
}

void FirstPass::report(std::size_t judged) {
  const std::size_t done = done_.fetch_add(judged) + judged;
  if (options_.progress) options_.progress(done, pairs_.size());
}

void FirstPass::work(git::ObjectView& objects) {
  while (!stop_.stop_requested()) {
    const std::size_t begin = next_.fetch_add(share_);
    if (begin >= open_.size()) return;
    const std::size_t end = std::min(begin + share_, open_.size());
    for (std::size_t i = begin; i < end; ++i) {
      verdicts_[open_[i]] = git::judge_pair(objects, history_, pairs_[open_[i]], options_.rules, stop_);
      const std::size_t judged = i + 1 - begin;
      if (judged % kReport == 0) report(kReport);
      else if (i + 1 == end) report(judged % kReport);
    }
  }
}

}  // namespace cadence::analysis::source

// The spool in a folder: a file for what was kept together, named by time and count. Promises: a file is visible under
// its name only when all of it is on the disk, and its name too; never more bytes than the limit, those set aside
// included; what it did not write stays where it is. Holds what makes the jobs, no body and no secret.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "base/clock.hpp"
#include "queue/spool.hpp"
#include "spool/files.hpp"

namespace cadence::spool {

class DiskSpool final : public queue::Spool {
 public:
  // Finds what an earlier life left; what that one had not finished was acknowledged to nobody, and goes.
  static base::Result<std::unique_ptr<DiskSpool>> open(std::unique_ptr<Files> files, std::int64_t most_bytes,
                                                       const base::Clock& clock = base::system_clock());

  base::Result<std::size_t> keep(std::span<const queue::Delivery> deliveries) override;
  base::Result<std::optional<queue::SpoolBatch>> oldest() override;
  void drop(const queue::SpoolBatch& batch) override;
  base::Result<void> set_aside(const queue::SpoolBatch& batch, std::span<const queue::Delivery> refused) override;
  [[nodiscard]] queue::SpoolState state() const override;

 private:
  struct Kept {
    std::int64_t bytes = 0, count = 0;
    base::Wall since{};
  };
  DiskSpool(std::unique_ptr<Files> files, std::int64_t most_bytes, const base::Clock& clock)
      : files_(std::move(files)), most_bytes_(most_bytes), clock_(clock) {}
  base::Result<void> look();
  base::Result<std::string> next_name(std::size_t count, std::int64_t bytes);
  base::Result<void> write(const std::string& bytes, const std::string& name, const std::string& ending);
  void forget(const std::string& name);
  void note_aside(const std::string& name, std::int64_t bytes, const std::string& why);

  std::unique_ptr<Files> files_;
  std::int64_t most_bytes_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept> kept_;  // by name without ending, which is by age
  std::set<std::string> done_;        // in the store, and could not be removed
  std::int64_t entries_ = 0, bytes_ = 0, aside_ = 0, last_stamp_ = 0;
};

}  // namespace cadence::spool

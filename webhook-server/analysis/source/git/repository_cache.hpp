// Bare repositories that stay between analyses, so that the next push of a repository fetches only what is new.
// Promises: every use asks the server first, under the same rules as a clone; a fetch that was killed or a folder that
// is damaged is dropped and cloned again; several threads and processes may share a cache; the bytes on disk stay
// within the bound but for what is in use.
//
// One folder a URL, named by a hash of it without its credentials:
//   repository/  the bare repository
//   ready        there only while no fetch writes; its content is the entry's size, its time of change the last use
//   in-use       locked shared while somebody reads, exclusive to be removed
//   fetching     locked by the one who fetches
//   commits, verdicts-*   what analyses remember (pair_memory.hpp)
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "analysis/source/git/repository.hpp"
#include "base/result.hpp"

namespace cadence::analysis::source {

class Lock;
class RepositoryCache;

// A repository in use. Nobody removes it meanwhile.
class CachedRepository {
 public:
  CachedRepository(RepositoryCache& cache, std::filesystem::path entry, std::shared_ptr<Lock> use)
      : cache_(&cache), entry_(std::move(entry)), use_(std::move(use)) {}
  CachedRepository(CachedRepository&&) = default;
  CachedRepository& operator=(CachedRepository&&) = default;
  ~CachedRepository();
  [[nodiscard]] std::filesystem::path path() const { return entry_ / "repository"; }
  [[nodiscard]] const std::filesystem::path& memory() const { return entry_; }
  // It turned out to be damaged: the next fetch clones it again.
  void condemn();

 private:
  RepositoryCache* cache_;
  std::filesystem::path entry_;
  std::shared_ptr<Lock> use_;
};

class RepositoryCache {
 public:
  // Removes what a killed process left in the folder. Fails when the folder cannot be written.
  static base::Result<std::unique_ptr<RepositoryCache>> open(std::filesystem::path folder, std::uint64_t max_bytes);
  // `options.folder` does not count. Waits for another fetch of the same repository as long as the time limit allows.
  base::Result<CachedRepository> fetch(const CloneOptions& options, std::stop_token stop);
  // Removes the longest unused entries until the rest fits.
  void evict();

 private:
  friend class CachedRepository;
  RepositoryCache(std::filesystem::path folder, std::uint64_t max_bytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}
  base::Result<CachedRepository> fetch_entry(const std::filesystem::path& entry, const CloneOptions& options,
                                             std::stop_token stop, bool& is_doubtful);
  void drop(const std::filesystem::path& entry);
  void sweep();

  const std::filesystem::path folder_;
  const std::uint64_t max_bytes_;
};

// The name of a URL's entry: equal for URLs that differ in credentials only.
std::string cache_key(const std::string& url);

}  // namespace cadence::analysis::source

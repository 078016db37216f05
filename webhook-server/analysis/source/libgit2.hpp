// libgit2 behind owning handles, set up once for the process: no configuration of the machine or the user counts, memory is bounded.
// Only this folder includes libgit2.
#pragma once

#include <git2.h>

#include <memory>
#include <string>

#include "analysis/git/objects.hpp"
#include "analysis/source/recent_objects.hpp"

namespace cadence::analysis::source {

// Called by everything that uses libgit2; cheap after the first time.
void set_up_libgit2();

template <auto free_function>
struct Releaser {
  template <class T>
  void operator()(T* handle) const { free_function(handle); }
};

using RepositoryHandle = std::unique_ptr<git_repository, Releaser<git_repository_free>>;
using OdbHandle = std::unique_ptr<git_odb, Releaser<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, Releaser<git_odb_object_free>>;
using RemoteHandle = std::unique_ptr<git_remote, Releaser<git_remote_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, Releaser<git_reference_free>>;
using ObjectHandle = std::unique_ptr<git_object, Releaser<git_object_free>>;

// The calling thread's last error, without a full stop; "unknown error" when there is none.
std::string last_error();

base::Result<RepositoryHandle> open_repository(const std::string& folder);

// An ObjectView on a repository's object database; one for each thread. What was read lately is kept, up to a bound: a commit's tree is
// its child's parent tree, a file's text the next one's former text.
class StoredObjects final : public git::ObjectView {
 public:
  static base::Result<std::unique_ptr<StoredObjects>> open(const std::string& folder, std::size_t kept_bytes = kKeptBytes);
  base::Result<git::Content> read(const git::Oid& oid, git::ObjectKind kind) override;
  base::Result<std::uint64_t> size(const git::Oid& oid) override;
  // How many times an object was missing, damaged or of another kind.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  base::Error unreadable(const git::Oid& oid, std::string_view why);

  static constexpr std::size_t kKeptBytes = static_cast<std::size_t>(8) << 20;

  StoredObjects(RepositoryHandle repository, OdbHandle odb, std::size_t kept_bytes)
      : repository_(std::move(repository)), odb_(std::move(odb)), recent_(kept_bytes) {}

  RepositoryHandle repository_;
  OdbHandle odb_;
  RecentObjects recent_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace cadence::analysis::source

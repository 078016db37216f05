// libgit2 behind owning handles, set up once for the process: no configuration of the machine or the user counts,
// memory is bounded. Only this folder includes libgit2.
#pragma once

#include <git2.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "analysis/git/objects.hpp"
#include "analysis/source/git/packs.hpp"
#include "analysis/source/git/partial_transfer.hpp"

namespace cadence::analysis::source {

// Follows "it names its objects with ".
inline constexpr std::string_view kSha256Advice =
    "SHA-256, which is not supported. Analyse a copy with SHA-1: git init --object-format=sha1 COPY, then "
    "git fast-export --all --signed-tags=strip | git -C COPY fast-import";

// Called by everything that uses libgit2; cheap after the first time.
void set_up_libgit2();

template <auto free_function>
struct Releaser {
  template <class T>
  void operator()(T* handle) const {
    free_function(handle);
  }
};

using RepositoryHandle = std::unique_ptr<git_repository, Releaser<git_repository_free>>;
using OdbHandle = std::unique_ptr<git_odb, Releaser<git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, Releaser<git_odb_object_free>>;
using RemoteHandle = std::unique_ptr<git_remote, Releaser<git_remote_free>>;
using ReferenceHandle = std::unique_ptr<git_reference, Releaser<git_reference_free>>;
using ObjectHandle = std::unique_ptr<git_object, Releaser<git_object_free>>;

// The calling thread's last error, without a full stop; "unknown error" when there is none.
std::string last_error();
// It is that there was no memory.
bool is_out_of_memory();

base::Result<RepositoryHandle> open_repository(const std::string& folder);
// Where it keeps its objects. Opens none of them, so that packs can be looked at before libgit2 does.
std::filesystem::path objects_folder(git_repository* repository);

// An ObjectView on a repository's objects; one for each thread. Packs are read by our own reader, all that it leaves by
// libgit2. What was read lately is kept, up to a bound: a commit's tree is its child's parent tree, a file's text the
// next one's former text. A file that was left at the server (partial_transfer.hpp) has a size just above what was
// asked for. What refs/replace/ replaces is read as git reads it.
class StoredObjects final : public git::ObjectView {
 public:
  // Fails when a pack's index is damaged.
  static base::Result<std::unique_ptr<StoredObjects>> open(const std::string& folder);
  // Another view of the same packs, for another thread.
  [[nodiscard]] base::Result<std::unique_ptr<StoredObjects>> open_another() const;
  base::Result<git::Content> read(const git::Oid& name, git::ObjectKind kind) override;
  base::Result<std::uint64_t> size(const git::Oid& name) override;
  [[nodiscard]] git_repository* repository() const { return repository_.get(); }
  // How many times an object was missing, damaged or of another kind.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  static constexpr std::size_t kKeptPacked = static_cast<std::size_t>(16) << 20;  // bytes
  static constexpr std::size_t kKeptOthers = static_cast<std::size_t>(4) << 20;

  using Replacements = std::unordered_map<git::Oid, git::Oid, git::OidHash>;

  StoredObjects(std::string folder, RepositoryHandle repository, OdbHandle odb, std::shared_ptr<const Packs> packs,
                std::shared_ptr<const Replacements> replaced)
      : folder_(std::move(folder)),
        repository_(std::move(repository)),
        largest_file_(noted_largest_file(git_repository_path(repository_.get()))),
        odb_(std::move(odb)),
        packed_(std::move(packs), kKeptPacked),
        others_(kKeptOthers),
        replaced_(std::move(replaced)) {}

  static base::Result<std::unique_ptr<StoredObjects>> over(std::string folder, RepositoryHandle repository,
                                                           std::shared_ptr<const Packs> packs,
                                                           std::shared_ptr<const Replacements> replaced);
  // The object to read when that one is asked for.
  [[nodiscard]] git::Oid present(git::Oid oid) const;
  base::Result<git::Content> checked(const git::Oid& oid, git::ObjectKind kind, const Object& object);
  // The object is in no pack, and none of them is in doubt.
  [[nodiscard]] bool was_left_out(const git::Oid& oid) const;
  base::Result<Object> read_by_libgit2(const git::Oid& oid, git::ObjectKind kind);
  base::Error unreadable(const git::Oid& oid, std::string_view why);

  const std::string folder_;
  RepositoryHandle repository_;
  const std::optional<std::uint64_t> largest_file_;
  OdbHandle odb_;
  PackReader packed_;
  RecentObjects<git::Oid, git::OidHash> others_;
  const std::shared_ptr<const Replacements> replaced_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace cadence::analysis::source

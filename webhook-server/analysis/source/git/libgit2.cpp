#include "analysis/source/git/libgit2.hpp"

#include <cstring>
#include <iterator>

#include "analysis/source/guard/guarded_stream.hpp"

namespace cadence::analysis::source {
namespace {

// Commits and trees are read whole; no honest one is larger.
constexpr std::uint64_t kLargestStructure = 64ULL << 20;

constexpr const char* kRepair = ". Make it again with git index-pack, or clone the repository again";

git_oid to_libgit2(const git::Oid& oid) {
  git_oid converted;
  std::memcpy(converted.id, oid.bytes.data(), oid.bytes.size());
  return converted;
}

git_object_t type_of(git::ObjectKind kind) {
  switch (kind) {
    case git::ObjectKind::Commit:
      return GIT_OBJECT_COMMIT;
    case git::ObjectKind::Tree:
      return GIT_OBJECT_TREE;
    case git::ObjectKind::Blob:
      return GIT_OBJECT_BLOB;
  }
  return GIT_OBJECT_INVALID;
}

std::optional<git::ObjectKind> kind_of(git_object_t type) {
  switch (type) {
    case GIT_OBJECT_COMMIT:
      return git::ObjectKind::Commit;
    case GIT_OBJECT_TREE:
      return git::ObjectKind::Tree;
    case GIT_OBJECT_BLOB:
      return git::ObjectKind::Blob;
    default:
      return std::nullopt;
  }
}

bool has_name(const Object& object, const git::Oid& oid) {
  const std::string_view text = object.content;
  git_oid own;
  return git_odb_hash(&own, text.data(), text.size(), type_of(object.kind)) == 0 && git::Oid::from_bytes(own.id) == oid;
}

// A repository may use extensions of git that libgit2 1.5 does not know. Of those here none changes what is read: they
// concern the configuration, pruning, how worktrees are linked, and objects that may be missing, which are counted as
// such.
void allow_extensions() {
  const char* names[] = {"worktreeconfig", "preciousobjects", "relativeworktrees", "partialclone"};
  git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, std::size(names));
}

// Why libgit2 does not open it, as a sentence with the way out where there is one.
std::string opening_problem(const std::string& reason) {
  const auto names = [&](std::string_view extension) {
    return reason.find("extensions." + std::string(extension)) != std::string::npos;
  };
  if (names("objectformat")) return "it names its objects with " + std::string(kSha256Advice);
  if (names("refstorage")) {
    return "it keeps its branches in the reftable format, which is not supported. Change it with git refs migrate "
           "--ref-format=files, or analyse a clone of it (git clone --ref-format=files)";
  }
  if (names(""))
    return "git itself may know it, but here it is not supported (" + reason +
           "). Analyse a new clone of it (git clone --no-local)";
  return reason;
}

using Replacements = std::unordered_map<git::Oid, git::Oid, git::OidHash>;

// What refs/replace/ puts in the place of objects, as git reads it (git-replace(1)). A fetch brings none of them.
std::shared_ptr<const Replacements> replacements_of(git_repository* repository) {
  constexpr std::string_view kFolder = "refs/replace/";
  auto found = std::make_shared<Replacements>();
  git_reference_iterator* names = nullptr;
  if (git_reference_iterator_glob_new(&names, repository, "refs/replace/*") != 0) return found;
  const char* name = nullptr;
  while (git_reference_next_name(&name, names) == 0) {
    git_oid by;
    const auto replaced = git::Oid::from_hex(std::string_view(name).substr(kFolder.size()));
    if (replaced && git_reference_name_to_id(&by, repository, name) == 0)
      found->emplace(*replaced, git::Oid::from_bytes(by.id));
  }
  git_reference_iterator_free(names);
  return found;
}

bool set_up_once() {
  git_libgit2_init();
  allow_extensions();
  // Whose configuration would apply is a matter of chance here; url.insteadOf alone could send a clone elsewhere.
  for (const int level :
       {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
  // Repositories are only read, never trusted with hooks or programs, so their owner does not matter.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // The windows on pack files count as memory; the defaults are 1 GiB a window. They serve fetching, and what
  // PackReader leaves.
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, static_cast<std::size_t>(512) << 10);
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, static_cast<std::size_t>(56) << 20);
  // A fifth of an analysis would go into hashing each object again. What was fetched was hashed on arrival, the
  // checksums of zlib tell of bits that changed since, and commits, which lead to all else, are still compared with
  // their names (StoredObjects::read).
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  // Our own views keep what they read; a second store would only hold it twice.
  git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
  register_guarded_streams();
  return true;
}

}  // namespace

void set_up_libgit2() {
  static const bool is_done = set_up_once();
  (void)is_done;
}

std::string last_error() {
  const git_error* error = git_error_last();
  std::string text = error != nullptr && error->message != nullptr ? error->message : "unknown error";
  while (text.ends_with('.') || text.ends_with('\n')) text.pop_back();
  return text;
}

bool is_out_of_memory() {
  const git_error* error = git_error_last();
  return error != nullptr && error->klass == GIT_ERROR_NOMEMORY;
}

base::Result<RepositoryHandle> open_repository(const std::string& folder) {
  set_up_libgit2();
  git_repository* repository = nullptr;
  if (git_repository_open_ext(&repository, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) != 0) {
    return base::Error{base::ErrorKind::NotFound,
                       "Could not open the repository in " + folder + ": " + opening_problem(last_error())};
  }
  return RepositoryHandle(repository);
}

std::filesystem::path objects_folder(git_repository* repository) {
  return std::filesystem::path(git_repository_commondir(repository)) / "objects";
}

base::Result<std::unique_ptr<StoredObjects>> StoredObjects::open(const std::string& folder) {
  auto repository = open_repository(folder);
  if (!repository) return repository.error();
  auto packs = std::make_shared<const Packs>(objects_folder(repository->get()));
  if (packs->damage())
    return base::Error{base::ErrorKind::Invalid,
                       "Could not read the repository in " + folder + ": " + *packs->damage() + kRepair};
  auto replaced = replacements_of(repository->get());
  return over(folder, std::move(*repository), std::move(packs), std::move(replaced));
}

base::Result<std::unique_ptr<StoredObjects>> StoredObjects::open_another() const {
  auto repository = open_repository(folder_);
  return repository ? over(folder_, std::move(*repository), packed_.packs(), replaced_) : repository.error();
}

base::Result<std::unique_ptr<StoredObjects>> StoredObjects::over(std::string folder, RepositoryHandle repository,
                                                                 std::shared_ptr<const Packs> packs,
                                                                 std::shared_ptr<const Replacements> replaced) {
  git_odb* odb = nullptr;
  if (git_repository_odb(&odb, repository.get()) != 0) {
    return base::Error{base::ErrorKind::NotFound,
                       "Could not open the objects of the repository in " + folder + ": " + last_error()};
  }
  return std::unique_ptr<StoredObjects>(new StoredObjects(std::move(folder), std::move(repository), OdbHandle(odb),
                                                          std::move(packs), std::move(replaced)));
}

base::Error StoredObjects::unreadable(const git::Oid& oid, std::string_view why) {
  ++unreadable_;
  return {base::ErrorKind::NotFound, "object " + oid.hex() + ": " + std::string(why)};
}

base::Result<git::Content> StoredObjects::checked(const git::Oid& oid, git::ObjectKind kind, const Object& object) {
  if (object.kind != kind) return unreadable(oid, "it is of another kind");
  if (kind == git::ObjectKind::Commit && !has_name(object, oid))
    return unreadable(oid, "its content does not match its name");
  return object.content;
}

git::Oid StoredObjects::present(git::Oid oid) const {
  constexpr int kMostReplacements = 5;  // of one by the next, as git has it
  for (int i = 0; i < kMostReplacements && !replaced_->empty(); ++i) {
    const auto found = replaced_->find(oid);
    if (found == replaced_->end()) break;
    oid = found->second;
  }
  return oid;
}

base::Result<git::Content> StoredObjects::read(const git::Oid& name, git::ObjectKind kind) {
  const git::Oid oid = present(name);
  if (const auto object = packed_.read(oid)) return checked(oid, kind, *object);
  if (const auto known = others_.find(oid)) return checked(oid, kind, *known);
  const auto object = read_by_libgit2(oid, kind);
  if (!object) return object.error();
  auto content = checked(oid, kind, *object);
  if (content) others_.keep(oid, *object);
  return content;
}

base::Result<Object> StoredObjects::read_by_libgit2(const git::Oid& oid, git::ObjectKind kind) {
  const git_oid id = to_libgit2(oid);
  if (kind != git::ObjectKind::Blob) {
    const auto bytes = size(oid);
    if (!bytes) return bytes.error();
    if (*bytes > kLargestStructure) return unreadable(oid, "it is larger than 64 MiB, which no honest one is");
  }
  git_odb_object* object = nullptr;
  if (git_odb_read(&object, odb_.get(), &id) != 0) return unreadable(oid, last_error());
  const std::shared_ptr<git_odb_object> owner(object, git_odb_object_free);
  const auto found = kind_of(git_odb_object_type(object));
  if (!found) return unreadable(oid, "it is of another kind");
  return Object{*found, git::Content(owner, {static_cast<const char*>(git_odb_object_data(object)),
                                             git_odb_object_size(object)})};
}

// A name that an index has, or may have, is damage when its object is not there.
bool StoredObjects::was_left_out(const git::Oid& oid) const {
  return largest_file_ && packed_.packs()->is_complete() && !packed_.packs()->find(oid);
}

base::Result<std::uint64_t> StoredObjects::size(const git::Oid& name) {
  const git::Oid oid = present(name);
  if (const auto packed = packed_.size(oid)) return *packed;
  if (const auto known = others_.find(oid)) return static_cast<std::uint64_t>(std::string_view(known->content).size());
  const git_oid id = to_libgit2(oid);
  std::size_t bytes = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const int code = git_odb_read_header(&bytes, &type, odb_.get(), &id);
  if (code == GIT_ENOTFOUND && was_left_out(oid)) return *largest_file_ + 1;
  if (code != 0) return unreadable(oid, last_error());
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace cadence::analysis::source

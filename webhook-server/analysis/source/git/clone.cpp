#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "analysis/source/guard/authentication.hpp"
#include "analysis/source/git/fetch.hpp"
#include "analysis/source/guard/guarded_stream.hpp"
#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/git/partial_transfer.hpp"
#include "analysis/source/git/repository.hpp"
#include "analysis/source/guard/url.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

// What a server says of its branches before anything is asked for; a million of them fit.
constexpr std::uint64_t kMostAdvertisedBytes = 128ULL << 20;
constexpr std::string_view kBranches = "refs/heads/";
// where HEAD points then; libgit2's own choice might exist
constexpr const char* kUnborn = "refs/heads/the-server-names-no-default-branch";
constexpr std::size_t kMostLooseReferences = 1000;

// What libgit2's callbacks look at and leave behind.
struct Transfer {
  const CloneOptions& options;
  const NetworkGuard& guard;
  std::string too_much;        // why the transfer was cut for its size
  bool has_received = false;   // something of a pack
  std::size_t references = 0;  // that were made or moved
  PartialTransfer partial;
  Authentication authentication;
};

int on_progress(const git_indexer_progress* progress, void* payload) {
  auto& transfer = *static_cast<Transfer*>(payload);
  transfer.has_received = transfer.has_received || progress->received_bytes > 0;
  if (progress->received_bytes > transfer.options.max_bytes) {
    transfer.too_much = "it is larger than " + std::to_string(transfer.options.max_bytes) + " bytes";
  } else if (progress->total_objects > transfer.options.max_objects) {
    transfer.too_much = "it has more than " + std::to_string(transfer.options.max_objects) + " objects";
  }
  return !transfer.too_much.empty() || transfer.guard.is_over() ? GIT_EUSER : 0;
}

int on_text(const char*, int, void* payload) {
  return static_cast<Transfer*>(payload)->guard.is_over() ? GIT_EUSER : 0;
}

bool is_repository(const std::string& folder) {
  return std::filesystem::exists(std::filesystem::path(folder) / "HEAD");
}

int on_reference(const char*, const git_oid*, const git_oid*, void* payload) {
  ++static_cast<Transfer*>(payload)->references;
  return static_cast<Transfer*>(payload)->guard.is_over() ? GIT_EUSER : 0;
}

int on_credentials(git_credential** out, const char* url, const char* user, unsigned allowed, void* payload) {
  return static_cast<Transfer*>(payload)->authentication.answer(out, url, user, allowed);
}

int on_certificate(git_cert* certificate, int, const char*, void* payload) {
  return static_cast<Transfer*>(payload)->authentication.check_host(*certificate);
}

int on_transport(git_transport** out, git_remote* owner, void* payload) {
  return make_partial_transport(out, owner, static_cast<Transfer*>(payload)->partial);
}

// As HTTP, git itself and the large hosting services say it; over git:// and ssh there is nothing but the text.
bool says_that_it_is_missing(const std::string& reason) {
  for (const char* text : {"status code: 404", "not exported", "does not appear to be a git repository",
                           "epository not found", "could not be found", "does not exist"}) {
    if (reason.find(text) != std::string::npos) return true;
  }
  return false;
}

// Over "dumb" HTTP the list of references is a file; what a page answers is HTML.
bool is_dumb(const std::string& reason) {
  return reason.find("invalid content-type: 'text/plain") != std::string::npos ||
         reason.find("invalid content-type: 'application/octet-stream") != std::string::npos;
}

// One attempt to fetch a repository into a folder.
class Fetch {
 public:
  Fetch(const CloneOptions& options, std::stop_token stop)
      : options_(options),
        stop_(stop),
        guard_({options.allow_private_networks, options.allowed_hosts,
                [this] { return transfer_.authentication.authorities(); }},
               base::system_clock().monotonic() + options.time_limit, std::move(stop)),
        transfer_{options,
                  guard_,
                  {},
                  false,
                  0,
                  {options.largest_file, std::min(kMostAdvertisedBytes, options.max_bytes), 0, {}, {}, false, false},
                  {options.credentials, guard_}} {}

  base::Result<void> into(const std::string& folder) {
    if (stop_.stop_requested()) return failure(0);
    if (auto made = is_repository(folder) ? open_existing(folder) : make_repository(folder); !made) return made;
    if (auto made = make_remote(); !made) return made;
    if (auto connected = connect(); !connected) return connected;
    auto chosen = choose_references();
    if (!chosen) return chosen.error();
    if (is_partial() && !note_largest_file(git_repository_path(repository_.get()), *options_.largest_file)) {
      return base::Error{base::ErrorKind::Transient,
                         attempt() + "the folder " + folder + " cannot be written. Check its disk"};
    }
    if (auto fetched = fetch(std::move(*chosen)); !fetched) return fetched;
    return set_head();
  }
  [[nodiscard]] bool is_doubtful() const { return is_doubtful_; }
  // The server offered partial transfer and sent nothing when asked for it: it may allow other filters only.
  [[nodiscard]] bool may_be_filtered_out() const {
    return is_partial() && has_asked_ && !transfer_.has_received && !guard_.is_over();
  }

 private:
  [[nodiscard]] bool is_partial() const {
    return options_.largest_file && transfer_.partial.is_offered.value_or(false);
  }

  base::Result<void> make_repository(const std::string& folder) {
    git_repository* repository = nullptr;
    if (const int code = git_repository_init(&repository, folder.c_str(), 1); code != 0) return failure(code);
    repository_.reset(repository);
    return base::ok();
  }

  base::Result<void> open_existing(const std::string& folder) {
    is_update_ = true;
    auto repository = open_repository(folder);
    if (!repository) return doubted(repository.error());
    const Packs packs(objects_folder(repository->get()));
    if (packs.damage()) return doubted({base::ErrorKind::Transient, attempt() + *packs.damage()});
    repository_ = std::move(*repository);
    return base::ok();
  }

  // In memory only: the repository's configuration never learns the URL, nor the password that it may hold.
  base::Result<void> make_remote() {
    git_remote* remote = nullptr;
    git_remote_create_options creation = GIT_REMOTE_CREATE_OPTIONS_INIT;
    creation.repository = repository_.get();
    // Rewriting of URLs is not wanted, and libgit2 1.5 leaks 20 KiB for each configuration entry that it compares for
    // it.
    creation.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
    if (const int code = git_remote_create_with_opts(&remote, options_.url.c_str(), &creation); code != 0)
      return failure(code);
    remote_.reset(remote);
    return base::ok();
  }

  git_remote_callbacks callbacks() {
    git_remote_callbacks calls = GIT_REMOTE_CALLBACKS_INIT;
    calls.payload = &transfer_;
    calls.transfer_progress = on_progress;
    calls.sideband_progress = on_text;
    calls.credentials = on_credentials;
    calls.certificate_check = on_certificate;
    calls.update_tips = on_reference;
    calls.transport = on_transport;
    return calls;
  }

  base::Result<void> connect() {
    guard_.allow_bytes(std::min(kMostAdvertisedBytes, options_.max_bytes));
    git_remote_connect_options connection = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    connection.callbacks = callbacks();
    // A redirect connects through the same guard, so it leads nowhere that the URL itself could not.
    connection.follow_redirects = GIT_REMOTE_REDIRECT_INITIAL;
    if (const int code = git_remote_connect_ext(remote_.get(), GIT_DIRECTION_FETCH, &connection); code != 0)
      return failure(code);
    return base::ok();
  }

  // Only what the analysis can start from: the default branch and the branch asked for, or everything when the commit
  // asked for may be anywhere.
  base::Result<std::vector<std::string>> choose_references() {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    if (const int code = git_remote_ls(&heads, &count, remote_.get()); code != 0) return failure(code);
    const std::string wanted = std::string(kBranches) + options_.branch;
    bool has_branch = false;
    bool has_any = false;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view name = heads[i]->name;
      if (name == "HEAD") {
        has_head_ = true;
        git_oid_cpy(&head_, &heads[i]->oid);
      }
      has_branch = has_branch || (!options_.branch.empty() && name == wanted);
      has_any = has_any || name == "HEAD" || name.starts_with(kBranches);
    }
    if (!has_any) {
      return base::Error{base::ErrorKind::Invalid,
                         attempt() + "it has no commits yet. Push a commit and analyse it again"};
    }
    read_default_branch();
    // A branch that the server has no more must not be found here either.
    if (is_update_ && !options_.branch.empty() && !has_branch) git_reference_remove(repository_.get(), wanted.c_str());
    std::vector<std::string> chosen;
    if (!options_.after.empty() && !has_branch)
      return std::vector<std::string>{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};
    if (has_branch) chosen.push_back("+" + wanted + ":" + wanted);
    if (!default_branch_.empty() && default_branch_ != wanted)
      chosen.push_back("+" + default_branch_ + ":" + default_branch_);
    if (default_branch_.empty()) chosen = {"+refs/heads/*:refs/heads/*"};
    return chosen;
  }

  void read_default_branch() {
    git_buf name = GIT_BUF_INIT;
    if (git_remote_default_branch(&name, remote_.get()) == 0) default_branch_ = name.ptr;
    git_buf_dispose(&name);
  }

  base::Result<void> fetch(std::vector<std::string> references) {
    guard_.allow_bytes(options_.max_bytes + kMostAdvertisedBytes);  // the transfer itself is counted by on_progress
    std::vector<char*> names;
    for (std::string& name : references) names.push_back(name.data());
    const git_strarray list{names.data(), names.size()};
    git_fetch_options fetching = GIT_FETCH_OPTIONS_INIT;
    fetching.callbacks = callbacks();
    fetching.update_fetchhead = 0;
    fetching.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    fetching.follow_redirects = GIT_REMOTE_REDIRECT_INITIAL;
    has_asked_ = true;
    if (const int code = git_remote_fetch(remote_.get(), &list, &fetching, nullptr); code != 0) return failure(code);
    if (transfer_.references > kMostLooseReferences) pack_references();
    return base::ok();
  }

  // A file for each of a hundred thousand references would be slower than the analysis. Failing does no harm.
  void pack_references() {
    git_refdb* references = nullptr;
    if (git_repository_refdb(&references, repository_.get()) != 0) return;
    git_refdb_compress(references);
    git_refdb_free(references);
  }

  base::Result<void> set_head() {
    if (!default_branch_.empty()) {
      if (const int code = git_repository_set_head(repository_.get(), default_branch_.c_str()); code != 0)
        return failure(code);
    } else if (has_head_) {
      // A detached HEAD that no branch holds did not come along; then the branch asked for has to do.
      if (git_repository_set_head_detached(repository_.get(), &head_) != 0)
        git_repository_set_head(repository_.get(), kUnborn);
    } else {
      git_repository_set_head(repository_.get(), kUnborn);
    }
    return base::ok();
  }

  [[nodiscard]] std::string attempt() const { return "Could not clone " + printable_url(options_.url) + ": "; }

  // An error that a damaged folder may be the reason of.
  base::Error doubted(base::Error error) {
    is_doubtful_ = is_update_ || is_doubtful_;
    return error;
  }

  [[nodiscard]] base::Error failure(int code) {
    using base::ErrorKind;
    const std::string reason = last_error();
    if (stop_.stop_requested()) return {ErrorKind::Canceled, attempt() + "it was stopped. It can be started again"};
    if (!transfer_.too_much.empty()) {
      return {ErrorKind::Invalid, attempt() + transfer_.too_much + ". Raise the limit or analyse a smaller repository"};
    }
    if (transfer_.partial.references > transfer_.partial.most_references) {
      return {ErrorKind::Invalid, attempt() + "its list of references is larger than " +
                                      std::to_string(transfer_.partial.most_references) +
                                      " bytes. Raise the limit or delete branches and tags"};
    }
    if (guard_.has_expired()) {
      return {ErrorKind::Transient, attempt() + "timeout: it took longer than " +
                                        std::to_string(options_.time_limit.count()) +
                                        " s. Raise the time limit or try again later"};
    }
    if (is_out_of_memory()) return {ErrorKind::Invalid, attempt() + out_of_memory(options_)};
    if (const auto& error = transfer_.authentication.error()) return {error->kind, attempt() + error->message};
    if (guard_.refusal()) return {guard_.refusal()->kind, attempt() + guard_.refusal()->message};
    if (transfer_.partial.is_sha256)
      return {ErrorKind::Invalid, attempt() + "it names its objects with " + std::string(kSha256Advice)};
    if (reason.find("too many redirects") != std::string::npos) {
      return {ErrorKind::Invalid, attempt() +
                                      "its server redirects in a circle, or too many times. Check the URL, and give "
                                      "the one that the redirects should lead to"};
    }
    if (is_dumb(reason)) {
      return {ErrorKind::Invalid, attempt() +
                                      "its server hands out files and does not speak git's smart HTTP protocol (" +
                                      reason + "). Serve it with git http-backend, or give a git:// or ssh:// URL"};
    }
    if (reason.find("authentication") != std::string::npos || code == GIT_EAUTH ||
        reason.find("status code: 401") != std::string::npos || reason.find("status code: 403") != std::string::npos) {
      return {ErrorKind::Forbidden, attempt() + "the server asks for credentials (" + reason +
                                        "). Check the URL, name credentials for its host in clone.credentials_folder, "
                                        "or make the repository readable"};
    }
    // which libgit2 1.5 opens before it asks us
    const bool has_known_hosts_of_home = reason.find("known_hosts") != std::string::npos;
    if (has_known_hosts_of_home)
      return {ErrorKind::Invalid,
              attempt() + reason + ". Set HOME to a folder that has no .ssh/known_hosts, or one that can be read"};
    if (code == GIT_ENOTFOUND || says_that_it_is_missing(reason)) {
      return {ErrorKind::NotFound, attempt() + "there is no such repository (" + reason + "). Check the URL"};
    }
    return doubted(
        {ErrorKind::Transient, attempt() + reason + ". Check that it is a git repository, or try again later"});
  }

  const CloneOptions& options_;
  const std::stop_token stop_;
  NetworkGuard guard_;
  Transfer transfer_;
  bool is_update_ = false;
  bool is_doubtful_ = false;
  bool has_asked_ = false;
  RepositoryHandle repository_;
  RemoteHandle remote_;
  std::string default_branch_;
  bool has_head_ = false;
  git_oid head_{};
};

}  // namespace

FetchOutcome fetch_here(const std::string& folder, const CloneOptions& options, std::stop_token stop) {
  set_up_libgit2();
  // Where it lies on this machine is nobody's business.
  const auto told = [&](base::Result<void> done, bool is_doubtful) {
    if (!done)
      done = base::Error{done.error().kind, base::replace_all(done.error().message, folder, "the server's copy")};
    return FetchOutcome{std::move(done), is_doubtful};
  };
  const auto begun = base::system_clock().monotonic();
  {
    Fetch fetch(options, stop);
    auto done = fetch.into(folder);
    if (done || !fetch.may_be_filtered_out()) return told(std::move(done), fetch.is_doubtful());
  }
  CloneOptions whole = options;
  whole.largest_file.reset();
  whole.time_limit -= std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().monotonic() - begun);
  Fetch fetch(whole, stop);
  auto done = fetch.into(folder);
  return told(std::move(done), fetch.is_doubtful());
}

base::Result<void> check_clone(const CloneOptions& options) {
  if (const auto url = parse_repository_url(options.url, options.allow_local); !url) return url.error();
  return check_branch(options.branch);
}

base::Result<Clone> clone(const CloneOptions& options, std::stop_token stop) {
  if (const auto checked = check_clone(options); !checked) return checked.error();
  auto folder = TemporaryFolder::create(options.folder);
  if (!folder) return folder.error();
  if (auto fetched = fetch_into(folder->path().string(), options, std::move(stop)); !fetched.done)
    return fetched.done.error();
  return Clone(std::move(*folder));
}

}  // namespace cadence::analysis::source

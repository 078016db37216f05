#include "analysis/source/guard/authentication.hpp"

#include <utility>

#include "analysis/source/guard/ssh_keys.hpp"

namespace cadence::analysis::source {

int Authentication::fail(base::Error error) {
  error_ = std::move(error);
  git_error_set_str(GIT_ERROR_NET, error_->message.c_str());
  return GIT_EUSER;
}

base::Result<void> Authentication::read_folder() {
  if (credentials_) return base::ok();
  auto read = folder_.empty() ? Credentials{} : read_credentials(folder_);
  if (!read) return read.error();
  credentials_ = std::move(*read);
  return base::ok();
}

base::Result<std::string> Authentication::authorities() {
  if (const auto read = read_folder(); !read) return read.error();
  if (credentials_->authority_problem) return *credentials_->authority_problem;
  std::string all;
  for (const std::string& text : credentials_->authorities) all += text;
  return all;
}

int Authentication::answer(git_credential** out, const char* url, const char* user, unsigned allowed) {
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) return git_credential_username_new(out, "git");
  const bool wants_key = (allowed & GIT_CREDENTIAL_SSH_KEY) != 0;
  if (!wants_key && (folder_.empty() || (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) == 0)) return GIT_PASSTHROUGH;
  if (const auto read = read_folder(); !read) return fail(read.error());
  return wants_key ? answer_with_key(out, user) : answer_with_password(out, url);
}

int Authentication::answer_with_password(git_credential** out, const char* url) {
  if (credentials_->password_problem) return fail(*credentials_->password_problem);
  const std::string scheme = std::string_view(url).starts_with("https") && guard_.port() != "80" ? "https" : "http";
  const Credential* found = find_credential(credentials_->passwords, scheme, guard_.host(), guard_.port());
  if (found == nullptr) return GIT_PASSTHROUGH;
  if (std::exchange(has_sent_password_, true)) {  // asked again: they were not accepted
    return fail({base::ErrorKind::Forbidden,
                 "the server refused the credentials for " + found->host + ". Renew them in the Secret"});
  }
  return git_credential_userpass_plaintext_new(out, found->user.c_str(), found->password.c_str());
}

int Authentication::answer_with_key(git_credential** out, const char* user) {
  if (credentials_->ssh_problem) return fail(*credentials_->ssh_problem);
  if (credentials_->private_keys.empty()) {
    return fail({base::ErrorKind::Forbidden,
                 "ssh needs a private key. Put one, and a file known_hosts, into clone.credentials_folder, or use an "
                 "https URL"});
  }
  if (keys_tried_ == credentials_->private_keys.size()) {
    return fail({base::ErrorKind::Forbidden,
                 guard_.host() + " accepts none of the private keys in the Secret. Add the public key there; RSA keys "
                                 "are too old for many servers, ssh-keygen -t ed25519 makes another"});
  }
  return git_credential_ssh_key_memory_new(out, user != nullptr ? user : "git", nullptr,
                                           credentials_->private_keys[keys_tried_++].c_str(), nullptr);
}

int Authentication::check_host(const git_cert& certificate) {
  if (certificate.cert_type != GIT_CERT_HOSTKEY_LIBSSH2) return GIT_PASSTHROUGH;
  const auto& host = reinterpret_cast<const git_cert_hostkey&>(certificate);
  if (const auto read = read_folder(); !read) return fail(read.error());
  if (credentials_->ssh_problem) return fail(*credentials_->ssh_problem);
  const std::string_view key =
      (host.type & GIT_CERT_SSH_RAW) != 0 ? std::string_view(host.hostkey, host.hostkey_len) : std::string_view();
  const auto checked = check_host_key(credentials_->known_hosts, guard_.host(), guard_.port(), key);
  return checked ? 0 : fail(checked.error());
}

}  // namespace cadence::analysis::source

#include "analysis/source/git/fetch_child.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <new>
#include <thread>

#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/guard/url.hpp"
#include "base/clock.hpp"

namespace cadence::analysis::source {
namespace {

constexpr const char* kName = "cadence-fetch";  // what the child calls itself
constexpr int kSocket = 0;                      // its end
constexpr int kOutOfMemory = 77;                // its exit code
constexpr std::size_t kLongestMessage = 16U << 20;
constexpr auto kGrace = std::chrono::seconds(5);  // between a stop and the end by force
constexpr int kPollMilliseconds = 100;

std::atomic<bool> can_be_child{false};

class Socket {
 public:
  explicit Socket(int value) : value_(value) {}
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  void close() {
    if (value_ >= 0) ::close(std::exchange(value_, -1));
  }
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_;
};

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// A message is its length in 16 digits and so many bytes.
std::string framed(const std::string& message) {
  std::string length = std::to_string(message.size());
  return std::string(16 - length.size(), '0') + length + message;
}

bool receive_all(int socket, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, into, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<std::string> receive_framed(int socket) {
  char digits[17] = "";
  if (!receive_all(socket, digits, 16)) return std::nullopt;
  const std::size_t size = std::strtoul(digits, nullptr, 10);
  if (size > kLongestMessage) return std::nullopt;
  std::string message(size, '\0');
  return receive_all(socket, message.data(), size) ? std::optional(std::move(message)) : std::nullopt;
}

void limit(__rlimit_resource what, rlim_t most) {
  rlimit now{};
  if (::getrlimit(what, &now) != 0) return;
  now.rlim_cur = std::min(most, now.rlim_max);
  now.rlim_max = now.rlim_cur;
  ::setrlimit(what, &now);
}

// What libgit2 may take. An index has up to a quarter of the pack's bytes; a line of text in a file of references is
// not worth counting.
void limit_this_process(const CloneOptions& options) {
  limit(RLIMIT_DATA, options.max_memory);
  limit(RLIMIT_CPU, static_cast<rlim_t>(options.time_limit.count()) + 10);
  limit(RLIMIT_FSIZE, options.max_bytes / 4 * 5 + (rlim_t{64} << 20));
  limit(RLIMIT_NOFILE, 512);
  limit(RLIMIT_CORE, 0);
  // Where the container's memory ends before that, this one goes and not the server.
  std::ofstream("/proc/self/oom_score_adj") << 1000;
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
  pthread_attr_t threads;
  ::pthread_attr_init(&threads);
  ::pthread_attr_setstacksize(&threads, std::size_t{1} << 20);  // eight times as much, twice, would count as memory
  ::pthread_setattr_default_np(&threads);
  ::pthread_attr_destroy(&threads);
  std::set_new_handler([] { ::_exit(kOutOfMemory); });
}

int work() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a write says EFBIG instead
  const auto message = receive_framed(kSocket);
  const auto request = message ? request_from_wire(*message) : std::nullopt;
  if (!request) return 1;
  limit_this_process(request->options);
  set_up_libgit2();
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, std::size_t{16} << 20);
  std::stop_source halt;
  // The parent says nothing more: what ends the silence is its stop or its end.
  std::jthread listener([&halt](const std::stop_token& end) {
    pollfd parent{kSocket, POLLIN, 0};
    while (!end.stop_requested() && ::poll(&parent, 1, kPollMilliseconds) <= 0) {
    }
    if (!end.stop_requested()) halt.request_stop();
  });
  const auto outcome = fetch_here(request->folder, request->options, halt.get_token());
  listener.request_stop();
  const bool is_told = send_all(kSocket, framed(to_wire(outcome)));
  ::_exit(is_told ? 0 : 1);  // what there is to tidy up goes with the process
}

// The child and this end of its socket.
class Child {
 public:
  static base::Result<std::unique_ptr<Child>> start() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return no_process(errno);
    auto child = std::make_unique<Child>(ends[0]);
    const Socket theirs(ends[1]);
    const int code = child->spawn(theirs.value());
    return code == 0 ? base::Result<std::unique_ptr<Child>>(std::move(child)) : no_process(code);
  }
  explicit Child(int socket) : socket_(socket) {}
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int socket() const { return socket_.value(); }
  // Ends it by force unless it has ended; how it ended.
  int end() {
    if (pid_ < 0) return status_;
    socket_.close();
    ::kill(pid_, is_done_ ? 0 : SIGKILL);
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status_;
  }
  // Reads its answer; nothing when it dies, or is late and has to die.
  std::optional<std::string> answer(base::Monotonic deadline, const std::stop_token& stop) {
    const std::stop_callback tell(stop, [this] { ::shutdown(socket(), SHUT_WR); });
    pollfd waiting{socket(), POLLIN, 0};
    while (::poll(&waiting, 1, kPollMilliseconds) <= 0) {
      if (stop.stop_requested()) deadline = std::min(deadline, base::system_clock().monotonic() + kGrace);
      if (base::system_clock().monotonic() >= deadline) return std::nullopt;
    }
    auto message = receive_framed(socket());
    is_done_ = true;  // with an answer or at its end of file: it goes by itself
    return message;
  }

 private:
  static base::Error no_process(int code) {
    return {base::ErrorKind::Transient,
            std::string("no process to fetch it in could be started: ") + std::strerror(code) + ". Try again later"};
  }

  int spawn(int theirs) {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&actions);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    // A group of its own: an interrupt at the terminal is for the parent, which tells the child.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    ::posix_spawn_file_actions_adddup2(&actions, theirs, kSocket);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    std::string name = kName;
    char* const words[] = {name.data(), nullptr};
    const int code = ::posix_spawn(&pid_, "/proc/self/exe", &actions, &attributes, words, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (code != 0) pid_ = -1;
    return code;
  }

  Socket socket_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool is_done_ = false;
};

base::Error died(int status, const CloneOptions& options, bool is_late) {
  using base::ErrorKind;
  const std::string memory = std::to_string(options.max_memory >> 20U) + " MiB";
  if (is_late)
    return {ErrorKind::Transient, "timeout: it took longer than " + std::to_string(options.time_limit.count()) +
                                      " s. Raise the time limit or try again later"};
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory) return {ErrorKind::Invalid, out_of_memory(options)};
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
    return {ErrorKind::Invalid, "unpacking it took more processor time than " +
                                    std::to_string(options.time_limit.count()) +
                                    " s. Raise the time limit or analyse a smaller repository"};
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return {ErrorKind::Invalid, "the process that fetched it was killed, most likely for want of memory: it may take " +
                                    memory + ". Give the server more memory, or analyse a smaller repository"};
  }
  const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                              : "exit code " + std::to_string(WEXITSTATUS(status));
  return {ErrorKind::Invalid,
          "the process that fetched it ended by itself (" + how +
              "): what the server sent may be damaged, or made to do harm. Check the repository with git fsck"};
}

}  // namespace

std::optional<int> run_fetch_child(int argc, char** argv) {
  can_be_child = true;
  return argc == 1 && std::string_view(argv[0]) == kName ? std::optional(work()) : std::nullopt;
}

std::string out_of_memory(const CloneOptions& options) {
  return "unpacking it takes more than " + std::to_string(options.max_memory >> 20U) +
         " MiB of memory. Raise clone.max_memory_bytes if it is to be trusted, or analyse a smaller repository";
}

FetchOutcome fetch_into(const std::string& folder, const CloneOptions& options, std::stop_token stop) {
  const std::string attempt = "Could not clone " + printable_url(options.url) + ": ";
  const auto failed = [&](base::Error error) {
    return FetchOutcome{base::Error{error.kind, attempt + error.message}, true};
  };
  const auto stopped = [&] {
    return FetchOutcome{base::Error{base::ErrorKind::Canceled, attempt + "it was stopped. It can be started again"},
                        false};
  };
  if (stop.stop_requested()) return stopped();
  if (!can_be_child) return failed({base::ErrorKind::Bug, "this program does not call run_fetch_child"});
  auto child = Child::start();
  if (!child) return failed(child.error());
  const auto deadline = base::system_clock().monotonic() + options.time_limit + kGrace;
  const bool is_asked = send_all((*child)->socket(), framed(to_wire(folder, options)));
  const auto answer = is_asked ? (*child)->answer(deadline, stop) : std::nullopt;
  const bool is_late = !answer && base::system_clock().monotonic() >= deadline;
  const int status = (*child)->end();
  auto outcome = answer ? outcome_from_wire(*answer) : std::nullopt;
  if (outcome) return std::move(*outcome);
  return stop.stop_requested() ? stopped() : failed(died(status, options, is_late));
}

}  // namespace cadence::analysis::source

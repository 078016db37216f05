// git's own HTTP backend on loopback, behind a name and a password (http_backend.py).
#pragma once

#include "scratch_repository.hpp"

namespace cadence::analysis::source {

class Backend {
 public:
  Backend(const std::filesystem::path& folder, const std::string& user, const std::string& password, const std::string& redirect = "") : seen_(folder / "seen") {
    const std::string program = std::string(CADENCE_SOURCE_DIR) + "/tests/unit/analysis/http_backend.py";
    int input[2];
    int output[2];
    if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input[0], 0);
      ::dup2(output[1], 1);
      ::execlp("python3", "python3", program.c_str(), folder.c_str(), user.c_str(), password.c_str(), redirect.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    FILE* lines = ::fdopen(output[0], "r");
    char line[64] = "";
    EXPECT_NE(::fgets(line, sizeof line, lines), nullptr);
    port_ = std::atoi(line);
    ::fclose(lines);
  }
  ~Backend() {
    ::close(input_);
    ::waitpid(pid_, nullptr, 0);
  }
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  [[nodiscard]] std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
  // The Authorization headers of all requests.
  [[nodiscard]] std::string seen() const { return run("cat " + seen_.string()); }

 private:
  std::filesystem::path seen_;
  pid_t pid_ = -1;
  int input_ = -1;
  int port_ = 0;
};

}  // namespace cadence::analysis::source

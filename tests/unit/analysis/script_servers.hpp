// git behind HTTP and SSH on loopback: servers that are scripts beside this file. Each prints its port and ends with
// its standard input.
#pragma once

#include "scratch_repository.hpp"

namespace cadence::analysis::source {

class ScriptServer {
 public:
  ScriptServer(const std::string& script, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/python3", "-Wignore",
                                         std::string(CADENCE_SOURCE_DIR) + "/tests/unit/analysis/" + script});
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    int input[2];
    int output[2];
    if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(input[0], 0);
      ::dup2(output[1], 1);
      ::execvp(words.front(), words.data());
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
  ~ScriptServer() {
    ::close(input_);
    ::waitpid(pid_, nullptr, 0);
  }
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] std::string place() const { return "127.0.0.1:" + port(); }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int port_ = 0;
};

// git's own HTTP backend behind a name and a password.
class Backend : public ScriptServer {
 public:
  Backend(const std::filesystem::path& folder, const std::string& user, const std::string& password,
          const std::string& redirect = "", const std::string& identity = "")
      : ScriptServer("http_backend.py", {folder, user, password, redirect, identity}), seen_(folder / "seen") {}
  // The Authorization headers of all requests.
  [[nodiscard]] std::string seen() const { return run("cat " + seen_.string()); }

 private:
  std::filesystem::path seen_;
};

}  // namespace cadence::analysis::source

#include "agent/redis/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "redis/connection.hpp"

namespace cadence::agent::redis {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

Error problem_with(const std::string& path) {
  return {ErrorKind::Transient, "Could not write " + path + ": " + std::strerror(errno)};
}

base::Result<void> flush_folder(const std::string& folder) {
  const cadence::redis::Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || ::fsync(opened.number()) != 0) return problem_with(folder);
  return base::ok();
}

base::Result<void> write_whole(const std::string& path, const std::string& text, bool is_durable) {
  const std::string fresh = path + ".new";
  const cadence::redis::Descriptor file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) return problem_with(path);
  std::size_t done = 0;
  while (done < text.size()) {
    const auto count = ::write(file.number(), text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return problem_with(path);
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  if (::fchmod(file.number(), S_IRUSR | S_IWUSR) != 0) return problem_with(path);
  if (is_durable && ::fsync(file.number()) != 0) return problem_with(path);
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return problem_with(path);
  return is_durable ? flush_folder(fs::path(path).parent_path()) : base::ok();
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

base::Result<void> write_durably(const std::string& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  return write_whole(path, text, true);
}

base::Result<void> write_private(const std::string& path, const std::string& text) {
  return write_whole(path, text, false);
}

bool has_dataset(const std::string& data_folder) {
  std::error_code ignored;
  if (fs::file_size(data_folder + "/dump.rdb", ignored) > 0 && !ignored) return true;
  for (const auto& file : fs::directory_iterator(data_folder + "/appendonlydir", ignored)) {
    if (file.path().extension() == ".manifest") return true;
  }
  return false;
}

base::Result<std::string> set_aside(const std::string& data_folder, bool with_identity) {
  const auto folder = data_folder + "/cadence/aside";
  std::error_code failed;
  fs::remove_all(folder, failed);
  fs::create_directories(folder, failed);
  const auto move = [&](const std::string& name, const std::string& to) {
    std::error_code ignored;
    if (!failed && fs::exists(data_folder + "/" + name, ignored))
      fs::rename(data_folder + "/" + name, folder + "/" + to, failed);
  };
  move("appendonlydir", "appendonlydir");
  move("dump.rdb", "dump.rdb");
  if (with_identity) {
    move("nodes.conf", "nodes.conf");
    move("cadence/nodes.conf", "nodes.conf.copy");
  }
  if (failed) return Error{ErrorKind::Transient, "Could not set the data aside in " + folder + ": " + failed.message()};
  if (auto flushed = flush_folder(data_folder); !flushed) return flushed.error();
  return folder;
}

}  // namespace cadence::agent::redis

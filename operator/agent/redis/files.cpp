#include "agent/redis/files.hpp"

#include <filesystem>

#include "files/files.hpp"

namespace cadence::agent::redis {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

}  // namespace

std::string read_file(const std::string& path) {
  auto text = files::read(path);
  return text ? std::move(*text) : std::string();
}

base::Result<void> write_durably(const std::string& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  return files::replace(path, text);
}

base::Result<void> write_private(const std::string& path, const std::string& text) {
  return files::replace(path, text, {.is_durable = false});
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
  if (auto flushed = files::sync_folder(data_folder); !flushed) return flushed.error();
  return folder;
}

}  // namespace cadence::agent::redis

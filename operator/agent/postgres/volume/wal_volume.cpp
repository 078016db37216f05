#include "agent/postgres/volume/wal_volume.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "agent/postgres/volume/files.hpp"
#include "base/log.hpp"
#include "files/descriptor.hpp"
#include "files/files.hpp"

namespace cadence::agent::postgres {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

struct Places {
  std::string link;     // where the server looks
  std::string parked;   // the data's own log between the copy and the link
  std::string copying;  // an unfinished copy
  std::string place;    // where the log is to be
};

Places places_of(const std::string& data, const std::string& wal_volume) {
  return {data + "/pg_wal", data + ".pg_wal", wal_volume + "/pg_wal.new", wal_volume + "/pg_wal"};
}

Error failed(const std::string& what, const std::string& path, const std::error_code& code) {
  return Error{ErrorKind::Transient, "Could not " + what + " " + path + ": " + code.message()};
}

base::Result<void> sync_file(const std::string& path) {
  const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return files::failure("open", path, errno);
  return ::fsync(file.number()) == 0 ? base::ok() : files::failure("sync", path, errno);
}

base::Result<void> copy(const std::string& from, const std::string& to, const std::function<void()>& tick) {
  std::error_code code;
  if (auto made = make_directory(to, 0700); !made) return made;
  for (fs::directory_iterator at(from, code), end; !code && at != end; at.increment(code)) {
    tick();
    const auto target = to + "/" + at->path().filename().string();
    if (at->is_directory(code)) {
      if (auto copied = copy(at->path().string(), target, tick); !copied) return copied;
      continue;
    }
    if (code || (fs::copy_file(at->path(), target, code), code)) return failed("copy to", target, code);
    if (auto synced = sync_file(target); !synced) return synced;
  }
  if (code) return failed("read", from, code);
  return files::sync_folder(to);
}

// The log is at its place; the server is to find it there.
base::Result<void> link(const Places& at) {
  std::error_code code;
  fs::create_symlink(at.place, at.link, code);
  if (code) return failed("link", at.link, code);
  if (auto synced = files::sync_folder(fs::path(at.link).parent_path().string()); !synced) return synced;
  return remove_tree(at.parked);
}

}  // namespace

base::Result<void> place_wal(const std::string& data, const std::string& wal_volume,
                             const std::function<void()>& tick) {
  const auto at = places_of(data, wal_volume);
  std::error_code code;
  const auto type = fs::symlink_status(at.link, code).type();
  if (type == fs::file_type::symlink) return exists(at.parked) ? remove_tree(at.parked) : base::Result<void>{};
  if (type == fs::file_type::not_found && exists(at.parked) && exists(at.place)) return link(at);
  if (type != fs::file_type::directory) return {};
  base::log_info("Moving the write-ahead log to its own volume", {{"to", at.place}});
  if (auto cleared = remove_tree(at.copying); !cleared) return cleared;
  if (auto copied = copy(at.link, at.copying, tick); !copied) return copied;
  // What lies there is of an earlier attempt, or of data that was replaced.
  if (auto cleared = remove_tree(at.place); !cleared) return cleared;
  if (auto moved = rename_durably(at.copying, at.place); !moved) return moved;
  if (auto cleared = remove_tree(at.parked); !cleared) return cleared;
  if (auto parked = rename_durably(at.link, at.parked); !parked) return parked;
  return link(at);
}

bool is_wal_lost(const std::string& data) {
  std::error_code code;
  const auto link = data + "/pg_wal";
  return fs::symlink_status(link, code).type() == fs::file_type::symlink && is_empty_directory(link);
}

}  // namespace cadence::agent::postgres

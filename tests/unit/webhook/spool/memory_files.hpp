// A disk in memory that fails or stops at any call. After a stop it is what a killed process leaves behind, or what a
// machine without power does: what was not synced is there, or not, or cut.
#pragma once

#include <map>
#include <memory>
#include <random>

#include "spool/files.hpp"

namespace cadence::spool {

struct Stopped {};

struct Disk {
  struct Inode {
    std::string now, durable;
  };
  std::map<int, Inode> inodes;
  std::map<std::string, int> names, durable_names;
  int next = 1, calls = 0;
  int fail_at = 0, stop_at = 0;  // counted from 1; 0: never
  std::vector<std::string> log{};

  void lose_power(unsigned seed) {
    std::mt19937 random(seed);
    for (auto& [number, inode] : inodes) {
      if (inode.now == inode.durable) continue;
      inode.now = inode.now.substr(0, random() % (inode.now.size() + 1));
      inode.durable = inode.now;
    }
    // Each change of a name that was not synced may have reached the disk or not.
    auto merged = durable_names;
    for (const auto& [name, inode] : names)
      if (!durable_names.contains(name) && random() % 2 == 0) merged[name] = inode;
    for (const auto& [name, inode] : durable_names)
      if (!names.contains(name) && random() % 2 == 0) merged.erase(name);
    names = durable_names = merged;
  }
};

class MemoryFiles final : public Files {
 public:
  explicit MemoryFiles(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}

  base::Result<int> create(const std::string& name) override {
    if (auto failed = count("create " + name); !failed) return failed.error();
    if (disk_->names.contains(name)) return base::Error{base::ErrorKind::Invalid, "The name is taken"};
    disk_->inodes[disk_->next] = {};
    disk_->names[name] = disk_->next;
    return disk_->next++;
  }
  base::Result<void> write(int file, std::string_view bytes) override {
    if (auto failed = count("write"); !failed) {
      disk_->inodes[file].now += bytes.substr(0, bytes.size() / 2);  // a full disk takes a part
      return failed;
    }
    disk_->inodes[file].now += bytes;
    return base::ok();
  }
  base::Result<void> sync(int file) override {
    if (auto failed = count("sync"); !failed) return failed;
    disk_->inodes[file].durable = disk_->inodes[file].now;
    return base::ok();
  }
  void close(int) override {}
  base::Result<void> rename(const std::string& from, const std::string& to) override {
    if (auto failed = count("rename " + to); !failed) return failed;
    disk_->names[to] = disk_->names.at(from);
    disk_->names.erase(from);
    return base::ok();
  }
  base::Result<void> sync_folder() override {
    if (auto failed = count("sync folder"); !failed) return failed;
    disk_->durable_names = disk_->names;
    return base::ok();
  }
  base::Result<void> remove(const std::string& name) override {
    if (auto failed = count("remove " + name); !failed) return failed;
    disk_->names.erase(name);
    return base::ok();
  }
  base::Result<std::vector<File>> list() override {
    std::vector<File> files;
    for (const auto& [name, inode] : disk_->names)
      files.push_back({name, static_cast<std::int64_t>(disk_->inodes[inode].now.size())});
    return files;
  }
  base::Result<std::string> read(const std::string& name, std::size_t most) override {
    const auto found = disk_->names.find(name);
    if (found == disk_->names.end()) return base::Error{base::ErrorKind::Invalid, name + " is gone"};
    const auto& bytes = disk_->inodes[found->second].now;
    if (bytes.size() > most) return base::Error{base::ErrorKind::Invalid, name + " is too long"};
    return bytes;
  }

 private:
  base::Result<void> count(const std::string& call) {
    ++disk_->calls;
    if (disk_->calls == disk_->stop_at) throw Stopped();
    disk_->log.push_back(call);
    if (disk_->calls == disk_->fail_at) return base::Error{base::ErrorKind::Transient, "No space left on device"};
    return base::ok();
  }

  std::shared_ptr<Disk> disk_;
};

}  // namespace cadence::spool

// The system calls that a spool needs of its folder, one by one, so that a test can fail each and stop between any two.
// Names are plain file names. Promises of the real one: nothing outside the folder is touched, whatever lies in it;
// files are for their owner only. Transient: not the file is to blame.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::spool {

struct File {
  std::string name;
  std::int64_t bytes = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual base::Result<int> create(const std::string& name) = 0;  // an error where the name is taken
  virtual base::Result<void> write(int file, std::string_view bytes) = 0;
  virtual base::Result<void> sync(int file) = 0;
  virtual void close(int file) = 0;
  virtual base::Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual base::Result<void> sync_folder() = 0;
  virtual base::Result<void> remove(const std::string& name) = 0;
  virtual base::Result<std::vector<File>> list() = 0;                                     // regular files, in no order
  virtual base::Result<std::string> read(const std::string& name, std::size_t most) = 0;  // an error where it is longer
};

// Makes the folder where it is missing. One program at a time has it: an error where another one does.
base::Result<std::unique_ptr<Files>> open_folder(const std::string& path);

}  // namespace cadence::spool

#include "agent/postgres/volume/volume_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "agent/postgres/volume/files.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "files/descriptor.hpp"
#include "files/files.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

}  // namespace

base::Result<void> VolumeMark::take() {
  const auto present = read_file(path());
  if (!present && present.error().kind != ErrorKind::NotFound) return present.error();
  const bool is_there = present && !base::trim(*present).empty();
  if (taken_ms_ >= 0 && is_there) {
    if (base::trim(*present) == options_.pod_uid) return {};
    return Error{ErrorKind::Transient, "another pod of " + options_.instance + " uses this volume now"};
  }
  if (!is_there || base::trim(*present) != options_.pod_uid) {
    if (auto written = write(); !written) return written;
  }
  taken_ms_ = base::boot_time().count();
  return {};
}

// In its place, not renamed into it: another machine that has the file open, or its name in memory, sees it at once.
base::Result<void> VolumeMark::write() {
  const files::Descriptor file(::open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) return files::failure("open", path(), errno);
  if (!files::write_all(file.number(), options_.pod_uid + "\n") || ::fsync(file.number()) != 0)
    return files::failure("write", path(), errno);
  return {};
}

bool VolumeMark::is_ours() const {
  const auto text = read_file(path());
  return text && base::trim(*text) == options_.pod_uid;
}

rules::Milliseconds VolumeMark::age() const {
  const auto taken = taken_ms_.load();
  return taken < 0 ? rules::Milliseconds(0) : base::boot_time() - rules::Milliseconds(taken);
}

}  // namespace cadence::agent::postgres

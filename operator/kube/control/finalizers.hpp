// Finalizers: work of ours that must be done before an object may go, as a match over four cases. Pure: it says what
// is due, and makes the patches.
// Promises: a patch (RFC 6902) fails on any object and on any list of finalizers but those that were seen, so that
// nobody else's entry is lost and none comes back.
#pragma once

#include <string>

#include "json/value.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::control {

enum class Finalizing {
  Add,      // not ours yet: before anything is done that would have to be cleaned up
  Proceed,  // as ever
  CleanUp,  // it is to go, and waits for us: then Remove's patch
  Leave,    // it is to go, and does not wait for us
};

Finalizing finalizing_of(const core::ObjectMeta& object, const std::string& finalizer);

json::Value patch_that_adds(const core::ObjectMeta& object, const std::string& finalizer);
// Nothing to do (an empty list) where it is not there.
json::Value patch_that_removes(const core::ObjectMeta& object, const std::string& finalizer);

}  // namespace cadence::kube::control

// TLS under libgit2's https, over the guard's sockets, by net/tls_channel.hpp in place of the library that libgit2 was
// built with. Promises: a server whose certificate is not trusted gets no request; the reason stands in the guard's
// refusal.
#pragma once

#include <git2.h>
#include <git2/sys/stream.h>

namespace cadence::analysis::source {

// For git_stream_registration::init.
int make_tls_stream(git_stream** out, const char* host, const char* port);

}  // namespace cadence::analysis::source

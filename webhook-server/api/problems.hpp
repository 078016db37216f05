// Errors as problem details (RFC 9457), for clients that ask for them: who accepts application/problem+json gets the
// documented members (`error`, `code`, `message`) and the standard's beside them. Pure.
#pragma once

#include "net/server.hpp"

namespace cadence::api {

bool wants_problems(const net::RequestHead& head);
// An answer that is an error of ours as a problem; every other one as it is.
net::Response as_problem(net::Response response);

}  // namespace cadence::api

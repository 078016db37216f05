// Any sender that signs as Standard Webhooks 1.0.0 says (v1 and v1a). The specification gives events a type and leaves
// their data open: a type with a part "push" is one, and its data has GitHub's shape, below `data` or beside `type`.
#pragma once

#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

const Provider& standard();

}  // namespace cadence::ingest

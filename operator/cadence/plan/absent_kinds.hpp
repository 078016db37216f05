// Kinds that may be missing in a Kubernetes: while one is, nothing of it is written, and who asked for it reads which
// field that was and what makes the kind come. Pure. Promises: what is not known yet is not complained of; the rest of
// the spec is carried out.
#pragma once

#include "cadence/kinds/kinds.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/resources/documents.hpp"

namespace cadence::plan {

// Takes the documents of such kinds out; what is said of them.
Plan leave_out_absent(const facts::Observation& observation, std::vector<resources::Document>& documents);

// A whole sentence for each.
std::string to_sentences(const kinds::Entry& kind, facts::Absence absence, const std::string& name);

}  // namespace cadence::plan

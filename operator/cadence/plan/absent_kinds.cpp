#include "cadence/plan/absent_kinds.hpp"

#include <algorithm>

#include "kube/core/full_name.hpp"

namespace cadence::plan {
namespace {

// Its watch has just begun, or breaks.
constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

std::string to_sentences(const kinds::Entry& kind, facts::Absence absence, const std::string& name) {
  const auto full_name = kube::core::full_name(*kind.info);
  const auto begin = std::string(kind.manner.field) + " asks for " + kind.info->kind + " " + name + ", and ";
  const std::string end = ", or take the field out. Everything else is carried out.";
  switch (absence) {
    case facts::Absence::NotInstalled: {
      const auto remedy = kind.manner.remedy != nullptr ? std::string(kind.manner.remedy)
                                                        : "install CustomResourceDefinition " + full_name;
      return begin + full_name + " (" + kind.info->api_version() + ") is not installed: " + remedy + end;
    }
    case facts::Absence::Forbidden:
      return begin + "the operator may not list and watch " + full_name +
             ": give its ServiceAccount that right, as the chart does" + end;
    case facts::Absence::Unclear:
      break;
  }
  return {};
}

Plan leave_out_absent(const facts::Observation& observation, std::vector<resources::Document>& documents) {
  Plan plan;
  std::erase_if(documents, [&](const resources::Document& document) {
    const auto absent = observation.absent.find(document.kind->kind);
    const auto* kind = kinds::find(*document.kind);
    if (absent == observation.absent.end() || kind == nullptr) return false;
    auto said = to_sentences(*kind, absent->second, document.name);
    if (said.empty()) look_again(plan, kLookAgain, document.kind->kind + " is not in the cache yet");
    else plan.objections.push_back({"KindMissing", std::move(said)});
    return true;
  });
  return plan;
}

}  // namespace cadence::plan

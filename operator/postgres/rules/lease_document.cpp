#include "postgres/rules/lease_document.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

std::string annotation(const json::Value& lease, const char* name) {
  return json::string_at(lease, {"metadata", "annotations", name});
}

// The member as an object, made when it is missing or null.
json::Value& object_in(json::Value& parent, const char* name) {
  auto& member = parent[name];
  if (!member.is_object()) member = json::Value::object();
  return member;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  for (auto& word : base::split(text, ' ')) {
    if (!word.empty()) out.push_back(std::move(word));
  }
  return out;
}

// "0/3000028 1"
std::optional<LogPoint> parse_log_point(const std::string& text) {
  const auto words = words_of(text);
  if (words.size() != 2) return std::nullopt;
  const auto lsn = parse_lsn(words[0]);
  const auto timeline = base::parse_integer(words[1]);
  if (!lsn || !timeline) return std::nullopt;
  return LogPoint{*lsn, *timeline};
}

std::string to_text(const LogPoint& point) { return format_lsn(point.lsn) + " " + std::to_string(point.timeline); }

void set_or_erase(json::Value& annotations, const char* name, const std::string& value) {
  if (value.empty()) annotations.erase(name);
  else annotations[name] = value;
}

bool is_timeline(const std::string& text) {
  const auto number = base::parse_integer(text);
  return number && *number >= 1 && *number <= std::numeric_limits<std::uint32_t>::max();
}
std::int64_t timeline_of(const std::string& text) {
  return is_timeline(text) ? base::parse_integer(text).value_or(0) : 0;
}

bool is_system_identifier(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// What each of our annotations must be, in words; those of free text are not among them.
struct Form {
  const char* name;
  bool (*fits)(const std::string& text);
  const char* words;
};
constexpr std::string_view kPointWords = "a position and a timeline such as '0/3000028 1'";
const std::vector<Form>& forms() {
  const auto is_set = [](const std::string& text) { return parse_synchronous_set(text).is_ok(); };
  const auto is_point = [](const std::string& text) { return parse_log_point(text).has_value(); };
  const auto is_instance = [](const std::string& text) { return !text.starts_with('-') && slot_of(text).is_ok(); };
  const auto is_request = [](const std::string& text) { return words_of(text).size() == 2; };
  const auto is_object = [](const std::string& text) {
    const auto document = json::parse(text);
    return document && document->is_object();
  };
  static const std::vector<Form> all{
      {kSynchronousAnnotation, is_set,
       "a mode, a number and at least so many instances such as 'Required 1 c-postgres-2 c-postgres-3'"},
      {kSystemIdentifierAnnotation, is_system_identifier, "the number of a database"},
      {kTimelineAnnotation, is_timeline, "the number of a timeline"},
      {kReservedTimelineAnnotation, is_timeline, "the number of a timeline"},
      {kShutdownAnnotation, is_point, kPointWords.data()},
      {kElectedAtAnnotation, is_point, kPointWords.data()},
      {kLastHolderAnnotation, is_instance, "an instance"},
      {kHandoverToAnnotation, is_instance, "an instance"},
      {kRestartAnnotation, is_request, "an instance and a token"},
      {kBeforePromotionAnnotation, is_object, "a JSON object"}};
  return all;
}

std::string printable(const std::string& text) {
  constexpr std::size_t kMost = 60;
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return std::string(base::clipped(out, kMost));
}

json::Value before_promotion(const json::Value& lease, const LeaseView& view, const std::string& elected) {
  return {{"elected", elected},
          {"synchronous", to_text(view.synchronous)},
          {"shutdown", annotation(lease, kShutdownAnnotation)},
          {"lastHolder", view.holder.empty() ? view.last_holder : view.holder},
          {"reservedTimeline", annotation(lease, kReservedTimelineAnnotation)},
          {"electedAt", annotation(lease, kElectedAtAnnotation)}};
}

std::string elected_in(const std::string& text) {
  const auto before = json::parse(text);
  return before && before->is_object() ? json::string_at(*before, {"elected"}) : std::string();
}

void restore(json::Value& annotations, const std::string& text) {
  const auto before = json::parse(text);
  if (!before || !before->is_object()) return;
  set_or_erase(annotations, kSynchronousAnnotation, json::string_at(*before, {"synchronous"}));
  set_or_erase(annotations, kShutdownAnnotation, json::string_at(*before, {"shutdown"}));
  set_or_erase(annotations, kLastHolderAnnotation, json::string_at(*before, {"lastHolder"}));
  set_or_erase(annotations, kReservedTimelineAnnotation, json::string_at(*before, {"reservedTimeline"}));
  set_or_erase(annotations, kElectedAtAnnotation, json::string_at(*before, {"electedAt"}));
}

}  // namespace

std::string unreadable_in(const json::Value& lease) {
  std::string out;
  for (const auto& form : forms()) {
    const auto& value = json::at_path(lease, {"metadata", "annotations", form.name});
    if (!value.is_string() || form.fits(value.get<std::string>())) continue;
    out += std::string(out.empty() ? "" : "; ") + "annotation " + form.name + " says '" +
           printable(value.get<std::string>()) + "', which is not " + form.words;
  }
  return out;
}

LeaseView view_of(const json::Value& lease) {
  LeaseView out;
  out.is_present = true;
  out.holder = json::string_at(lease, {"spec", "holderIdentity"});
  out.holder_uid = annotation(lease, kHolderUidAnnotation);
  out.holder_address = annotation(lease, kHolderAddressAnnotation);
  out.system_identifier = annotation(lease, kSystemIdentifierAnnotation);
  out.timeline = timeline_of(annotation(lease, kTimelineAnnotation));
  out.reserved_timeline = timeline_of(annotation(lease, kReservedTimelineAnnotation));
  const auto published = annotation(lease, kSynchronousAnnotation);
  if (auto set = parse_synchronous_set(published)) out.synchronous = std::move(*set);
  else out.is_synchronous_readable = published.empty();
  out.unreadable = unreadable_in(lease);
  out.last_holder = annotation(lease, kLastHolderAnnotation);
  out.promoting = elected_in(annotation(lease, kBeforePromotionAnnotation));
  out.shutdown = parse_log_point(annotation(lease, kShutdownAnnotation));
  out.elected_at = parse_log_point(annotation(lease, kElectedAtAnnotation));
  out.handover_to = annotation(lease, kHandoverToAnnotation);
  out.released_because = annotation(lease, kReleasedBecauseAnnotation);
  out.switchover_to = annotation(lease, kSwitchoverToAnnotation);
  out.fenced = words_of(annotation(lease, kFencedAnnotation));
  if (const auto restart = words_of(annotation(lease, kRestartAnnotation)); restart.size() == 2) {
    out.restart_instance = restart[0];
    out.restart_token = restart[1];
  }
  out.unacknowledged = annotation(lease, kUnacknowledgedAnnotation);
  out.settings = annotation(lease, kSettingsAnnotation);
  out.recover_from = annotation(lease, kRecoverFromAnnotation);
  const auto& transitions = json::at_path(lease, {"spec", "leaseTransitions"});
  if (transitions.is_number_integer()) out.transitions = transitions.get<std::int64_t>();
  out.resource_version = json::string_at(lease, {"metadata", "resourceVersion"});
  return out;
}

json::Value new_lease(const std::string& namespace_, const std::string& name, const std::string& cluster) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata",
           {{"namespace", namespace_},
            {"name", name},
            {"labels",
             {{"app.kubernetes.io/name", "cadence"},
              {"app.kubernetes.io/instance", cluster},
              {"app.kubernetes.io/component", "postgres"},
              {"app.kubernetes.io/part-of", "cadence"},
              {"app.kubernetes.io/managed-by", "cadence-operator"}}}}},
          {"spec", json::Value::object()}};
}

json::Value claimed(json::Value lease, const Holder& holder, const LeaseTiming& timing, const std::string& now) {
  const auto before = view_of(lease);
  auto& spec = object_in(lease, "spec");
  const bool is_new_term = before.holder != holder.instance;
  spec["holderIdentity"] = holder.instance;
  if (is_new_term || !spec.contains("acquireTime")) spec["acquireTime"] = now;
  // The API server refuses what is no int32, and a term is only ever asked whether it is the same.
  const bool can_count_on = before.transitions >= 0 && before.transitions < std::numeric_limits<std::int32_t>::max();
  if (is_new_term) spec["leaseTransitions"] = can_count_on ? before.transitions + 1 : 1;
  auto& annotations = object_in(object_in(lease, "metadata"), "annotations");
  annotations[kHolderUidAnnotation] = holder.pod_uid;
  set_or_erase(annotations, kHolderAddressAnnotation, holder.address);
  // A request for a switchover was to the last primary; whoever still wants one asks again.
  for (const char* name :
       {kLastHolderAnnotation, kShutdownAnnotation, kHandoverToAnnotation, kReleasedBecauseAnnotation,
        kSwitchoverToAnnotation, kUnacknowledgedAnnotation, kSettingsAnnotation, kBeforePromotionAnnotation}) {
    annotations.erase(name);
  }
  return renewed(std::move(lease), timing, now);
}

json::Value elected(json::Value lease, const json::Value& before, const Promotion& promotion) {
  const auto seen = before.is_null() ? LeaseView{} : view_of(before);
  const auto holder = view_of(lease).holder;
  const bool is_new = seen.holder != holder || seen.promoting != holder;
  auto& annotations = object_in(object_in(lease, "metadata"), "annotations");
  // Claimed once more, after a restart of its agent, it is the same election.
  set_or_erase(
      annotations, kBeforePromotionAnnotation,
      is_new ? json::dump(before_promotion(before, seen, holder)) : annotation(before, kBeforePromotionAnnotation));
  if (is_new || !seen.elected_at) lease = elected_at(std::move(lease), promotion.end);
  // A number that no promotion can have been given would keep this one, and every next, from being made.
  const auto likely = [&](std::int64_t timeline) {
    return timeline - promotion.newest_timeline < kMostPassedOver ? timeline : 0;
  };
  if (is_new || seen.reserved_timeline == 0)
    lease = reserved(std::move(lease),
                     std::max({likely(seen.timeline), likely(seen.reserved_timeline), promotion.newest_timeline}) + 1);
  return published(std::move(lease), promotion.synchronous);
}

json::Value renewed(json::Value lease, const LeaseTiming& timing, const std::string& now) {
  auto& spec = object_in(lease, "spec");
  spec["renewTime"] = now;
  spec["leaseDurationSeconds"] = (timing.duration.count() + 999) / 1000;  // whole seconds, never less than the truth
  return lease;
}

json::Value released(json::Value lease, const Release& release, const std::string& now) {
  const auto before = view_of(lease);
  auto& spec = object_in(lease, "spec");
  spec["holderIdentity"] = "";
  spec["renewTime"] = now;
  auto& annotations = object_in(object_in(lease, "metadata"), "annotations");
  annotations.erase(kHolderUidAnnotation);
  annotations.erase(kHolderAddressAnnotation);
  if (!before.holder.empty()) annotations[kLastHolderAnnotation] = before.holder;
  set_or_erase(annotations, kReleasedBecauseAnnotation, release.because);
  set_or_erase(annotations, kHandoverToAnnotation, release.handover_to);
  set_or_erase(annotations, kShutdownAnnotation, release.shutdown ? to_text(*release.shutdown) : "");
  if (release.was_never_promoted) restore(annotations, annotation(lease, kBeforePromotionAnnotation));
  annotations.erase(kBeforePromotionAnnotation);
  return lease;
}

json::Value described(json::Value lease, const std::string& system_identifier, std::int64_t timeline) {
  auto& annotations = object_in(object_in(lease, "metadata"), "annotations");
  annotations.erase(kBeforePromotionAnnotation);
  if (!system_identifier.empty()) annotations[kSystemIdentifierAnnotation] = system_identifier;
  if (timeline > 0) annotations[kTimelineAnnotation] = std::to_string(timeline);
  return lease;
}

json::Value reserved(json::Value lease, std::int64_t timeline) {
  if (timeline > 0)
    object_in(object_in(lease, "metadata"), "annotations")[kReservedTimelineAnnotation] = std::to_string(timeline);
  return lease;
}

json::Value elected_at(json::Value lease, const std::optional<LogPoint>& end) {
  if (end) object_in(object_in(lease, "metadata"), "annotations")[kElectedAtAnnotation] = to_text(*end);
  return lease;
}

json::Value published(json::Value lease, const SynchronousSet& set) {
  object_in(object_in(lease, "metadata"), "annotations")[kSynchronousAnnotation] = to_text(set);
  return lease;
}

json::Value measured(json::Value lease, const std::string& unacknowledged, const std::string& settings) {
  auto& annotations = object_in(object_in(lease, "metadata"), "annotations");
  set_or_erase(annotations, kUnacknowledgedAnnotation, unacknowledged);
  set_or_erase(annotations, kSettingsAnnotation, settings);
  return lease;
}

json::Object Failover::json_fields() {
  using json::field;
  return {.name = "Failover",
          .fields = {field<&Failover::at>("at"), field<&Failover::from>("from"), field<&Failover::to>("to"),
                     field<&Failover::reason>("reason"), field<&Failover::term>("term"),
                     field<&Failover::duration_ms>("duration_ms"), field<&Failover::phases>("phases"),
                     field<&Failover::waited_for>("waited_for")},
          .rules = {}};
}

json::Value told(json::Value lease, const Failover& failover) {
  object_in(object_in(lease, "metadata"), "annotations")[kFailoverAnnotation] = json::dump(json::encode(failover));
  return lease;
}

}  // namespace cadence::postgres

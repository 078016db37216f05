#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

constexpr Strategy kStrategies[] = {
    {"overused_phrases", "linguistic", 0.8, judge_overused_phrases},
    {"generic_language", "linguistic", 0.7, judge_generic_language},
    {"excessive_structure", "structural", 0.6, judge_excessive_structure},
    {"perfect_grammar", "linguistic", 0.5, judge_perfect_grammar},
    {"boilerplate_text", "pattern", 0.7, judge_boilerplate_text},
    {"repetitive_patterns", "pattern", 0.7, judge_repetitive_patterns},
    {"missing_nuance", "linguistic", 0.6, judge_missing_nuance},
    {"excessive_transitions", "linguistic", 0.7, judge_excessive_transitions},
    {"uniform_sentence_length", "statistical", 0.6, judge_uniform_sentence_length},
    {"ai_vocabulary", "linguistic", 0.8, judge_ai_vocabulary},
    {"emoji_overuse", "pattern", 0.4, judge_emoji_overuse},
    {"special_characters", "pattern", 0.4, judge_special_characters},
    {"missing_alt_text", "accessibility", 0.3, judge_missing_alt_text},
    {"semantic_html_issues", "accessibility", 0.3, judge_semantic_html_issues},
    {"accessibility_markers", "accessibility", 0.3, judge_accessibility_markers},
    {"heading_hierarchy_issues", "structural", 0.4, judge_heading_hierarchy_issues},
    {"hardcoded_values", "pattern", 0.5, judge_hardcoded_values},
    {"form_issues", "accessibility", 0.3, judge_form_issues},
    {"link_text_quality", "accessibility", 0.4, judge_link_text_quality},
    {"generic_styling", "pattern", 0.4, judge_generic_styling},
};

}  // namespace

std::span<const Strategy> strategies() { return kStrategies; }

}  // namespace cadence::analysis::web

#include "analysis/web/phrases.hpp"

#include <vector>

namespace cadence::analysis::web {
namespace {

constexpr std::string_view kOverused[] = {"it is important to note that",
                                          "it's worth noting that",
                                          "in conclusion",
                                          "furthermore",
                                          "in today's world",
                                          "in today's digital age",
                                          "as you know",
                                          "the power of",
                                          "next level",
                                          "best practices",
                                          "moving forward",
                                          "at the end of the day",
                                          "synergy",
                                          "leveraging",
                                          "paradigm shift",
                                          "transformative",
                                          "revolutionary",
                                          "innovative approach",
                                          "seamlessly integrated",
                                          "cutting-edge",
                                          "state-of-the-art",
                                          "game-changing",
                                          "it's no secret that",
                                          "the fact of the matter is",
                                          "at the forefront",
                                          "driving innovation",
                                          "unlock the potential",
                                          "harness the power",
                                          "in an ever-changing",
                                          "ever-evolving",
                                          "comprehensive solution",
                                          "holistic approach",
                                          "robust solution",
                                          "scalable solution"};

constexpr std::string_view kGeneric[] = {
    "the user", "the customer",    "the client",  "provide value", "add value",     "deliver value",
    "various",  "multiple",        "diverse",     "ensure",        "maximize",      "optimize",
    "unique",   "unique solution", "stakeholder", "utilize",       "implement",     "enhance",
    "empower",  "enable",          "streamline",  "facilitate",    "comprehensive", "robust",
    "scalable", "seamless",        "intuitive",   "world-class",   "best-in-class", "mission-critical"};

constexpr std::string_view kBoilerplate[] = {
    "welcome to",         "this article",    "this post",         "in this guide",
    "let's dive",         "let's explore",   "let's take a look", "it's important to understand",
    "by the end of this", "in this section", "as we've seen",     "as discussed"};

constexpr std::string_view kAbsolutes[] = {" always ",     " never ",      " all ",      " none ",
                                           " every ",      " completely ", " entirely ", " totally ",
                                           " absolutely ", " definitely ", " certainly "};

constexpr std::string_view kTransitions[] = {"however",      "moreover",     "furthermore",  "additionally",
                                             "consequently", "therefore",    "nevertheless", "nonetheless",
                                             "meanwhile",    "subsequently", "accordingly"};

constexpr std::string_view kVocabulary[] = {"delve into", "delve deeper", "navigating", "landscape",   "realm",
                                            "tapestry",   "intricacies",  "nuances",    "unveil",      "unravel",
                                            "embark",     "journey",      "paramount",  "crucial",     "pivotal",
                                            "vital",      "plethora",     "myriad",     "multifaceted"};

constexpr std::string_view kMarkup[] = {"<div",
                                        "<nav",
                                        "<header",
                                        "<section",
                                        "<article",
                                        "<footer",
                                        "<main",
                                        "<aside",
                                        "<div class=\"container\"",
                                        "aria-label",
                                        "aria-describedby",
                                        "aria-hidden",
                                        "role=\"",
                                        "lang=\"",
                                        "color:",
                                        "background-color:",
                                        "background:",
                                        "var(--",
                                        "css",
                                        "theme",
                                        "dark",
                                        "light",
                                        "@media",
                                        "color:black",
                                        "color:white",
                                        "color:#000",
                                        "color:#fff",
                                        "class=",
                                        "style=\""};

PhraseFinder finder_of(std::initializer_list<std::span<const std::string_view>> lists) {
  std::vector<std::string> phrases;
  for (const auto& list : lists) phrases.insert(phrases.end(), list.begin(), list.end());
  return PhraseFinder(std::move(phrases));
}

}  // namespace

std::span<const std::string_view> overused_phrases() { return kOverused; }
std::span<const std::string_view> generic_terms() { return kGeneric; }
std::span<const std::string_view> boilerplate_phrases() { return kBoilerplate; }
std::span<const std::string_view> spaced_absolutes() { return kAbsolutes; }
std::span<const std::string_view> transitions() { return kTransitions; }
std::span<const std::string_view> ai_vocabulary() { return kVocabulary; }

const PhraseFinder& text_finder() {
  static const PhraseFinder finder =
      finder_of({kOverused, kGeneric, kBoilerplate, kAbsolutes, kTransitions, kVocabulary});
  return finder;
}

const PhraseFinder& markup_finder() {
  static const PhraseFinder finder = finder_of({kMarkup});
  return finder;
}

}  // namespace cadence::analysis::web

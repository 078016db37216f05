#include "analysis/web/outline.hpp"

#include "analysis/text/text.hpp"
#include "base/text.hpp"

namespace cadence::analysis::web {
namespace {

// What the outline asks of an element's attributes; gumbo keeps the first of each name, in lower case.
struct Attributes {
  std::string_view classes, id, role;

  explicit Attributes(const GumboElement& element) {
    for (unsigned i = 0; i < element.attributes.length; ++i) {
      const auto& attribute = *static_cast<const GumboAttribute*>(element.attributes.data[i]);
      const std::string_view name = attribute.name;
      if (name == "class") classes = attribute.value;
      else if (name == "id") id = attribute.value;
      else if (name == "role") role = attribute.value;
    }
  }

  template <std::size_t count>
  [[nodiscard]] bool has_class(const std::string_view (&wanted)[count]) const {
    constexpr std::string_view kSpace = " \t\r\n\f";
    for (std::string_view rest = classes; !rest.empty();) {
      const std::size_t end = std::min(rest.find_first_of(kSpace), rest.size());
      for (const std::string_view name : wanted) {
        if (rest.substr(0, end) == name) return true;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
  }
};

bool is_removed(const GumboElement& element, const Attributes& attributes) {
  switch (element.tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_ASIDE:
      return true;
    default:
      break;
  }
  constexpr std::string_view kClasses[] = {"ad", "advertisement", "sidebar", "menu", "navigation", "comment"};
  return attributes.has_class(kClasses) || attributes.id == "comments";
}

bool is_main(const GumboElement& element, const Attributes& attributes) {
  if (element.tag == GUMBO_TAG_MAIN || element.tag == GUMBO_TAG_ARTICLE) return true;
  constexpr std::string_view kNames[] = {"main-content", "content"};
  return attributes.role == "main" || attributes.id == kNames[0] || attributes.id == kNames[1] ||
         attributes.has_class(kNames);
}

std::optional<Part> part_of(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
      return Part::Heading1to3;
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
      return Part::Heading4to6;
    case GUMBO_TAG_P:
      return Part::Paragraph;
    case GUMBO_TAG_LI:
      return Part::Item;
    case GUMBO_TAG_BLOCKQUOTE:
      return Part::Quote;
    default:
      return std::nullopt;
  }
}

bool is_heading(GumboTag tag) { return part_of(tag) == Part::Heading1to3 || part_of(tag) == Part::Heading4to6; }

// Walks the tree without recursion: hostile pages nest hundreds of thousands deep.
class Walk {
 public:
  explicit Walk(const Prepared& prepared) : prepared_(prepared) {}

  base::Result<std::optional<Outline>> run(const GumboNode& document, const PageBounds& bounds) {
    open_.push_back({&document, &document.v.document.children});
    while (!open_.empty()) {
      const std::size_t depth = open_.size() - 1;
      if (open_[depth].next == open_[depth].children->length) {
        leave(open_[depth]);
        open_.pop_back();
      } else {
        visit(static_cast<const GumboNode*>(open_[depth].children->data[open_[depth].next++]));
      }
    }
    if (!prepared_.is_complete(stretches_)) return std::optional<Outline>();
    std::size_t bytes = 0;
    for (const Span& heading : headings_) {
      bytes += heading.end - heading.begin;
      if (bytes > bounds.text_bytes) return repeats_too_much(bounds);
      const std::string_view text =
          trim_white_space(std::string_view(spoken_).substr(heading.begin, heading.end - heading.begin));
      if (!text.empty()) outline_.headings.emplace_back(text);
    }
    return std::optional(std::move(outline_));
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Open {
    const GumboNode* node;
    const GumboVector* children;
    unsigned next = 0;
    bool is_removed = false, is_main = false, is_title = false;
    std::size_t element = kNone, heading = kNone;
  };
  struct Span {
    std::size_t begin = 0, end = 0;
  };

  void visit(const GumboNode* node) {
    switch (node->type) {
      case GUMBO_NODE_TEXT:
      case GUMBO_NODE_CDATA:
      case GUMBO_NODE_WHITESPACE:
        return say(prepared_.restore(node->v.text.text, scratch_, stretches_));
      case GUMBO_NODE_ELEMENT:
      case GUMBO_NODE_TEMPLATE:
        return enter(node);
      default:
        return;
    }
  }

  void enter(const GumboNode* node) {
    const GumboElement& element = node->v.element;
    const Attributes attributes(element);
    Open open{node, &element.children};
    open.is_removed = is_removed(element, attributes);
    removed_ += open.is_removed ? 1 : 0;
    if (element.tag == GUMBO_TAG_TITLE && !has_title_) {
      open.is_title = has_title_ = in_title_ = true;
    }
    if (is_heading(element.tag)) {
      open.heading = headings_.size();
      headings_.push_back({spoken_.size(), 0});
      ++in_headings_;
    }
    if (const auto part = part_of(element.tag); part && removed_ == 0) {
      open.element = outline_.elements.size();
      outline_.elements.push_back({*part, mains_ > 0, outline_.text.size(), 0});
    }
    open.is_main = is_main(element, attributes);
    mains_ += open.is_main ? 1 : 0;
    open_.push_back(open);
    if (element.tag == GUMBO_TAG_NOFRAMES) say_unscripted(element);
  }

  void leave(const Open& open) {
    if (open.is_title) {
      in_title_ = false;
      outline_.title = std::string(trim_white_space(outline_.title));
    }
    if (open.heading != kNone) {
      headings_[open.heading].end = spoken_.size();
      --in_headings_;
    }
    if (open.element != kNone) outline_.elements[open.element].end = outline_.text.size();
    removed_ -= open.is_removed ? 1 : 0;
    mains_ -= open.is_main ? 1 : 0;
  }

  void say(std::string_view text) {
    if (removed_ == 0) outline_.text.append(text);
    if (in_headings_ > 0) spoken_.append(text);
    if (in_title_) outline_.title.append(text);
  }

  void say_unscripted(const GumboElement& element) {
    const std::string_view* const found = prepared_.noscript_at(element.start_pos.offset);
    if (found == nullptr) return;
    const std::string_view content = *found;
    if (!contains(content, "\r") && !contains(content, std::string_view("\0", 1))) return say(content);
    // As gumbo does with all other text (HTML 13.2.3.5, 13.2.5.3).
    std::string clean = base::replace_all(std::string(content), "\r\n", "\n");
    clean = base::replace_all(std::move(clean), "\r", "\n");
    say(base::replace_all(std::move(clean), std::string_view("\0", 1), "\xef\xbf\xbd"));
  }

  const Prepared& prepared_;
  std::string scratch_;
  std::size_t stretches_ = 0;  // put back so far
  Outline outline_;
  std::vector<Open> open_;
  std::string spoken_;  // the text of headings, removed ones too
  std::vector<Span> headings_;
  std::size_t removed_ = 0, mains_ = 0, in_headings_ = 0;
  bool has_title_ = false, in_title_ = false;
};

}  // namespace

base::Result<std::optional<Outline>> lay_out(const GumboNode& document, const Prepared& prepared,
                                             const PageBounds& bounds) {
  return Walk(prepared).run(document, bounds);
}

base::Error repeats_too_much(const PageBounds& bounds) {
  return {base::ErrorKind::Invalid,
          "Could not read the page: its elements nest so deeply that their text comes to more than " +
              std::to_string(bounds.text_bytes) + " bytes. Analyse a simpler page"};
}

}  // namespace cadence::analysis::web

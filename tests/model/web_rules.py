"""The twenty strategies for pages (section 4): each gives (severity, numbers of the description,
number or list of examples), or None."""
import collections
import re

from text import found_in, listed, lower, occurrences, runes, trim, words

# x: analysed text, low: its lower case, w: its words; markup, low_markup: what the markup strategies look at.
View = collections.namedtuple("View", "x low w markup low_markup")

P1 = listed(
    "it is important to note that; it's worth noting that; in conclusion; furthermore; in today's world; in today's"
    " digital age; as you know; the power of; next level; best practices; moving forward; at the end of the day;"
    " synergy; leveraging; paradigm shift; transformative; revolutionary; innovative approach; seamlessly integrated;"
    " cutting-edge; state-of-the-art; game-changing; it's no secret that; the fact of the matter is; at the forefront;"
    " driving innovation; unlock the potential; harness the power; in an ever-changing; ever-evolving; comprehensive"
    " solution; holistic approach; robust solution; scalable solution"
)
P2 = listed(
    "the user; the customer; the client; provide value; add value; deliver value; various; multiple; diverse; ensure;"
    " maximize; optimize; unique; unique solution; stakeholder; utilize; implement; enhance; empower; enable;"
    " streamline; facilitate; comprehensive; robust; scalable; seamless; intuitive; world-class; best-in-class;"
    " mission-critical"
)
P3 = listed(
    "welcome to; this article; this post; in this guide; let's dive; let's explore; let's take a look; it's important"
    " to understand; by the end of this; in this section; as we've seen; as discussed"
)
P4 = listed("always; never; all; none; every; completely; entirely; totally; absolutely; definitely; certainly")
P5 = listed(
    "however; moreover; furthermore; additionally; consequently; therefore; nevertheless; nonetheless; meanwhile;"
    " subsequently; accordingly"
)
P6 = listed(
    "delve into; delve deeper; navigating; landscape; realm; tapestry; intricacies; nuances; unveil; unravel; embark;"
    " journey; paramount; crucial; pivotal; vital; plethora; myriad; multifaceted"
)
LINKS = listed("click here; read more; learn more; more; link; here; this; go; next")


def view(page, markup_is_seen):
    """W-01, W-02: upstream shows the markup strategies the text only."""
    markup = page.markup if markup_is_seen else page.x
    return View(page.x, lower(page.x), len(words(page.x)), markup, lower(markup))


def percent(share, decimals=0):
    return f"{100 * share:.{decimals}f}"


def overused_phrases(v):
    c = occurrences(v.low, P1)
    if c > v.w // 150:
        return c / (v.w / 100), [c, v.w], found_in(v.low, P1)[:5]


def generic_language(v):
    c = occurrences(v.low, P2)
    if c > v.w // 100:
        return c / (v.w / 80), [c, v.w], found_in(v.low, P2)[:5]


def excessive_structure(v):
    c = sum(1 for line in v.x.split(b"\n") if re.match(rb"- |\* |\xe2\x80\xa2 |[0-9]+\.\s", trim(line)))
    if v.w > 100 and c > v.w // 30:
        return c / (v.w / 25), [c], 1


def sentences(x):
    """
    >>> sentences(b"One. Two! Three"), sentences(b"One. Two!"), sentences(b"Wait... what?")
    ([b'One', b' Two', b' Three'], [b'One', b' Two', b''], [b'Wait', b' what', b''])
    """
    return re.split(rb"[.!?]+", x)


def perfect_grammar(v):
    pieces = sentences(v.x)
    c = sum(1 for piece in map(trim, pieces) if len(piece) > 20 and 8 <= len(words(piece)) <= 25)
    if len(pieces) > 10 and c / len(pieces) > 0.7:
        return c / len(pieces), [percent(c / len(pieces))], 1


def boilerplate_text(v):
    found = found_in(v.low, P3)
    if len(found) >= 2:
        return len(found) / 10, [len(found)], found[:3]


def repetitive_patterns(v):
    pieces = [words(piece) for piece in re.split(rb"[.!?]+[ \t\n\r\f]+", v.x)]
    c = sum(1 for a, b in zip(pieces, pieces[1:]) if len(a) == len(b) > 3 and lower(a[0]) == lower(b[0]))
    if len(pieces) >= 5 and c > len(pieces) // 8:
        return c / (len(pieces) // 4), [c], 1


def missing_nuance(v):
    c = sum(v.low.count(b" " + word + b" ") for word in P4)
    if v.w > 100 and c > v.w // 50:
        return c / (v.w / 40), [c], listed("always; never; completely; absolutely")


def excessive_transitions(v):
    c = occurrences(v.low, P5)
    if v.w > 100 and c > v.w // 80:
        return c / (v.w / 60), [c, v.w], found_in(v.low, P5)[:5]


def uniform_sentence_length(v):
    pieces = sentences(v.x)
    lengths = [length for length in (len(words(piece)) for piece in pieces) if length > 3]
    if len(pieces) >= 5 and len(lengths) > 10:
        mean = sum(lengths) / len(lengths)
        variance = sum((length - mean) ** 2 for length in lengths) / len(lengths)
        if variance < 15:
            return (20 - variance) / 20, [f"{variance:.1f}", f"{mean:.1f}"], 1


def ai_vocabulary(v):
    found = found_in(v.low, P6)
    if len(found) >= 3:
        return len(found) / 8, [len(found)], found[:5]


def is_emoji(rune):
    return any(
        low <= ord(rune) <= high
        for low, high in ((0x1F300, 0x1F9FF), (0x2600, 0x27BF), (0x2300, 0x23FF), (0x2000, 0x206F))
    )


def emoji_overuse(v):
    all_runes = runes(v.x)
    e = sum(map(is_emoji, all_runes))
    share = e / len(all_runes)
    if e >= 5 and share > 0.05:
        return 100 * share, [e, percent(share, 1)], 1
    if share > 0.15:
        return 0.8, [percent(share, 1)], 1


def special_characters(v):
    hyphens, stars, underlines = (v.x.count(c) for c in (b"-", b"*", b"_"))
    rules = v.x.count(b"---")
    if hyphens >= 10:
        return 0.7, [hyphens], 1
    if rules > 2 or (rules > 1 and v.w < 100):
        return 0.65, [], 1
    if stars >= 6:
        return 0.6, [stars], 1
    if underlines >= 6:
        return 0.6, [underlines], 1
    share = (hyphens + stars + underlines) / len(runes(v.x))
    if share > 0.15:
        return 0.55, [percent(share, 1)], 1


def missing_alt_text(v):
    images = re.findall(rb"<img[^>]*>", v.markup)
    without = sum(1 for image in images if b"alt=" not in lower(image))
    blank = sum(
        1 for image in images if any(not trim(a or b) for a, b in re.findall(rb"alt=(?:\"([^\"]*)\"|'([^']*)')", image))
    )
    if without + blank > 0:
        return (without + blank) / len(images), [without + blank, len(images)], 1


def semantic_html_issues(v):
    d = v.low_markup.count(b"<div")
    m = occurrences(v.low_markup, listed("<nav; <header; <section; <article; <footer; <main; <aside"))
    if d > 0 and d / (d + m) > 0.7:
        return 0.75, [percent(d / (d + m))], 2
    if v.low_markup.count(b'<div class="container"') > 2:
        return 0.6, [], 1


def accessibility_markers(v):
    k = len(found_in(v.low_markup, listed('aria-label; aria-describedby; aria-hidden; role="; lang="')))
    if k == 0:
        return 0.7, [], 3
    if k == 1:
        return 0.5, [1, 5], 1


def heading_hierarchy_issues(v):
    levels = [int(level) for level in re.findall(rb"<h([1-6])", v.low_markup)]
    if len(levels) >= 2:
        issues = (levels[0] != 1) + sum(1 for a, b in zip(levels, levels[1:]) if b - a > 1)
        if issues > 0:
            return 0.65, [issues], 2


def hardcoded_values(v):
    styles = re.findall(rb'style="([^"]*)"', v.low_markup)
    q = sum(1 for style in styles if found_in(style, listed("width:; height:; color:; font-size:"))) > 3
    q += len(re.findall(rb"\b[0-9]+px\b", v.markup)) > 10
    q += occurrences(v.low_markup, listed("color:; background-color:; background:")) > 5
    if q > 0:
        return q / 3, [2 * q], 3


def form_issues(v):
    inputs = re.findall(rb"<input[^>]*>", v.low_markup)
    unlabelled = sum(1 for tag in inputs if b"label" not in tag and b"placeholder" not in tag)
    untyped = sum(1 for tag in inputs if b'type="' not in tag)
    unnamed = sum(1 for tag in inputs if b'name="' not in tag)
    issues = (unlabelled > len(inputs) // 2) + (untyped > 0) + (unnamed > 0)
    if inputs and issues:
        return 0.7, [issues], issues


def link_text_quality(v):
    links = [trim(text) for text in re.findall(rb"<a[^>]*href[^>]*>([^<]*)</a>", v.low_markup)]
    g = sum(1 for text in links if text in LINKS or (text.endswith(b".") and text[:-1] in LINKS))
    if g > 0:
        return 0.8 * g / len(links), [g, len(links)], 1


def generic_styling(v):
    low = v.low_markup
    points = not found_in(low, listed("var(--; css; theme; dark; light"))
    points += b"@media" not in low and v.w > 500
    points += occurrences(low, listed("color:black; color:white; color:#000; color:#fff")) > 5
    points += low.count(b"class=") <= 10 and low.count(b'style="') > 5
    if points >= 2:
        return points / 4, [points], 3


TABLE = [
    overused_phrases,
    generic_language,
    excessive_structure,
    perfect_grammar,
    boilerplate_text,
    repetitive_patterns,
    missing_nuance,
    excessive_transitions,
    uniform_sentence_length,
    ai_vocabulary,
    emoji_overuse,
    special_characters,
    missing_alt_text,
    semantic_html_issues,
    accessibility_markers,
    heading_hierarchy_issues,
    hardcoded_values,
    form_issues,
    link_text_quality,
    generic_styling,
]

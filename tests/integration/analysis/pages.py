"""Pages for comparison, made from a seed: text that trips the strategies for pages,
in markup that reaches the rules of the page model."""
import random
import re

TEXTS = [
    "In conclusion, moving forward we harness the power of best practices",
    "Furthermore the user will utilize various robust and scalable solutions",
    "However this always works and never fails for every single reader",
    "Moreover it is completely and absolutely certain that all is well",
    "The goat stood on the roof of the hen house and ate moss",
    "The goat sat on the roof of the hen house and ate hay",
    "We delve into the tapestry and realm of a crucial and vital landscape",
    "Welcome to this article, let's dive into this section",
    "It's worth noting that rain fell \u2014 \u201cquietly\u201d \u2026 on the mill",
    "Nobody slept much",
    "A well-known state-of-the-art cutting-edge end-to-end set",
    "\U0001f600 \U0001f680 \u2728 good \u2764 news",
    "*** a star * another * and ___ lines _ here _",
    "--- rule --- rule",
    "1. first of the points",
    "- a dash",
    "\u2022 a bullet",
    "multiple unique solution stakeholder \u212aEEPS ENSURE Seamless",
    "slightly lighter text in the dark",
    "caf\u00e9 na\u00efve r\u00e9sum\u00e9 \u0130stanbul",
    "x\u00a0y\u2003z",
    "therefore consequently additionally nevertheless meanwhile",
    "short",
    "word " * 30,
]
ENDS = [". ", "! ", "? ", "... ", ".\n", "; ", ", ", " ", ".\u00a0", ".", "\n"]
SHOWN = [
    "&lt;div class=\"container\"&gt;",
    "&lt;img src=x&gt;",
    "&lt;img alt=\"\" src=x&gt;",
    "&lt;h1&gt; &lt;h3&gt;",
    "&lt;input type=\"text\"&gt;",
    "&lt;a href=x&gt;click here&lt;/a&gt;",
    "role=\"main\" aria-label",
    "lang=\"en\"",
    "style=\"color:red; width:10px\"",
    "margin 12px 13px 14px",
    "color:black background:red",
    "@media css theme",
    "&amp;lt; &copy; &nbsp;",
]
STYLES = [
    "",
    "color:red",
    "width:10px;height:20px",
    "color:#fff;background:#000",
    "margin:0",
    "font-size:12px;color:black",
]
CLASSES = [
    "content",
    "main-content",
    "ad",
    "advert",
    "sidebar",
    "container",
    "Comment",
    "comment menu",
    "x navigation",
    "a b",
]
LINKS = [
    "click here",
    "Read more",
    "more.",
    " here ",
    "the annual report",
    "THIS",
    "go",
    "next.",
    "<b>here</b>",
    "\u212a",
]
INPUTS = [
    '<input type="text" name="a">',
    "<input>",
    '<input placeholder="x" type="text" name="b">',
    '<INPUT TYPE="text">',
    '<input aria-label="q" name="q" type="search"/>',
    "<input\n name='c'>",
]
IMAGES = [
    "<img src=a.png>",
    '<img src="a" alt="">',
    "<img alt='  ' src=b>",
    '<img alt="a goat" src=c>',
    '<IMG ALT="x">',
    "<img\nsrc=d\nalt='roof'>",
    '<img ALT="" src=e>',
]


class Page:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.favourites = self.random.sample(TEXTS, self.random.choice([2, 4, len(TEXTS)]))
        self.broken = self.chance(0.3)
        self.shows_markup = self.chance(0.3)

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, *some):
        return self.random.choice(some)

    def text(self, most=6):
        pieces = []
        for _ in range(self.random.randrange(1, most + 1)):
            pieces += [
                self.random.choice(self.favourites if self.chance(0.8) else TEXTS),
                self.random.choice(ENDS[:2] if self.chance(0.6) else ENDS),
            ]
            if self.shows_markup and self.chance(0.3):
                pieces.append(self.random.choice(SHOWN))
        return "".join(pieces)

    def inline(self, most=6):
        text = self.text(most)
        roll = self.random.randrange(12)
        if roll == 0:
            return f"<b>{text}</b><i>{self.text(1)}</i>"
        if roll == 1:
            return (
                f'<a href="{self.pick("/x", "#", "?a=1&amp;b=2")}"'
                f' class="{self.pick("link", "ad", "btn btn-primary")}">{self.random.choice(LINKS)}</a> {text}'
            )
        if roll == 2:
            return f"{text}<br>{self.text(1)}<!-- hidden {self.text(1)} -->"
        if roll == 3:
            return f"{text}<noscript><img src=x><p>in noscript</p></noscript>"
        if roll == 4:
            return f"{text}<script>var hidden = '<p>no</p>';</script><style>p {{ color:red }}</style>"
        if roll == 5 and self.broken:
            return f"<b><i>{text}</b></i>"
        return text

    def attributes(self):
        found = []
        if self.chance(0.25):
            found.append(f'class="{self.pick(*CLASSES)}"')
        if self.chance(0.08):
            found.append(
                self.pick(
                    'id="comments"',
                    'id="content"',
                    'id=main-content',
                    'id="comment"',
                    "role=main",
                    'role="Main"',
                    'role="main"',
                )
            )
        if self.chance(0.2):
            found.append(f'style="{self.random.choice(STYLES)}"')
        if self.chance(0.05):
            found.append(self.pick('aria-label="x"', "aria-hidden=true", 'lang="de"', "hidden", 'data-x="a > b"'))
        return "".join(" " + one for one in found)

    def block(self, depth=0):
        makers = (
            [self.paragraph] * 6
            + [self.heading] * 3
            + [self.items] * 2
            + [self.form, self.image, self.quote, self.table, self.raw]
        )
        makers += [self.container] * (4 if depth < 4 else 0)
        maker = self.random.choice(makers)
        return maker(depth)

    def paragraph(self, _):
        end = "" if self.chance(0.2) else "</p>"
        name = "P" if self.chance(0.05) else "p"
        return f"<{name}{self.attributes()}>{self.inline()}{end}\n"

    def heading(self, _):
        level = self.random.choice([1, 2, 2, 3, 3, 4, 6])
        return f"<h{level}{self.attributes()}>{self.inline(1) if self.chance(0.9) else '  '}</h{level}>\n"

    def items(self, depth):
        name, parts = self.pick("ul", "ol"), []
        for _ in range(self.random.randrange(1, 6)):
            inner = self.inline(2) if self.chance(0.7) else f"<p>{self.inline(2)}</p>"
            if depth < 4 and self.chance(0.15):
                inner += self.items(depth + 1)
            parts.append(
                f"<li{self.attributes() if self.chance(0.2) else ''}>{inner}{'' if self.chance(0.3) else '</li>'}\n"
            )
        return f"<{name}>\n{''.join(parts)}</{name}>\n"

    def form(self, _):
        inputs = "".join(self.random.choice(INPUTS) for _ in range(self.random.randrange(1, 4)))
        return f"<form><label>Name</label>{inputs}<button>{self.random.choice(LINKS)}</button></form>\n"

    def image(self, _):
        return self.random.choice(IMAGES) + "\n"

    def quote(self, _):
        return f"<blockquote>{self.inline(2)}</blockquote>\n"

    def table(self, _):
        return f"<table><tr><td><p>{self.inline(2)}</p></td><td>{self.text(1)}</td></tr></table>\n"

    def raw(self, _):
        return self.pick(
            "<hr>",
            "stray text ",
            "</div>" if self.broken else "",
            "<custom-element>in it</custom-element>",
            "<pre>\n a  b\n</pre>",
            "<textarea>\n<p>not a tag</p></textarea>",
            "<svg><title>drawn</title><text>t</text></svg>",
            "&unknown; &#x41; &#8212;\n",
            "<div><p>unclosed" if self.broken else "",
        )

    def container(self, depth):
        name = self.pick("div", "div", "div", "section", "article", "main", "nav", "header", "footer", "aside")
        inner = "".join(self.block(depth + 1) for _ in range(self.random.randrange(1, 5)))
        return f"<{name}{self.attributes()}>\n{inner}</{name}>\n"

    def whole(self):
        head = f"<title>{self.pick('Mill', ' The  goat ', '')}</title>\n"
        if self.chance(0.5):
            style = self.pick(
                "p{color:red}", "@media print {}", ":root{--x:1} p{color:var(--x)}", "p{margin:1px 2px 3px}"
            )
            head += f"<meta charset=utf-8><style>{style}</style>\n"
        if self.chance(0.2):
            head += "<noscript><link rel=stylesheet href=x.css></noscript>\n"
        body = "".join(self.block() for _ in range(self.random.choice([1, 3, 8, 20, 40])))
        language = self.pick("", " lang=en", ' lang="en"')
        page = f"<!DOCTYPE html>\n<html{language}><head>\n{head}</head>\n<body>\n{body}</body></html>\n"
        if self.chance(0.1):
            page = page.replace("\n", "\r\n")
        if self.chance(0.1):  # no frame at all
            page = body
        return page


def make(seed):
    return Page(seed).whole().encode()


# Tags where they do not belong. Left out is template, which html5lib 1.1 does not know.
STRAY = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "</li>",
    "<li>",
    "</body>",
    "<td>",
    "<h2>",
    "</h3>",
    "<a href=x>",
    "</a>",
    "</div>",
    "<!--",
    "-->",
    "&",
    "<",
    "\f",
    "<br/>",
    "</br>",
    "<form>",
    "<math>",
    "<svg><p>",
    "<title>",
    "<frameset>",
    "<plaintext>",
    "<textarea>",
    "<button>",
    "<nobr>",
    "\r",
    "<ul>",
    "<caption>",
    "<dd>",
    "</html>",
    "<script>",
    "<!DOCTYPE x>",
    "<image>",
    "<select><option>",
    "</select>",
]


def make_broken(seed):
    """A page of which pieces are missing, repeated, or strange.

    Without noscript, which the program takes out by a scan that knows nothing of select and SVG; and without a newline
    after pre and textarea, which html5lib keeps within a table.
    """
    chosen = random.Random(seed)
    page = Page(seed).whole().replace("noscript", "em") or "x"
    for _ in range(chosen.choice([1, 2, 5])):
        start = chosen.randrange(len(page))
        end = start + chosen.choice([1, 3, 10, 50])
        action = chosen.randrange(3)
        if action == 0:
            page = page[:start] + page[end:] or "x"
        elif action == 1:
            to = chosen.randrange(len(page))
            page = page[:to] + page[start:end] + page[to:]
        else:
            page = page[:start] + chosen.choice(STRAY) + page[start:]
    return re.sub("(<(?:pre|textarea)[^>]*>)\\s+", r"\1", page).encode()

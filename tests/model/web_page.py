"""What is taken from a page (section 2): headings, the analysed text X, the main content Y."""
import collections
import sys

try:
    import html5lib
except ImportError:  # another Python than Debian's, which has it here
    sys.path.append("/usr/lib/python3/dist-packages")
    import html5lib

from text import trim

Page = collections.namedtuple("Page", "headings x y markup")

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
REMOVED = {"script", "style", "nav", "header", "footer", "aside"}
REMOVED_CLASSES = {"ad", "advertisement", "sidebar", "menu", "navigation", "comment"}
CONTENT = {"main-content", "content"}


def read(markup):
    """The page in these bytes of UTF-8."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("dom"))
    document = parser.parse(markup.decode("utf-8", "replace"), scripting=True)
    headings = pieces(elements(document, HEADINGS), 0)
    for element in list(elements(document)):
        if is_removed(element) and element.parentNode:
            element.parentNode.removeChild(element)
    x = (
        pieces(elements(document, HEADINGS), 0)
        + pieces(elements(document, ("p",)), 20)
        + pieces(elements(document, ("li",)), 0)
    )
    return Page(headings, b"\n".join(x), b"\n\n".join(main_content(document)), markup)


def main_content(document):
    inside = [
        element
        for element in elements(document, (*HEADINGS, "p", "li", "blockquote"))
        if any(map(is_container, ancestors(element)))
    ]
    return pieces(inside, 15) or pieces(elements(document, ("h1", "h2", "h3", "p")), 20)


def pieces(some, longer_than):
    texts = [trim(text_of(element).encode("utf-8", "surrogatepass")) for element in some]
    return [text for text in texts if len(text) > longer_than]


def elements(node, names=None):
    """Those below the node, in document order."""
    for child in node.childNodes:
        if child.nodeType == child.ELEMENT_NODE:
            if names is None or child.localName in names:
                yield child
            yield from elements(child, names)


def text_of(node):
    return "".join(
        child.data if child.nodeType == child.TEXT_NODE else text_of(child)
        for child in node.childNodes
        if child.nodeType in (child.TEXT_NODE, child.ELEMENT_NODE)
    )


def ancestors(element):
    while element.parentNode:
        element = element.parentNode
        if element.nodeType == element.ELEMENT_NODE:
            yield element


def classes(element):
    return set(element.getAttribute("class").split())


def is_removed(element):
    return (
        element.localName in REMOVED or classes(element) & REMOVED_CLASSES or element.getAttribute("id") == "comments"
    )


def is_container(element):
    return (
        element.localName in ("main", "article")
        or element.getAttribute("role") == "main"
        or classes(element) & CONTENT
        or element.getAttribute("id") in CONTENT
    )

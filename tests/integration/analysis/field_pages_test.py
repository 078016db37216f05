"""Pages as they are in the field, analysed as a user does: usage field_pages_test.py PATH-OF-CADENCE-WEBHOOK [unittest
arguments]

Text in any encoding gives the result of its twin in UTF-8. Pages that are cut, packed, mistyped or lead on give what a
browser without scripts shows, or the true cause.
"""
import concurrent.futures
import gzip
import http.server
import json
import subprocess
import sys
import threading
import unittest

TEXTS = {
    "chinese": ("朱镕基", "釉料在窑里烧成"),
    "traditional": ("朱鎔基", "釉料在窯裡燒成"),
    "rare": ("𠮷", "釉料在窑里烧成"),
    "japanese-plain": ("陶器", "窯の中で釉薬が溶ける"),
    "japanese": ("①～ 陶器", "窯の中で釉薬が溶ける"),
    "korean": ("도자기", "유약이 가마에서 녹는다"),
    "russian": ("Печь и глазурь", "Глазурь плавится в печи при высокой температуре"),
    "german": ("Töpferöfen – “Glasur”", "Die Glasur schmilzt im Ofen bei hoher Wärme – “schön”"),
    "czech": ("Hrnčíř", "Glazura taje při vysoké teplotě, příliš žluťoučký kůň"),
    "greek": ("Φούρνος", "Το σμάλτο λιώνει σε υψηλή θερμοκρασία"),
    "turkish": ("Çömlekçi", "Sır yüksek sıcaklıkta erir, güneş doğuyor"),
}
# Text, what the page says in its head, how its bytes are made, and the header.
ENCODED = {
    "gbk": ("chinese", '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', "gbk", "text/html"),
    "gb18030": ("rare", "<meta charset=gb18030>", "gb18030", "text/html"),
    "big5": ("traditional", "<meta charset=big5>", "big5hkscs", "text/html"),
    "sjis": ("japanese", "<meta charset=x-sjis>", "cp932", "text/html"),
    "euckr": ("korean", "", "euc-kr", 'text/html; charset="EUC-KR"'),
    "eucjp": ("japanese-plain", "<meta charset=euc-jp>", "euc-jp", "text/html"),
    "xml": ("japanese", "", "utf-8", "application/xhtml+xml"),
    "cp1251": ("russian", "<meta charset=windows-1251>", "cp1251", "text/html"),
    "late": ("russian", "<!--" + "x" * 900 + "--><meta charset=windows-1251>", "cp1251", "text/html"),
    "koi8": ("russian", "<META CONTENT='text/html;charset=KOI8-R' HTTP-EQUIV=content-type>", "koi8-r", "text/html"),
    "dos": ("russian", "<meta charset=cp866>", "cp866", "text/html"),
    "utf16": ("russian", "<meta charset=windows-1251>", "utf-16", "text/html"),
    "utf16be": ("german", "", "utf-16-be", "text/html; charset=utf-16be"),
    "header": ("chinese", "<meta charset=gbk>", "utf-8", "text/html; charset=utf-8"),
    "mark": ("chinese", "<meta charset=gbk>", "utf-8-sig", "text/html; charset=gbk"),
    "latin1": ("german", "<meta charset=iso-8859-1>", "cp1252", "text/html"),
    "unknown": ("german", "<meta charset=no-such>", "utf-8", "text/html"),
    "undeclared": ("german", "", "cp1252", "text/html"),
    "undeclared-utf8": ("chinese", "", "utf-8", "text/html"),
    "undeclared-russian": ("russian", "", "cp1251", "text/html"),
    "undeclared-czech": ("czech", "", "cp1250", "text/html"),
    "undeclared-greek": ("greek", "", "cp1253", "text/html"),
    "undeclared-turkish": ("turkish", "", "cp1254", "text/html"),
    "undeclared-japanese": ("japanese", "", "cp932", "text/html"),
}
POTS = "<h1>Pots</h1>" + "".join(f"<p>Moreover, the kiln number {i} is warm and we leverage it.</p>" for i in range(60))
PAGE = f"<!DOCTYPE html><html><head><title>P</title></head><body>{POTS}</body></html>".encode()
PACKED = gzip.compress(PAGE)
TEXT = ("headings", "word_count", "character_count")
HTML = "Content-Type: text/html; charset=utf-8"
PAST = "4 attempts failed, the last with: "
# Path: the answer's lines and body; what is seen of it, PAGE or words of the error.
ODD = {
    "/page": ([HTML], PAGE, PAGE),
    "/refresh": ([HTML], b"<meta http-equiv=refresh content='0; url=/page'>Please wait", PAGE),
    "/refresh-header": ([HTML, "Refresh: 3; url=page"], b"Please wait", PAGE),
    "/refresh-later": ([HTML], b"<meta http-equiv=refresh content=300>" + PAGE, PAGE),
    "/moved": ("302 Found", ["Location: /page", "Content-Length: 0"], b"", PAGE),
    "/circle": (
        "302 Found",
        ["Location: /circle", "Content-Length: 0"],
        b"",
        "redirects more than 10 times, in a circle",
    ),
    "/moved-away": (
        "302 Found",
        ["Location: /gone", "Content-Length: 0"],
        b"",
        "/moved-away: it leads to http://127.0.0.1:",
    ),
    "/short": ([HTML, f"Content-Length: {len(PAGE)}"], PAGE[:2000], PAST + "Could not read the answer of 127.0.0.1"),
    "/chunk-cut": ([HTML, "Transfer-Encoding: chunked"], b"7d0\r\n" + PAGE[:2000] + b"\r\n", "cut short"),
    "/until-close": ([HTML], PAGE, PAGE),
    "/long": ([HTML, f"Content-Length: {len(PAGE)}"], PAGE + b"x" * 100, PAGE),
    "/pdf": (["Content-Type: application/pdf"], b"%PDF-1.4", "it is application/pdf, not a page of text"),
    "/unsaid-pdf": (["Content-Length: 8"], b"%PDF-1.4", "a binary file, not of a page of text"),
    "/unsaid": ([f"Content-Length: {len(PAGE)}"], PAGE, PAGE),
    "/gone": ("404 Not Found", [HTML], PAGE, "it returned 404 (not found)"),
    "/down": ("503 Service Unavailable", [HTML], PAGE, PAST + "it returned 503"),
    "/nothing": ("204 No Content", ["X: y"], b"", "it returned 204 (no content)"),
    "/gzip": ([HTML, "Content-Encoding: gzip"], PACKED, PAGE),
    "/gzip-bad": ([HTML, "Content-Encoding: gzip"], PAGE, "its packed content is damaged"),
    "/gzip-cut": ([HTML, "Content-Encoding: gzip"], PACKED[: len(PACKED) // 2], "its packed content was cut short"),
    "/br": ([HTML, "Content-Encoding: br"], PAGE, "it is packed as br, which nobody asked for"),
    "/xhtml": (["Content-Type: application/xhtml+xml"], b'<?xml version="1.0"?>' + PAGE, PAGE),
    "/part": ([HTML], POTS.encode(), PAGE),
}


def encoded(name):
    text, head, encoding, content_type = ENCODED[name]
    title, sentence = TEXTS[text]
    page = "".join(f"<p>{sentence} {i}.</p>\n" for i in range(60))
    return (
        content_type,
        f"<!DOCTYPE html><html><head>{head}<title>{title}</title></head><body><h1>{title}</h1>\n{page}</body></html>",
        encoding,
    )


def analyze(url):
    done = subprocess.run(
        [PROGRAM, "analyze", "--quiet", "--format", "json", "--allow-private-networks", url],
        check=False,
        capture_output=True,
        timeout=60,
    )
    if done.returncode != 0:
        return done.stderr.decode()
    result = json.loads(done.stdout)
    for moving in ("url", "analyzed_at", "started_at", "completed_at", "duration_ms"):
        result.pop(moving, None)
    return result


class Answers(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.close_connection = True
        if self.path in ODD:
            *status, lines, body, _ = ODD[self.path]
            self.wfile.write("\r\n".join(["HTTP/1.1 " + (status or ["200 OK"])[0], *lines, "", ""]).encode() + body)
            return
        _, way, name = self.path.split("/")
        content_type, page, encoding = encoded(name)
        if way == "twin":
            content_type, encoding = "text/html; charset=utf-8", "utf-8"
        body = page.encode(encoding)
        self.wfile.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )


class FieldPagesTest(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def test_text_in_any_encoding_is_judged_like_its_twin_in_utf8(self):
        for name, (text, *_) in ENCODED.items():
            with self.subTest(page=name):
                twin = analyze(self.url("/twin/" + name))
                self.assertEqual(twin["headings"], [TEXTS[text][0]])
                self.assertEqual(analyze(self.url("/as-it-is/" + name)), twin)

    def test_odd_pages_are_what_a_browser_shows_or_say_why(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:  # some are tried four times, seconds apart
            seen = dict(zip(ODD, pool.map(lambda path: analyze(self.url(path)), ODD)))
        for path, (*_, expected) in ODD.items():
            with self.subTest(page=path):
                if expected is PAGE:
                    shown = seen[path] if isinstance(seen[path], dict) else {"error": seen[path]}
                    self.assertEqual({key: shown.get(key) for key in TEXT}, {key: seen["/page"][key] for key in TEXT})
                else:
                    self.assertIn(expected, seen[path])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()

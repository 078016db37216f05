"""The model's own tests: the doctests of its files, and the worked examples of the spec."""
import doctest
import importlib
import pathlib
import unittest

import rules
import web_model
import web_page
import web_rules

HERE = pathlib.Path(__file__).parent

# additions, deletions, files, seconds, message, line, what fires (git-detection 12, profile upstream, no baseline)
EXAMPLES = {
    "E1": (120, 0, 1, 3600, "fix typo", "alpha beta", "ratio precision errors"),
    "E2": (600, 0, 3, 120, "Add importer", "alpha beta gamma", "size velocity ratio burst errors"),
    "E3": (60, 70, 2, 400, "tidy", "alpha beta", "precision"),
    "E4": (10, 0, 1, 45, "wip", "alpha", "timing"),
    "E5": (5, 0, 1, 86400, "Update implementation of parser", "alpha", "message"),
    "E6": (5, 5, 1, 86400, "Bug fixes, improvements and other changes", "alpha", "message"),
    "E7": (5, 5, 1, 86400, "Bug fixes and improvements", "alpha", ""),
    "E8": (250, 120, 4, 7200, "rework", "alpha", "errors"),
    "E9": (8, 0, 1, 86400, "x", "the data value", "naming"),
    "E10": (1200, 0, 12, 200000, "import docs", "alpha", "size ratio errors extension timing_anomaly"),
    "E11": (100, 1, 1, 60, "x", "alpha", "ratio precision burst"),
    "E12": (51, 0, 1, 299, "x", "alpha", "burst"),
}
SCORES = {
    1: 6.666666666666667,
    2: 13.333333333333334,
    3: 20,
    4: 26.666666666666668,
    5: 33.33333333333333,
    6: 40,
    7: 46.666666666666664,
    8: 53.333333333333336,
}

PAGE_A = (
    "Rain fell on the old mill for nine days and the river rose until the lower field was under brown water. Nobody"
    " slept much. My uncle kept a lamp in the window and counted the planks that floated by. On the tenth morning we"
    " found a goat standing on the roof of the hen house, quite calm, eating moss."
)
PAGE_B = (
    PAGE_A
    + " In conclusion, moving forward we will utilize various robust tools and ensure the river stays where it is."
)


def paragraph(text):
    return f"<p>{text}</p>".encode()


def text_view(text):
    return web_rules.view(web_page.Page([], text.encode(), b"", b""), markup_is_seen=False)


def long_text(w, insert):
    """w words, of which insert is a part."""
    return " ".join(["pebble"] * (w - len(insert.split())) + [insert])


class GitExamples(unittest.TestCase):
    def test_worked_examples(self):
        for name, (a, d, f, seconds, message, line, expected) in EXAMPLES.items():
            with self.subTest(name):
                view = rules.view(a, d, f, seconds, True, [line.encode()] * a, message.encode(), signed=True)
                fired = [rule.__name__ for _, _, _, rule, _ in rules.active() if rule(view) is not None]
                self.assertEqual(fired, expected.split())

    def test_scores(self):
        for hits, score in SCORES.items():
            self.assertEqual(hits / len(rules.active()) * 100, score)


class WebExamples(unittest.TestCase):
    def test_a(self):
        result = web_model.analyse(paragraph(PAGE_A), "upstream")
        self.assertEqual([one["type"] for one in result["web_patterns"]], ["accessibility_markers"])
        self.assertEqual(
            [
                result[key]
                for key in ("suspicion_rate", "confidence_score", "overall_suspicion", "quality_score", "assessment")
            ],
            [0.7, 70, 70, 0.30000000000000004, "Likely AI-Generated"],
        )
        self.assertEqual(len(result["passed_patterns"]), 19)

    def test_b(self):
        result = web_model.analyse(paragraph(PAGE_B), "upstream")
        self.assertEqual(
            [(one["type"], one["severity"]) for one in result["web_patterns"]],
            [("overused_phrases", 1), ("generic_language", 1), ("accessibility_markers", 0.7)],
        )
        self.assertEqual(result["web_patterns"][1]["examples"], ["various", "ensure", "utilize", "robust"])
        self.assertEqual((result["suspicion_rate"], result["confidence_score"]), (0.9, 90))

    def test_d(self):
        self.assertIsNone(web_rules.overused_phrases(text_view(long_text(300, "synergy synergy"))))
        self.assertEqual(
            web_rules.overused_phrases(text_view(long_text(299, "synergy synergy")))[0], 0.6688963210702341
        )
        severity, *_ = web_rules.missing_nuance(text_view("pebble always pebble never pebble every " + "pebble " * 114))
        self.assertEqual(min(1, severity), 1)
        self.assertEqual(web_rules.ai_vocabulary(text_view("realm vital myriad"))[0], 0.375)
        self.assertEqual(web_rules.ai_vocabulary(text_view("realm vital myriad crucial pivotal"))[0], 0.625)
        self.assertIsNone(web_rules.special_characters(text_view(long_text(200, "a-b-c-d-e-f-g-h-i-j"))))
        self.assertIsNotNone(web_rules.special_characters(text_view(long_text(200, "a-b-c-d-e-f-g-h-i-j-k"))))
        self.assertEqual(web_model.analyse(paragraph("pebble " * 49))["assessment"], web_model.TOO_SHORT)
        self.assertNotEqual(web_model.analyse(paragraph("pebble " * 50))["assessment"], web_model.TOO_SHORT)


def load_tests(_loader, tests, _pattern):
    for file in sorted(HERE.glob("*.py")):
        module = importlib.import_module(file.stem)
        try:
            tests.addTests(doctest.DocTestSuite(module))
        except ValueError:  # has none
            pass
    return tests


if __name__ == "__main__":
    unittest.main()

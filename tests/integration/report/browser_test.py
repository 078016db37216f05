"""The HTML report in a real Chromium: nothing loaded, nothing run but its own script, filters that filter,
hostile text that stays text."""
import json
import unittest

from selenium.webdriver.common.by import By

import bed
from browser import make_browser


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        repository = bed.path_in(cls.folder.name, "<kiln>.git")
        bed.hostile_repository(repository)
        cls.page = bed.path_in(cls.folder.name, "report.html")
        done = bed.run(repository, "-f", "html", "-o", cls.page)
        assert done.returncode == 0, done.stderr
        cls.result = json.loads(bed.run(repository, "-f", "json").stdout)
        cls.browser = make_browser(bed.path_in(cls.folder.name, "profile"))
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.get_log("performance")
        cls.browser.get("file://" + cls.page)
        cls.requests = [json.loads(entry["message"])["message"] for entry in cls.browser.get_log("performance")]

    def rows(self, visible_only=False):
        rows = self.browser.find_elements(By.CSS_SELECTOR, "#commits tbody tr")
        return [row for row in rows if row.is_displayed()] if visible_only else rows

    def test_loads_nothing_and_complains_of_nothing(self):
        # The browser draws its own widgets with pictures of its own (chrome:), and begins on a page of its own.
        sent = [event["params"] for event in self.requests if event["method"] == "Network.requestWillBeSent"]
        urls = {
            event["request"]["url"]
            for event in sent
            if event["documentURL"].endswith("/report.html") and not event["request"]["url"].startswith("chrome:")
        }
        self.assertTrue(urls)
        self.assertEqual([url for url in urls if not url.endswith("/report.html")], [])
        self.assertEqual(self.browser.get_log("browser"), [])

    def test_one_row_for_each_flagged_commit(self):
        self.assertEqual(len(self.rows()), len(self.result["suspicions"]))

    def test_filter_and_search_show_what_they_say(self):
        counts = {}
        for severity in ("high", "medium", "low"):
            self.browser.find_element(By.CSS_SELECTOR, "[data-filter=%s]" % severity).click()
            counts[severity] = len(self.rows(visible_only=True))
            expected = sum(one["severity"] == severity for one in self.result["suspicions"])
            self.assertEqual(counts[severity], expected)
            self.assertEqual(
                self.browser.find_element(By.ID, "shown").text, "%d of %d shown" % (expected, len(self.rows()))
            )
        self.browser.find_element(By.CSS_SELECTOR, "[data-filter='']").click()
        self.assertEqual(len(self.rows(visible_only=True)), sum(counts.values()))
        search = self.browser.find_element(By.ID, "search")
        search.send_keys("owned")
        self.assertEqual(len(self.rows(visible_only=True)), 1)
        self.browser.execute_script("arguments[0].value = ''; arguments[0].dispatchEvent(new Event('input'))", search)

    def test_columns_sort(self):
        head = self.browser.find_elements(By.CSS_SELECTOR, "#commits th button")[4]
        head.click()
        order = self.browser.execute_script(
            "return [...document.querySelectorAll('#commits tbody tr')].map(row => Number(row.cells[4].dataset.sort))"
        )
        self.assertEqual(order, sorted(order, reverse=True))
        head.click()
        order = self.browser.execute_script(
            "return [...document.querySelectorAll('#commits tbody tr')].map(row => Number(row.cells[4].dataset.sort))"
        )
        self.assertEqual(order, sorted(order))
        self.assertGreater(order[-1], 500)

    def test_hostile_messages_are_text(self):
        self.assertNotEqual(self.browser.title, "owned")
        self.assertEqual(self.browser.execute_script("return document.scripts.length"), 1)
        self.assertEqual(
            self.browser.execute_script("return document.querySelectorAll('img, iframe, a, link, object').length"), 0
        )
        text = self.browser.execute_script("return document.getElementById('commits').textContent")
        for part in (
            "<script>document.title='owned'</script>",
            "turned [U+202E]gnp.exe",
            "broken \u00ff\u00c3( utf-8",
            "[U+001B][31mred",
            "--> <!-- ]]> {{x}} ${y} %s",
        ):
            self.assertIn(part, text)
        self.assertIn("<kiln>", self.browser.find_element(By.TAG_NAME, "h1").text)

    def test_policy_stops_what_would_be_injected(self):
        stopped = self.browser.execute_async_script(
            """
            const done = arguments[0];
            document.addEventListener('securitypolicyviolation', event => done(event.effectiveDirective), {once: true});
            const script = document.createElement('script');
            script.textContent = 'document.title = "owned"';
            document.body.append(script);"""
        )
        self.assertTrue(stopped.startswith("script-src"))
        self.assertNotEqual(self.browser.title, "owned")
        self.browser.execute_script("document.body.lastElementChild.remove()")
        self.browser.get_log("browser")  # the complaint was asked for

    def test_plots_show_every_flagged_commit(self):
        self.assertEqual(
            len(self.browser.find_elements(By.CSS_SELECTOR, "figure circle")), len(self.result["suspicions"])
        )
        for plot in self.browser.find_elements(By.CSS_SELECTOR, "figure svg"):
            self.assertTrue(plot.find_element(By.TAG_NAME, "title").get_attribute("textContent"))


if __name__ == "__main__":
    unittest.main()

"""The pages for people in a real Chromium: read, clicked, typed and tabbed through, with and without its script,
in both colour schemes and on a narrow screen; what strangers wrote stays text; who may see what."""
import json
import os
import pathlib
import time
import unittest

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import served
from served import SCRIPT, TOKEN, bed, link_query, wait_until
from browser import make_browser

AXE = served.axe()
WIDE, NARROW = (1200, 1000), (360, 740)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = bed.scratch()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.server = served.Server(cls.folder.name)
        cls.addClassCleanup(cls.server.stop)
        cls.job = cls.server.push("kiln")
        cls.mill = cls.server.push("mill")
        cls.failed = cls.server.push("nothing")
        cls.hostile = cls.server.push("kiln", full_name=SCRIPT + "/'\"><img src=x>", author=SCRIPT)
        ended = [cls.server.ended(job) for job in (cls.job, cls.mill, cls.failed, cls.hostile)]
        assert ended == ["completed", "completed", "failed", "completed"], ended
        cls.browser = make_browser(bed.path_in(cls.folder.name, "profile"))
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        self.look_at(*WIDE)
        self.browser.get(self.server.url("icon.svg"))
        self.browser.delete_all_cookies()
        self.browser.get_log("browser")

    def look_at(self, width, height, scheme="light"):
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def keep_a_picture(self, name):
        """For people: CADENCE_PICTURES names a folder."""
        if folder := os.environ.get("CADENCE_PICTURES"):
            root = "document.documentElement"
            size = self.browser.execute_script("return [%s.clientWidth, %s.scrollHeight]" % (root, root))
            self.look_at(*size, self.scheme)
            pathlib.Path(folder, name + ".png").write_bytes(self.browser.get_screenshot_as_png())

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector, by=By.CSS_SELECTOR):
        while True:
            try:
                return [one.text for one in self.browser.find_elements(by, selector)]
            except StaleElementReferenceException:
                pass  # the page's script has put in a newer one

    def sign_in(self, token=TOKEN):
        self.browser.get(self.server.url("sign-in"))
        self.find("#token").send_keys(token, Keys.ENTER)
        wait_until(lambda: not self.browser.current_url.endswith("/sign-in"))

    def is_at_sign_in(self):
        return self.browser.current_url.startswith(self.server.url("sign-in"))

    def places(self):
        return {
            "jobs": "",
            "found": "?repo=potters%2Fkiln&status=completed",
            "job": "jobs/" + self.job,
            "failed-job": "jobs/" + self.failed,
            "hostile-job": "jobs/" + self.hostile,
            "history": "repositories?name=potters%2Fkiln",
            "repositories": "repositories",
            "deliveries": "deliveries",
            "account": "sign-in",
            "no-job": "jobs/00000000-0000-4000-8000-000000000000",
        }

    def findings(self):
        self.browser.execute_script(AXE)
        run = (
            "const done = arguments[0]; axe.run(document).then(found => done(found.violations), e => done([String(e)]))"
        )
        found = self.browser.execute_async_script(run)
        return [
            (one["id"], [node["html"] for node in one["nodes"]][:3]) if isinstance(one, dict) else one for one in found
        ]

    def test_every_page_is_fit_for_everybody(self):
        self.sign_in()
        for self.scheme, (width, height) in (("light", WIDE), ("dark", NARROW)):
            for name, place in self.places().items():
                self.look_at(width, height, self.scheme)
                self.browser.get(self.server.url(place))
                with self.subTest(page=name, scheme=self.scheme, width=width):
                    self.assertEqual(self.findings(), [])
                    room = self.browser.execute_script("return document.documentElement.scrollWidth")
                    self.assertLessEqual(room, width, "the page is wider than the screen")
                    self.keep_a_picture("%s-%s" % (name, self.scheme))

    def test_the_report_by_itself_is_fit_too(self):
        self.sign_in()
        for self.scheme in ("light", "dark"):
            self.look_at(*WIDE, self.scheme)
            self.browser.get(self.server.url("jobs/%s/report" % self.job))
            self.assertEqual(self.findings(), [])
            self.assertEqual(self.find("#shown").text, "6 of 6 shown")
        self.assertEqual(self.browser.get_log("browser"), [])

    def test_no_page_complains(self):
        self.sign_in()
        for name, place in self.places().items():
            if name == "no-job":
                continue  # the browser itself notes a 404
            self.browser.get(self.server.url(place))
            self.assertEqual(self.browser.get_log("browser"), [], name)

    def test_what_is_missing_is_shown_with_what_is_wrong(self):
        self.sign_in()
        wait_until(lambda: "Could not read /nowhere" in self.server.page("deliveries"))
        gap = {"hook": 7, "attempt": 9, "status": 503, "repository": "potters/kiln", "times": 2}
        with self.server.database() as database:
            (notes,) = database.execute("select notes from watched_hook").fetchone()
            notes = json.dumps(json.loads(notes) | {"gaps": {SCRIPT: gap}})
            database.execute("update watched_hook set notes = ?", (notes,))
        wait_until(lambda: "potters/kiln</bdi>" in self.server.page("deliveries"))
        self.browser.get(self.server.url("deliveries"))
        self.assertEqual(self.texts("tbody th, tbody td")[:4], [SCRIPT, "potters/kiln", "503", "2"])
        self.assertEqual(self.findings(), [])

    def test_strangers_words_are_text(self):
        self.sign_in()
        for place in ("", "jobs/" + self.hostile, "repositories", "jobs/%s/report" % self.hostile):
            self.browser.get(self.server.url(place))
            self.assertNotIn("owned", self.browser.title.replace(SCRIPT, ""))
            self.assertEqual(self.browser.execute_script("return document.querySelectorAll('img').length"), 0)
            body = self.browser.execute_script("return document.body.textContent")
            self.assertIn(SCRIPT, body)
            self.assertEqual(self.browser.execute_script("return document.querySelectorAll('script').length"), 1)

    def test_a_stranger_signs_in_and_comes_where_he_wanted(self):
        self.browser.get(self.server.url("jobs/" + self.job))
        self.assertTrue(self.is_at_sign_in())
        self.find("#token").send_keys("wrong-0123456789abcdef", Keys.ENTER)
        wait_until(lambda: self.texts("[role=alert]") == ["The server does not know this token."])
        self.find("#token").send_keys(TOKEN, Keys.ENTER)
        wait_until(lambda: self.browser.current_url == self.server.url("jobs/" + self.job))
        cookie = self.browser.get_cookie("cadence")
        self.assertTrue(cookie["httpOnly"])
        self.assertEqual(cookie["sameSite"], "Strict")
        self.assertNotIn(TOKEN, cookie["value"])

    def test_signing_out_ends_it(self):
        self.sign_in()
        self.browser.get(self.server.url("sign-in"))
        self.find("form[action=sign-out] button").click()
        wait_until(lambda: self.texts("#token") == [""])
        self.browser.get(self.server.url())
        self.assertTrue(self.is_at_sign_in())

    def test_a_token_that_is_taken_away_ends_its_sessions(self):
        other = self.server.tokens / "guest"
        other.write_text("guest-0123456789abcdef read\n")
        wait_until(lambda: self.session("guest-0123456789abcdef"))
        self.sign_in("guest-0123456789abcdef")
        self.browser.get(self.server.url())
        self.assertFalse(self.is_at_sign_in())
        other.unlink()

        def is_out():
            self.browser.get(self.server.url())
            return self.is_at_sign_in()

        wait_until(is_out)

    def session(self, token, **headers):
        """The answer to a form that was sent by another program."""
        answer, _ = self.server.ask(
            "POST", "/pages/sign-in", "token=%s&next=" % token, {"Sec-Fetch-Site": "same-origin", **headers}
        )
        return answer.getheader("Set-Cookie") if answer.status == 303 else None

    def test_forms_of_other_sites_sign_nobody_in(self):
        self.assertTrue(self.session(TOKEN))
        self.assertIsNone(self.session(TOKEN, **{"Sec-Fetch-Site": "cross-site"}))
        self.assertIsNone(self.session(TOKEN, **{"Sec-Fetch-Site": "", "Origin": "https://evil.example"}))

    def test_only_below_the_pages_does_a_session_count(self):
        cookie = self.session(TOKEN).split(";")[0]
        for path, status in (("/pages/", 200), ("/jobs", 401), ("/jobs/" + self.job, 401)):
            answer, _ = self.server.ask("GET", path, headers={"Cookie": cookie})
            self.assertEqual(answer.status, status, path)
        answer, _ = self.server.ask("POST", "/api/analyze/repository", "{}", {"Cookie": cookie})
        self.assertEqual(answer.status, 401)

    def test_a_signed_link_opens_its_job_and_nothing_else(self):
        link = link_query(self.job, int(time.time()) + 600)
        self.browser.get(self.server.url("jobs/%s?%s" % (self.job, link)))
        self.assertEqual(self.texts("h1"), ["potters/kiln"])
        self.assertEqual(self.texts("nav"), [])
        self.assertEqual(self.findings(), [])
        self.find(".ways a").click()
        wait_until(lambda: "/report?" in self.browser.current_url and self.texts("h1") == ["potters/kiln"])
        for place, told in (
            ("jobs/%s?%s" % (self.mill, link), "This link opens nothing"),
            ("jobs/%s/report?%s" % (self.mill, link), "This link opens nothing"),
            ("jobs/%s?%s" % (self.job, link_query(self.job, int(time.time()) - 5)), "This link is over"),
            ("?" + link, "Sign in"),
            ("repositories?name=potters/kiln&" + link, "Sign in"),
        ):
            self.browser.get(self.server.url(place))
            self.assertEqual(self.texts("h1"), [told], place)

    def test_a_key_that_is_taken_away_closes_its_links(self):
        until = int(time.time()) + 600
        path = "/pages/jobs/%s?%s"
        new = "another-key-0123456789abcdef0123456789"

        def status(key):
            return self.server.ask("GET", path % (self.job, link_query(self.job, until, key)))[0].status

        self.server.keys.write_text("%s\n%s\n" % (new, served.KEY))
        wait_until(lambda: status(new) == 200)
        self.assertEqual(status(served.KEY), 200)
        self.server.keys.write_text(new + "\n")
        wait_until(lambda: status(served.KEY) == 403)
        self.assertEqual(status(new), 200)
        self.server.keys.write_text(served.KEY + "\n")
        wait_until(lambda: status(served.KEY) == 200)

    def test_the_list_keeps_itself_up_to_date(self):
        self.sign_in()
        self.browser.get(self.server.url())
        self.browser.execute_script("window.isTheSamePage = true")
        job = self.server.push("mill", full_name="potters/arrived")
        wait_until(lambda: "potters/arrived" in self.texts(".jobs a"))
        self.server.ended(job)
        row = "//li[.//a[contains(@href, '%s')]]" % job
        wait_until(lambda: any("completed" in text for text in self.texts(row, By.XPATH)))
        self.assertTrue(self.browser.execute_script("return window.isTheSamePage"))
        pause = self.find(".live button")
        self.assertEqual(pause.text, "Pause")
        pause.click()
        self.assertEqual(self.texts(".live"), ["Go on\nNot kept up to date"])
        self.assertEqual(self.browser.get_log("browser"), [])

    def test_without_its_script_a_page_shows_the_same(self):
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        self.sign_in()
        self.assertIn("potters/kiln", self.texts(".jobs a"))
        self.find("select[name=status]").send_keys("failed")
        self.find(".filter button").click()
        wait_until(lambda: self.texts(".jobs a") == ["potters/nothing"])
        self.find(".jobs a").click()
        wait_until(lambda: "The repository could not be fetched." in self.texts(".standing strong"))
        self.browser.get(self.server.url("jobs/" + self.job))
        self.assertEqual(len(self.texts("#commits tbody tr")), 6)
        self.assertIn("lines", self.texts("#commits tbody tr")[0])

    def test_filters_and_history(self):
        self.sign_in()
        self.find("input[name=repo]").send_keys("potters/kiln", Keys.ENTER)
        wait_until(lambda: set(self.texts(".jobs a")) == {"potters/kiln"})
        self.find(".jobs a").click()
        wait_until(lambda: self.texts("h1") == ["potters/kiln"])
        self.find(".ways a").click()
        wait_until(lambda: self.texts("h2") == ["Verdicts over time", "Jobs"])
        self.assertEqual(len(self.browser.find_elements(By.CSS_SELECTOR, "figure circle")), len(self.texts("tbody tr")))

    def test_a_keyboard_is_enough(self):
        press = lambda *keys: self.browser.switch_to.active_element.send_keys(*keys)
        self.browser.get(self.server.url())
        self.find("body").send_keys(Keys.TAB)
        self.assertEqual(self.browser.switch_to.active_element.text, "Skip to the content")
        press(Keys.ENTER)
        press(Keys.TAB)
        press(TOKEN, Keys.ENTER)
        wait_until(lambda: self.texts("h1") == ["Jobs"])
        self.find("body").send_keys(Keys.TAB)
        seen = []
        while self.browser.switch_to.active_element.text != "potters/kiln":
            focus = self.browser.switch_to.active_element
            seen.append(focus.tag_name)
            self.assertNotEqual(focus.value_of_css_property("outline-style"), "none", focus.get_attribute("outerHTML"))
            self.assertLess(len(seen), 40, "the first job is out of reach")
            press(Keys.TAB)
        press(Keys.ENTER)
        wait_until(lambda: self.texts("h1") == ["potters/kiln"])


if __name__ == "__main__":
    unittest.main()

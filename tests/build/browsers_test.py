#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's chromium for Playwright of the public index: real pages, as root and as a user."""
import picture
import support

DECLARATION = '''[runtime]
tools = ["python3"]
python = ["pytest", "playwright", "pytest-playwright"]
browsers = ["chromium"]
[packages.playwright]
pypi = "playwright"
[sources.pypi]
'''

# A test as people have it: nothing in it knows of cc-ci.
PAGE = '''
import http.server
import pathlib
import threading

import pytest

TEXT = b"""<!doctype html><title>t</title>
<button onclick="document.getElementById('said').textContent = 'clicked twice'">press</button>
<p id=said>nothing yet</p>"""


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(TEXT if self.path == "/" else b"<p>")

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()


def test_page(page, site):
    page.goto(site + "/")
    page.get_by_role("button").click()
    assert page.inner_text("#said") == "clicked twice"
    page.locator("#said").screenshot(path=pathlib.Path(__file__).parent / "said.png")
'''


class Browsers(support.BuildTest):
    def setUp(self):
        super().setUp()
        self.place = self.state()
        self.kept = support.CACHE / "state" / "archives"
        self.kept.mkdir(parents=True, exist_ok=True)
        for kept in self.kept.iterdir():
            support.link_or_copy(kept, self.place / "archives" / kept.name)

    def keep(self):
        for kept in (self.place / "archives").iterdir():
            if kept.suffix in (".deb", ".whl") and not (self.kept / kept.name).exists():
                support.link_or_copy(kept, self.kept / kept.name)

    def test_an_unchanged_test_finds_its_browser(self):
        here = self.project(DECLARATION, locked=False)
        self.good(self.cc_ci(here, self.place, "lock"))
        self.good(self.cc_ci(here, self.place, "build", "--locked"))
        self.keep()
        self.assertIn("browser chromium",
                      self.good(self.cc_ci(here, self.place, "why", "chromium")))
        pytest = ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--browser", "chromium"]
        for name, before in [("root", []), ("user", support.as_user("env", "HOME=/nonexistent"))]:
            if before and not support.ROOT:
                continue
            with self.subTest(name):
                work = self.dir / name
                work.mkdir()
                work.chmod(0o777)
                (work / "test_page.py").write_text(PAGE)
                self.good(self.inside(here, self.place, *pytest, work / "test_page.py", before=before))
                self.assertGreater(picture.shades((work / "said.png").read_bytes()), 8)
        # Other doors of Playwright to the same browser.
        code = ("from playwright.sync_api import sync_playwright\n"
                "with sync_playwright() as p:\n"
                "    for more in ({}, {'channel': 'chromium'}):\n"
                "        browser = p.chromium.launch(**more)\n"
                "        print(browser.version.split('.')[0].isdigit())\n"
                "        browser.close()\n")
        self.assertEqual(self.good(self.inside(here, self.place, "python3", "-c", code)),
                         "True\nTrue\n")
        for words, status in [(["install"], 0), (["install", "--with-deps", "chromium"], 0),
                              (["install", "firefox"], 1), (["--version"], 0)]:
            told = self.inside(here, self.place, "python3", "-m", "playwright", *words)
            self.assertEqual(told.returncode, status, (words, told.stderr))
        self.good(self.inside(here, self.place, "python3", "-c", code))
        # What cannot be had is refused.
        here = self.project(DECLARATION.replace("chromium", "firefox"), "firefox", locked=False)
        self.refused(self.cc_ci(here, self.place, "lock"), 2, "declare.value", "patched builds")
        here = self.project('[runtime]\ntools = ["jq"]\nbrowsers = ["chromium"]\n', "alone",
                            locked=False)
        self.refused(self.cc_ci(here, self.place, "lock"), 2, "lock.no-playwright", "tools")
        self.assertFalse((here / "cc-ci.lock").exists())

    def test_the_example_has_all_of_its_old_lists(self):
        """The tests of `prove` do without the browser."""
        text = (support.SOURCE / "examples" / "cc-ci" / "cc-ci.toml").read_text()
        here = self.project(text, locked=False)
        self.good(self.cc_ci(here, self.place, "lock"))
        self.keep()
        told = self.cc_ci(here, self.place, "--offline", "prove", "--no-build", "--explain", "superset")
        self.assertIn("superset: pass: 4 baselines covered, nothing dropped but waived abra; additions:",
                      told.stdout)


if __name__ == "__main__":
    support.main()

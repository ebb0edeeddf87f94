# SPDX-License-Identifier: GPL-3.0-or-later
"""A real page in a real browser. Nothing in this test knows of cc-ci: Playwright finds the browser.

    cc-ci-run -m pytest tests/test_page.py

With --junit-xml, the screenshot lies beside the report. Otherwise it is in pytest's own directory.
"""

import http.server
import threading
from pathlib import Path

import pytest

PAGE = b"""<!doctype html><html lang=en><title>a page</title>
<button onclick="document.getElementById('said').textContent = 'the button was pressed'">press</button>
<p id=said style="width: 20em; height: 2em"></p>"""


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture
def results(request, tmp_path):
    report = request.config.getoption("xmlpath")
    return Path(report).parent if report else tmp_path


def test_a_button_of_a_page(page, site, results):
    page.goto(site)
    said = page.locator("#said")
    empty = said.screenshot()
    page.get_by_role("button").click()
    assert said.inner_text() == "the button was pressed"
    # Without a font the text would be there, but nobody would see it.
    assert said.screenshot() != empty
    page.screenshot(path=results / "page.png")

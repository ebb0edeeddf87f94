"""A message board of two services: `web` shows messages, `store` keeps them in a file."""

import html
import http.server
import json
import os
import sys
import urllib.request

MESSAGES = "/data/messages.json"


def settings():
    with open("/etc/board.json", encoding="utf-8") as file:
        return json.load(file)


def messages():
    if not os.path.exists(MESSAGES):
        return []
    with open(MESSAGES, encoding="utf-8") as file:
        return json.load(file)


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 10_000))


class Store(Handler):
    def do_GET(self):
        self.answer(200, json.dumps(messages()))

    def do_POST(self):
        everything = messages() + [self.body().decode()]
        with open(MESSAGES + ".new", "w", encoding="utf-8") as file:
            json.dump(everything, file)
        os.replace(MESSAGES + ".new", MESSAGES)
        self.answer(201, "added\n")


class Web(Handler):
    def do_GET(self):
        with urllib.request.urlopen(settings()["store"], timeout=5) as answer:
            items = "".join(f"<li>{html.escape(text)}</li>" for text in json.load(answer))
        title = html.escape(settings()["title"])
        self.answer(200, f"<!doctype html><title>{title}</title><h1>{title}</h1><ul>{items}</ul>")

    def do_POST(self):
        with open(settings()["token_file"], encoding="utf-8") as secret:
            if self.headers.get("Authorization") != "Bearer " + secret.read().strip():
                self.answer(403, "wrong token\n")
                return
        urllib.request.urlopen(settings()["store"], data=self.body(), timeout=5).close()
        self.answer(201, "added\n")


def main():
    if sys.argv[1] == "check":
        urllib.request.urlopen(sys.argv[2], timeout=2).close()
    else:
        handler, port = {"web": (Web, 8000), "store": (Store, 9000)}[sys.argv[1]]
        http.server.ThreadingHTTPServer(("", port), handler).serve_forever()


if __name__ == "__main__":
    main()

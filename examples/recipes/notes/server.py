"""Keeps notes in SQLite. GET / lists them, POST / adds one, GET /health answers 200."""

import html
import http.server
import os
import sqlite3
import sys


def connect():
    database = sqlite3.connect(os.environ["DATABASE"])
    database.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    return database


class Notes(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text, kind="text/html; charset=utf-8"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with connect() as database:
            notes = [row[0] for row in database.execute("SELECT text FROM note ORDER BY id")]
        if self.path == "/health":
            self.answer(200, "good\n", "text/plain")
        elif self.path == "/":
            items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
            self.answer(200, f"<!doctype html><title>Notes</title><ul>{items}</ul>")
        else:
            self.answer(404, "not found\n", "text/plain")

    def do_POST(self):
        size = min(int(self.headers.get("Content-Length", "0")), 10_000)
        with connect() as database:
            database.execute("INSERT INTO note (text) VALUES (?)", (self.rfile.read(size).decode(),))
        self.answer(201, "added\n", "text/plain")


def main():
    if sys.argv[1:2] == ["dump"]:
        with open(sys.argv[2], "w", encoding="utf-8") as dump:
            dump.writelines(line + "\n" for line in connect().iterdump())
    elif sys.argv[1:2] == ["load"]:
        with connect() as database, open(sys.argv[2], encoding="utf-8") as dump:
            database.execute("DROP TABLE note")
            database.executescript(dump.read())
    else:
        http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Notes).serve_forever()


if __name__ == "__main__":
    main()

"""Keeps a guest book in PostgreSQL. GET / lists the guests, POST / adds one."""

import html
import http.server
import os

import psycopg2


def connect():
    with open(os.environ["PASSWORD_FILE"], encoding="utf-8") as secret:
        database = psycopg2.connect(password=secret.read().strip())
    with database, database.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS guest (id SERIAL PRIMARY KEY, name TEXT NOT NULL)")
    return database


class GuestBook(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text, kind="text/html; charset=utf-8"):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with connect() as database, database.cursor() as cursor:
            cursor.execute("SELECT name FROM guest ORDER BY id")
            guests = [row[0] for row in cursor.fetchall()]
        if self.path == "/health":
            self.answer(200, "good\n", "text/plain")
        elif self.path == "/":
            items = "".join(f"<li>{html.escape(guest)}</li>" for guest in guests)
            self.answer(200, f"<!doctype html><title>Guest book</title><ul>{items}</ul>")
        else:
            self.answer(404, "not found\n", "text/plain")

    def do_POST(self):
        size = min(int(self.headers.get("Content-Length", "0")), 10_000)
        with connect() as database, database.cursor() as cursor:
            cursor.execute("INSERT INTO guest (name) VALUES (%s)", (self.rfile.read(size).decode(),))
        self.answer(201, "added\n", "text/plain")


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", 8000), GuestBook).serve_forever()

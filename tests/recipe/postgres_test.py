#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results in a real PostgreSQL server: two writers at once, a server that restarts, a lost reply."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

import support

NOBODY = 65534
SERVER = '[runtime]\ntools = ["bash", "coreutils", "util-linux"]\npackages = ["postgresql"]\n'


class DroppingProxy(threading.Thread):
    """Passes bytes on, and closes the connection after the first COMMIT reached the server."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.dropped = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self):
        while True:
            client, _ = self.socket.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.to_server, args=(client, server), daemon=True).start()
            threading.Thread(target=self.copy, args=(server, client), daemon=True).start()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass

    def to_server(self, client, server):
        try:
            while data := client.recv(65536):
                if b"COMMIT\0" in data and not self.dropped:
                    self.dropped += 1
                    client.shutdown(socket.SHUT_RDWR)
                    server.sendall(data)
                    time.sleep(0.5)
                    server.close()
                    return
                server.sendall(data)
        except OSError:
            pass


class Postgres(support.RunTest):
    def setUp(self):
        super().setUp()
        self.dir.chmod(0o755)
        project = self.dir / "server"
        project.mkdir()
        (project / "cc-ci.toml").write_text(SERVER)
        kept = support.PLACE / "postgres.lock"
        if kept.exists():
            shutil.copy(kept, project / "cc-ci.lock")
        self.inside = [support.CC_CI, "-q", "-C", project, "--state", support.STATE, "run", "--"]
        support.patiently(lambda: support.build(project), "the server's environment cannot be built")
        shutil.copy(project / "cc-ci.lock", kept)
        self.data = self.dir / "data"
        self.data.mkdir()
        os.chown(self.data, NOBODY, NOBODY)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.as_nobody("initdb", "--auth", "trust", "--username", "ci", "-D", self.data)
        self.start()
        self.addCleanup(self.stop)

    def as_nobody(self, program, *words, wait=True):
        line = f'exec /usr/lib/postgresql/*/bin/{program} "$@"'
        argv = [*self.inside, "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                "bash", "-c", line, "-", *map(str, words)]
        run = subprocess.Popen(argv, env=support.PLAIN, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, cwd="/")
        if wait:
            self.assertEqual(run.wait(120), 0, program)
        return run

    def start(self):
        self.server = self.as_nobody("postgres", "-D", self.data, "-p", self.port, "-k", self.data,
                                     "-h", "127.0.0.1", wait=False)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        self.fail("the server did not start")

    def stop(self):
        self.server.send_signal(signal.SIGINT)
        self.server.wait(60)

    def use(self, port, database="postgres"):
        self.declare(f'[recipes.demo]\nsource = "demo"\n[sweep]\nresults = '
                     f'"postgresql://ci@127.0.0.1:{port}/{database}?sslmode=disable"\n')

    def cc_ci(self, *words, status=0):
        done = subprocess.run([support.CC_CI, "-q", "-C", self.dir, "--state", support.STATE,
                               "results", *map(str, words)], env=support.PLAIN,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def results(self, recipe, verdict="pass"):
        file = self.dir / f"{recipe}.json"
        file.write_text(json.dumps({
            "recipe": recipe, "version": "1.0.0+1", "commit": "c", "environment": "sha256:e",
            "started": "2026-11-28T03:00:00Z", "verdict": verdict, "level": 5, "release": True,
            "dirty": False, "rungs": [{"name": "install", "verdict": verdict, "seconds": 1.5}],
            "seconds": {"all": 2.5}}))
        return file

    def verdicts(self):
        return json.loads(self.cc_ci("export"))["verdicts"]

    def write_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            files = [self.results(f"r{i}") for i in range(3)] * 4
            done = [pool.submit(self.cc_ci, "import", file, "--night", "one") for file in files]
            said = [one.result() for one in done]
        self.assertEqual(sum("1 verdict stored" in text for text in said), 3, said)
        self.assertEqual(sorted(row["recipe"] for row in self.verdicts()), ["r0", "r1", "r2"])

    def test_all(self):
        # Writers at once, on an empty database: the tables are made once. Each round is a race.
        for i in range(6):
            self.as_nobody("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "ci", f"race{i}")
            self.use(self.port, f"race{i}")
            self.write_at_once()
        self.use(self.port)
        # The reply to a commit is lost: the verdict is there once, and the command has succeeded.
        proxy = DroppingProxy(self.port)
        self.use(proxy.socket.getsockname()[1])
        self.cc_ci("import", self.results("lost"), "--night", "two")
        self.assertEqual(proxy.dropped, 1)
        self.assertEqual([row["recipe"] for row in self.verdicts()].count("lost"), 1)
        # A server that restarts is waited for.
        self.use(self.port)
        self.stop()
        late = threading.Timer(2, self.start)
        late.start()
        self.cc_ci("import", self.results("late", "fail"), "--night", "three")
        late.join()
        self.assertIn("late", self.cc_ci("show", "three"))
        self.assertRegex(self.cc_ci("compare", "two", "three", status=1),
                         r"late +appeared red +fail")
        # A server that is not there is an error with a remedy, not a silent night.
        self.use(1)
        self.cc_ci("list", status=3)


if __name__ == "__main__":
    support.main()

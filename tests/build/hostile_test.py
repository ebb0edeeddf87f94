#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations made to hurt: refused in bounded time, and nothing is written."""
import os
import random
import unittest

import support

LIMIT = 10  # seconds


class Hostile(support.BuildTest):
    def refuse(self, content, *parts):
        place = self.dir / "hostile"
        place.mkdir()
        (place / "cc-ci.toml").write_bytes(content)
        state = self.dir / "state"
        for words in (["lock"], ["build"], ["run", "--", "true"], ["show"]):
            result = self.call(self.program, "-C", place, "--state", state, *words, timeout=LIMIT,
                               text=False)
            self.assertEqual((result.returncode, result.stdout), (2, b""), result.stderr[:2000])
            self.assertTrue(result.stderr.startswith(b"cc-ci: error: cc-ci.toml"),
                            result.stderr[:2000])
            # No byte of it may steer the terminal, and no page of it drown the reason.
            self.assertNotRegex(result.stderr.decode(), "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")
            self.assertLess(len(result.stderr), 64 * 1024)
            for part in parts:
                self.assertIn(part, result.stderr.decode())
        self.assertEqual(os.listdir(place), ["cc-ci.toml"])
        self.assertFalse(state.exists())

    def test_a_megabyte_of_noise(self):
        self.refuse(random.Random(1).randbytes(1 << 20))

    def test_a_megabyte_of_printable_noise(self):
        self.refuse(bytes(random.Random(2).choices(b"[]{}=\"'#.,\n abc019_-\\", k=1 << 20)))

    def test_a_megabyte_of_unknown_keys(self):
        self.refuse(b"".join(b"key-%d = 1\n" % n for n in range(70000)))

    def test_nested_arrays(self):
        self.refuse(b"[runtime]\ntools = " + b"[" * 10000 + b"]" * 10000 + b"\n")

    def test_nested_tables(self):
        self.refuse(b"[runtime]\ntools = " + b"{a=" * 10000 + b"1" + b"}" * 10000 + b"\n")

    def test_a_deep_dotted_key(self):
        self.refuse(b"[" + b".".join([b"a"] * 10000) + b"]\nb = 1\n")

    def test_unclosed_nesting(self):
        self.refuse(b"tools = " + b"[" * 10000)

    def test_control_characters(self):
        for number, byte in enumerate(b"\x00\x07\x08\x1b\x7f"):
            with self.subTest(byte=byte):
                self.dir = self.dir.parent / f"{self.dir.name}-{number}"
                self.dir.mkdir()
                self.refuse(b'[runtime]\ntools = ["ba' + bytes([byte]) + b'sh"]\n')

    def test_escaped_control_characters(self):
        self.refuse(b'[runtime]\ntools = ["ba\\u001b]0;owned\\u0007sh"]\n')

    def test_text_that_turns_the_line_around(self):
        self.refuse('[runtime]\ntools = ["ba\u202ehs"]\n'.encode())

    def test_not_unicode(self):
        self.refuse(b'[runtime]\ntools = ["\xff\xfe"]\n')


if __name__ == "__main__":
    support.main()

"""Runs all facts, or those whose file or test name has one of the arguments in it."""

import os
import sys
import unittest

folder = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, folder)

from people import BrowserTest  # noqa: E402 (the path comes first)


def flat(suite):
    for test in suite:
        yield from flat(test) if isinstance(test, unittest.TestSuite) else [test]


wanted = sys.argv[1:]
tests = unittest.defaultTestLoader.discover(folder, pattern="*_test.py")
chosen = [test for test in flat(tests) if not wanted or any(word in test.id() for word in wanted)]
try:
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(chosen))
finally:
    if BrowserTest.server:
        BrowserTest.server.stop()
print(f"{result.testsRun - len(result.failures) - len(result.errors)} passed, {len(result.failures) + len(result.errors)} failed")
sys.exit(0 if result.wasSuccessful() and chosen else 1)

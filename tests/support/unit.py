#!/usr/bin/env python3
"""Runs a Catch2 program and says how many of its test cases passed, in the form of all suites."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree


def main():
    run = subprocess.run([sys.argv[1], "--reporter", "xml"], capture_output=True, text=True, errors="replace")
    try:
        root = ElementTree.fromstring(run.stdout)
    except ElementTree.ParseError:
        # It died on the way: what it printed last names the case.
        cases = re.findall(r'<TestCase name="([^"]*)"', run.stdout)
        print(f"FAIL unit_tests ended with code {run.returncode} in: {cases[-1] if cases else 'start-up'}")
        print(run.stderr[-2000:])
        print(f"unit: {max(len(cases) - 1, 0)} passed, 1 failed, 0 skipped")
        sys.exit(1)
    passed = failed = 0
    for case in root.iter("TestCase"):
        if case.find("OverallResult").get("success") == "true":
            passed += 1
            continue
        failed += 1
        print(f"FAIL {case.get('name')}")
        for expression in case.iter("Expression"):
            if expression.get("success") == "false":
                expanded = (expression.findtext("Expanded") or "").strip()
                print(f"  {expression.get('filename')}:{expression.get('line')}: {expanded}")
        for problem in list(case.iter("Exception")) + list(case.iter("FatalErrorCondition")):
            print(f"  {problem.get('filename')}:{problem.get('line')}: {(problem.text or '').strip()}")
    print(f"unit: {passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

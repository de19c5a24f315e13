#!/usr/bin/env python3
"""What a machine can check about the house style, in seconds. One line per finding.

Checks: includes against the layer table, homes of third-party libraries, #pragma once, length of
lines and files, words we do not use, paths of one machine, executable bits, and - where a build
exists - the symbols of the instruction-set units in engine/kernels/.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

LINE_LENGTH_MAX = 100
# Between `clang-format off` and `on`: tables, one row a line.
TABLE_LINE_LENGTH_MAX = 200
FILE_LINES_MAX = 500
# Longer files, each with the reason why it holds one idea.
LONG_FILES = {"sql/binder/deparse.cpp": "one walker whose parts call each other"}
# Text whose lines cannot be broken.
LONG_LINE_FILES = re.compile(r"\.(md|slt|out|json|txt)$|^LICENSE$|^tests/clients/psql/|^tests/.*\.(py|js|spec)$|^bench/.*\.py$|^tests/fuzz/corpus/")

LAYERS = ("protocol", "engine", "sql", "server", "tests", "bench")
# Layer -> prefixes of our own headers it may include.
MAY_INCLUDE = {
    "protocol": ("protocol/", "engine/base/"),
    "engine": ("engine/",),
    "sql": ("sql/", "engine/base/", "engine/api/"),
    "server": ("server/", "sql/", "protocol/", "engine/"),
    "tests": tuple(f"{layer}/" for layer in LAYERS if layer != "bench"),
    "bench": tuple(f"{layer}/" for layer in LAYERS),
}
# Third-party headers -> the only folders that may include them (tests and benchmarks may always).
HOMES = {
    r"^rocksdb/": ("engine/storage/",),
    r"^pg_query": ("sql/parser/",),
    r"^boost/asio": ("server/",),
    r"^openssl/": ("protocol/auth/", "server/", "sql/session/", "sql/functions/"),
    r"^spdlog/": ("server/", "engine/"),
    r"^libpq-fe\.h$": (),
    r"^catch2/": (),
}
KERNEL_UNIT = re.compile(r"^engine/kernels/.*(avx2|avx512|neon|scalar).*\.cpp$")
KERNEL_HEADERS = {"immintrin.h", "arm_neon.h", "cstddef", "cstdint", "cpuid.h"}

BANNED = {
    r"\busing namespace\b": "names its types instead",
    r"\bboost::asio::detached\b|\basio::detached\b|[^_\w\"]detached\b\)": "each co_spawn has a handler",
    r"march=native": "the baseline is plain x86-64 / ARMv8",
    r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))": "needs an issue: TODO(#12)",
    r"not yet (implemented|supported)": "say what is not supported",
}
# Folders of single machines; documentation of the layout users have is exempt by its own prefix.
MACHINE_PATH = re.compile(r"(^|[^\w.$)}/])/(work|root|home|farm|Users)/[\w.]")
REGISTRY_HOST = re.compile(r"https?://[\w.-]*(artifactory|nexus|registry|mirror|proxy)[\w.-]*", re.IGNORECASE)
OWN_TEXT = {"tests/tidy/tidy.py"}  # spells what it looks for

CODE = (".h", ".cpp")
SCRIPT_NAMES = ("dev", ".ci/run")


def tracked_files():
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return [name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def without_comments_and_strings(line):
    """Good enough for single lines: words are judged in code, not in prose about them."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return re.sub(r"//.*", "", line)


class Tidy:
    def __init__(self):
        self.findings = []
        self.checked = 0

    def add(self, name, number, text):
        self.findings.append(f"{name}:{number}: {text}")

    def check_file(self, name):
        self.checked += 1
        path = ROOT / name
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            return
        lines = text.splitlines()
        self.check_text(name, lines)
        if name.endswith(CODE):
            self.check_code(name, text, lines)
        self.check_executable(name, path, lines)

    def check_text(self, name, lines):
        length_max = LINE_LENGTH_MAX
        for number, line in enumerate(lines, 1):
            if "clang-format off" in line:
                length_max = TABLE_LINE_LENGTH_MAX
            elif "clang-format on" in line:
                length_max = LINE_LENGTH_MAX
            if len(line) > length_max and not LONG_LINE_FILES.search(name):
                self.add(name, number, f"{len(line)} columns; at most {length_max}")
            if name in OWN_TEXT:
                continue
            if MACHINE_PATH.search(line) and not line.startswith("#!"):
                self.add(name, number, f"a path of one machine: {line.strip()[:60]}")
            if REGISTRY_HOST.search(line):
                self.add(name, number, "the host of a registry or mirror")

    def check_code(self, name, text, lines):
        if len(lines) > FILE_LINES_MAX and name not in LONG_FILES:
            self.add(name, len(lines), f"{len(lines)} lines; past {FILE_LINES_MAX} split by concept, or give a reason")
        if name.endswith(".h") and "#pragma once" not in text:
            self.add(name, 1, "no #pragma once")
        for number, line in enumerate(lines, 1):
            include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if include:
                self.check_include(name, number, include.group(1), include.group(2))
                continue
            code = without_comments_and_strings(line)
            for pattern, why in BANNED.items():
                if re.search(pattern, line if "TODO" in pattern else code):
                    self.add(name, number, f"{re.search(pattern, line if 'TODO' in pattern else code).group(0)}: {why}")

    def check_include(self, name, number, bracket, header):
        layer = name.split("/")[0]
        if ".." in header:
            self.add(name, number, f"{header}: includes are written from the root")
            return
        if KERNEL_UNIT.match(name) and not (header in KERNEL_HEADERS or header.startswith("engine/kernels/")):
            self.add(name, number, f"{header}: a kernel unit includes intrinsics and its table only")
        if bracket == '"':
            if layer in MAY_INCLUDE and not header.startswith(MAY_INCLUDE[layer]):
                self.add(name, number, f"{layer}/ may not include {header}")
            elif not (ROOT / header).exists():
                self.add(name, number, f"{header} does not exist from the root")
            return
        if layer in ("tests", "bench"):
            return
        for pattern, homes in HOMES.items():
            if re.search(pattern, header) and not name.startswith(homes or ("tests/",)):
                self.add(name, number, f"{header} is included in {', '.join(homes) or 'tests'} only")

    def check_executable(self, name, path, lines):
        has_bit = bool(path.stat().st_mode & 0o111)
        shebang = bool(lines) and lines[0].startswith("#!")
        if name in SCRIPT_NAMES and not has_bit:
            self.add(name, 1, "must be executable")
        if has_bit and not shebang:
            self.add(name, 1, "is executable but has no #! line")

    def check_kernels(self, build):
        """Weak or unique symbols of a unit with its own flags may replace everybody's copy."""
        seen = set()
        for unit in sorted(build.glob("**/engine/kernels/*.cpp.o")) if build and build.exists() else []:
            source = "engine/kernels/" + unit.name.removesuffix(".o")
            if not KERNEL_UNIT.match(source) or source in seen or "scalar" in source:
                continue
            seen.add(source)
            self.checked += 1
            symbols = subprocess.run(["nm", "-C", unit], capture_output=True, text=True, check=True).stdout
            for line in symbols.splitlines():
                kind = line[17:18]
                if kind in "WVu":
                    self.add(source, 1, f"exports {kind} symbol {line[19:80]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, help="a build folder, for the kernels' symbols")
    arguments = parser.parse_args()
    tidy = Tidy()
    for name in tracked_files():
        tidy.check_file(name)
    tidy.check_kernels(arguments.build)
    for finding in tidy.findings:
        print("FAIL " + finding)
    bad = len({finding.split(":")[0] for finding in tidy.findings})
    print(f"tidy: {tidy.checked - bad} passed, {bad} failed, 0 skipped")
    sys.exit(1 if tidy.findings else 0)


if __name__ == "__main__":
    main()

"""Reads a .spec file: sessions, their steps, and the orders (permutations) in which steps run.

    # omendb lacks REASON            all of the file is left out on OmenDB
    # serialisable: SELECT ...       see run.py; the query shows the final state
    setup { SQL }                    any number; one transaction each
    teardown { SQL }
    session NAME
    setup { SQL }
    step NAME { SQL }
    teardown { SQL }
    permutation STEP STEP(*) STEP(OTHER) ...

`STEP(*)` is reported as waiting when it is sent, whatever it does: for a step that may be answered
before anybody can see it wait. `STEP(OTHER)` is not reported as done before OTHER is. Without
permutations all orders are run that keep the order of each session's steps.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<space>\s+)|\{(?P<sql>[^}]*)\}|"(?P<quoted>[^"]+)"|(?P<name>[A-Za-z_][\w-]*)"""
    r"""|(?P<sign>[(),*])"""
)
LACKS = re.compile(r"^# omendb lacks (.+)$", re.MULTILINE)
STATE = re.compile(r"^# serialisable: (.+)$", re.MULTILINE)


class SpecError(Exception):
    """The file is not a spec; the text says where."""


@dataclass(frozen=True)
class Step:
    name: str
    session: int  # position in Spec.sessions
    sql: str


@dataclass
class Session:
    name: str
    setup: str = ""
    teardown: str = ""
    steps: list = field(default_factory=list)


@dataclass(frozen=True)
class Scheduled:
    """A step's place in a permutation."""

    step: Step
    reported_waiting: bool = False
    after: tuple = ()  # names of steps that must be done first


@dataclass
class Spec:
    lacks: str = ""
    state_query: str = ""
    setups: list = field(default_factory=list)
    teardown: str = ""
    sessions: list = field(default_factory=list)
    permutations: list = field(default_factory=list)

    def steps(self):
        return {step.name: step for session in self.sessions for step in session.steps}


class Reader:
    """Tokens of a text, one ahead."""

    def __init__(self, text):
        self.tokens = []
        at = 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise SpecError(f"line {text.count(chr(10), 0, at) + 1}: {text[at:at + 20]!r} is not understood")
            at = found.end()
            if found.lastgroup not in ("comment", "space"):
                self.tokens.append((found.lastgroup, found.group(found.lastgroup)))
        self.tokens.append(("end", ""))

    def peek(self):
        return self.tokens[0]

    def take(self, kinds):
        kind, text = self.tokens.pop(0)
        if kind not in kinds:
            raise SpecError(f"{text!r} in the place of a {kinds[0]}")
        return text

    def take_if(self, token):
        if self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def name(self):
        return self.take(("name", "quoted"))

    def sql(self):
        return self.take(("sql",)).strip()


def read_spec(text):
    spec = Spec()
    if found := LACKS.search(text):
        spec.lacks = found.group(1)
    if found := STATE.search(text):
        spec.state_query = found.group(1)
    reader = Reader(text)
    while reader.take_if(("name", "setup")):
        spec.setups.append(reader.sql())
    if reader.take_if(("name", "teardown")):
        spec.teardown = reader.sql()
    while reader.take_if(("name", "session")):
        spec.sessions.append(read_session(reader, len(spec.sessions)))
    steps = spec.steps()
    if len(steps) != sum(len(session.steps) for session in spec.sessions):
        raise SpecError("two steps have one name")
    while reader.take_if(("name", "permutation")):
        spec.permutations.append(read_permutation(reader, steps))
    reader.take(("end",))
    if not spec.permutations:
        orders = interleavings([session.steps for session in spec.sessions])
        spec.permutations = [[Scheduled(step) for step in order] for order in orders]
    return spec


def read_session(reader, position):
    session = Session(reader.name())
    if reader.take_if(("name", "setup")):
        session.setup = reader.sql()
    while reader.take_if(("name", "step")):
        session.steps.append(Step(reader.name(), position, reader.sql()))
    if reader.take_if(("name", "teardown")):
        session.teardown = reader.sql()
    return session


def read_permutation(reader, steps):
    order = []
    while reader.peek()[0] in ("name", "quoted") and reader.peek() != ("name", "permutation"):
        name = reader.name()
        reported_waiting, after = False, []
        if reader.take_if(("sign", "(")):
            while True:
                if reader.take_if(("sign", "*")):
                    reported_waiting = True
                else:
                    after.append(reader.name())
                if not reader.take_if(("sign", ",")):
                    break
            reader.take_if(("sign", ")")) or reader.take(("sign )",))
        for known in (name, *after):
            if known not in steps:
                raise SpecError(f"there is no step {known!r}")
        order.append(Scheduled(steps[name], reported_waiting, tuple(after)))
    return order


def interleavings(lists):
    """All orders of the lists' elements that keep the order within each list."""
    if not any(lists):
        return [[]]
    orders = []
    for i, elements in enumerate(lists):
        if elements:
            rest = lists[:i] + [elements[1:]] + lists[i + 1:]
            orders += [[elements[0], *order] for order in interleavings(rest)]
    return orders

"""Runs one permutation of a spec and writes down what happened.

A step that waits for another session is told from a slow one by the server itself
(pg_isolation_test_session_is_blocked), so no time decides what is written.
"""

import time
from dataclasses import dataclass, field

from libpq_session import LibpqSession, SessionError

STEP_SECONDS_MAX = 30


class Hang(Exception):
    """A step neither ended nor waits for one of the sessions."""


@dataclass
class Transcript:
    lines: list = field(default_factory=list)
    outputs: dict = field(default_factory=dict)  # step name -> its lines
    aborted: set = field(default_factory=set)  # sessions that had an error or rolled back
    state: list = field(default_factory=list)  # answer of Spec.state_query

    def text(self):
        return "\n".join(self.lines).rstrip() + "\n"


class Permutation:
    """One run. The sessions are new connections, so that nothing of an earlier run is left in them."""

    def __init__(self, url, spec, order):
        self.spec = spec
        self.order = order
        self.transcript = Transcript()
        self.waiting = []
        self.active = {}  # session -> Scheduled it is at work on
        self.control = LibpqSession(url)
        self.sessions = []
        for session in spec.sessions:
            name = session.name
            self.sessions.append(LibpqSession(url, lambda line, name=name: self.write(f"{name}: {line}")))
        self.process_ids = ",".join(str(session.process_id) for session in self.sessions)

    def write(self, line):
        self.transcript.lines.append(line)

    def run(self):
        """Returns the transcript. Raises Hang, or SessionError for a failed setup or teardown."""
        self.write("starting permutation: " + " ".join(name_of(scheduled) for scheduled in self.order))
        try:
            self.run_around()
        finally:
            self.close()
        return self.transcript

    def run_around(self):
        for sql in self.spec.setups:
            self.transcript.lines += self.control.run(sql)
        try:
            for session, connection in zip(self.spec.sessions, self.sessions):
                if session.setup:
                    self.transcript.lines += connection.run(session.setup)
            self.run_steps()
            for session, connection in zip(self.spec.sessions, self.sessions):
                if session.teardown:
                    self.transcript.lines += connection.run(session.teardown)
            if self.spec.state_query:
                self.transcript.state = self.control.run(self.spec.state_query)
        finally:
            self.end_sessions()
            if self.spec.teardown:
                self.transcript.lines += self.control.run(self.spec.teardown)

    def run_steps(self):
        for scheduled in self.order:
            session = scheduled.step.session
            while session in self.active:
                self.finish_session(session)
            self.sessions[session].send(scheduled.step.sql)
            self.active[session] = scheduled
            is_waiting = self.try_complete(scheduled, may_wait=True, is_first=True)
            self.complete_waiting(may_wait=True)
            if is_waiting:
                self.waiting.append(scheduled)
        self.complete_waiting(may_wait=False)
        if self.waiting:
            raise Hang("steps wait for each other: " + ", ".join(name_of(s) for s in self.waiting))

    def finish_session(self, session):
        """The session's last step must end before it is given another."""
        before = self.active[session]
        if not self.try_complete(before, may_wait=False, is_first=False):
            self.waiting.remove(before)
        waiting_count = len(self.waiting)
        self.complete_waiting(may_wait=True)
        if self.active.get(session) is before and len(self.waiting) == waiting_count:
            raise Hang(f"step {before.step.name} waits for {', '.join(before.after)}, which waits for it")

    def complete_waiting(self, may_wait):
        """Reports waiting steps that are done; again while that lets others be reported."""
        progress = True
        while progress:
            before = len(self.waiting)
            self.waiting = [s for s in self.waiting if self.try_complete(s, may_wait, is_first=False)]
            progress = len(self.waiting) < before and any(s.after for s in self.waiting)

    def try_complete(self, scheduled, may_wait, is_first):
        """Whether the step is still at work (or not to be reported as done)."""
        step = scheduled.step
        if is_first and scheduled.reported_waiting:
            self.write(f"step {step.name}: {step.sql} <waiting ...>")
            return True
        session = self.sessions[step.session]
        deadline = time.monotonic() + STEP_SECONDS_MAX
        is_waiting = False
        while not is_waiting and not session.is_done():
            is_waiting = may_wait and self.is_blocked(session)
            if time.monotonic() > deadline:
                raise Hang(f"step {step.name} did not end within {STEP_SECONDS_MAX} s")
        if is_waiting or any(other.step.name in scheduled.after for other in self.active.values()):
            if is_first:
                self.write(f"step {step.name}: {step.sql} <waiting ...>")
            return True
        del self.active[step.session]
        self.write(f"step {step.name}: {step.sql}" if is_first else f"step {step.name}: <... completed>")
        lines, tags = session.results()
        self.transcript.lines += lines
        self.transcript.outputs[step.name] = lines
        if "ROLLBACK" in tags or any(line.startswith("ERROR:") for line in lines):
            self.transcript.aborted.add(step.session)
        return False

    def is_blocked(self, session):
        """Whether the server knows it to wait for another of the sessions."""
        query = f"SELECT pg_isolation_test_session_is_blocked({session.process_id}, '{{{self.process_ids}}}')"
        return self.control.value(query) == "t"

    def end_sessions(self):
        """Frees what sessions hold, so that the teardown need not wait for them."""
        for session in self.sessions:
            if session.connection.is_busy():
                session.cancel()
            session.close()
        deadline = time.monotonic() + STEP_SECONDS_MAX
        left = f"SELECT count(*) FROM pg_stat_activity WHERE pid IN ({self.process_ids})"
        while self.control.value(left) != "0" and time.monotonic() < deadline:
            time.sleep(0.002)

    def close(self):
        self.control.close()


def name_of(scheduled):
    marks = (["*"] if scheduled.reported_waiting else []) + list(scheduled.after)
    return scheduled.step.name + (f"({','.join(marks)})" if marks else "")

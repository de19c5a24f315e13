"""One connection through libpq: a statement is sent, then polled for, so that its wait can be watched."""

import select

from psycopg import pq

POLL_SECONDS = 0.01


class SessionError(Exception):
    """A statement that must succeed failed."""


class LibpqSession:
    """What isolation tests need of a connection. Notices go to `on_line`, a function of a line of text."""

    def __init__(self, url, on_line=None):
        self.connection = pq.PGconn.connect(url.encode())
        if self.connection.status != pq.ConnStatus.OK:
            raise SessionError(self.connection.error_message.decode(errors="replace"))
        self.process_id = self.connection.backend_pid
        self.on_line = on_line
        self.connection.notice_handler = self._notice

    def _notice(self, result):
        if self.on_line:
            self.on_line(message_of(result))

    def send(self, sql):
        self.connection.send_query(sql.encode())

    def is_done(self):
        """Waits a moment for the statement sent; whether its results are all there."""
        if self.connection.is_busy():
            select.select([self.connection.socket], [], [], POLL_SECONDS)
            self.connection.consume_input()
        return not self.connection.is_busy()

    def results(self):
        """The results of the statement sent, as lines of text and command tags."""
        lines, tags = [], []
        while (result := self.connection.get_result()) is not None:
            if result.status == pq.ExecStatus.TUPLES_OK:
                lines += table_of(result)
            elif result.status == pq.ExecStatus.FATAL_ERROR:
                lines.append(message_of(result))
            elif result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY):
                raise SessionError(f"a result of status {result.status!r}")
            tags.append((result.command_status or b"").decode())
            result.clear()
        return lines, tags

    def run(self, sql):
        """Runs a statement that must succeed; returns its lines."""
        result = self.connection.exec_(sql.encode())
        if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            raise SessionError(f"{message_of(result)}\n{sql}")
        return table_of(result) if result.status == pq.ExecStatus.TUPLES_OK else []

    def value(self, sql):
        """The only value of a query, as text."""
        result = self.connection.exec_(sql.encode())
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise SessionError(f"{message_of(result)}\n{sql}")
        return result.get_value(0, 0).decode()

    def cancel(self):
        self.connection.get_cancel().cancel()

    def close(self):
        self.connection.finish()


def message_of(result):
    """SEVERITY:  SQLSTATE: message, or for notices without the code."""
    fields = pq.DiagnosticField
    severity, code, text = (
        (result.error_field(field) or b"").decode(errors="replace")
        for field in (fields.SEVERITY, fields.SQLSTATE, fields.MESSAGE_PRIMARY)
    )
    if severity in ("ERROR", "FATAL", "PANIC"):
        return f"{severity}:  {code}: {text}"
    return f"{severity}:  {text}"


def table_of(result):
    """Columns between bars, numbers to the right."""
    columns = []
    for column in range(result.nfields):
        values = [
            (result.get_value(row, column) or b"").decode(errors="replace") for row in range(result.ntuples)
        ]
        name = (result.fname(column) or b"").decode()
        width = max(len(text) for text in [name, *values])
        to_right = all(is_number(value) for value in values) and values
        columns.append([text.rjust(width) if to_right else text.ljust(width) for text in [name, *values]])
    rows = ["|".join(cells).rstrip() for cells in zip(*columns)]
    rows.insert(1, "+".join("-" * len(column[0]) for column in columns))
    return [*rows, f"({result.ntuples} row{'' if result.ntuples == 1 else 's'})", ""]


def is_number(text):
    try:
        float(text or "0")
        return True
    except ValueError:
        return False

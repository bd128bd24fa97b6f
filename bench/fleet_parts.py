"""A fleet to measure: a PostgreSQL as its store, with history in it, nodes that share it, and what it all costs."""
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import harness as bench  # noqa: E402  (after the line above, which keeps the tree clean)

PEOPLE = [f"dev{i}" for i in range(1000)]
REVIEWERS = [f"dba{i}" for i in range(5)]
CONNECTIONS_OF_A_NODE = 4  # one that writes, two that read, one that listens
DAY_MS = 86_400_000


class Store(bench.Postgres):
    """As a store ought to run: durable, with autovacuum."""

    def __init__(self, parent, nodes):
        settings = {"max_connections": nodes * CONNECTIONS_OF_A_NODE + 20, "fsync": "on", "synchronous_commit": "on",
                    "full_page_writes": "on", "autovacuum": "on"}
        self.counts_statements = self.has_pg_stat_statements()
        if self.counts_statements:
            settings["shared_preload_libraries"] = "pg_stat_statements"
        super().__init__(parent, settings)
        self.psql("CREATE DATABASE curfew")
        if self.counts_statements:
            self.psql("CREATE EXTENSION pg_stat_statements", "curfew")

    @staticmethod
    def has_pg_stat_statements():
        directory = bench.run([bench.program("pg_config", "run scripts/setup"), "--pkglibdir"]).strip()
        return (pathlib.Path(directory) / "pg_stat_statements.so").exists()

    def connection_string(self, port=None):
        return f"postgresql://bench@127.0.0.1:{port or self.port}/curfew?sslmode=disable"

    def ask(self, sql):
        return self.psql(sql, "curfew")

    def fill(self, grants, past):
        """What a large installation has: so many requests that gave the grants that are active, and past ones of years,
        each with its review, its grant, a session and the events of all that."""
        now = int(time.time() * 1000)
        active = f"generate_series(1, {grants}) n"
        old = f"generate_series({grants + 1}, {grants + past}) n"
        person = f"'dev' || n % {len(PEOPLE)}"
        def name(prefix):
            return f"'{prefix}-' || lpad(to_hex(n), 8, '0')"
        then = f"{now - DAY_MS} - ({grants + past} - n) * 60000::bigint"
        resource = "'db' || n % 50"
        grant_columns = ("id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, given_by, "
                         "given_at_ms, ended")
        request_columns = ("id, kind, type, requester, resource, duration_ms, reason, allow_replication, asked_at_ms, "
                           "review_ends_at_ms, status, decision, decided_by, decided_at_ms, decision_comment, approval, "
                           "approved_at_ms, rules, granted_ms, grant_id, review_due, due_at_ms")
        statements = [
            "SET search_path = curfew",
            f"INSERT INTO grants ({grant_columns}) SELECT {name('g')}, {person}, {resource}, {then}, {then} + 3600000, 0, "
            f"'ticket ' || n, 'dba0', {then}, 1 FROM {old}",
            f"INSERT INTO grants ({grant_columns}) SELECT {name('g')}, {person}, {resource}, {now}, {now + DAY_MS}, 0, "
            f"'ticket ' || n, 'dba0', {now}, 0 FROM {active}",
            f"INSERT INTO requests ({request_columns}) SELECT {name('r')}, 'access', 'jit', {person}, {resource}, 3600000, "
            f"'ticket ' || n, 0, {then}, {then} + 3600000, 'EXECUTED', 'window_passed', '', {then} + 3600000, '', "
            f"'reviewed', {then} + 60000, '[\"prod\"]', 3600000, {name('g')}, 0, NULL FROM {old}",
            f"INSERT INTO requests ({request_columns}) SELECT {name('r')}, 'access', 'jit', {person}, {resource}, "
            f"{DAY_MS}, 'ticket ' || n, 0, {now}, {now + DAY_MS}, 'APPROVED', 'reviewed', 'dba0', {now}, '', 'reviewed', "
            f"{now}, '[\"prod\"]', {DAY_MS}, {name('g')}, 0, {now + DAY_MS} FROM {active}",
            "UPDATE grants SET request_id = 'r' || substr(id, 2)",
            f"INSERT INTO reviews (request_id, reviewer, group_name, verdict, comment, at_ms) SELECT {name('r')}, 'dba0', "
            f"'dba', 'approve', '', {now} FROM generate_series(1, {grants + past}) n",
            f"INSERT INTO sessions (id, grant_id, user_name, resource, database_name, node, client_address, "
            f"application_name, backend_pid, backend_started, started_at_ms, state, ending_at_ms, ended_at_ms, cause, "
            f"confirmation, detail) SELECT {name('s')}, {name('g')}, {person}, {resource}, 'bench', 'node' || n % 50, "
            f"'192.0.2.7:5' || n % 10000, 'psql', 1, '', {then}, 'ended', {then} + 9000, {then} + 9000, 'client_closed', "
            f"'eof', '' FROM {old}",
        ]
        for kind in ("request.submitted", "request.approved", "grant.given", "session.started", "session.ended",
                     "grant.ended", "request.executed"):
            # Hashes that prove nothing: nobody verifies this chain.
            statements.append("INSERT INTO events (number, at_ms, kind, id, actor, summary, hash) "
                              f"SELECT (SELECT coalesce(max(number), 0) FROM events) + n - {grants}, {then}, '{kind}', "
                              f"{name(kind[0])}, {person}, '{{\"resource\":\"db0\"}}', sha256(n::text::bytea) FROM {old}")
        statements += ["VACUUM ANALYZE", "CHECKPOINT"]
        self.ask(";".join(statements))

    def processes(self):
        """Every process of the server."""
        found = [self.pid]
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # gone meanwhile
                if int(status.read_text().rpartition(")")[2].split()[1]) == self.pid:
                    found.append(int(status.parent.name))
        return found

    def cpu_seconds(self):
        """Of those that run, and of those that have ended."""
        total = 0.0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                total += bench.cpu_seconds(pid)
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return total + (int(fields[13]) + int(fields[14])) / bench.TICKS

    def bytes_sent_and_received(self):
        """On the connections that there are, counted by the kernel; without headers."""
        text = bench.run(["ss", "-tinH", "sport", "=", f":{self.port}"])
        return [sum(map(int, re.findall(rf"\b{what}:(\d+)", text))) for what in ("bytes_sent", "bytes_received")]

    def counters(self):
        # Whoever asks is in none of them but the first.
        transactions, rows, read, scans = self.ask(
            "SELECT xact_commit + xact_rollback, tup_returned, blks_read + blks_hit, "
            "(SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = 'curfew') "
            "FROM pg_stat_database WHERE datname = 'curfew'").split("|")
        statements = 0
        if self.counts_statements:
            statements = int(self.ask("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d "
                                      "ON d.oid = s.dbid WHERE datname = 'curfew'"))
        sent, received = self.bytes_sent_and_received()
        connections = int(self.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'curfewd %'"))
        return {"at": time.monotonic(), "transactions": int(transactions), "statements": statements, "rows": int(rows),
                "pages": int(read), "rows_by_scans": int(scans), "sent": sent, "received": received,
                "cpu": self.cpu_seconds(), "connections": connections}

    def heaviest(self, limit=12):
        """The statements that took most of the server's time, since they were last counted anew."""
        if not self.counts_statements:
            return []
        text = self.ask("SELECT round(total_exec_time), calls, rows, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) "
                        f"FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT {limit}")
        return [line.split("|", 3) for line in text.splitlines()]

    def count_anew(self):
        if self.counts_statements:
            self.ask("SELECT FROM pg_stat_statements_reset()")


class Node(bench.Curfewd):
    """One of the fleet, with a resource behind it that is nobody else's, or is everybody's."""

    def __init__(self, arguments, parent, number, store_at, backend_port, resource, extra=None):
        self.number = number
        self.resource = resource
        self.api_port = bench.free_port()
        about = {"host": "127.0.0.1", "port": backend_port, "login": "passthrough", "tls": {"sslmode": "disable"},
                 "attributes": {"env": "prod"}}
        more = {
            "node": f"node{number}",
            "users": {name: {} for name in PEOPLE + REVIEWERS},
            "groups": {"developers": PEOPLE, "dba": REVIEWERS},
            "rules": {"prod": {"attributes": {"env": "prod"}, "required_groups": ["developers"],
                               "approval_groups": ["dba"], "max_duration": "24h"}},
            "store": {"postgresql": store_at},
            "api": {"address": f"127.0.0.1:{self.api_port}"},
        } | (extra or {})
        resources = {name: about for name in ["shared", *(f"db{i}" for i in range(50))]}
        begun = time.monotonic()
        super().__init__(arguments.build, parent, f"node{number}", resources, {"main": {"resource": resource}}, more)
        self.seconds_to_start = time.monotonic() - begun

    def cpu_seconds(self):
        return bench.cpu_seconds(self.pid)


class Relay:
    """Between nodes and their store, as a network that can be cut: what is sent then goes nowhere, and nobody is told."""

    def __init__(self, port):
        self.port = bench.free_port()
        program = pathlib.Path(__file__).resolve().parent / "fleet_relay.py"
        self.process = subprocess.Popen([sys.executable, program, str(self.port), str(port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        bench.wait_until(lambda: bench.is_listening(self.port), "the relay did not start", self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(bench.PATIENCE)

    def tell(self, order):
        """`cut` or `heal`; CLOCK_BOOTTIME when it was done."""
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def give(node, subject, resource, duration="2h"):
    return node.admin("/api/v1/grants", {"subject": subject, "resource": resource, "for": duration})["id"]


def make_tables(arguments, parent, store, backend_port):
    """By a first node."""
    with Node(arguments, parent, "-first", store.connection_string(), backend_port, "db0") as node:
        node.process.terminate()
        node.process.wait(bench.PATIENCE)


def percentiles(values):
    ordered = sorted(values)
    rank = lambda percent: ordered[max(1, -(-len(ordered) * percent // 100)) - 1]  # noqa: E731
    return {"p50": rank(50), "p99": rank(99), "max": ordered[-1], "count": len(ordered)} if ordered else None


def load_average():
    return os.getloadavg()[0]

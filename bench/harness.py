"""What the benchmarks have in common: servers of their own, and what they cost. Python's standard library alone."""
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import platform
import resource
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds, for what ought to happen at once
TICKS = os.sysconf("SC_CLK_TCK")
OS_USER = "postgres" if os.geteuid() == 0 else None  # PostgreSQL and PgBouncer refuse to run as root


class Failed(Exception):
    """The benchmark cannot be carried out; says why, and what to do."""


def main(body):
    """Runs a benchmark as a program."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and files are left behind by no end
    try:
        body()
    except Failed as failure:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {failure}")


def absolute_path(text):
    """Servers run elsewhere than whoever wrote the path."""
    return pathlib.Path(text).resolve()


def add_common_options(parser):
    parser.add_argument("--build", type=absolute_path, default=ROOT / "build", help="where curfewd was built")
    parser.add_argument("--json", type=absolute_path, metavar="FILE", help="writes all that was measured to FILE")
    parser.add_argument("--lock", type=absolute_path, metavar="FILE",
                        help="holds an exclusive flock(2) on FILE while it measures, never for longer than a part")


@contextlib.contextmanager
def undisturbed(lock):
    """Alone among those that take the same lock."""
    if lock is None:
        yield
        return
    with open(lock, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def program(name, hint):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Failed(f"{name} is not here: {hint}")
    return found


def postgres_program(name):
    pg_config = program("pg_config", "run scripts/setup")
    directory = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
    return str(pathlib.Path(directory) / name)


def built(build, name):
    path = build / name
    if not path.exists():
        raise Failed(f"there is no {path}: build it first (cmake --preset release && cmake --build --preset release)")
    return str(path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, process=None, seconds=PATIENCE, pause=0.02):
    """For what there is no event for."""
    end = time.monotonic() + seconds
    while not condition():
        if process is not None and process.poll() is not None:
            raise Failed(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(pause)


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(arguments, **more):
    result = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False, **more)
    if result.returncode != 0:
        raise Failed(f"{pathlib.Path(arguments[0]).name} failed: {result.stderr.strip()[-2000:]}")
    return result.stdout


# --- What a process costs


def cpu_seconds(pid):
    """User and system time of a process, all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise Failed(f"process {pid} is gone")


def settled_resident_bytes(pid):
    """Once it has not changed for a second."""
    last, since = resident_bytes(pid), time.monotonic()
    end = since + PATIENCE
    while time.monotonic() < min(since + 1, end):
        time.sleep(0.05)
        now = resident_bytes(pid)
        if now != last:
            last, since = now, time.monotonic()
    return last


# --- Clocks


def boot_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def boot_ns_of_wall(wall_ns):
    """An instant of the wall clock on CLOCK_BOOTTIME, as exactly as the two can be read together (microseconds)."""
    tries = []
    for _ in range(50):
        before = boot_ns()
        wall = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = boot_ns()
        tries.append((after - before, (before + after) // 2 - wall))
    return wall_ns + min(tries)[1]


# --- Servers. Each ends with its `with` block.


class Server:
    """A process that serves, with its files in a directory of its own."""

    def __init__(self, arguments, directory, log_name, user=None):
        self.log_path = directory / log_name
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, user=user, cwd=directory)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def state(self):
        """Whether it runs, and its last words."""
        code = self.process.poll()
        return f"{'runs' if code is None else f'ended with {code}'}; its log ends with\n{self.log()[-2000:]}"

    def await_listening(self, port, name):
        try:
            wait_until(lambda: is_listening(port), f"{name} did not start", self.process)
        except Failed as failure:
            state = self.state()
            self.__exit__()
            raise Failed(f"{failure}\nIt {state}") from None


@contextlib.contextmanager
def workspace():
    """A directory that the servers' users can enter; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="curfew-bench-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def directory_for(parent, name, user=None):
    directory = parent / name
    directory.mkdir()
    if user is not None:
        shutil.chown(directory, user)
    return directory


class Postgres(Server):
    """A real one on 127.0.0.1 and on a Unix socket, which trusts everybody. Nothing is kept: fsync is off."""

    def __init__(self, parent, settings=None):
        directory = directory_for(parent, "postgres", OS_USER)
        data = directory / "data"
        self.port = free_port()
        self.socket_directory = directory
        run([postgres_program("initdb"), "--pgdata", data, "--username", "bench", "--auth", "trust", "--encoding",
             "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"], user=OS_USER, cwd=directory)
        everything = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": directory,
                      "max_connections": 200, "shared_buffers": "512MB", "fsync": "off", "synchronous_commit": "off",
                      "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "4GB"} | (settings or {})
        with open(data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in everything.items())
        super().__init__([postgres_program("postgres"), "-D", data], directory, "log", OS_USER)
        self.await_listening(self.port, "PostgreSQL")
        ready = [postgres_program("pg_isready"), "-q", "-h", directory, "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL takes nobody", self.process)
        self.psql("CREATE DATABASE bench; CREATE ROLE curfew_admin LOGIN SUPERUSER")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)  # a fast shutdown
        self.process.wait(PATIENCE)

    def psql(self, sql, database="postgres"):
        arguments = [postgres_program("psql"), "-XqAt", "-h", self.socket_directory, "-p", self.port, "-U", "bench",
                     "-d", database, "-v", "ON_ERROR_STOP=1"]
        for statement in sql.split(";"):
            arguments += ["-c", statement]
        return run(arguments).strip()


class Curfewd(Server):
    """`curfewd run` with one resource, `bench`, and one user, `bench`; a listener for each way to reach it."""

    def __init__(self, build, parent, name, resources, listeners, more=None):
        """`listeners`: name to {resource, tls}. Their ports are in `ports`."""
        directory = directory_for(parent, name)
        self.cli = built(build, "curfew")
        self.socket = str(directory / "admin.sock")
        self.ports = {listener: free_port() for listener in listeners}
        self.metrics_port = free_port()
        config = {
            "listeners": [{"name": listener, "address": f"127.0.0.1:{self.ports[listener]}"} | about
                          for listener, about in listeners.items()],
            "resources": resources,
            "users": {"bench": {}},
            "store": {"path": str(directory / "store.db")},
            "admin": {"socket": self.socket},
            "metrics": {"address": f"127.0.0.1:{self.metrics_port}"},
            "log": {"format": "json"},
        } | (more or {})
        (directory / "curfew.yaml").write_text(json.dumps(config, indent=1))  # JSON is YAML
        super().__init__([built(build, "curfewd"), "run", "--config", directory / "curfew.yaml"], directory, "log")
        self.await_listening(self.metrics_port, "curfewd")
        wait_until(lambda: self.events("node.ready"), "curfewd is not ready", self.process)

    def __exit__(self, *_):
        self.process.kill()  # nothing of it is needed any more
        self.process.wait()

    @staticmethod
    def http(port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def admin(self, path, body):
        """POST to the administrative API; its answer."""
        connection = http.client.HTTPConnection("curfew", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.socket)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        if answer.status not in (200, 201):
            raise Failed(f"POST {path}: {answer.status} {text}")
        return json.loads(text)

    def grant(self, resource_name, duration):
        return self.admin("/api/v1/grants", {"subject": "bench", "resource": resource_name, "for": duration})

    def metrics(self):
        """Samples by their text up to the value."""
        text = self.http(self.metrics_port, "/metrics")[1]
        lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def events(self, name):
        """What the log has of one kind."""
        lines = (line for line in self.log().splitlines() if f'"{name}"' in line)
        return [event for event in map(json.loads, lines) if name in event.values()]


class Api:
    """One client's connection to the API, kept open."""

    def __init__(self, port, token=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method, path, body=None):
        headers = self.headers | ({"Content-Type": "application/json"} if body is not None else {})
        self.connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise Failed(f"{method} {path}: {answer.status} {text.decode()}")
        return text


def sign_in(server, name):
    """A token for `name`, by a link of the administrator's."""
    link = server.admin(f"/api/v1/users/{name}/one-time-link", {})
    answer = Api(server.api_port).ask("POST", "/sign-in/one-time", {
        "code": link["code"], "password": "correct horse battery staple", "as": "token", "token_name": "bench"})
    return json.loads(answer)["token"]


def log_in(port, user, database):
    """Logs in as a client does, up to ReadyForQuery, and leaves."""
    parameters = f"user\0{user}\0database\0{database}\0\0".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(struct.pack("!ii", len(parameters) + 8, 196608) + parameters)
        received = b""
        while True:
            while len(received) >= 5:
                size = struct.unpack("!i", received[1:5])[0]
                if len(received) < size + 1:
                    break
                kind, body, received = received[:1], received[5:size + 1], received[size + 1:]
                if kind == b"E":
                    raise Failed(f"{user} was refused: {body!r}")
                if kind == b"Z":
                    return
            more = client.recv(65536)
            if not more:
                raise Failed(f"{user}'s connection was closed")
            received += more


class Haproxy(Server):
    """In TCP mode, one process with two threads."""

    def __init__(self, parent, name, upstream):
        directory = directory_for(parent, name)
        self.port = free_port()
        (directory / "haproxy.cfg").write_text(f"""
global
    nbthread 2
    maxconn 9000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
frontend clients
    bind 127.0.0.1:{self.port}
    default_backend postgres
backend postgres
    server postgres {upstream}
""")
        binary = program("haproxy", "run scripts/setup --bench")
        super().__init__([binary, "-db", "-f", directory / "haproxy.cfg"], directory, "log")
        self.await_listening(self.port, "HAProxy")


class Pgbouncer(Server):
    """With a server connection for each client (pool_mode = session)."""

    def __init__(self, parent, name, host, port):
        directory = directory_for(parent, name, OS_USER)
        self.port = free_port()
        (directory / "users").write_text('"bench" ""\n')
        (directory / "pgbouncer.ini").write_text(f"""
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = {directory}/users
pool_mode = session
max_client_conn = 9000
default_pool_size = 9000
server_tls_sslmode = disable
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
""")
        binary = program("pgbouncer", "run scripts/setup --bench")
        super().__init__([binary, directory / "pgbouncer.ini"], directory, "log", OS_USER)
        self.await_listening(self.port, "PgBouncer")


class StubBackend(Server):
    """Thousands of backends in one process that do nothing."""

    def __init__(self, build, parent):
        self.port = free_port()
        super().__init__([built(build, "stub_backend"), "--port", self.port], directory_for(parent, "stub"), "log")
        self.await_listening(self.port, "stub_backend")


class Clients:
    """load_clients: many connections, and how they end. Elsewhere clients have processors of their own; here, if run
    by root, they have at least a higher priority than what they measure."""

    def __init__(self, build, port, count, tls=False, query="", more=()):
        """`port`: one, or a list of them. `more`: other options of load_clients."""
        ports = port if isinstance(port, list) else [port]
        priority = ["nice", "-n", "-15"] if os.geteuid() == 0 else []
        arguments = priority + [built(build, "load_clients"), "--clients", str(count), "--query", query, *more]
        arguments += (["--tls"] if tls else []) + ["--port", *map(str, ports)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def next(self, event):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"load_clients ended: {self.process.stderr.read().strip()}")
        told = json.loads(line)
        if told["event"] != event:
            raise Failed(f"load_clients said {told['event']} instead of {event}")
        return told

    def deadline(self, when_boot_ns):
        self.process.stdin.write(f"deadline {when_boot_ns}\n")
        self.process.stdin.flush()


def self_signed_certificate(directory):
    """Paths of a certificate and its key: elliptic, as most are now."""
    certificate, key = directory / "tls.crt", directory / "tls.key"
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate])
    key.chmod(0o600)
    return {"certificate": str(certificate), "key": str(key)}


# --- Results


def machine():
    cpu = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    revision = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                              check=False).stdout.strip()
    return {"date": time.strftime("%Y-%m-%d"), "cpu": cpu, "cores": os.cpu_count(), "kernel": platform.release(),
            "revision": revision}


def median(values):
    return statistics.median(values) if values else float("nan")


def print_table(header, rows):
    """Left-aligned first column, the others to the right."""
    cells = [header] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))))


def write_json(path, result):
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"machine": machine()} | result, indent=1) + "\n")

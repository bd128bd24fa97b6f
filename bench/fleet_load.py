"""`bench/fleet load`."""
import contextlib
import itertools
import json
import statistics
import sys
import time

sys.dont_write_bytecode = True
import fleet_parts as fleet  # noqa: E402  (after the line above, which keeps the tree clean)
import harness as bench  # noqa: E402

SETTLING = 11  # seconds after the last node has started: backends report what they did up to 10 s later


def add_options(parser):
    parser.add_argument("--nodes", default="1,10,25,50")
    parser.add_argument("--seconds", type=int, default=15, help="of each measurement")
    parser.add_argument("--rate", type=float, default=10, help="changes a second, in the whole fleet")
    parser.add_argument("--statements", action="store_true", help="lists the statements that cost most")


def between(before, after, nodes_cpu):
    seconds = after["at"] - before["at"]
    rates = {key: (after[key] - before[key]) / seconds
             for key in ("transactions", "statements", "rows", "rows_by_scans", "pages", "sent", "received", "cpu")}
    return rates | {"connections": after["connections"], "nodes_cpu": nodes_cpu / seconds}


class People:
    """Whoever does something: in turn somebody asks, somebody else approves, and the first connects, each time on
    another node."""

    def __init__(self, nodes):
        self.nodes = nodes
        first = nodes[0]
        names = fleet.PEOPLE[:8]
        reviewer = bench.sign_in(first, fleet.REVIEWERS[0])
        self.askers = {name: bench.sign_in(first, name) for name in names}
        self.apis = {}
        self.reviewer = reviewer
        self.steps = self.changes()
        self.took = {"request": [], "approval": [], "session": []}

    def api(self, node, token):
        key = (node.number, token)
        if key not in self.apis:
            self.apis[key] = bench.Api(node.api_port, token)
        return self.apis[key]

    def changes(self):
        turns = itertools.cycle(self.nodes)
        for name in itertools.cycle(self.askers):
            node = next(turns)
            body = {"resource": node.resource, "duration": "5m", "reason": "a benchmark"}
            asked = json.loads(self.api(node, self.askers[name]).ask("POST", "/requests", body))
            yield "request"
            # Another node than the one that was asked; one node is all of them.
            there = next(turns)
            self.api(there, self.reviewer).ask("POST", f"/requests/{asked['id']}/reviews", {"verdict": "approve"})
            yield "approval"
            # The grant is on its way to the node of the resource; people are not this quick.
            self.log_in_soon(node, name)
            yield "session"

    @staticmethod
    def log_in_soon(node, name):
        end = time.monotonic() + bench.PATIENCE
        while True:
            try:
                return bench.log_in(node.ports["main"], name, "bench")
            except bench.Failed:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def work(self, seconds, rate):
        begun = time.monotonic()
        for number in range(int(seconds * rate)):
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            at = time.monotonic()
            kind = next(self.steps)
            self.took[kind].append((time.monotonic() - at) * 1000)
        time.sleep(max(0.0, begun + seconds - time.monotonic()))
        return int(seconds * rate) / (time.monotonic() - begun)


def observe(arguments, store, nodes, title, action):
    store.count_anew()
    cpu = sum(node.cpu_seconds() for node in nodes)
    before = store.counters()
    done = action()
    after = store.counters()
    found = between(before, after, sum(node.cpu_seconds() for node in nodes) - cpu)
    if arguments.statements:
        print(f"\n{len(nodes)} nodes, {title}: ms, calls, rows, statement")
        for row in store.heaviest():
            print("  " + "  ".join(cell.rjust(8) for cell in row[:3]) + "  " + row[3])
    return found | ({"changes": done} if done else {})


def measure_step(arguments, store, nodes):
    time.sleep(SETTLING)
    idle = observe(arguments, store, nodes, "idle", lambda: time.sleep(arguments.seconds))
    memory = statistics.median(bench.resident_bytes(node.pid) for node in nodes)
    people = People(nodes)
    busy = observe(arguments, store, nodes, "busy", lambda: people.work(arguments.seconds, arguments.rate))
    took = {kind: fleet.percentiles(times) for kind, times in people.took.items()}
    return {"idle": idle, "busy": busy, "node_bytes": memory, "took_ms": took, "load_average": fleet.load_average()}


def table(results):
    header = ["nodes", "", "queries/s", "of a node", "transactions/s", "rows/s", "rows by scans/s", "KB/s", "store CPU %",
              "CPU % of a node", "connections", "MiB of a node"]
    rows = []
    for count, one in results.items():
        for title in ("idle", "busy"):
            rates = one[title]
            rows.append([count, title, f"{rates['statements']:.1f}", f"{rates['statements'] / count:.2f}",
                         f"{rates['transactions']:.1f}", f"{rates['rows']:.0f}", f"{rates['rows_by_scans']:.0f}",
                         f"{(rates['sent'] + rates['received']) / 1000:.1f}", f"{rates['cpu'] * 100:.1f}",
                         f"{rates['nodes_cpu'] / count * 100:.2f}", rates["connections"],
                         f"{one['node_bytes'] / 2**20:.1f}"])
    return header, rows


def measure(arguments):
    counts = sorted(int(count) for count in arguments.nodes.split(","))
    results, starts = {}, []
    with contextlib.ExitStack() as stack:
        parent = stack.enter_context(bench.workspace())
        stub = stack.enter_context(bench.StubBackend(arguments.build, parent))
        store = stack.enter_context(fleet.Store(parent, counts[-1] + 1))
        fleet.make_tables(arguments, parent, store, stub.port)
        store.fill(arguments.grants, arguments.past)
        nodes = []
        for count in counts:
            with bench.undisturbed(arguments.lock):
                for number in range(len(nodes), count):
                    node = fleet.Node(arguments, parent, number, store.connection_string(), stub.port, f"db{number % 50}")
                    nodes.append(stack.enter_context(node))
                results[count] = measure_step(arguments, store, nodes)
        starts = [node.seconds_to_start * 1000 for node in nodes]
    print(f"\n{arguments.grants} active grants, {arguments.past} past requests; busy: {arguments.rate:g} changes a second")
    bench.print_table(*table(results))
    started = fleet.percentiles(starts)
    print(f"\nA node starts in {started['p50']:.0f} ms (median), {started['max']:.0f} ms at most.")
    for count, one in results.items():
        times = ", ".join(f"{kind} {took['p50']:.1f} ({took['max']:.0f})" for kind, took in one["took_ms"].items())
        print(f"{count} nodes, ms, median and worst: {times}")
    bench.write_json(arguments.json, {"grants": arguments.grants, "past": arguments.past, "rate": arguments.rate,
                                      "nodes": results, "start_ms": started})

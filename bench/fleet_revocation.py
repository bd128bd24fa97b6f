"""`bench/fleet revocation`."""
import contextlib
import random
import sys
import time

sys.dont_write_bytecode = True
import fleet_parts as fleet  # noqa: E402  (after the line above, which keeps the tree clean)
import harness as bench  # noqa: E402

GOAL_REVOKED_MS, GOAL_HEALED_MS = 100, 1000
RESOURCE = "shared"  # the grants of the history are on others
PAUSE = 0.1  # seconds between revocations: each is measured by itself


def add_options(parser):
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--sessions", type=int, default=2000, help="live, in the whole fleet")
    parser.add_argument("--revocations", type=int, default=100, help="of grants with as many sessions each, one by one")
    parser.add_argument("--at-once", type=int, default=3, help="rounds in which one grant has all sessions")
    parser.add_argument("--heals", type=int, default=20, help="rounds in which the store is cut off and healed")


@contextlib.contextmanager
def sessions_of(arguments, nodes, count, users):
    """Clients, spread evenly over nodes and users (`dev0`, `dev1`, …; 0: all are `dev0`)."""
    more = ["--each", "--user", "dev" if users else "dev0", "--users", str(users)]
    with bench.Clients(arguments.build, [node.ports["main"] for node in nodes], count, more=more) as clients:
        clients.next("ready")
        yield clients


def await_grants(nodes, users):
    """Until every node has heard of the last of them: clients that log in at once would be refused."""
    for node in nodes:
        bench.wait_until(lambda n=node: can_log_in(n, users), "a grant is not known to a node", node.process)


def can_log_in(node, users):
    try:
        for user in users:
            bench.log_in(node.ports["main"], user, "bench")
    except bench.Failed:
        return False
    return True


def closings(clients, count):
    """The instants, and the ports of the nodes, of so many ends."""
    found = [clients.next("closed") for _ in range(count)]
    if not all(one["told"] for one in found):
        raise bench.Failed("a client was not told why its session ended")
    return [(one["at_boot_ns"], one["port"]) for one in found]


def revoke(node, grant):
    """When it was asked for, and when it was acknowledged."""
    asked = bench.boot_ns()
    node.admin(f"/api/v1/grants/{grant}/revoke", {})
    return asked, bench.boot_ns()


def milliseconds(later, earlier):
    return (later - earlier) / 1e6


def one_by_one(arguments, nodes):
    users = min(arguments.revocations, len(fleet.PEOPLE))
    grants = {f"dev{i}": fleet.give(nodes[0], f"dev{i}", RESOURCE) for i in range(users)}
    await_grants(nodes, [f"dev{users - 1}"])
    each = arguments.sessions // users
    order = list(grants)
    random.shuffle(order)
    from_asked, from_acknowledged, acknowledged_in = [], [], []
    with sessions_of(arguments, nodes, each * users, users) as clients:
        time.sleep(2)  # what came with the logins is over
        for number, user in enumerate(order):
            asked, acknowledged = revoke(nodes[number % len(nodes)], grants[user])
            last = max(at for at, _ in closings(clients, each))
            from_asked.append(milliseconds(last, asked))
            from_acknowledged.append(max(0.0, milliseconds(last, acknowledged)))
            acknowledged_in.append(milliseconds(acknowledged, asked))
            time.sleep(PAUSE)
    return {"sessions_each": each, "acknowledged": fleet.percentiles(acknowledged_in),
            "from_asking": fleet.percentiles(from_asked), "from_acknowledgement": fleet.percentiles(from_acknowledged)}


def all_at_once(arguments, nodes):
    from_asked, from_acknowledged, last_ones = [], [], []
    for number in range(arguments.at_once):
        grant = fleet.give(nodes[0], "dev0", RESOURCE)
        await_grants(nodes, ["dev0"])
        with sessions_of(arguments, nodes, arguments.sessions, 0) as clients:
            time.sleep(2)
            asked, acknowledged = revoke(nodes[number % len(nodes)], grant)
            ends = [at for at, _ in closings(clients, arguments.sessions)]
        from_asked += [milliseconds(at, asked) for at in ends]
        from_acknowledged += [max(0.0, milliseconds(at, acknowledged)) for at in ends]
        last_ones.append(milliseconds(max(ends), acknowledged))
    return {"from_asking": fleet.percentiles(from_asked), "from_acknowledgement": fleet.percentiles(from_acknowledged),
            "last": fleet.percentiles(last_ones)}


def healing(arguments, nodes, relay):
    """All nodes but the first are behind the relay; a sample is one node's last session."""
    cut_off = nodes[1:]
    healed_after = []
    for _ in range(arguments.heals):
        grant = fleet.give(nodes[0], "dev0", RESOURCE)
        await_grants(cut_off, ["dev0"])
        with sessions_of(arguments, cut_off, 2 * len(cut_off), 0) as clients:
            relay.tell("cut")
            revoke(nodes[0], grant)
            time.sleep(random.uniform(0.5, 12))
            healed = relay.tell("heal")
            last = {}
            for at, port in closings(clients, 2 * len(cut_off)):
                last[port] = max(at, last.get(port, 0))
        early = [at for at in last.values() if at < healed]
        if early:
            raise bench.Failed("a session ended before its node could have heard of it")
        healed_after += [milliseconds(at, healed) for at in last.values()]
    return fleet.percentiles(healed_after)


def start_nodes(stack, arguments, parent, store_at, stub, first=0):
    nodes = []
    for number in range(arguments.nodes):
        at = store_at(number)
        nodes.append(stack.enter_context(fleet.Node(arguments, parent, first + number, at, stub.port, RESOURCE)))
    return nodes


def row(name, found, goal=None):
    verdict = "" if goal is None else f"p99 at most {goal}: " + ("met" if found["p99"] <= goal else "MISSED")
    return [name, found["count"]] + [f"{found[key]:.1f}" for key in ("p50", "p99", "max")] + [verdict]


def say(name, found):
    """A part is over; the next one may take minutes."""
    print(f"{name}: {found}", flush=True)


def print_results(arguments, results):
    print(f"\n{arguments.nodes} nodes, {arguments.grants} active grants, {arguments.past} past requests; milliseconds to "
          "the last client's closed connection")
    rows = []
    if "one_by_one" in results:
        one = results["one_by_one"]
        rows += [row(f"grants with {one['sessions_each']} sessions: from asking", one["from_asking"]),
                 row("  acknowledged", one["acknowledged"]),
                 row("  from the acknowledgement", one["from_acknowledgement"], GOAL_REVOKED_MS)]
    if "all_at_once" in results:
        all_of_them = results["all_at_once"]
        rows += [row(f"one grant with {arguments.sessions} sessions: each, from asking", all_of_them["from_asking"]),
                 row("  each, from the acknowledgement", all_of_them["from_acknowledgement"], GOAL_REVOKED_MS),
                 row("  the last, from the acknowledgement", all_of_them["last"])]
    if "healing" in results:
        rows.append(row("a node's last session, from healing", results["healing"], GOAL_HEALED_MS))
    bench.print_table(["", "samples", "p50", "p99", "max", "wanted"], rows)


def measure(arguments):
    random.seed(11)
    results = {}
    with contextlib.ExitStack() as stack:
        parent = stack.enter_context(bench.workspace())
        stub = stack.enter_context(bench.StubBackend(arguments.build, parent))
        store = stack.enter_context(fleet.Store(parent, arguments.nodes + 1))
        fleet.make_tables(arguments, parent, store, stub.port)
        store.fill(arguments.grants, arguments.past)
        if arguments.revocations or arguments.at_once:
            with bench.undisturbed(arguments.lock), contextlib.ExitStack() as fleet_stack:
                nodes = start_nodes(fleet_stack, arguments, parent, lambda _: store.connection_string(), stub)
                if arguments.revocations:
                    results["one_by_one"] = one_by_one(arguments, nodes)
                    say("one by one", results["one_by_one"])
                if arguments.at_once:
                    results["all_at_once"] = all_at_once(arguments, nodes)
                    say("all at once", results["all_at_once"])
        if arguments.heals:
            with bench.undisturbed(arguments.lock), fleet.Relay(store.port) as relay, contextlib.ExitStack() as fleet_stack:
                def store_at(number):
                    return store.connection_string(relay.port if number else None)
                nodes = start_nodes(fleet_stack, arguments, parent, store_at, stub, arguments.nodes)
                results["healing"] = healing(arguments, nodes, relay)
    print_results(arguments, results)
    bench.write_json(arguments.json, results)

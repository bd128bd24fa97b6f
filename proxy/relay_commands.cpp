// The data path with a judge: from the client to PostgreSQL, unit by unit.
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "protocol/postgres/messages.hpp"
#include "proxy/let_others_run.hpp"
#include "proxy/relay.hpp"
#include "proxy/task_group.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

// What is read ahead of what is held; as much again may be on its way through.
constexpr std::size_t most_ahead = std::size_t{64} * 1024;

}  // namespace

struct Relay::Commands {
    Commands(const asio::any_io_executor& executor, CommandJudge& judge_, postgres::CommandGate gate_)
        : judge{judge_}, gate{std::move(gate_)}, moved{executor}, room{executor} {}

    CommandJudge& judge;
    postgres::CommandGate gate;
    std::string ahead;                     // what was read, and nobody has looked at yet
    postgres::BoundaryTracker boundaries;  // of what was read
    Event moved;                           // something came from either side, or it ended
    Event room;                            // what was read has been taken
    TaskGroup* tasks = nullptr;            // beside the one that passes commands
    bool judging = false;
    bool client_leaves = false;  // it said Terminate, or hung up
    bool hung_up = false;
    bool read_all = false;  // there will be no more from it
};

Relay::Relay(Stream& client, Stream& server, ClientWriter& writer, BufferPool& buffers, Tape* tape)
    : client_{client},
      server_{server},
      writer_{writer},
      tape_{tape},
      from_client_{client, buffers, client_bytes_},
      from_server_{server, buffers, server_bytes_} {
    writer_.tell(gate_);
}

Relay::~Relay() = default;

void Relay::judge_commands(CommandJudge& judge, postgres::CommandGate gate) {
    commands_ = std::make_unique<Commands>(client_.executor(), judge, std::move(gate));
}

postgres::CommandGate* Relay::commands() noexcept {
    return commands_ ? &commands_->gate : nullptr;
}

asio::awaitable<void> Relay::commands_to_server() {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup tasks{executor};
    commands_->tasks = &tasks;
    tasks.spawn(read_ahead());
    const Passing passing = co_await pass_commands();
    if (passing == Passing::client_gone) {
        client_left_ = true;
        server_.shutdown_write();
    }
    co_await tasks.join();
    commands_->tasks = nullptr;
    if (auto known = commands_->gate.take_what_is_known()) commands_->judge.ran(std::move(*known));
}

// Whatever becomes of what the client sends, until there is no more of it.
asio::awaitable<Relay::Passing> Relay::pass_commands() {
    using Kind = postgres::CommandGate::Step::Kind;
    Commands& commands = *commands_;
    std::string chunk;
    std::string_view bytes;
    int chunks = 0;
    for (;;) {
        if (bytes.empty() && !commands.ahead.empty()) {
            chunk = std::exchange(commands.ahead, {});
            bytes = chunk;
            commands.room.notify();
            client_.call_back_hang_up();
            if (++chunks % chunks_per_turn == 0) co_await let_others_run();
        }
        const postgres::CommandGate::Step step = commands.gate.next(bytes);
        bytes.remove_prefix(step.taken);
        bytes_from_client_ += step.taken;
        if (commands.gate.broken()) {
            stop_for_violation();
            co_return Passing::stopped;
        }
        auto passing = Passing::passed;
        if (step.kind == Kind::wait || (step.kind == Kind::more && bytes.empty() && commands.ahead.empty())) {
            if (step.kind == Kind::more) std::string{}.swap(chunk);
            if (step.kind == Kind::more && commands.read_all) co_return Passing::client_gone;
            passing = co_await await_commands();
        } else {
            passing = co_await take_step(step);
        }
        if (passing != Passing::passed) co_return passing;
    }
}

asio::awaitable<Relay::Passing> Relay::take_step(postgres::CommandGate::Step step) {
    using Kind = postgres::CommandGate::Step::Kind;
    auto passing = Passing::passed;
    if (step.kind == Kind::pass) passing = co_await pass_command(step.bytes);
    if (step.kind == Kind::answer) passing = co_await say(step.bytes);
    if (step.kind == Kind::judge) passing = co_await have_judged();
    co_return passing;
}

asio::awaitable<Relay::Passing> Relay::have_judged() {
    Commands& commands = *commands_;
    commands.judging = true;
    if (commands.client_leaves) commands.tasks->spawn(interrupt_judge());
    auto judging = commands.judge.judge(commands.gate.unit());
    const CommandJudge::Verdict verdict = co_await std::move(judging);
    commands.judging = false;
    auto passing = Passing::stopped;
    if (verdict.pass) {
        passing = co_await pass_command(commands.gate.pass_unit(verdict.changes_prepared));
    } else if (!client_.interrupted() && !server_.interrupted()) {
        passing = co_await say(commands.gate.refuse_unit(verdict.refusal));
    }
    co_return passing;
}

asio::awaitable<Relay::Passing> Relay::pass_command(std::string_view bytes) {
    gate_.pass(bytes);
    return pass(bytes);
}

// An ErrorResponse, a ReadyForQuery or both. Everything that was asked before has been answered.
asio::awaitable<Relay::Passing> Relay::say(std::string_view answer) {
    writer_.say(answer);
    if (tape_ != nullptr && answer[0] == 'E')
        tape_->said(answer.substr(0, 1 + postgres::read_u32(&answer[1])));
    const Stream::Status said = co_await writer_.say_all();
    if (said == Stream::Status::interrupted) co_return Passing::stopped;
    co_return said == Stream::Status::ok ? Passing::passed : Passing::client_gone;
}

// Until something has come from either side.
asio::awaitable<Relay::Passing> Relay::await_commands() {
    if (!client_gone_) co_await commands_->moved.wait();
    if (client_.interrupted() || server_.interrupted()) co_return Passing::stopped;
    co_return client_gone_ ? Passing::client_gone : Passing::passed;
}

asio::awaitable<void> Relay::read_ahead() {
    Commands& commands = *commands_;
    int chunks = 0;
    while (!client_.interrupted()) {
        if (commands.ahead.size() >= most_ahead) {
            co_await await_room();
            continue;
        }
        const Source::Chunk chunk = co_await from_client_.next();
        if (chunk.status == Stream::Status::interrupted) break;
        if (chunk.status != Stream::Status::ok) {
            commands.read_all = true;
            client_leaves();
            break;
        }
        bool terminate = false;
        commands.boundaries.advance(
            chunk.bytes, [&](const postgres::Header& header) { terminate |= header.type == 'X'; },
            [](char) {});
        commands.ahead.append(chunk.bytes);
        commands.moved.notify();
        if (terminate) client_leaves();
        if (++chunks % chunks_per_turn == 0) co_await let_others_run();
    }
    stop_judging();
}

// Until some of what was read ahead has been taken. A client that hangs up before is noticed.
asio::awaitable<void> Relay::await_room() {
    Commands& commands = *commands_;
    auto watched = Stream::Status::failed;
    if (!commands.hung_up) watched = co_await client_.wait_for_hang_up();
    if (watched == Stream::Status::ok) {
        commands.hung_up = true;
        client_leaves();
    } else if (watched == Stream::Status::failed) {
        co_await commands.room.wait();
    }
}

// The answer that is waited for would go nowhere.
void Relay::client_leaves() {
    commands_->client_leaves = true;
    if (commands_->judging) commands_->judge.interrupt();
}

// Once it has found out whether what it judges may run without asking.
asio::awaitable<void> Relay::interrupt_judge() {
    co_await let_others_run();
    if (commands_->judging) commands_->judge.interrupt();
}

// False: PostgreSQL has said what answers nothing that was asked.
bool Relay::hear_answers(std::string_view bytes) {
    Commands& commands = *commands_;
    commands.gate.from_server(bytes);
    if (auto outcome = commands.gate.take_outcome()) commands.judge.ran(std::move(*outcome));
    if (client_gone_) client_leaves();
    commands.moved.notify();
    return !commands.gate.lost();
}

// The client has left, or the session is over.
void Relay::stop_judging() {
    Commands& commands = *commands_;
    commands.moved.notify();
    commands.room.notify();
    if (commands.judging) commands.judge.interrupt();
}

}  // namespace curfew::proxy

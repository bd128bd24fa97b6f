// Lines of an input as what a client (`>`) and a server (anything else) say, message by message, and what is
// decided (`+`, `-`): nothing that executes passes undecided, and what passes is the client's own messages in
// their order.
#include <string>
#include <string_view>
#include <vector>

#include "fuzzing.hpp"
#include "protocol/postgres/command_gate.hpp"
#include "protocol/postgres/framing.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;
using Kind = CommandGate::Step::Kind;

// A line is a type and a body, in which `~` stands for a zero.
std::string message_of(std::string_view line) {
    std::string out;
    append_message(out, line.front(), [&](std::string& body) {
        for (const char c : line.substr(1))
            body.push_back(c == '~' ? '\0' : c);
    });
    return out;
}

std::vector<std::string> messages_in(std::string_view bytes) {
    std::vector<std::string> messages;
    while (bytes.size() >= header_size) {
        Header header;
        require(read_header(bytes.data(), header), "what passes is framed");
        messages.emplace_back(bytes.substr(0, header_size + header.body_length));
        bytes.remove_prefix(messages.back().size());
    }
    require(bytes.empty(), "what passes is whole messages");
    return messages;
}

CommandLimits small_limits() {
    CommandLimits limits;
    limits.unit_bytes = 512;
    limits.command_bytes = 256;
    limits.names = 4;
    limits.remembered_bytes = 4096;
    return limits;
}

class Gated {
public:
    void client(std::string_view bytes) {
        waiting_ += bytes;
        go_on();
    }
    void server(std::string_view bytes) {
        gate_.from_server(bytes);
        gate_.take_outcome();
        go_on();
    }
    void decide(bool pass) {
        if (!asked_) return;
        asked_ = false;
        if (pass) {
            passed += gate_.pass_unit(false);
        } else {
            told += gate_.refuse_unit("E");
        }
        go_on();
    }

    std::string passed;
    std::string undecided;  // of that, what nobody was asked about
    std::string told;

private:
    void go_on() {
        while (!asked_ && !gate_.broken() && !gate_.lost()) {
            const CommandGate::Step step = gate_.next(waiting_);
            require(step.taken <= waiting_.size(), "it takes no more than there is");
            if (step.kind == Kind::pass) {
                passed += step.bytes;
                undecided += step.bytes;
            }
            if (step.kind == Kind::answer) told += step.bytes;
            waiting_.erase(0, step.taken);
            if (step.kind == Kind::judge) {
                require(!gate_.unit().statements.empty(), "there is something to decide");
                asked_ = true;
            }
            if (step.kind == Kind::wait || (step.kind == Kind::more && waiting_.empty())) return;
        }
    }

    CommandGate gate_{small_limits()};
    std::string waiting_;
    bool asked_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Gated gated;
    Gated byte_by_byte;
    std::vector<std::string> sent;
    for (std::string_view line : fuzzing::lines(fuzzing::as_text(data, size))) {
        if (line == "+" || line == "-") {
            gated.decide(line == "+");
            byte_by_byte.decide(line == "+");
            continue;
        }
        const bool client = !line.empty() && line.front() == '>';
        if (client) line.remove_prefix(1);
        if (line.empty()) continue;
        const std::string message = message_of(line);
        if (client) sent.push_back(message);
        client ? gated.client(message) : gated.server(message);
        for (const char& byte : message)
            client ? byte_by_byte.client({&byte, 1}) : byte_by_byte.server({&byte, 1});
    }
    require(gated.passed == byte_by_byte.passed, "the same passes in pieces");
    require(gated.told == byte_by_byte.told, "the same is told in pieces");
    for (const std::string& message : messages_in(gated.undecided))
        require(std::string_view{"QFB"}.find(message[0]) == std::string_view::npos,
                "nothing that executes passes undecided");
    auto next = sent.begin();
    for (const std::string& message : messages_in(gated.passed)) {
        while (next != sent.end() && *next != message)
            ++next;
        require(next != sent.end(), "what passes are the client's messages in their order");
        ++next;
    }
    return 0;
}

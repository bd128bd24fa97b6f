#include "some_entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "recording/chunk.hpp"

namespace curfew::recording::test {

using namespace std::chrono_literals;

namespace {

constexpr WallInstant some_day{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 14h + 250ms};

Value text_value(std::string text) {
    const auto size = text.size();
    return {Value::Form::text, std::move(text), size};
}

}  // namespace

SessionId session_number(int number) {
    return SessionId::parse(fmt::format("s-{:08}", number)).value();
}

Entry query_at(Offset at, std::string sql) {
    const auto size = sql.size();
    return {at, entry::Query{std::move(sql), size, false}};
}

Entry ended_at(Offset at) {
    return {at, entry::Ended{policy::EndCause::client_closed, "", "SELECT 1",
                             policy::TransactionOutcome::committed,
                             some_day + std::chrono::floor<std::chrono::milliseconds>(at), 100, 200}};
}

std::vector<Entry> one_of_each() {
    using Direction = entry::CopyStarted::Direction;
    std::vector<entry::Content> contents{
        entry::Started{session_number(1),
                       GrantId::parse("g-7k3mq9xd").value(),
                       "ada@example.com",
                       "prod-postgres",
                       "shop",
                       "node-1",
                       "192.0.2.7:51234",
                       {{"application_name", "psql"}, {"client_encoding", "UTF8"}},
                       "app_rw",
                       4711,
                       true,
                       true,
                       some_day,
                       policy::RecordingMode::full},
        entry::Query{"UPDATE t SET a = 'x'", 5000, true},
        entry::Parse{"S_1", "SELECT $1", 9000, true, {23, 0}},
        entry::Bind{"C_1",
                    "S_1",
                    {Value{}, text_value("42"), Value{Value::Form::text, "cut", 1000},
                     Value{Value::Form::binary, std::string{"\0\xff", 2}, 2},
                     Value{Value::Form::redacted, "", 12}, text_value("latin1 \xe9")}},
        entry::Execute{"C_1", "S_1", 50},
        entry::FunctionCall{1574, {text_value("1")}},
        entry::CancelAsked{},
        entry::Columns{{"id", "name \xe9"}},
        entry::Row{{text_value("1"), Value{}}},
        entry::CopyStarted{Direction::out},
        entry::CopyEnded{Direction::in, 123456, 789, "no more"},
        entry::Completed{"INSERT 0 1", true, 3, 300, 2, 1500us},
        entry::Failed{"ERROR", "42P01", "relation \"x\" does not exist", "detail", "hint", 90us},
        entry::Notice{"WARNING", "57P01", "5 minutes left", true},
        entry::Notified{"jobs", "17"},
        entry::ParameterChanged{"TimeZone", "UTC"},
        entry::Ready{'T'},
        entry::Gap{"the ring was full", 4096},
        entry::Ended{policy::EndCause::grant_expired, "access ended", "COMMIT",
                     policy::TransactionOutcome::rolled_back, some_day + 1h, 12345, 67890}};
    std::vector<Entry> entries;
    for (auto& content : contents)
        entries.push_back({Offset{1000 * static_cast<std::int64_t>(entries.size())}, std::move(content)});
    return entries;
}

std::uint64_t RandomEntries::number() {
    switch (below(4)) {
        case 0:
            return 0;
        case 1:
            return below(100);
        case 2:
            return below(1ULL << 53U);
        default:
            return random_();
    }
}

std::string RandomEntries::text() {
    static const std::array<std::string, 9> pieces{"SELECT ",
                                                   "\"quoted\\\" ",
                                                   "line\nline\r\n\t",
                                                   "Grüße 語 😀 ",
                                                   "\xff\xfe",
                                                   "\xe9",
                                                   std::string{"\0\x01\x1f\x7f", 4},
                                                   "</script>",
                                                   "x"};
    std::string text;
    for (std::uint64_t left = below(5); left > 0; --left)
        text += pieces.at(below(pieces.size()));
    return text;
}

Value RandomEntries::value() {
    Value value;
    value.form = static_cast<Value::Form>(below(4));
    if (value.form == Value::Form::null) return value;
    if (value.form != Value::Form::redacted) value.bytes = text();
    value.size = value.bytes.size() + (below(3) == 0 ? below(1000) : 0);
    return value;
}

std::vector<Value> RandomEntries::values() {
    std::vector<Value> values(below(4));
    std::generate(values.begin(), values.end(), [this] { return value(); });
    return values;
}

entry::Content RandomEntries::asked(std::uint64_t kind) {
    switch (kind) {
        case 0: {
            entry::Started started;
            started.session = session_number(static_cast<int>(below(1000)));
            started.user = text();
            started.parameters = {{text(), text()}, {text(), text()}};
            started.backend_pid = static_cast<std::int32_t>(number());
            started.tls = below(2) == 0;
            started.at = some_day + std::chrono::milliseconds{below(1'000'000)};
            started.mode = static_cast<policy::RecordingMode>(below(3));
            return started;
        }
        case 1:
            return entry::Query{text(), number(), below(2) == 0};
        case 2:
            return entry::Parse{text(), text(), number(), below(2) == 0,
                                std::vector<std::uint32_t>(below(3), static_cast<std::uint32_t>(number()))};
        case 3:
            return entry::Bind{text(), text(), values()};
        case 4:
            return entry::Execute{text(), text(), static_cast<std::uint32_t>(number())};
        case 5:
            return entry::FunctionCall{static_cast<std::uint32_t>(number()), values()};
        default:
            return entry::CancelAsked{};
    }
}

entry::Content RandomEntries::answered(std::uint64_t kind) {
    const auto direction = static_cast<entry::CopyStarted::Direction>(below(3));
    const Offset took{static_cast<std::int64_t>(below(1ULL << 60U))};
    switch (kind) {
        case 7:
            return entry::Columns{{text(), text()}};
        case 8:
            return entry::Row{values()};
        case 9:
            return entry::CopyStarted{direction};
        case 10:
            return entry::CopyEnded{direction, number(), number(), text()};
        case 11:
            return entry::Completed{text(), below(2) == 0, number(), number(), number(), took};
        case 12:
            return entry::Failed{text(), text(), text(), text(), text(), took};
        case 13:
            return entry::Notice{text(), text(), text(), below(2) == 0};
        case 14:
            return entry::Notified{text(), text()};
        case 15:
            return entry::ParameterChanged{text(), text()};
        case 16:
            return entry::Ready{static_cast<char>(below(256))};
        case 17:
            return entry::Gap{text(), number()};
        default:
            return entry::Ended{static_cast<policy::EndCause>(below(11)),
                                text(),
                                text(),
                                static_cast<policy::TransactionOutcome>(below(4)),
                                some_day,
                                number(),
                                number()};
    }
}

Entry RandomEntries::next() {
    const std::uint64_t kind = below(std::variant_size_v<entry::Content>);
    const Offset at{static_cast<std::int64_t>(below(1ULL << 60U))};
    return {at, kind < 7 ? asked(kind) : answered(kind)};
}

std::string bytes_of(const std::vector<Entry>& entries, std::size_t a_frame) {
    FrameCompressor compressor;
    ChunkWriter writer{compressor};
    std::string bytes;
    std::size_t in_frame = 0;
    for (const Entry& entry : entries) {
        writer.add(entry, {});
        if (++in_frame % a_frame == 0) bytes += writer.finish();
    }
    return bytes += writer.finish();
}

std::vector<Entry> read_all(RecordingReader& reader) {
    std::vector<Entry> entries;
    for (;;) {
        auto entry = reader.next().value();
        if (!entry) return entries;
        entries.push_back(std::move(*entry));
    }
}

Result<std::size_t> GrowingSource::read(std::uint64_t offset, std::span<char> into) {
    if (offset >= growing_->bytes.size()) return std::size_t{0};
    return growing_->bytes.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
}

}  // namespace curfew::recording::test

#include "protocol/postgres/unit_reader.hpp"

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "protocol/postgres/statement_messages.hpp"

namespace curfew::postgres {
namespace {

using To = AwaitedAnswer::To;

// So much a value counts beside its bytes, so that many of none are not free.
constexpr std::size_t value_overhead = 8;
constexpr std::size_t statement_overhead = 16;

std::string quoted(std::string_view name) {
    return "\"" + printable(name, 63) + "\"";
}

Report malformed(std::string_view what) {
    return {"ERROR",
            "08P01",
            "malformed " + std::string{what} + " message",
            "Curfew has passed on nothing of what came with it.",
            {}};
}

Report unknown_statement(std::string_view name) {
    if (name.empty())
        return {"ERROR",
                "26000",
                "there is no unnamed prepared statement",
                "A simple query drops it, and so does a Parse that fails.",
                {}};
    return {"ERROR", "26000", "prepared statement " + quoted(name) + " is not known to Curfew",
            "Nobody could be shown what it runs: it was not prepared by the protocol in this session, or "
            "something has run since that may have replaced it.",
            "Prepare it (again) by the protocol, not by PREPARE."};
}

Report unknown_portal(std::string_view name) {
    return {"ERROR", "34000", "portal " + quoted(name) + " is not known to Curfew",
            "It was not bound by the protocol in this transaction, or something has run since that may have "
            "replaced it.",
            "Bind it again; read cursors made by DECLARE with FETCH."};
}

Report too_much_remembered() {
    return {"ERROR", "54000", "too many prepared statements and portals",
            "A session whose commands are approved one by one keeps a bounded number of them.",
            "Close those that are not needed any more."};
}

Report command_too_long(std::size_t most) {
    return {"ERROR", "54000",
            "what is to be approved at once is longer than " + std::to_string(most) + " bytes",
            "Texts and values count as often as they are executed.",
            "Send it in several parts, each with a Sync of its own."};
}

class UnitReader {
public:
    UnitReader(const PreparedObjects& objects, const CommandLimits& limits)
        : objects_{objects}, limits_{limits}, names_{objects.names()}, remembered_{objects.bytes()} {}

    std::variant<ReadUnit, Report> read(std::string_view messages) {
        while (!messages.empty() && !refusal_) {
            Header header;
            read_header(messages.data(), header);
            take(header.type, BodyPart::whole(messages.substr(header_size, header.body_length)));
            messages.remove_prefix(header_size + header.body_length);
        }
        if (refusal_) return std::move(*refusal_);
        return std::move(result_);
    }

private:
    // What a name stands for by the messages of this unit so far; nothing: it was closed.
    struct Statement {
        std::shared_ptr<const PreparedStatement> what;
        std::size_t prepared_after = 0;
    };
    struct Portal {
        std::shared_ptr<const BoundPortal> what;
        std::size_t prepared_after = 0;
        std::size_t runs_before = 0;  // of other portals, when it was certain what it is
    };
    template <class Object>
    using Named = std::map<std::string, std::optional<Object>, std::less<>>;

    void refuse(Report why) { refusal_ = std::move(why); }
    void await(To to, std::string name = {}) { result_.awaited.push_back({to, std::move(name), {}, {}}); }

    void take(char type, BodyPart body) {
        switch (type) {
            case 'Q':
                return take_query(body);
            case 'F':
                return take_function_call(body);
            case 'P':
                return take_parse(body);
            case 'B':
                return take_bind(body);
            case 'E':
                return take_execute(body);
            case 'D':
                if (!parse_named_object(body)) return refuse(malformed("Describe"));
                return await(To::describe);
            case 'C':
                return take_close(body);
            case 'S':
                return await(To::sync);
            default:
                return;  // Flush is not answered
        }
    }

    void take_query(BodyPart body) {
        const auto query = parse_query(body);
        if (!query) return refuse(malformed("Query"));
        result_.unit.form = HeldUnit::Form::query;
        await(To::query);
        list(query->sql, {}, result_.unit.statements.size());
    }

    void take_function_call(BodyPart body) {
        const auto call = parse_function_call(body);
        if (!call) return refuse(malformed("FunctionCall"));
        result_.unit.form = HeldUnit::Form::function;
        result_.unit.function = call->function;
        await(To::function);
        list({}, parameters(call->arguments, {}), 0);
    }

    void take_parse(BodyPart body) {
        auto parse = parse_parse(body);
        if (!parse) return refuse(malformed("Parse"));
        result_.unit.form = HeldUnit::Form::extended;
        auto what = std::make_shared<PreparedStatement>();
        what->sql = parse->sql;
        what->parameter_types = std::move(parse->parameter_types);
        const bool known = statements_.contains(parse->statement) || objects_.statement(parse->statement);
        if (!remember(known, remembering_costs(parse->statement, *what))) return;
        await(To::parse, std::string{parse->statement});
        result_.awaited.back().statement = what;
        statements_.insert_or_assign(std::string{parse->statement},
                                     Statement{std::move(what), result_.unit.statements.size()});
    }

    void take_bind(BodyPart body) {
        const auto bind = parse_bind(body);
        if (!bind) return refuse(malformed("Bind"));
        const auto statement = find_statement(bind->statement);
        if (!statement) return refuse(unknown_statement(bind->statement));
        result_.unit.form = HeldUnit::Form::extended;
        auto what = std::make_shared<BoundPortal>();
        what->statement = statement->what;
        what->parameters = parameters(bind->parameters, statement->what->parameter_types);
        const bool known = portals_.contains(bind->portal) || objects_.portal(bind->portal);
        if (!remember(known, remembering_costs(bind->portal, *what))) return;
        list(what->statement->sql, what->parameters, statement->prepared_after);
        await(To::bind, std::string{bind->portal});
        result_.awaited.back().portal = what;
        if (last_run_ == bind->portal) last_run_.reset();
        portals_.insert_or_assign(std::string{bind->portal},
                                  Portal{std::move(what), statement->prepared_after, runs_});
    }

    void take_execute(BodyPart body) {
        const auto execute = parse_execute(body);
        if (!execute) return refuse(malformed("Execute"));
        Portal* portal = find_portal(execute->portal);
        if (portal == nullptr) return refuse(unknown_portal(execute->portal));
        result_.unit.form = HeldUnit::Form::extended;
        await(To::execute);
        // Another one that ran in between may have put a cursor in its place.
        if (portal->runs_before != runs_ && last_run_ != execute->portal)
            list(portal->what->statement->sql, portal->what->parameters, portal->prepared_after);
        if (last_run_ == execute->portal) return;
        ++runs_;
        last_run_ = execute->portal;
        portal->runs_before = runs_;
    }

    void take_close(BodyPart body) {
        const auto object = parse_named_object(body);
        if (!object) return refuse(malformed("Close"));
        const bool portal = object->kind == 'P';
        await(portal ? To::close_portal : To::close_statement, std::string{object->name});
        if (portal) {
            portals_.insert_or_assign(std::string{object->name}, std::nullopt);
        } else {
            statements_.insert_or_assign(std::string{object->name}, std::nullopt);
        }
    }

    std::optional<Statement> find_statement(std::string_view name) const {
        if (const auto here = statements_.find(name); here != statements_.end()) return here->second;
        auto before = objects_.statement(name);
        if (!before) return std::nullopt;
        return Statement{std::move(before), 0};
    }

    Portal* find_portal(std::string_view name) {
        auto here = portals_.find(name);
        if (here == portals_.end()) {
            auto before = objects_.portal(name);
            if (!before) return nullptr;
            here = portals_.emplace(std::string{name}, Portal{std::move(before), 0, 0}).first;
        }
        return here->second ? &*here->second : nullptr;
    }

    static std::vector<HeldUnit::Parameter> parameters(const std::vector<WireValue>& values,
                                                       const std::vector<std::uint32_t>& types) {
        std::vector<HeldUnit::Parameter> all;
        all.reserve(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            HeldUnit::Parameter parameter;
            if (!values[i].null) parameter.value = values[i].bytes;
            parameter.binary = values[i].binary;
            parameter.type = i < types.size() ? types[i] : 0;
            all.push_back(std::move(parameter));
        }
        return all;
    }

    void list(std::string_view sql, std::vector<HeldUnit::Parameter> values, std::size_t prepared_after) {
        listed_ += statement_overhead + sql.size();
        for (const HeldUnit::Parameter& value : values)
            listed_ += value_overhead + (value.value ? value.value->size() : 0);
        if (listed_ > limits_.command_bytes + statement_overhead)
            return refuse(command_too_long(limits_.command_bytes));
        HeldUnit::Statement statement;
        statement.sql = sql;
        statement.parameters = std::move(values);
        statement.prepared_after = prepared_after;
        result_.unit.statements.push_back(std::move(statement));
    }

    bool remember(bool known, std::size_t bytes) {
        if (!known) ++names_;
        remembered_ += bytes;
        if (names_ > limits_.names || remembered_ > limits_.remembered_bytes) refuse(too_much_remembered());
        return !refusal_;
    }

    const PreparedObjects& objects_;
    const CommandLimits& limits_;
    std::size_t names_;
    std::size_t remembered_;
    std::size_t listed_ = 0;
    std::size_t runs_ = 0;                 // of portals, one after the other
    std::optional<std::string> last_run_;  // which of them
    Named<Statement> statements_;
    Named<Portal> portals_;
    ReadUnit result_;
    std::optional<Report> refusal_;
};

}  // namespace

std::variant<ReadUnit, Report> read_unit(std::string_view messages, const PreparedObjects& objects,
                                         const CommandLimits& limits) {
    return UnitReader{objects, limits}.read(messages);
}

}  // namespace curfew::postgres

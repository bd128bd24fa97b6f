#include "sql/select_reading.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace curfew::sql {
namespace {

namespace json = boost::json;

// Nodes in which there is nothing to look at but their parts. What is not here and not handled by name is
// refused: a parser of a later version may know more.
constexpr std::array plain_nodes{
    std::string_view{"A_ArrayExpr"},    std::string_view{"A_Const"},
    std::string_view{"A_Indices"},      std::string_view{"A_Indirection"},
    std::string_view{"A_Star"},         std::string_view{"BitString"},
    std::string_view{"BoolExpr"},       std::string_view{"Boolean"},
    std::string_view{"BooleanTest"},    std::string_view{"CaseExpr"},
    std::string_view{"CaseWhen"},       std::string_view{"CoalesceExpr"},
    std::string_view{"ColumnRef"},      std::string_view{"Float"},
    std::string_view{"GroupingFunc"},   std::string_view{"GroupingSet"},
    std::string_view{"Integer"},        std::string_view{"JoinExpr"},
    std::string_view{"List"},           std::string_view{"MinMaxExpr"},
    std::string_view{"NamedArgExpr"},   std::string_view{"NullTest"},
    std::string_view{"ParamRef"},       std::string_view{"RangeFunction"},
    std::string_view{"RangeSubselect"}, std::string_view{"ResTarget"},
    std::string_view{"RowExpr"},        std::string_view{"SQLValueFunction"},
    std::string_view{"SortBy"},         std::string_view{"String"},
    std::string_view{"SubLink"},        std::string_view{"WindowDef"},
};

// The same in statements that change rows.
constexpr std::array plain_nodes_of_changes{
    std::string_view{"IndexElem"},
    std::string_view{"MergeWhenClause"},
    std::string_view{"MultiAssignRef"},
    std::string_view{"SetToDefault"},
};

// Types whose input has no effect of its own. Keywords such as INTEGER come with the schema pg_catalog.
constexpr std::array plain_types{
    std::string_view{"bool"},    std::string_view{"box"},          std::string_view{"bytea"},
    std::string_view{"cidr"},    std::string_view{"date"},         std::string_view{"float4"},
    std::string_view{"float8"},  std::string_view{"inet"},         std::string_view{"int2"},
    std::string_view{"int4"},    std::string_view{"int8"},         std::string_view{"json"},
    std::string_view{"jsonb"},   std::string_view{"macaddr"},      std::string_view{"money"},
    std::string_view{"name"},    std::string_view{"numeric"},      std::string_view{"oid"},
    std::string_view{"point"},   std::string_view{"regclass"},     std::string_view{"regproc"},
    std::string_view{"regrole"}, std::string_view{"regtype"},      std::string_view{"text"},
    std::string_view{"time"},    std::string_view{"timestamp"},    std::string_view{"timestamptz"},
    std::string_view{"timetz"},  std::string_view{"uuid"},         std::string_view{"varchar"},
    std::string_view{"xid"},     std::string_view{"regnamespace"},
};

template <class List>
bool is_in(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

std::string_view text_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view{value->get_string()}
                                                  : std::string_view{};
}

const json::object* object_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

// A name that may have a schema, as a list of String nodes; nullopt: it has more parts than these.
std::optional<ObjectReference> reference_of(const json::object& node, std::string_view key) {
    const auto* value = node.if_contains(key);
    const auto* parts = value != nullptr ? value->if_array() : nullptr;
    if (parts == nullptr || parts->empty() || parts->size() > 2) return std::nullopt;
    std::vector<std::string> names;
    for (const json::value& part : *parts) {
        const auto* wrapped = part.if_object();
        const auto* text = wrapped != nullptr ? object_member(*wrapped, "String") : nullptr;
        if (text == nullptr) return std::nullopt;
        names.emplace_back(text_member(*text, "sval"));
    }
    if (names.size() == 1) return ObjectReference{"", names[0]};
    return ObjectReference{names[0], names[1]};
}

bool is_own_operator(const json::object& node, std::string_view key) {
    const auto reference = reference_of(node, key);
    return reference && (reference->schema.empty() || reference->schema == "pg_catalog");
}

bool is_node_name(std::string_view key) {
    return !key.empty() && key.front() >= 'A' && key.front() <= 'Z';
}

class SelectWalk {
public:
    SelectReading take() && { return std::move(found_); }

    void select(const json::object& statement) {
        const std::size_t outer = common_tables_.size();
        if (statement.contains("intoClause")) return refuse("SELECT INTO makes a table");
        if (statement.contains("lockingClause")) return refuse("it locks rows");
        if (const auto* with = object_member(statement, "withClause")) common_tables(*with);
        for (const auto& [key, value] : statement) {
            if (key == "larg" || key == "rarg") {  // of UNION and the like
                if (const auto* part = value.if_object()) select(*part);
            } else if (key != "withClause") {
                parts(value);
            }
        }
        common_tables_.resize(outer);
    }

    void row_change(const json::object& statement) {
        changes_rows_ = true;
        if (const auto* with = object_member(statement, "withClause")) common_tables(*with);
        for (const auto& [key, value] : statement) {
            if (key != "withClause" && key != "relation") parts(value);
        }
    }

private:
    void refuse(std::string why) {
        if (found_.more_than_reading.empty()) found_.more_than_reading = std::move(why);
    }

    // Each is known to those after it, and with RECURSIVE to all.
    void common_tables(const json::object& with) {
        const auto* ctes = with.if_contains("ctes");
        if (ctes == nullptr || !ctes->is_array()) return refuse("its WITH is not understood");
        const auto* recursive = with.if_contains("recursive");
        const bool all_know_all = recursive != nullptr && recursive->is_bool() && recursive->get_bool();
        std::vector<const json::object*> tables;
        for (const json::value& one : ctes->get_array()) {
            const auto* wrapped = one.if_object();
            const auto* table = wrapped != nullptr ? object_member(*wrapped, "CommonTableExpr") : nullptr;
            if (table == nullptr) return refuse("its WITH is not understood");
            tables.push_back(table);
            if (all_know_all) common_tables_.emplace_back(text_member(*table, "ctename"));
        }
        for (const json::object* table : tables) {
            const auto* query = object_member(*table, "ctequery");
            const auto* read = query != nullptr ? object_member(*query, "SelectStmt") : nullptr;
            if (read == nullptr) return refuse("its WITH changes data");
            select(*read);
            for (const auto& [key, value] : *table) {
                if (key != "ctequery") parts(value);
            }
            if (!all_know_all) common_tables_.emplace_back(text_member(*table, "ctename"));
        }
    }

    void parts(const json::value& value) {
        if (const auto* list = value.if_array()) {
            for (const json::value& one : *list)
                parts(one);
        } else if (const auto* object = value.if_object()) {
            for (const auto& [key, part] : *object) {
                const auto* members = part.if_object();
                if (is_node_name(key) && members != nullptr) {
                    node(key, *members);
                } else {
                    parts(part);  // members of a node that is written without its name
                }
            }
        }
    }

    void members_of(const json::object& node) {
        for (const auto& [key, value] : node) {
            if (key == "typeName") {
                if (const auto* name = value.if_object()) type(*name);
            } else {
                parts(value);
            }
        }
    }

    void node(std::string_view name, const json::object& members) {
        if (name == "SelectStmt") return select(members);
        if (name == "RangeVar") return relation(members);
        if (name == "FuncCall") {
            function(members);
        } else if (name == "A_Expr") {
            if (!is_own_operator(members, "name")) return refuse("it uses an operator of a schema");
        } else if (name == "SubLink" || name == "SortBy") {
            const std::string_view key = name == "SubLink" ? "operName" : "useOp";
            if (members.contains(key) && !is_own_operator(members, key))
                return refuse("it uses an operator of a schema");
        } else if (name == "CollateClause") {
            if (!reference_of(members, "collname")) return refuse("its COLLATE is not understood");
        } else if (name == "TypeName") {
            return type(members);
        } else if (name != "TypeCast" && !is_in(plain_nodes, name) &&
                   !(changes_rows_ && is_in(plain_nodes_of_changes, name))) {
            return refuse(std::string{name} + " is not known to only read");
        }
        members_of(members);
    }

    void relation(const json::object& range) {
        if (range.contains("catalogname")) return refuse("it names a table with a database");
        ObjectReference reference{std::string{text_member(range, "schemaname")},
                                  std::string{text_member(range, "relname")}};
        if (reference.schema.empty() && is_in(common_tables_, reference.name)) return;
        found_.relations.insert(std::move(reference));
    }

    void function(const json::object& call) {
        auto reference = reference_of(call, "funcname");
        if (!reference) return refuse("it calls a function by a name that is not understood");
        found_.functions.insert(std::move(*reference));
    }

    void type(const json::object& name) {
        const auto reference = reference_of(name, "names");
        const bool plain = reference && (reference->schema == "pg_catalog" ||
                                         (reference->schema.empty() && is_in(plain_types, reference->name)));
        if (!plain) return refuse("it casts to a type that is not PostgreSQL's own");
        for (const auto& [key, value] : name) {
            if (key == "typmods" || key == "arrayBounds") parts(value);
        }
    }

    SelectReading found_;
    std::vector<std::string> common_tables_;  // those in sight
    bool changes_rows_ = false;
};

}  // namespace

SelectReading read_select(const json::object& select) {
    SelectWalk walk;
    walk.select(select);
    return std::move(walk).take();
}

SelectReading read_row_change(const json::object& change) {
    SelectWalk walk;
    walk.row_change(change);
    return std::move(walk).take();
}

}  // namespace curfew::sql

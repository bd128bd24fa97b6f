#include "config/objects.hpp"

#include <utility>

#include "config/json_document.hpp"
#include "config/reader.hpp"
#include "config/sections.hpp"

namespace curfew::config {
namespace {

Object read_object(const ObjectName& name, const Value& value) {
    switch (name.kind) {
        case ObjectKind::user:
            return read_user(name.name, value);
        case ObjectKind::group:
            return Group{name.name, read_group(name.name, value)};
        case ObjectKind::resource:
            return read_resource(name.name, value);
        case ObjectKind::rule:
            break;
    }
    return read_rule(name.name, value);
}

}  // namespace

ObjectName name_of(const Object& object) {
    constexpr std::array kinds{ObjectKind::user, ObjectKind::group, ObjectKind::resource, ObjectKind::rule};
    return {kinds[object.index()], std::visit([](const auto& held) { return held.name; }, object)};
}

std::string live_file(const ObjectName& name) {
    return "live " + to_string(name);
}

ObjectResult read_live_object(const ObjectName& name, std::string_view json, const Live& live,
                              const Environment& environment) {
    const std::string file = live_file(name);
    auto document = parse_json_document(json);
    if (auto* problem = std::get_if<Problem>(&document)) {
        problem->file = file;
        return std::vector{std::move(*problem)};
    }
    const DocumentNode root = std::get<DocumentNode>(std::move(document));
    Context context{environment, {}, Report{file}, LiveBounds{live.files}};
    const Value value{context, root, {}, {}};
    // In the file `bob:` alone is a user; a document says at least that it is one.
    if (root.kind != DocumentNode::Kind::map && name.kind != ObjectKind::group) {
        value.expected("an object");
        return context.report.take();
    }
    Object object = read_object(name, value);
    if (!context.report.empty()) return context.report.take();
    return object;
}

std::optional<Object> find_object(const Config& config, const ObjectName& name) {
    switch (name.kind) {
        case ObjectKind::user:
            if (const auto* user = config.find_user(name.name)) return *user;
            break;
        case ObjectKind::group:
            if (const auto group = config.groups.find(name.name); group != config.groups.end()) {
                return Group{group->first, group->second};
            }
            break;
        case ObjectKind::resource:
            if (const auto* resource = config.find_resource(name.name)) return *resource;
            break;
        case ObjectKind::rule:
            if (const auto* rule = config.find_rule(name.name)) return *rule;
            break;
    }
    return std::nullopt;
}

std::vector<Object> live_objects(const Config& config) {
    std::vector<Object> objects;
    for (const auto& name : config.live_objects) {
        if (auto object = find_object(config, name)) objects.push_back(std::move(*object));
    }
    return objects;
}

}  // namespace curfew::config

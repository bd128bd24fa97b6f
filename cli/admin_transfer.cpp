#include "cli/admin_transfer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "cli/admin_objects.hpp"
#include "cli/file_descriptor.hpp"
#include "cli/json_access.hpp"
#include "cli/yaml_text.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_file = 1'048'576;

Outcome<std::string> read_input(const std::string& path) {
    const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const FileDescriptor file{descriptor};
    auto text = file.is_open() ? read_all(file, largest_file) : std::nullopt;
    if (!text) {
        const auto why = errno == 0 ? std::string{"it is larger than 1 MiB"}
                                    : std::error_code{errno, std::generic_category()}.message();
        return Failure{ExitCode::usage, fmt::format("Cannot read '{}': {}", printable(path), why)};
    }
    return std::move(*text);
}

// `created`, `changed` or `unchanged`.
Outcome<std::string_view> apply(const Context& context, const ObjectKind& kind, const std::string& name,
                                const json::object& settings) {
    const auto path = object_path(kind, name);
    const auto shown = context.client.get(path);
    if (!shown && shown.error().code != ExitCode::not_found) return shown.error();
    if (!shown) {
        json::object body{{"name", name}};
        for (const auto& [key, value] : settings)
            body[key] = value;
        const auto made = context.client.create(fmt::format("/{}", kind.section), body);
        if (!made) return made.error();
        return std::string_view{"created"};
    }
    if (settings_shown(kind, shown->document) == settings) return std::string_view{"unchanged"};
    const auto answer = context.client.put(path, settings, shown->etag);
    if (!answer) return answer.error();
    return std::string_view{"changed"};
}

// Everything in the file, in the order in which it can be made.
using Wanted = std::vector<std::pair<const ObjectKind*, const json::object*>>;

Outcome<Wanted> wanted_in(const json::value& document) {
    if (!document.is_object()) {
        return Failure{ExitCode::usage, "The file holds no sections users, groups, resources and rules"};
    }
    Wanted wanted;
    std::size_t known = 0;
    for (const ObjectKind& kind : object_kinds()) {
        const auto& section = member_of(document, kind.section);
        if (!document.get_object().contains(kind.section)) continue;
        ++known;
        if (section.is_null()) continue;
        if (!section.is_object()) {
            return Failure{ExitCode::usage, fmt::format("'{}' holds no names with settings", kind.section)};
        }
        wanted.emplace_back(&kind, &section.get_object());
    }
    if (known != document.get_object().size()) {
        return Failure{ExitCode::usage,
                       "Only users, groups, resources and rules can be kept live; the rest belongs in the "
                       "configuration file"};
    }
    return wanted;
}

}  // namespace

ExitCode export_live(const Context& context) {
    json::object document;
    for (const ObjectKind& kind : object_kinds()) {
        const auto answer = context.client.get_all(fmt::format("/{}", kind.section));
        if (!answer) return report(context, answer.error());
        json::object section;
        for (const auto& item : list_of(answer->document, "items")) {
            if (!flag_of(item, "declared")) section[text_of(item, "name")] = settings_shown(kind, item);
        }
        if (!section.empty()) document[kind.section] = std::move(section);
    }
    if (context.json) {
        context.out << json::serialize(document) << '\n';
    } else if (document.empty()) {
        context.out << "# nothing is kept live: everything is declared in the configuration file\n";
    } else {
        context.out << to_yaml(document);
    }
    return ExitCode::ok;
}

ExitCode apply_file(const Context& context, const std::string& path) {
    errno = 0;
    const auto text = read_input(path);
    if (!text) return report(context, text.error());
    const auto document = parse_yaml(*text);
    if (!document) return report(context, document.error());
    const auto wanted = wanted_in(*document);
    if (!wanted) return report(context, wanted.error());
    json::array done;
    for (const auto& [kind, section] : *wanted) {
        for (const auto& [name, value] : *section) {
            const auto settings = value.is_object() ? value.get_object() : json::object{};
            const auto what = apply(context, *kind, std::string{name}, settings);
            if (!what) {
                auto failure = what.error();
                failure.message = fmt::format("{} {}: {}", kind->name, printable(name), failure.message);
                return report(context, failure);
            }
            if (!context.json) fmt::print(context.out, "{} {} {}\n", *what, kind->name, printable(name));
            done.push_back(json::object{{"kind", kind->name}, {"name", name}, {"done", *what}});
        }
    }
    if (context.json) context.out << json::serialize(json::object{{"items", std::move(done)}}) << '\n';
    return ExitCode::ok;
}

}  // namespace curfew::cli

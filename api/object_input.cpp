#include "api/object_input.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "api/json_input.hpp"

namespace curfew::api {
namespace {

// Settings that are not there would be taken for ones that are to have their defaults.
Result<boost::json::object> read_object(const Request& request) {
    if (request.body().empty()) return Error{ErrorCode::invalid, "The body is missing: a JSON object"};
    auto reader = ObjectReader::parse(request);
    if (!reader) return reader.error();
    return std::move(*reader).release();
}

}  // namespace

Result<std::string> read_settings(const Request& request) {
    const auto object = read_object(request);
    if (!object) return object.error();
    return boost::json::serialize(*object);
}

Result<NamedSettings> read_named_settings(const Request& request) {
    auto object = read_object(request);
    if (!object) return object.error();
    const auto* name = object->if_contains("name");
    if (name == nullptr || !name->is_string() || name->get_string().empty())
        return about_member("name", {ErrorCode::invalid, "'name' is missing, or is not text"});
    NamedSettings named;
    named.name = name->get_string();
    object->erase("name");
    named.settings = boost::json::serialize(*object);
    return named;
}

}  // namespace curfew::api

// Requests as the API shows them: where their fields get their names.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "api/command_views.hpp"
#include "policy/request.hpp"
#include "workflow/desk.hpp"

namespace curfew::api {

// Without what depends on who looks.
boost::json::object view(const policy::Request& request, Extent extent = Extent::brief);

// Who looks at a request, beside what the desk knows of them.
struct Viewer {
    bool is_user = true;         // false: they see everything, and can review nothing
    std::string people_address;  // what the request's page is below; empty: nobody knows
};
boost::json::object view(const workflow::RequestView& request, const Viewer& viewer, Extent extent);

}  // namespace curfew::api

#include "store/sql/checked_text.hpp"

#include <string>

#include "base/utf8.hpp"

namespace curfew::store {

Result<void> check_text(std::string_view what, std::string_view text, std::size_t longest) {
    if (text.empty() || text.size() > longest) {
        return Error{ErrorCode::invalid,
                     std::string{what} + " has 1 to " + std::to_string(longest) + " bytes"};
    }
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
        return Error{ErrorCode::invalid, std::string{what} + " must be valid UTF-8 without a NUL"};
    return {};
}

}  // namespace curfew::store

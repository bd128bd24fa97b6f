// Numbers of things, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace curfew {

// `1 message`, `2 messages`: of what has its plural by an s.
inline std::string counted(std::uint64_t count, std::string_view thing) {
    std::string text = std::to_string(count);
    text.append(" ").append(thing);
    if (count != 1) text += 's';
    return text;
}

}  // namespace curfew

// Any bytes as a stream, cut into pieces by the input's first bytes: a tap hands on what a reader of the
// whole finds, wherever the cuts are, and however often whoever it hands on to takes no more.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "fuzzing.hpp"
#include "protocol/postgres/message_tap.hpp"

namespace {

using namespace curfew;
using namespace curfew::postgres;
using fuzzing::require;

struct Heard {
    char type = 0;
    std::string bytes;
    std::uint64_t length = 0;  // of a count: its messages
    bool operator==(const Heard&) const = default;
};

class Listener {
public:
    bool operator()(const TappedPiece& piece) {
        if (piece.counts()) {
            heard.push_back({piece.type, std::to_string(piece.counted_bytes), piece.messages});
            return true;
        }
        if (piece.first()) heard.push_back({piece.type, {}, piece.body_length});
        require(!heard.empty() && heard.back().type == piece.type, "pieces of one message follow each other");
        require(heard.back().bytes.size() == piece.offset, "pieces come in order");
        heard.back().bytes += piece.bytes;
        require(heard.back().bytes.size() <= piece.wanted, "no more than is wanted");
        require(piece.wanted <= piece.body_length, "no more than there is");
        require(piece.last() == (heard.back().bytes.size() == piece.wanted), "knows its last piece");
        return true;
    }
    std::vector<Heard> heard;
};

void check(const TapPlan& plan, std::string_view stream, std::string_view cuts) {
    MessageTap at_once{plan};
    Listener all;
    std::string_view left = stream;
    const auto went = at_once.advance(left, all);
    require(went != MessageTap::Progress::refused, "nobody refused");
    require(at_once.broken() == (went == MessageTap::Progress::broken), "says the same twice");
    at_once.flush(all);

    MessageTap in_pieces{plan};
    Listener pieces;
    int asked = 0;
    const auto sometimes = [&](const TappedPiece& piece) { return ++asked % 3 != 0 && pieces(piece); };
    std::size_t position = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const auto size = i < cuts.size() ? static_cast<unsigned char>(cuts[i]) : stream.size();
        std::string_view piece = stream.substr(position, size);
        position += piece.size();
        while (in_pieces.advance(piece, sometimes) == MessageTap::Progress::refused) {
        }
    }
    in_pieces.flush(pieces);
    require(in_pieces.broken() == at_once.broken(), "breaks at the same");
    // What begins last may be known where a header was all there was, and handed on only with more of it.
    require(pieces.heard == all.heard, "hands on the same wherever the cuts are");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t cuts = std::min<std::size_t>(data[0] % 16U, size - 1);
    const auto input = fuzzing::as_text(data, size);
    static const TapPlan client = TapPlan::from_client({16, 0});
    static const TapPlan counting = TapPlan::from_server({16, 0});
    static const TapPlan full = TapPlan::from_server({16, 30});
    for (const TapPlan* plan : {&client, &counting, &full})
        check(*plan, input.substr(1 + cuts), input.substr(1, cuts));
    return 0;
}

#include <libtcpcraft/trace/record.hpp>

namespace tcpcraft {

std::string_view text(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::conforms:
            return "conforms";
        case Verdict::permitted_deviation:
            return "permitted-deviation";
        case Verdict::violates:
            return "violates";
        case Verdict::no_answer:
            return "no-answer";
        case Verdict::inconclusive:
            return "inconclusive";
    }
    return "inconclusive";
}

}  // namespace tcpcraft

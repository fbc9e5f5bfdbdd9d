#include <algorithm>

#include <libtcpcraft/drive/negotiated.hpp>

namespace tcpcraft {

namespace {

std::uint32_t announced(const Options& options, Family family) {
    const auto mss = options.find<MaximumSegmentSize>();
    const std::uint32_t otherwise = family == Family::v4 ? 536 : 1220;  // MUST-15
    return mss && mss->value != 0 ? mss->value : otherwise;
}

}  // namespace

Negotiated negotiated(const Options& ours, const Options& theirs, std::uint16_t window,
                      Family family) {
    Negotiated made;
    made.mss_send = announced(theirs, family);
    made.mss_receive = announced(ours, family);
    const auto our_scale = ours.find<WindowScale>();
    const auto their_scale = theirs.find<WindowScale>();
    const bool scaled = our_scale && their_scale;
    made.window_scale_send = scaled ? std::min<unsigned>(their_scale->shift, 14) : 0U;
    made.window_scale_receive = scaled ? std::min<unsigned>(our_scale->shift, 14) : 0U;
    made.sack = ours.find<SackPermitted>() && theirs.find<SackPermitted>();
    made.timestamps = ours.find<Timestamps>() && theirs.find<Timestamps>();
    made.window = window;
    return made;
}

}  // namespace tcpcraft

#pragma once

#include <vector>

#include <linux/filter.h>

#include <libtcpcraft/link/raw/capture_scope.hpp>

namespace tcpcraft {

/// A classic BPF program for packets that begin at their IP header (AF_PACKET, SOCK_DGRAM).
using FilterProgram = std::vector<sock_filter>;

/// Lets through TCP segments that arrive for `scope`: whole IPv4 packets and first fragments with
/// any header length, IPv6 packets by their fixed header. IPv6 packets with extension headers pass
/// when the addresses match, whatever they carry: a filter cannot walk the chain, peek() can.
[[nodiscard]] FilterProgram arrivals_filter(const CaptureScope& scope);

/// Lets through segments with RST that leave this host (PACKET_OUTGOING) from `scope`, as IP
/// packets of the kernel: frames of a FrameSender bear another protocol and are ours anyway.
[[nodiscard]] FilterProgram departing_resets_filter(const CaptureScope& scope);

}  // namespace tcpcraft

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <libtcpcraft/base/expected.hpp>
#include <libtcpcraft/export.hpp>
#include <libtcpcraft/trace/sink.hpp>

namespace tcpcraft {

/// pcapng with one interface, or a named one for each end of a simulation (raw IP, microseconds),
/// and a comment on each packet: step, states,
/// rule, and what is unusual. Each packet is one write of a whole block, so that a reader at the
/// other end of a pipe, or a run that is killed, never sees half of one.
class TCPCRAFT_API PcapSink final : public TraceSink {
public:
    /// `-` is standard output. `zero` is the wall clock's time of Instant zero. Fails, before
    /// anything is sent, when the file cannot be written.
    /// `interfaces`: names; what a connection with Lifelines sees is of that named as its end.
    [[nodiscard]] static Expected<std::unique_ptr<PcapSink>> open(
        const std::string& path, std::chrono::system_clock::time_point zero,
        std::vector<std::string> interfaces = {});

    /// Takes over the descriptor.
    PcapSink(int descriptor, std::chrono::system_clock::time_point zero,
             std::vector<std::string> interfaces = {});
    ~PcapSink() override;

    /// Takes one record.
    void write(const Record& record) override;
    /// The first failure; nothing is written after it.
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

private:
    struct End {
        std::string scenario{};
        std::uint32_t interface { 0 };
    };

    void write_start();
    void write_interface(const std::string& name);
    void put(std::span<const std::byte> block);

    int descriptor_;
    std::chrono::microseconds zero_;
    std::vector<std::string> interfaces_;
    std::map<std::size_t, End> known_{};  ///< connections both of whose ends are known
    std::uint64_t written_{0};            ///< octets of whole blocks
    std::optional<Error> error_{};
};

}  // namespace tcpcraft

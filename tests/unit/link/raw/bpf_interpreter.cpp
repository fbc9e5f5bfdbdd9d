#include <optional>
#include <stdexcept>

#include <tests/unit/link/raw/bpf_interpreter.hpp>

namespace tcpcraft::test {

namespace {

struct Machine {
    std::span<const std::byte> packet{};
    std::uint32_t packet_type{0};
    std::uint32_t protocol{0};
    std::uint32_t a{0};
    std::uint32_t x{0};
};

std::optional<std::uint32_t> load(const Machine& machine, std::uint64_t at, std::size_t size) {
    if (at == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)) {
        return machine.packet_type;
    }
    if (at == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL)) {
        return machine.protocol;
    }
    if (at + size > machine.packet.size()) {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    for (const std::byte b : machine.packet.subspan(at, size)) {
        value = value << 8U | std::to_integer<std::uint32_t>(b);
    }
    return value;
}

std::size_t size_of(std::uint16_t code) {
    switch (BPF_SIZE(code)) {
        case BPF_W:
            return 4;
        case BPF_H:
            return 2;
        default:
            return 1;
    }
}

bool holds(const sock_filter& step, std::uint32_t a) {
    switch (BPF_OP(step.code)) {
        case BPF_JEQ:
            return a == step.k;
        case BPF_JGT:
            return a > step.k;
        case BPF_JGE:
            return a >= step.k;
        case BPF_JSET:
            return (a & step.k) != 0;
        default:
            throw std::logic_error{"a jump that the interpreter does not know"};
    }
}

}  // namespace

std::uint32_t run_filter(std::span<const sock_filter> program, std::span<const std::byte> packet,
                         std::uint32_t packet_type, std::uint32_t protocol) {
    Machine machine{packet, packet_type, protocol, 0, 0};
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& step = program[at];
        switch (BPF_CLASS(step.code)) {
            case BPF_RET:
                return step.k;
            case BPF_JMP:
                at += holds(step, machine.a) ? step.jt : step.jf;
                break;
            case BPF_ALU:
                if (BPF_OP(step.code) != BPF_AND) {
                    throw std::logic_error{"an operation that the interpreter does not know"};
                }
                machine.a &= step.k;
                break;
            case BPF_LDX: {
                const auto first = load(machine, step.k, 1);
                if (!first || BPF_MODE(step.code) != BPF_MSH) {
                    return 0;
                }
                machine.x = (*first & 0xfU) * 4;
                break;
            }
            case BPF_LD: {
                const std::uint64_t base = BPF_MODE(step.code) == BPF_IND ? machine.x : 0;
                const auto value = load(machine, base + step.k, size_of(step.code));
                if (!value) {
                    return 0;
                }
                machine.a = *value;
                break;
            }
            default:
                throw std::logic_error{"an instruction that the interpreter does not know"};
        }
    }
    throw std::logic_error{"the program runs off its end"};
}

}  // namespace tcpcraft::test

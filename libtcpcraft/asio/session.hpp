#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <libtcpcraft/asio/loop.hpp>
#include <libtcpcraft/drive/steps.hpp>

namespace tcpcraft {

/// One connection of an AsyncHost, led by asynchronous operations. Each of them takes a completion
/// token; without one it is an awaitable: `co_await session.expect("S. 0:0(0) ack 1 <...>", 1s)`.
/// They end with an `Expected`, with the errors of Dialogue, and throw nothing; a cancelled one
/// (cancellation slot, awaitable operators) with std::errc::operation_canceled. Several that are
/// begun at once are done in that order. A handle, cheap to copy; not thread-safe, as the host.
///
/// Segments are named in the notation, with numbers that count from the two initial sequence
/// numbers, or as patterns, whose numbers are absolute.
class AsyncSession {
public:
    /// How long an operation waits where nothing else is said.
    static constexpr Duration patience = std::chrono::seconds{10};
    /// What is done where no completion token is given.
    using Usual = boost::asio::use_awaitable_t<>;

    /// For AsyncHost.
    AsyncSession(std::shared_ptr<asio_detail::Loop> loop, Session& session)
        : loop_{std::move(loop)}, session_{&session}, read_{std::make_shared<std::size_t>(0)} {}

    /// OPEN, and wait until the connection is ESTABLISHED (RFC 9293 §3.10.1).
    template <typename Token = Usual>
    auto open(Duration within = patience, Token&& token = {}) {
        return both({.name = "open", .what = Open{}}, reaching({State::established}, within),
                    std::forward<Token>(token));
    }
    /// OPEN alone: the SYN leaves.
    template <typename Token = Usual>
    auto begin(Token&& token = {}) {
        return perform({.name = "open", .what = Open{}}, std::forward<Token>(token));
    }
    /// Wait until the connection is in this state.
    template <typename Token = Usual>
    auto until(State state, Duration within = patience, Token&& token = {}) {
        return perform(reaching({state}, within), std::forward<Token>(token));
    }
    /// Wait until the connection is ESTABLISHED.
    template <typename Token = Usual>
    auto established(Duration within = patience, Token&& token = {}) {
        return until(State::established, within, std::forward<Token>(token));
    }

    /// SEND, and wait until the peer has acknowledged all of it (RFC 9293 §3.10.2).
    template <typename Token = Usual>
    auto send(std::string_view text, Duration within = patience, Token&& token = {}) {
        const auto octets = std::as_bytes(std::span{text});
        return perform(
            {.name = "send", .what = SendData{{octets.begin(), octets.end()}, within, true}},
            std::forward<Token>(token));
    }
    /// What the peer has sent since the last call: waits for the first octet, then until none has
    /// come for `quiet`, or its FIN.
    template <typename Token = Usual>
    auto receive(Duration within = patience, Duration quiet = std::chrono::milliseconds{20},
                 Token&& token = {}) {
        return ask<std::string>(
            Step{.name = "receive", .what = ExpectData{within, quiet, true}},
            [read = read_](const Session& session) {
                std::string fresh;
                for (; *read < session.received().size(); ++*read) {
                    fresh += static_cast<char>(session.received()[*read]);
                }
                return fresh;
            },
            std::forward<Token>(token));
    }

    /// A segment that the state machine knows nothing of: this one laid over the ACK that an honest
    /// TCP would send now (`<...>`: with its options). Marked as altered in the trace.
    template <typename Token = Usual>
    auto craft(std::string_view segment, const std::string& note = {}, Token&& token = {}) {
        const SeqOrigin origin =
            loop_->closed() ? SeqOrigin{} : session_->connection().origin(Direction::out);
        return ask<void>(
            crafted(segment, origin, note), [](const Session&) {}, std::forward<Token>(token));
    }
    /// Wait for a segment like this, among those that have come since the last one was met. The
    /// error names what came instead.
    template <typename Token = Usual>
    auto expect(std::string_view segment, Duration within = patience, Token&& token = {}) {
        return ask<SeenSegment>(
            expecting(segment, within), [](const Session& session) { return session.matched(); },
            std::forward<Token>(token));
    }
    /// The same for a pattern.
    template <typename Token = Usual>
    auto expect(const SegmentPattern& pattern, Duration within = patience, Token&& token = {}) {
        return ask<SeenSegment>(
            Step{.name = "expect", .what = ExpectSegment{pattern, within, false}},
            [](const Session& session) { return session.matched(); }, std::forward<Token>(token));
    }
    /// Nothing may come from the peer; std::errc::protocol_error when something does.
    template <typename Token = Usual>
    auto expect_silence(Duration during, Token&& token = {}) {
        return perform({.name = "silence", .what = ExpectSilence{during}},
                       std::forward<Token>(token));
    }

    /// CLOSE, and wait until the connection is closed or in TIME-WAIT (RFC 9293 §3.10.4).
    template <typename Token = Usual>
    auto close(Duration within = patience, Token&& token = {}) {
        return both({.name = "close", .what = CloseCall{}},
                    reaching({State::closed, State::time_wait}, within),
                    std::forward<Token>(token));
    }
    /// ABORT: a RST leaves, at once (RFC 9293 §3.10.5).
    void abort() {
        if (!loop_->closed()) {
            loop_->fleet().perform(*session_, {.name = "abort", .what = AbortCall{}}, {});
        }
    }

    /// Any step of a scenario.
    template <typename Token = Usual>
    auto perform(Step step, Token&& token = {}) {
        return ask<void>(
            std::move(step), [](const Session&) {}, std::forward<Token>(token));
    }

    /// CLOSED also when the host is gone.
    [[nodiscard]] State state() const {
        return loop_->closed() ? State::closed : session_->connection().tcb().state;
    }
    /// The session behind it; it lives as long as the host.
    [[nodiscard]] Session& session() noexcept { return *session_; }

private:
    static Step reaching(std::vector<State> states, Duration within) {
        return {.name = "expect", .what = ExpectState{std::move(states), within}};
    }

    template <typename Token>
    auto both(Step first, Step second, Token&& token) {
        return boost::asio::async_initiate<Token, void(Expected<void>)>(
            [self = *this](auto handler, Step begins, Step ends) {
                if (!self.loop_->closed()) {
                    self.loop_->fleet().perform(*self.session_, std::move(begins), {});
                }
                self.template start<void>(std::move(handler), std::move(ends),
                                          [](const Session&) {});
            },
            token, std::move(first), std::move(second));
    }

    template <typename Value, typename Take, typename Token>
    auto ask(Expected<Step> step, Take take, Token&& token) {
        return boost::asio::async_initiate<Token, void(Expected<Value>)>(
            [self = *this](auto handler, Expected<Step> what, Take result) {
                self.template start<Value>(std::move(handler), std::move(what), std::move(result));
            },
            token, std::move(step), std::move(take));
    }

    template <typename Value, typename Handler, typename Take>
    void start(Handler handler, Expected<Step> step, Take take) const {
        using Waiter = asio_detail::Waiter<Handler, Expected<Value>>;
        const auto waiter = std::make_shared<Waiter>(loop_, std::move(handler));
        if (loop_->closed()) {
            step = failure(std::make_error_code(std::errc::operation_canceled), "the host is gone");
        }
        if (!step) {
            waiter->finish(Unexpected<Error>{step.error()});
            return;
        }
        Session& session = *session_;
        const StepId id = loop_->fleet().perform(
            session, std::move(*step),
            [waiter, &session, take = std::move(take)](const Expected<void>& told) {
                waiter->finish(told.map([&] { return take(session); }));
            });
        waiter->waits([loop = loop_, &session, id] {
            if (!loop->closed()) {
                loop->fleet().drop(session, id);
            }
        });
    }

    std::shared_ptr<asio_detail::Loop> loop_;
    Session* session_;
    std::shared_ptr<std::size_t> read_;  ///< of what the peer has sent
};

}  // namespace tcpcraft

#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <tools/cli/program.hpp>

namespace tcpcraft::cli {

namespace {

ExitCode code_of(const World::Failure& failure) {
    if (failure.interrupted) {
        return ExitCode::interrupted;
    }
    return failure.usage ? ExitCode::usage : ExitCode::environment;
}

}  // namespace

tl::expected<OpenedRun, FailedRun> open_run(const Program& program, const WorldRequest& request,
                                            const OutputOptions& output) {
    auto world = World::open(request);
    if (!world) {
        return tl::unexpected<FailedRun>{
            FailedRun{code_of(world.error()), world.error().error.message()}};
    }
    auto report = Report::open(output, {.tool = program.name,
                                        .target = (*world)->target_text(),
                                        .local = (*world)->local(),
                                        .remote = (*world)->remote(),
                                        .started_at = (*world)->started_at()});
    if (!report) {
        return tl::unexpected<FailedRun>{
            FailedRun{ExitCode::environment, report.error().message()}};
    }
    if (!program.converses && !request.many && !request.options.simulate) {
        (*report)->give_way((*world)->alarm());
    }
    return OpenedRun{std::move(*world), std::move(*report)};
}

int tell_failure(const Program& program, const OutputOptions& output, const FailedRun& failed) {
    fmt::print(stderr, "{}: {}\n", program.name, failed.summary);
    const int status = number(failed.code);
    if (failed.code != ExitCode::usage) {
        print_failed_result(output, program.name, program.target, status, failed.summary,
                            program.no_result(status, failed.summary));
    }
    return status;
}

int show_plan(const Program& program, const std::vector<std::string>& plan, Report& report,
              std::string_view first_segment) {
    static constexpr const char* summary = "dry run: nothing was sent";
    report.say(fmt::format("first segment: {}", first_segment));
    for (const std::string& line : plan) {
        report.say(line);
    }
    report.say(summary);
    report.finish(program.no_result(number(ExitCode::met), summary));
    return number(ExitCode::met);
}

}  // namespace tcpcraft::cli

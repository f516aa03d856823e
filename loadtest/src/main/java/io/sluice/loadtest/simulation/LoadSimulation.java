package io.sluice.loadtest.simulation;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.asLongAs;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.repeat;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.core.CoreDsl.stopLoadGenerator;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.sse;
import static io.gatling.javaapi.http.HttpDsl.status;
import static io.gatling.javaapi.http.HttpDsl.ws;

import io.gatling.http.action.ws.WsInboundMessage;
import io.gatling.javaapi.core.ActionBuilder;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What all simulations are made of: watchers connect; when all are ready the load begins, with users who come at their rate
 * whatever became of those before; when all is answered, contexts are read back; and watchers stay until they have had what was
 * acknowledged. Each wait has a bound.
 */
abstract class LoadSimulation extends Simulation {

    private static final String WATCHER = "watcher";
    private static final String UPDATE = "update";
    private static final String STAMP = "stamp";
    private static final String STATUS = "status";
    private static final String VERSION = "version";
    private static final String CONTEXT = "context";
    private static final String DEADLINE = "deadline";

    /** What a watcher has not looked at yet; more is an overrun. */
    private static final int KEPT_MESSAGES = 20_000;

    private static final int MAX_READ_BACK = 200;
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration AGAIN = Duration.ofMillis(250);

    /** For what has no bound of its own but is bounded by those of its parts. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private final Run run = Run.current();
    private final Plan plan = run.plan();
    private final String pad =
            "x".repeat(plan.sizes().stream().mapToInt(size -> size).max().orElse(0));

    /** So many users a second, for so long. */
    record Step(double rate, Duration during) {
        long users() {
            return Math.round(during.toSeconds() * rate);
        }

        OpenInjectionStep injection() {
            return constantUsersPerSec(rate).during(during);
        }
    }

    final Plan plan() {
        return plan;
    }

    /** @param load begins when all watchers are ready */
    final void load(PopulationBuilder... load) {
        List<PopulationBuilder> begin = new ArrayList<>(List.of(load));
        begin.add(readBack());
        List<PopulationBuilder> all = new ArrayList<>(watchers());
        all.add(whenReady().andThen(begin));
        setUp(all)
                .assertions(global().failedRequests().count().is(0L))
                .maxDuration(connecting()
                        .plus(plan.publishing())
                        .plus(plan.patience().multipliedBy(10))
                        .plus(MARGIN));
    }

    // Publishers.

    /** Of updates that are acknowledged when the log has them. */
    final PopulationBuilder publishers(Step... steps) {
        return publishers("publish", steps, request -> request);
    }

    final Step steady(double rate) {
        return new Step(rate, plan.warmup().plus(plan.duration()));
    }

    /** Of updates that are acknowledged with their outcome. */
    final PopulationBuilder waiting() {
        return publishers(
                "publish and wait",
                new Step[] {steady(plan.waits())},
                request -> request.header("Prefer", "wait=5")
                        .check(header("Sluice-Version").optional().saveAs(VERSION)));
    }

    private PopulationBuilder publishers(
            String name, Step[] steps, Function<HttpRequestActionBuilder, HttpRequestActionBuilder> with) {
        HttpRequestActionBuilder request = http(session -> named(name, session))
                .patch(session -> run.path(run.ledger().context(session.getLong(UPDATE))))
                .header("Content-Type", "application/merge-patch+json")
                .body(StringBody(this::body))
                .requestTimeout(plan.patience())
                .check(status().saveAs(STATUS), status().in(200, 202));
        run.expect(Stream.of(steps).mapToLong(Step::users).sum());
        return users(
                name,
                steps,
                exec(session -> {
                            long update = run.ledger().next();
                            return session.set(UPDATE, update)
                                    .set(STAMP, run.measure().now());
                        })
                        .exec(with.apply(request))
                        .exec(does(this::answered)));
    }

    private PopulationBuilder users(String name, Step[] steps, ChainBuilder chain) {
        return scenarioOf(name, chain)
                .injectOpen(Stream.of(steps).map(Step::injection).toList())
                .protocols(shared());
    }

    private String named(String name, Session session) {
        return plan.sizes().size() == 1 ? name : name + " " + size(session.getLong(UPDATE)) + " B";
    }

    /** One size after the other, for each context. */
    private int size(long update) {
        long round = update / plan.contexts();
        return plan.sizes().get((int) ((update + round) % plan.sizes().size()));
    }

    private String body(Session session) {
        long update = session.getLong(UPDATE);
        String begin = "{\"load\":{\"update\":" + update + ",\"at\":" + session.getLong(STAMP) + "},\"pad\":\"";
        return begin + pad.substring(0, Math.max(0, size(update) - begin.length() - 2)) + "\"}";
    }

    private void answered(Session session) {
        long update = session.getLong(UPDATE);
        switch (session.contains(STATUS) ? session.getInt(STATUS) : 0) {
            case 200, 202 -> run.ledger().acknowledge(update);
            // What is not certainly refused may have been written.
            case 0, 500, 504 -> run.ledger().leaveUnknown(update);
            default -> run.ledger().refuse();
        }
        if (session.contains(VERSION)) {
            run.ledger().resolve(run.ledger().context(update), number(session.getString(VERSION)));
        }
        run.finished();
    }

    // Readers.

    /** Of what a publisher was shown: it must not be older. */
    final PopulationBuilder readers() {
        String name = "read";
        ChainBuilder read = exec(http(name)
                        .get(session -> run.path(session.getInt(CONTEXT)))
                        .header("Sluice-Min-Version", session -> String.valueOf(session.getLong(VERSION)))
                        .requestTimeout(plan.patience())
                        .check(status().is(200), header("Sluice-Version").saveAs(STATUS)))
                .exec(does(session -> {
                    if (session.contains(STATUS) && number(session.getString(STATUS)) < session.getLong(VERSION)) {
                        run.fault(
                                name,
                                name,
                                Fault.WRONG,
                                1,
                                run.path(session.getInt(CONTEXT)) + " is older than what was shown");
                    }
                }));
        return users(
                "readers",
                new Step[] {steady(plan.reads())},
                exec(session -> {
                            int context = ThreadLocalRandom.current().nextInt(plan.contexts());
                            return session.set(CONTEXT, context)
                                    .set(VERSION, run.ledger().resolved(context));
                        })
                        .exec(doIf(session -> session.getLong(VERSION) > 0).then(read)));
    }

    private PopulationBuilder readBack() {
        String name = "read back";
        int step = Math.max(1, plan.contexts() / MAX_READ_BACK);
        List<Integer> contexts = IntStream.iterate(0, context -> context < plan.contexts(), context -> context + step)
                .limit(MAX_READ_BACK)
                .boxed()
                .toList();
        ChainBuilder read = exec(http(name)
                        .get(session -> run.path(session.getInt(CONTEXT)))
                        .header("Sluice-Min-Version", session -> String.valueOf(least(session)))
                        .requestTimeout(plan.patience())
                        .check(
                                status().saveAs(STATUS),
                                status().in(200, 503),
                                header("Sluice-Version").optional().saveAs(VERSION),
                                jsonPath("$.load.update").ofLong().optional().saveAs(UPDATE)))
                .exec(doIf(session -> !isShown(session)).then(pause(AGAIN)));
        ChainBuilder all = whileSo(session -> !run.isPublished() && !run.isAbandoned(), Duration.ofMillis(100))
                .foreach(contexts, CONTEXT)
                .on(exec(session -> session.removeAll(STATUS, VERSION, UPDATE).set(DEADLINE, deadline()))
                        .asLongAs(session -> least(session) > 0 && !isShown(session) && isInTime(session))
                        .on(read)
                        .exec(does(session -> compare(name, session))))
                .exec(does(session -> run.close()));
        return scenarioOf(name, all).injectOpen(atOnceUsers(1)).protocols(shared());
    }

    private int least(Session session) {
        return run.ledger().least(session.getInt(CONTEXT));
    }

    private static boolean isShown(Session session) {
        return session.contains(STATUS) && session.getInt(STATUS) == 200 && session.contains(VERSION);
    }

    private void compare(String name, Session session) {
        int context = session.getInt(CONTEXT);
        if (least(session) == 0 || run.isAbandoned()) {
            return;
        }
        long version = isShown(session) ? number(session.getString(VERSION)) : 0;
        if (version < least(session)) {
            run.fault(name, name, Fault.LOST, least(session) - version, run.path(context) + " at version " + version);
        } else if (version > run.ledger().most(context)) {
            run.fault(name, name, Fault.WRONG, 1, run.path(context) + " at version " + version + ", more than updates");
        } else {
            run.ledger().end(context, session.contains(UPDATE) ? session.getLong(UPDATE) : -1);
            run.readBack();
        }
    }

    // Watchers.

    private List<PopulationBuilder> watchers() {
        List<PopulationBuilder> watchers = new ArrayList<>();
        int streams = plan.watchers(Plan.Transport.SSE);
        int sockets = plan.watchers(Plan.Transport.WEBSOCKET);
        if (streams > 0) {
            String name = "watch over SSE";
            watchers.add(watchers(
                    name,
                    streams,
                    () -> new StreamWatcher(run, name),
                    exec(sse("connect sse").get(session -> ((StreamWatcher) watcher(session)).address())),
                    sse.processUnmatchedMessages((messages, session) -> {
                        Watcher watcher = watcher(session);
                        messages.forEach(message -> watcher.take(message.message(), message.timestamp()));
                        return looked(messages.size(), session);
                    }),
                    sse("close sse").close()));
        }
        if (sockets > 0) {
            String name = "watch over WebSocket";
            watchers.add(watchers(
                    name,
                    sockets,
                    () -> new SocketWatcher(run, name),
                    exec(ws("connect websocket").connect("/connection/websocket"))
                            .exec(ws("subscribe websocket")
                                    .sendText(session -> ((SocketWatcher) watcher(session)).commands())),
                    ws.processUnmatchedMessages((messages, session) -> {
                        Watcher watcher = watcher(session);
                        messages.forEach(message -> {
                            if (message instanceof WsInboundMessage.Text text) {
                                watcher.take(text.message(), text.timestamp());
                            }
                        });
                        return looked(messages.size(), session);
                    }),
                    ws("close websocket").close()));
        }
        return watchers;
    }

    private PopulationBuilder watchers(
            String name,
            int count,
            Supplier<Watcher> make,
            ChainBuilder connect,
            ActionBuilder look,
            ActionBuilder close) {
        ChainBuilder connection = exec(does(session -> watcher(session).connecting()))
                .exec(connect)
                .exec(session -> {
                    if (session.isFailed()) {
                        watcher(session).refused();
                    }
                    return session.markAsSucceeded();
                })
                .asLongAs(session -> watcher(session).stays())
                .on(pause(plan.look()).exec(look))
                .exec(does(session -> watcher(session).leave()))
                .exec(close)
                .exec(whileSo(session -> !watcher(session).mayReturn(), SHORT));
        ChainBuilder all = exec(session -> session.set(WATCHER, make.get()))
                .asLongAs(session -> !watcher(session).isFinished())
                .on(connection)
                .exec(does(session -> watcher(session).conclude()));
        return scenarioOf(name, all)
                .injectOpen(rampUsers(count).during(connecting()))
                .protocols(watching());
    }

    private Session looked(int messages, Session session) {
        if (messages >= KEPT_MESSAGES) {
            watcher(session).overrun();
        }
        return session;
    }

    private Duration connecting() {
        return plan.watchers() == 0
                ? Duration.ZERO
                : Duration.ofSeconds((long) Math.ceil(plan.watchers() / plan.connects()));
    }

    private PopulationBuilder whenReady() {
        ChainBuilder ready = exec(session ->
                        session.set(DEADLINE, deadline() + connecting().toMillis()))
                .exec(whileSo(session -> !run.isEverybodyReady() && !run.isAbandoned() && isInTime(session), SHORT))
                .exec(does(session -> {
                    if (run.isEverybodyReady()) {
                        run.updatesBegin();
                    } else {
                        run.abandon(run.watchersReady() + " of " + plan.watchers()
                                + " watchers are ready (expected: all within "
                                + connecting().plus(plan.patience()).toSeconds() + " s)");
                    }
                }))
                .exec(doIf(session -> run.isAbandoned()).then(stopLoadGenerator("not all watchers are ready")));
        return scenarioOf("when all are ready", ready).injectOpen(atOnceUsers(1));
    }

    /** All watchers leave at once, and come back at once, while updates go on. */
    final PopulationBuilder storms() {
        String name = "storms";
        Duration between = plan.duration().dividedBy(plan.storms() + 1L);
        run.expect(1);
        ChainBuilder storm = pause(between)
                .exec(session -> {
                    run.beginStorm();
                    return session.set(DEADLINE, deadline());
                })
                .exec(whileSo(session -> !run.isEverybodyAway() && isInTime(session), SHORT))
                .exec(pause(plan.away()))
                .exec(session -> {
                    run.endStorm();
                    return session.set(STAMP, run.measure().now()).set(DEADLINE, deadline());
                })
                .exec(whileSo(session -> !run.isEverybodyReady() && isInTime(session), SHORT))
                .exec(does(session -> {
                    if (run.isEverybodyReady()) {
                        run.measure()
                                .took(
                                        name,
                                        "all are back",
                                        session.getLong(STAMP),
                                        run.measure().now());
                    } else {
                        int missing = plan.watchers() - run.watchersReady();
                        run.fault(
                                name, "all are back", Fault.REFUSED, missing, missing + " watchers did not come back");
                    }
                }));
        ChainBuilder all =
                pause(plan.warmup()).exec(repeat(plan.storms()).on(storm)).exec(does(session -> run.finished()));
        return scenarioOf(name, all).injectOpen(atOnceUsers(1));
    }

    // Words of the DSL.

    private ScenarioBuilder scenarioOf(String name, ChainBuilder chain) {
        return scenario(name).exec(run.measure().attach()).exec(chain);
    }

    private static ChainBuilder whileSo(Predicate<Session> condition, Duration look) {
        return asLongAs(condition::test).on(pause(look));
    }

    private static Function<Session, Session> does(Consumer<Session> what) {
        return session -> {
            what.accept(session);
            return session;
        };
    }

    private static Watcher watcher(Session session) {
        return session.get(WATCHER);
    }

    private long deadline() {
        return run.measure().now() + plan.patience().toMillis();
    }

    private boolean isInTime(Session session) {
        return run.measure().now() < session.getLong(DEADLINE);
    }

    private static long number(String text) {
        return Long.parseLong(text);
    }

    /** As services do that keep their connections. */
    private HttpProtocolBuilder shared() {
        return protocol().shareConnections();
    }

    /** Each watcher has a connection of its own. */
    private HttpProtocolBuilder watching() {
        URI url = plan.url();
        return protocol()
                .wsBaseUrl((url.getScheme().equals("https") ? "wss://" : "ws://") + url.getRawAuthority())
                .sseUnmatchedInboundMessageBufferSize(KEPT_MESSAGES)
                .wsUnmatchedInboundMessageBufferSize(KEPT_MESSAGES)
                .wsAutoReplyTextFrame(SocketWatcher::pong);
    }

    private HttpProtocolBuilder protocol() {
        return http.baseUrl(plan.url().getScheme() + "://" + plan.url().getRawAuthority())
                .userAgentHeader("sluice-load")
                .disableWarmUp()
                .disableCaching()
                .disableAutoReferer();
    }
}

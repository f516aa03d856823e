package io.sluice.gateway.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.backpressure.Budget;
import io.sluice.backpressure.ContextType;
import io.sluice.backpressure.EventCodec;
import io.sluice.backpressure.Hub;
import io.sluice.backpressure.KafkaEventLog;
import io.sluice.backpressure.KafkaUpdateLog;
import io.sluice.backpressure.Lane;
import io.sluice.backpressure.LanePipeline;
import io.sluice.backpressure.Mailbox;
import io.sluice.backpressure.PipelineSettings;
import io.sluice.backpressure.TopicPin;
import io.sluice.backpressure.UpdateLog;
import io.sluice.backpressure.Waiters;
import io.sluice.cache.CacheSettings;
import io.sluice.cache.ContextCache;
import io.sluice.cache.Tail;
import io.sluice.gateway.demo.Demo;
import io.sluice.gateway.feed.ConflictHandler;
import io.sluice.gateway.feed.FeedRoutes;
import io.sluice.gateway.feed.HistoryHandler;
import io.sluice.gateway.feed.PastHandler;
import io.sluice.gateway.feed.ReadHandler;
import io.sluice.gateway.feed.Settled;
import io.sluice.gateway.feed.StoredContexts;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.publish.BulkHandler;
import io.sluice.gateway.publish.CloudEvents;
import io.sluice.gateway.publish.LogHealth;
import io.sluice.gateway.publish.PublishHandler;
import io.sluice.gateway.publish.Publisher;
import io.sluice.gateway.publish.Writes;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.settings.SluiceSettings.Role;
import io.sluice.gateway.web.Bodies;
import io.sluice.gateway.web.Routes;
import io.sluice.gateway.websocket.SessionSettings;
import io.sluice.gateway.websocket.SocketRoutes;
import io.sluice.gateway.wire.Places;
import io.sluice.resolver.Json;
import io.sluice.resolver.Resolver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What this process does, put together by its roles and set to work. This is the one place that subscribes: everything else
 * only says what would be done.
 */
final class Node {

    private static final Duration TAIL_TIMEOUT = Duration.ofSeconds(60);

    private final SluiceSettings settings;
    private final Systems systems;
    private final Meters meters;
    private final MeterRegistry registry;
    private final Journal journal;
    private final EventCodec codec;
    private final Waiters waiters = new Waiters();
    private final Scheduler folding =
            Schedulers.newParallel("fold", Runtime.getRuntime().availableProcessors());
    private final Disposable.Composite work = Disposables.composite();
    private final ContextCache cache;
    private final Budget budget;
    private final Places places;
    private final Hub hub;
    private final Consistency consistency;
    private @Nullable BulkHandler bulk;

    Node(SluiceSettings settings, Systems systems, Meters meters, MeterRegistry registry) {
        this.settings = settings;
        this.systems = systems;
        this.meters = meters;
        this.registry = registry;
        this.journal = new Journal(systems.database());
        this.codec = new EventCodec(settings.limits().depth());
        AtomicReference<Hub> tail = new AtomicReference<>();
        this.cache = cache(tail);
        this.budget = new Budget(settings.feeds().maxWaiting().toBytes());
        this.places = new Places(settings.feeds().maxSubscribers(), budget);
        Gauge.builder("sluice.waiting.bytes", budget, Budget::held).register(registry);
        for (ContextType type : systems.types().all()) {
            Gauge.builder("sluice.type.stopped", systems.stopped(), stopped -> stopped.isStopped(type) ? 1 : 0)
                    .tag("type", type.name())
                    .register(registry);
        }
        this.hub = hub();
        tail.set(hub);
        this.consistency = new Consistency(cache, settings.consistency(), registry);
    }

    private ContextCache cache(AtomicReference<Hub> tail) {
        CacheSettings defaults = CacheSettings.defaults();
        CacheSettings local = new CacheSettings(
                settings.cache().local().toBytes(),
                defaults.localTtl(),
                defaults.loadTimeout(),
                defaults.maxLoads(),
                defaults.batchKeys());
        Tail seen = new Tail(
                systems.types()::partitionOf,
                partition -> tail.get() == null ? -1 : tail.get().seen(partition));
        ContextCache contexts = new ContextCache(local, journal::states, systems.far(), seen, meters);
        Gauge.builder("sluice.cache.local.bytes", contexts, c -> c.footprint().bytes())
                .register(registry);
        Gauge.builder(
                        "sluice.cache.local.contexts",
                        contexts,
                        c -> c.footprint().contexts())
                .register(registry);
        return contexts;
    }

    private Hub hub() {
        SluiceSettings.Feeds feeds = settings.feeds();
        Hub.Surroundings surroundings = new Hub.Surroundings(
                new StoredContexts(cache, journal),
                journal.progress(),
                announced -> cache.refresh(announced.key(), announced.source(), announced::state),
                cache::clear,
                this::life,
                InstantSource.system());
        return new Hub(
                systems.types(),
                surroundings,
                waiters,
                meters,
                budget,
                new Hub.Settings(
                        feeds.resumeWindow(),
                        feeds.ringUpdates(),
                        feeds.ringBytes().toBytes(),
                        64,
                        feeds.heartbeat(),
                        feeds.patience(),
                        new Mailbox.Settings(feeds.maxFrames(), feeds.maxBytes().toBytes())));
    }

    private String life(ContextType type) {
        TopicPin pin = systems.pins().get(type.name());
        return pin == null ? "" : pin.id();
    }

    /** What the owner of one partition has found out concerns all nodes: none may take events that nobody would read. */
    private Flux<Void> stoppedElsewhere() {
        return Flux.interval(Duration.ofSeconds(1))
                .onBackpressureDrop()
                .concatMap(
                        tick -> journal.stopped()
                                .onErrorComplete()
                                .doOnNext(reasons -> Systems.stop(systems.types(), systems.stopped(), reasons))
                                .then(),
                        1);
    }

    /** What is stopped has perhaps no topic of updates, or another. */
    private UpdateLog updates() {
        KafkaUpdateLog log = new KafkaUpdateLog(systems.kafka());
        return (types, positioned) -> log.tail(
                types.stream()
                        .filter(type -> !systems.stopped().isStopped(type))
                        .toList(),
                positioned);
    }

    /** Starts everything, and blocks until nothing that is announced from now on would be missed. */
    void start(Routes routes, FeedRoutes feedRoutes, SocketRoutes socketRoutes) {
        if (settings.has(Role.RESOLVE)) {
            for (Lane lane : Lane.values()) {
                if (!systems.types().in(lane).isEmpty()) {
                    run(pipeline(lane).run());
                }
            }
        }
        if (settings.has(Role.RESOLVE)) {
            run(upkeep().run());
        }
        run(systems.topics().watch());
        run(stoppedElsewhere());
        run(new Lag(systems.topics(), journal, registry).run());
        if (settings.has(Role.PUBLISH) || settings.has(Role.FEED)) {
            run(hub.run(updates()));
            hub.positioned().block(TAIL_TIMEOUT);
            run(new Rewind(systems.types(), journal, hub).run());
        }
        Writes writes = null;
        if (settings.has(Role.PUBLISH)) {
            writes = publish(routes);
        } else {
            routes.publishElsewhere();
        }
        if (!settings.has(Role.FEED)) {
            routes.feedElsewhere(Set.of(FeedRoutes.ALL, SocketRoutes.PATH));
        } else {
            read(routes, feedRoutes);
            run(consistency.run());
            SluiceSettings.Limits limits = settings.limits();
            socketRoutes.serve(new SocketRoutes.Serving(
                    hub,
                    systems.types(),
                    cache,
                    journal,
                    writes,
                    places,
                    version(),
                    SessionSettings.ofDocuments((int) limits.body().toBytes(), limits.depth())));
        }
        if (settings.demo().enabled()) {
            demo();
        }
    }

    private void demo() {
        ContextType airports = systems.types()
                .named(Demo.TYPE)
                .orElseThrow(() -> new IllegalArgumentException(
                        "sluice.demo.enabled: true, and there is no type " + Demo.TYPE + " (expected: one)"));
        run(new Demo(systems.appender(), codec, airports, settings.demo().speed()).run());
    }

    private void run(Flux<Void> loop) {
        work.add(loop.subscribe());
    }

    private Upkeep upkeep() {
        return new Upkeep(
                journal,
                settings.journal(),
                meters.announced(),
                systems.topics().ends(),
                InstantSource.system(),
                registry);
    }

    private LanePipeline pipeline(Lane lane) {
        SluiceSettings.Resolving resolving = settings.resolving();
        return new LanePipeline(
                lane,
                systems.types(),
                new KafkaEventLog(systems.kafka(), settings.nodeId(), resolving.maxBatch()),
                new LanePipeline.Ports(
                        journal, systems.far()::store, systems.appender(), systems.stopped(), systems.topics()::look),
                type -> Resolver.of(type.bounds(), type.policies()),
                codec,
                meters,
                new PipelineSettings(
                        resolving.maxUnfinished(),
                        resolving.maxBatch(),
                        resolving.workingSet().toBytes()),
                folding);
    }

    private static String version() {
        String built = Node.class.getPackage().getImplementationVersion();
        return built == null ? "dev" : built;
    }

    private Writes publish(Routes routes) {
        LogHealth health = new LogHealth(systems.topics());
        run(health.run());
        Publisher publisher = new Publisher(systems.appender(), codec, waiters, health, systems.stopped());
        SluiceSettings.Limits limits = settings.limits();
        Json json = Json.strict(limits.depth());
        InstantSource clock = InstantSource.system();
        CloudEvents events = new CloudEvents(systems.types(), codec, json, clock);
        BulkHandler many = new BulkHandler(
                publisher,
                events,
                new BulkHandler.Bounds(
                        (int) limits.body().toBytes(), (int) limits.batch().toBytes(), bulkInFlight()));
        bulk = many;
        Gauge.builder("sluice.bulk.bytes", many, BulkHandler::held).register(registry);
        PublishHandler handler = new PublishHandler(
                publisher,
                systems.types(),
                events,
                json,
                new Bodies((int) limits.body().toBytes()),
                clock,
                many);
        routes.context(HttpMethod.PUT, handler::put);
        routes.context(HttpMethod.PATCH, handler::patch);
        routes.context(HttpMethod.DELETE, handler::delete);
        routes.events(HttpMethod.POST, handler::event);
        return new Writes(publisher, systems.types(), clock);
    }

    /** Half: who brings many events at once leaves room to those who bring one. */
    private long bulkInFlight() {
        return settings.publishing().maxInFlight().toBytes() / 2;
    }

    private void read(Routes routes, FeedRoutes feedRoutes) {
        feedRoutes.serve(
                new FeedRoutes.Serving(hub, systems.types(), journal, places, settings.feeds(), settings.limits()));
        routes.feeds(HttpMethod.GET);
        routes.feeds(HttpMethod.HEAD);
        routes.feeds(HttpMethod.POST);
        PastHandler past = new PastHandler(
                journal,
                systems.types(),
                new Settled(journal, systems.topics().ends(), InstantSource.system()),
                Json.strict(settings.limits().depth()),
                new Bodies((int) settings.limits().body().toBytes()),
                InstantSource.system());
        routes.queries(HttpMethod.POST, past::cut);
        ReadHandler handler = new ReadHandler(cache, journal, past);
        routes.context(HttpMethod.GET, handler::one);
        routes.context(HttpMethod.HEAD, handler::one);
        routes.type(HttpMethod.HEAD, handler::list);
        routes.type(HttpMethod.GET, handler::list);
        ConflictHandler conflicts = new ConflictHandler(journal);
        routes.conflicts(HttpMethod.GET, conflicts::conflicts);
        routes.history(HttpMethod.GET, new HistoryHandler(journal, systems.types())::history);
    }

    Consistency consistency() {
        return consistency;
    }

    Systems systems() {
        return systems;
    }

    /** Ends all feeds and uploads, so that the server has nothing left to wait for. */
    void drain() {
        if (bulk != null) {
            bulk.drain();
        }
        hub.drain();
    }

    void stop() {
        work.dispose();
        if (bulk != null) {
            bulk.close();
        }
        hub.close();
        folding.dispose();
        systems.close();
    }
}

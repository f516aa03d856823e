package io.sluice.gateway.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.backpressure.StoppedTypes;
import io.sluice.gateway.feed.FeedRoutes;
import io.sluice.gateway.local.Addresses;
import io.sluice.gateway.local.LocalParts;
import io.sluice.gateway.settings.SluiceSettings;
import io.sluice.gateway.web.Routes;
import io.sluice.gateway.websocket.SocketRoutes;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;

/** Starts the node when everything else is there and before the server listens; stops it, and its parts, last. */
final class NodeLifecycle implements SmartLifecycle, ApplicationListener<ApplicationReadyEvent> {

    private final SluiceSettings settings;
    private final @Nullable LocalParts parts;
    private final Routes routes;
    private final FeedRoutes feedRoutes;
    private final SocketRoutes socketRoutes;
    private final MeterRegistry registry;
    private final StoppedTypes stopped = new StoppedTypes();
    private volatile @Nullable Node node;
    private @Nullable Addresses addresses;

    NodeLifecycle(
            SluiceSettings settings,
            @Nullable LocalParts parts,
            Routes routes,
            FeedRoutes feedRoutes,
            SocketRoutes socketRoutes,
            MeterRegistry registry) {
        this.settings = settings;
        this.parts = parts;
        this.routes = routes;
        this.feedRoutes = feedRoutes;
        this.socketRoutes = socketRoutes;
        this.registry = registry;
    }

    @Override
    public void start() {
        Meters meters = new Meters(registry);
        addresses = Addresses.of(settings, parts);
        Systems systems = Systems.connect(addresses, settings, stopped, meters);
        Node started = new Node(settings, systems, meters, registry);
        node = started;
        routes.types(systems.types());
        started.start(routes, feedRoutes, socketRoutes);
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        if (addresses != null
                && event.getApplicationContext() instanceof WebServerApplicationContext context
                && context.getWebServer() != null) {
            Welcome welcome = new Welcome(context.getWebServer().getPort(), addresses);
            if (parts != null) {
                parts.register(welcome.url());
            }
            System.out.println(welcome.text());
        }
    }

    StoppedTypes stopped() {
        return stopped;
    }

    void drain() {
        socketRoutes.drain();
        if (node != null) {
            node.drain();
        }
    }

    /** Whether what this node remembers is what is stored. */
    Health consistency() {
        Node current = node;
        return current == null
                ? Health.unknown().build()
                : current.consistency().health();
    }

    @Override
    public void stop() {
        if (node != null) {
            node.stop();
            node = null;
        }
        if (parts != null) {
            parts.close();
        }
    }

    @Override
    public boolean isRunning() {
        return node != null;
    }

    /** Before the web server starts, after it stops. */
    @Override
    public int getPhase() {
        return 0;
    }
}

package io.sluice.gateway.web;

import io.sluice.backpressure.ContextTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;

/**
 * Which handler answers what under {@code /v1} and {@code /problems}, and what is said where none does. It is filled before the
 * server listens, and not changed afterwards.
 */
public final class Routes implements RouterFunction<ServerResponse> {

    private static final Logger log = LoggerFactory.getLogger(Routes.class);

    private volatile ContextTypes types = new ContextTypes(List.of());
    private final Map<String, AddressHandler> ofContext = new TreeMap<>();
    private final Map<String, AddressHandler> ofType = new TreeMap<>();
    private final Map<String, AddressHandler> ofConflicts = new TreeMap<>();
    private final Map<String, AddressHandler> ofHistory = new TreeMap<>();
    private final Map<String, HandlerFunction<ServerResponse>> ofEvents = new TreeMap<>();
    private final Map<String, HandlerFunction<ServerResponse>> ofQueries = new TreeMap<>();
    private final Set<String> ofFeeds = new TreeSet<>();
    /** Addresses beside those above that another role serves, with its name. */
    private final Map<String, String> elsewhere = new TreeMap<>();

    /** To be called before the server listens. */
    public void types(ContextTypes usable) {
        types = usable;
    }

    /** Answers requests to what an address names. */
    @FunctionalInterface
    public interface AddressHandler {
        Mono<ServerResponse> handle(ServerRequest request, Address address);
    }

    public void context(HttpMethod method, AddressHandler handler) {
        ofContext.put(method.name(), handler);
    }

    public void type(HttpMethod method, AddressHandler handler) {
        ofType.put(method.name(), handler);
    }

    /** Of one context, or of a type. */
    public void conflicts(HttpMethod method, AddressHandler handler) {
        ofConflicts.put(method.name(), handler);
    }

    /** Of one context. */
    public void history(HttpMethod method, AddressHandler handler) {
        ofHistory.put(method.name(), handler);
    }

    /** Of many contexts at an instant. */
    public void queries(HttpMethod method, HandlerFunction<ServerResponse> handler) {
        ofQueries.put(method.name(), handler);
    }

    public void events(HttpMethod method, HandlerFunction<ServerResponse> handler) {
        ofEvents.put(method.name(), handler);
    }

    /** That one is answered elsewhere, and only other methods here. */
    public void feeds(HttpMethod method) {
        ofFeeds.add(method.name());
    }

    /** For a process without the role {@code publish}. */
    public void publishElsewhere() {
        AddressHandler handler = (request, address) -> misdirected("publish");
        context(HttpMethod.PUT, handler);
        context(HttpMethod.PATCH, handler);
        context(HttpMethod.DELETE, handler);
        events(HttpMethod.POST, request -> misdirected("publish"));
    }

    /**
     * For a process without the role {@code feed}.
     *
     * @param streams addresses that such a role serves beside this
     */
    public void feedElsewhere(Set<String> streams) {
        AddressHandler handler = (request, address) -> misdirected("feed");
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
            context(method, handler);
            type(method, handler);
        }
        conflicts(HttpMethod.GET, handler);
        history(HttpMethod.GET, handler);
        queries(HttpMethod.POST, request -> misdirected("feed"));
        streams.forEach(path -> elsewhere.put(path, "feed"));
    }

    private static <T> Mono<T> misdirected(String role) {
        return Mono.error(Problem.of(
                        Problem.Kind.MISDIRECTED,
                        "node: without the role " + role + " (expected: one whose sluice.roles has it)")
                .exception());
    }

    /** Everything that nobody else answers: the actuator's addresses come before these. */
    @Override
    public Mono<HandlerFunction<ServerResponse>> route(ServerRequest request) {
        return Mono.just(this::answer);
    }

    private Mono<ServerResponse> answer(ServerRequest request) {
        return Mono.defer(() -> dispatch(request)).onErrorResume(e -> {
            Problem problem = Problem.of(e);
            if (problem.kind() == Problem.Kind.INTERNAL && !(e instanceof AbortedException)) {
                log.error("{} {} failed", request.method(), request.uri().getRawPath(), e);
            }
            return problem.response();
        });
    }

    private Mono<ServerResponse> dispatch(ServerRequest request) {
        String path = request.uri().getRawPath();
        String method = request.method().name();
        if (Address.matches(path)) {
            Address address = Address.parse(path, types);
            Map<String, AddressHandler> handlers = switch (address.part()) {
                case ITSELF -> address.id() == null ? ofType : ofContext;
                case CONFLICTS -> ofConflicts;
                case HISTORY -> ofHistory;
            };
            AddressHandler handler = handlers.get(method);
            return handler == null ? notAllowed(request, handlers.keySet()) : handler.handle(request, address);
        }
        if (path.equals("/v1/events") || path.equals("/v1/queries/at")) {
            Map<String, HandlerFunction<ServerResponse>> handlers = path.equals("/v1/events") ? ofEvents : ofQueries;
            HandlerFunction<ServerResponse> handler = handlers.get(method);
            return handler == null ? notAllowed(request, handlers.keySet()) : handler.handle(request);
        }
        String role = elsewhere.get(path);
        if (role != null) {
            return misdirected(role);
        }
        if (path.equals("/v1/feeds") && !ofFeeds.isEmpty()) {
            return notAllowed(request, ofFeeds);
        }
        return path.startsWith("/problems/") ? explanation(path) : Mono.error(nothingAt(path));
    }

    private static Mono<ServerResponse> notAllowed(ServerRequest request, Iterable<String> allowed) {
        List<String> methods = new ArrayList<>();
        allowed.forEach(methods::add);
        return Problem.of(
                        Problem.Kind.METHOD_NOT_ALLOWED,
                        "method: " + request.method() + " (expected, at this address: " + methods + ")")
                .with("Allow", String.join(", ", methods))
                .response();
    }

    private static Mono<ServerResponse> explanation(String path) {
        String code = path.substring("/problems/".length());
        for (Problem.Kind kind : Problem.Kind.values()) {
            if (kind.code().equals(code)) {
                return ServerResponse.ok()
                        .contentType(MediaType.TEXT_PLAIN)
                        .bodyValue(kind.title() + " (" + kind.status() + ")\n\n" + kind.explanation() + "\n");
            }
        }
        return Mono.error(nothingAt(path));
    }

    private static ProblemException nothingAt(String path) {
        return Problem.of(
                        Problem.Kind.NOT_FOUND,
                        "path: " + path
                                + " (expected: /v1/contexts/<type>/<id>, /v1/conflicts/<type>, /v1/feeds, /v1/events"
                                + " or /v1/queries/at)")
                .exception();
    }
}

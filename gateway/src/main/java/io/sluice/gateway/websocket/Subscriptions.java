package io.sluice.gateway.websocket;

import io.sluice.resolver.ContextKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** The channels that one client is subscribed to, by the names that it gave. */
final class Subscriptions {

    private final Contexts contexts;
    private final ChannelNames channels;
    private final Output output;
    private final int max;
    private final Map<String, Subscriber> byChannel = new HashMap<>();

    Subscriptions(Contexts contexts, ChannelNames channels, Output output, int max) {
        this.contexts = contexts;
        this.channels = channels;
        this.output = output;
        this.max = max;
    }

    /** @throws CommandFailure if it cannot even begin */
    void subscribe(Command.Subscribe command) {
        require(command);
        ContextKey key = channels.key(command.channel());
        Subscriber subscriber = new Subscriber(command, ChannelNames.of(key));
        byChannel.put(command.channel(), subscriber);
        try {
            subscriber.begun(contexts.subscribe(key, command.since(), subscriber));
        } catch (RuntimeException e) {
            subscriber.end();
            throw e;
        }
    }

    private void require(Command.Subscribe command) {
        if (command.type() != 0) {
            throw Errors.NOT_AVAILABLE
                    .because("subscription type " + command.type() + " (expected: 0, a stream)")
                    .failure();
        }
        if (command.filtered()) {
            throw Errors.BAD_REQUEST
                    .because("tf: a filter by tags (expected: none, since publications have no tags)")
                    .failure();
        }
        if (byChannel.containsKey(command.channel())) {
            throw Errors.ALREADY_SUBSCRIBED.failure();
        }
        if (byChannel.size() >= max) {
            throw Errors.LIMIT_EXCEEDED
                    .because(max + " subscriptions (expected: no more on one connection)")
                    .failure();
        }
    }

    /** One that has no answer yet gets it before: clients may ask for the channel again at once, and wait for each answer. */
    void unsubscribe(Command.Unsubscribe command) {
        Subscriber subscriber = byChannel.get(command.channel());
        if (subscriber != null) {
            subscriber.end();
            subscriber.overtaken();
        }
        output.write(Replies.unsubscribed(command.id()));
    }

    boolean has(String channel) {
        return byChannel.containsKey(channel);
    }

    void endAll() {
        List.copyOf(byChannel.values()).forEach(Subscriber::end);
    }

    private final class Subscriber implements Contexts.Listener {

        private final Command.Subscribe command;
        private final String ownName;
        private @Nullable Disposable subscription;
        private boolean answered;
        private boolean ended;

        /** @param ownName that of the channel which the pushes are for */
        Subscriber(Command.Subscribe command, String ownName) {
            this.command = command;
            this.ownName = ownName;
        }

        /** It may be over by now: the listener can be called before there is anything to dispose of. */
        void begun(Disposable begun) {
            subscription = begun;
            if (ended) {
                begun.dispose();
            }
        }

        void end() {
            if (!ended) {
                ended = true;
                byChannel.remove(command.channel());
                if (subscription != null) {
                    subscription.dispose();
                }
            }
        }

        void overtaken() {
            if (!answered) {
                answered = true;
                output.write(Replies.error(command.id(), Errors.OVERTAKEN));
            }
        }

        @Override
        public void subscribed(Position position, boolean recovered, List<byte[]> publications) {
            if (ended || answered) {
                return;
            }
            answered = true;
            Position since = command.since();
            if (since != null && !recovered && command.allOrError()) {
                end();
                output.write(Replies.error(command.id(), Errors.UNRECOVERABLE_POSITION));
                return;
            }
            Position from = since != null && recovered ? new Position(position.epoch(), since.offset()) : position;
            List<byte[]> insides = publications.stream()
                    .map(push -> Replies.inside(push, ownName))
                    .toList();
            output.write(Replies.subscribed(
                    command.id(), new Replies.Subscription(from, recovered, since != null, insides)));
        }

        @Override
        public void publications(byte[] lines) {
            if (ended) {
                return;
            }
            String channel = command.channel();
            if (channel.equals(ownName)) {
                output.write(lines);
            } else {
                Replies.split(lines).forEach(push -> output.write(Replies.renamed(push, ownName, channel)));
            }
        }

        @Override
        public void unsubscribed(Unsubscribed why) {
            if (ended) {
                return;
            }
            end();
            output.write(
                    answered
                            ? Replies.unsubscribed(command.channel(), why)
                            : Replies.error(command.id(), refused(why)));
            answered = true;
        }

        private static ErrorReply refused(Unsubscribed why) {
            return why.resubscribes() ? Errors.INTERNAL : Errors.PERMISSION_DENIED;
        }
    }
}

package io.sluice.embedded;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Runs the embedded servers until it is told to stop: by a signal, or, with {@code --parent}, by the end of stdin, which
 * comes even if the parent is killed.
 */
public final class PartsMain {
    static final String READY = "READY ";
    static final String FAILED = "FAILED ";

    private final PartsArguments arguments;

    private PartsMain(PartsArguments arguments) {
        this.arguments = arguments;
    }

    /** Ends with status 2 if an argument is wrong, 1 if a server does not start, 0 or a signal's status if it was told to. */
    public static void main(String... words) {
        try {
            new PartsMain(PartsArguments.parse(List.of(words), System.getenv())).run();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private void run() {
        KafkaLog.silence();
        if (arguments.parent()) {
            outliveTerminal();
        }
        Parts parts = new Parts(arguments.settings(), System.out::println);
        // The one way out: every end of this JVM but a kill comes by here.
        Runtime.getRuntime().addShutdownHook(new Thread(parts::close, "stop-embedded-servers"));
        if (arguments.parent()) {
            Thread.ofPlatform().daemon().name("await-parent").start(PartsMain::exitWithParent);
        }
        try {
            parts.launch();
            parts.endpoints().write(arguments.settings().dataDir());
            announce(parts.endpoints());
        } catch (RuntimeException e) {
            fail(e);
        }
        stay();
    }

    /** A Ctrl-C in the terminal reaches us too, but the parent still needs the servers while it drains. */
    private static void outliveTerminal() {
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        Signal.handle(new Signal("HUP"), SignalHandler.SIG_IGN);
    }

    private static void exitWithParent() {
        try {
            while (System.in.read() >= 0) {
                // The parent says nothing; that it is there is all that matters.
            }
        } catch (IOException e) {
            // No pipe any more: the same as its end.
        }
        System.exit(0);
    }

    private void announce(Endpoints endpoints) {
        if (arguments.parent()) {
            System.out.println(READY + endpoints.toLine());
            return;
        }
        endpoints.toMap().forEach((name, address) -> System.out.printf("%-9s %s%n", name, address));
        double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
        System.out.printf(
                Locale.ROOT,
                "Ready after %.1f s, data in %s%n",
                seconds,
                arguments.settings().dataDir());
    }

    private void fail(RuntimeException e) {
        String line = e instanceof PartsException ? Reason.of(e) : "The embedded servers did not start: " + e;
        if (arguments.parent()) {
            System.out.println(FAILED + line);
        } else {
            System.err.println(line);
        }
        System.exit(1);
    }

    private static void stay() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.sluice.loadtest.simulation;

import io.gatling.app.Gatling$;
import io.sluice.loadtest.LoadException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Makes a run: {@code Load <simulation> [-Dsluice.<setting>=<value> ...]}, by the names of {@link Kind}. Ends with 0 if what
 * was promised was kept, 1 if it was not, and 2 if the run could not be made.
 */
public final class Load {

    private static final int KEPT = 0;
    private static final int BROKEN = 1;
    private static final int IMPOSSIBLE = 2;

    private Load() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(run(List.of(args), System.getProperties(), System.out, System.err));
    }

    /** Makes a run. Gatling itself writes to {@link System#out}. @return the exit code */
    static int run(List<String> args, Properties properties, PrintStream out, PrintStream err)
            throws InterruptedException {
        try {
            return run(plan(args, properties), out);
        } catch (LoadException e) {
            err.println(e.getMessage());
            return IMPOSSIBLE;
        }
    }

    private static Plan plan(List<String> args, Properties properties) {
        Properties all = new Properties();
        properties.stringPropertyNames().forEach(name -> all.setProperty(name, properties.getProperty(name)));
        String simulation = "";
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (arg.startsWith("-Dsluice.") && equals > 0) {
                all.setProperty(arg.substring(2, equals), arg.substring(equals + 1));
            } else if (simulation.isEmpty()) {
                simulation = arg;
            } else {
                throw new LoadException("\"" + arg + "\" (expected: -Dsluice.<setting>=<value>)");
            }
        }
        return Plan.of(Kind.named(simulation), all);
    }

    private static int run(Plan plan, PrintStream out) throws InterruptedException {
        requireGateway(plan);
        Run run = Run.begin(plan, out);
        // What its main method does, without the end of this JVM.
        int code = Gatling$.MODULE$.fromArgs(new String[] {
            "--simulation",
            plan.kind().simulation().getName(),
            "--results-folder",
            plan.report().toString()
        });
        String impossible = run.impossible();
        if (impossible != null) {
            throw new LoadException(impossible);
        }
        out.print(run.text());
        return run.isKept() && code == 0 ? KEPT : BROKEN;
    }

    private static void requireGateway(Plan plan) throws InterruptedException {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(plan.patience())
                .build()) {
            HttpRequest request = HttpRequest.newBuilder(plan.url().resolve("/v1/contexts/" + plan.type() + "?limit=1"))
                    .timeout(plan.patience())
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new LoadException("GET " + request.uri() + " is answered with " + response.statusCode()
                        + " (expected: 200): " + response.body().strip());
            }
        } catch (IOException e) {
            throw new LoadException("No gateway at " + plan.url() + ": " + reason(e)
                    + " (expected: one that runs, such as by ./sluice run, or -Dsluice.url=<its address>)");
        }
    }

    private static String reason(Throwable error) {
        Throwable last = error;
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            last = cause;
        }
        @Nullable String message = last.getMessage();
        return last.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}

package io.sluice.loadtest.fold;

import io.sluice.resolver.Document;
import io.sluice.resolver.Json;
import io.sluice.resolver.Resolved;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Folds a second and bytes allocated for each, of events that are parsed already; and, beside it, what parsing and encoding cost. An
 * invocation folds one event of a history that begins anew when it is through.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FoldBenchmark {

    /** Of the document, encoded, about. */
    @Param({"200", "1024", "2048", "51200"})
    private int bytes;

    private History sequential = History.EMPTY;
    private History concurrent = History.EMPTY;
    private History counters = History.EMPTY;
    private History texts = History.EMPTY;
    private byte[] document = new byte[0];
    private byte[] patch = new byte[0];

    @Setup
    public void prepare() {
        sequential = Histories.sequentialPatches(bytes);
        concurrent = Histories.concurrentWrites(bytes);
        counters = Histories.counters(bytes);
        texts = Histories.textOperations(bytes);
        document = Json.bytes(Histories.document(bytes));
        patch = Json.bytes(Histories.patch(bytes, 1));
    }

    @Benchmark
    public Resolved sequentialPatches() {
        return sequential.foldNext();
    }

    @Benchmark
    public Resolved concurrentWrites() {
        return concurrent.foldNext();
    }

    @Benchmark
    public Resolved counters() {
        return counters.foldNext();
    }

    @Benchmark
    public Resolved textOperations() {
        return texts.foldNext();
    }

    @Benchmark
    public Object parsePatch() {
        return Json.TRUSTED.object(patch);
    }

    @Benchmark
    public Document parseDocument() {
        return Document.parse(document);
    }

    @Benchmark
    public byte[] encodeDocument() {
        return Json.bytes(sequential.document());
    }

    /** Takes the options of JMH; without a name of a benchmark, all of these are run. */
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        CommandLineOptions options = new CommandLineOptions(args);
        ChainedOptionsBuilder builder = new OptionsBuilder().parent(options).addProfiler(GCProfiler.class);
        if (options.getIncludes().isEmpty()) {
            builder.include(FoldBenchmark.class.getSimpleName());
        }
        new Runner(builder.build()).run();
    }
}

package io.sluice.gateway.journal;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One connection, for several statements on end. Blocks; for one thread, which must be none that others wait for. */
final class Session implements AutoCloseable {

    private static final Consumer<Statement> NOTHING = statement -> {};

    private final Connection connection;

    Session(Database database) {
        this.connection = Objects.requireNonNull(
                database.pool().create().onErrorMap(Failures::map).block());
        // A partition may take as long as it takes.
        execute("set statement_timeout = 0");
        execute("set time zone 'UTC'");
    }

    <T> List<T> rows(String sql, Consumer<Statement> bind, Function<Readable, T> read) {
        return Objects.requireNonNull(Flux.from(statement(sql, bind).execute())
                .concatMap(result -> result.map(row -> Failures.reading(() -> read.apply(row))))
                .onErrorMap(Failures::map)
                .collectList()
                .block());
    }

    long execute(String sql) {
        return execute(sql, NOTHING);
    }

    /** @return how many rows it changed */
    long execute(String sql, Consumer<Statement> bind) {
        return Objects.requireNonNull(Flux.from(statement(sql, bind).execute())
                .concatMap(Result::getRowsUpdated)
                .onErrorMap(Failures::map)
                .reduce(0L, Long::sum)
                .block());
    }

    private Statement statement(String sql, Consumer<Statement> bind) {
        Statement statement = connection.createStatement(sql);
        bind.accept(statement);
        return statement;
    }

    /** What was not committed is taken back. */
    @Override
    public void close() {
        Flux.from(connection.createStatement("rollback").execute())
                .concatMap(Result::getRowsUpdated)
                .then()
                .onErrorComplete()
                .then(Mono.from(connection.close()))
                .onErrorComplete()
                .block();
    }
}

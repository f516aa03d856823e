package io.sluice.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Our operations against the types from npm that clients use: applied, transformed from both sides, composed, inverted, and
 * spoilt ones. The system property {@code sluice.test.ot.cases} says how many cases (half of them for each type), {@code
 * sluice.test.seed} from what they are made. Where we differ on purpose is counted by its reason.
 */
class OperationOracleTest {

    private static final long CASES = Long.getLong("sluice.test.ot.cases", 200_000);

    @Test
    void textOperationsDoWhatOtTextUnicodeDoes() throws Exception {
        TextType type = new TextType();
        compare(type, seed -> OracleCase.make(type, seed));
    }

    @Test
    void jsonOperationsDoWhatOtJson0Does() throws Exception {
        JsonType older = new JsonType(JsonType.Form.OLDER);
        JsonType newer = new JsonType(JsonType.Form.NEWER);
        JsonType both = new JsonType(JsonType.Form.BOTH);
        compare(older, seed -> OracleCase.make(seed % 20 == 0 ? both : seed % 2 == 0 ? older : newer, seed));
    }

    private static <O> void compare(OperationType<O> type, LongFunction<OracleCase<O>> cases)
            throws IOException, InterruptedException {
        long seed = OperationLaws.SEED;
        long count = CASES / 2;
        try (Oracle oracle = Oracle.start()) {
            OracleComparison<O> comparison = new OracleComparison<>(oracle, cases);
            long start = System.nanoTime();
            comparison.run(seed, count);
            System.out.printf(
                    "%s: %,d cases agree, -Dsluice.test.seed=%d, %d s%n%s%n",
                    type.name(),
                    count,
                    seed,
                    (System.nanoTime() - start) / 1_000_000_000,
                    comparison.table(type.kinds()));
            if (count >= 50_000) {
                assertThat(comparison.pairs().keySet()).containsExactlyInAnyOrderElementsOf(type.kinds());
                assertThat(comparison.pairs().values())
                        .allSatisfy(met -> assertThat(met).hasSize(type.kinds().size()));
            }
        }
    }
}

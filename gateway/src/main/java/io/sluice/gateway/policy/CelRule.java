package io.sluice.gateway.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.sluice.resolver.Rule;
import io.sluice.resolver.Texts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A rule in the Common Expression Language: {@code candidates} is a list of maps with {@code value}, {@code writer}, {@code class},
 * {@code time} (a timestamp) and {@code eventId}; the value of the expression is the index of the one that is to be seen. It is
 * compiled once, sees nothing else, and is bounded in its steps.
 */
final class CelRule implements Rule {

    private static final int MAX_ITERATIONS = 10_000;
    private static final int MAX_LENGTH = 10_000;

    private static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(MAX_LENGTH)
            .evaluateCanonicalTypesToNativeValues(true)
            .build();

    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("candidates", ListType.create(MapType.create(SimpleType.STRING, SimpleType.DYN)))
            .setResultType(SimpleType.INT)
            .build();

    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(OPTIONS).build();

    private final CelRuntime.Program program;

    /** @throws IllegalArgumentException with what the compiler has against the text, in one line */
    CelRule(String text) {
        try {
            CelAbstractSyntaxTree tree = COMPILER.compile(text).getAst();
            program = RUNTIME.createProgram(tree);
        } catch (CelValidationException e) {
            throw refused(text, CelProblems.line(e), e);
        } catch (CelEvaluationException e) {
            throw refused(text, String.valueOf(e.getMessage()), e);
        }
    }

    private static IllegalArgumentException refused(String text, String problem, Exception e) {
        return new IllegalArgumentException(
                "rule: \"" + Texts.shown(text) + "\" (expected: CEL that gives the index of a candidate; "
                        + problem.replaceAll("\\R", " ") + ")",
                e);
    }

    @Override
    public int choose(List<Candidate> candidates) {
        try {
            Object index = program.eval(
                    Map.of("candidates", candidates.stream().map(CelRule::map).toList()));
            if (index instanceof Long number) {
                return Math.toIntExact(number);
            }
            throw new IllegalStateException("gives " + index + " (expected: an index)");
        } catch (CelEvaluationException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static Map<String, Object> map(Candidate candidate) {
        return Map.of(
                "value", value(candidate.value()),
                "writer", candidate.writer(),
                "class", candidate.writerClass(),
                "time", candidate.time(),
                "eventId", candidate.eventId());
    }

    /** @throws ArithmeticException if a whole number has more than 64 bits */
    private static Object value(JsonNode json) {
        return switch (json.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                json.forEachEntry((name, member) -> map.put(name, value(member)));
                yield map;
            }
            case ARRAY -> json.valueStream().map(CelRule::value).toList();
            case STRING -> json.asString();
            case BOOLEAN -> json.asBoolean();
            case NUMBER ->
                json.isIntegralNumber()
                        ? (Object) json.bigIntegerValue().longValueExact()
                        : (Object) json.doubleValue();
            default -> dev.cel.common.values.NullValue.NULL_VALUE;
        };
    }
}

package io.sluice.gateway.feed;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.sluice.backpressure.Filter;
import io.sluice.gateway.policy.CelProblems;
import io.sluice.gateway.web.Problem;
import io.sluice.gateway.web.ProblemException;
import io.sluice.resolver.Cause;
import io.sluice.resolver.ContextState;
import io.sluice.resolver.ContextUpdate;
import io.sluice.resolver.Document;
import io.sluice.resolver.Texts;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A filter in the Common Expression Language, over {@code state} and {@code before} (documents), {@code key}, {@code type},
 * {@code id}, {@code version} and {@code cause}. What fails, or gives no truth value, does not hold.
 *
 * <p>Anybody may send one, and the hub evaluates it: it is bounded in its length and in its steps, and can make nothing that is
 * larger than itself and the documents. So there is no concatenation, and neither {@code map} nor {@code filter}; and no list or
 * map has in it what is iterated over. With any of these, a few characters double a value again and again.
 *
 * <p>Whether it held before a change is asked of the document then. What else there was then, the cause and the document before
 * that, is unknown, and left unbound: where the answer hangs on it, so is the answer.
 */
final class CelFilter implements Filter {

    static final int MAX_LENGTH = 4_096;
    private static final int MAX_ITERATIONS = 1_000;
    private static final int MAX_REGEX = 1_000;

    private static final CelOptions OPTIONS = CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(MAX_LENGTH)
            .maxRegexProgramSize(MAX_REGEX)
            .evaluateCanonicalTypesToNativeValues(true)
            .build();

    private static final Map<String, CelType> VARIABLES = Map.of(
            "state", SimpleType.DYN,
            "before", SimpleType.DYN,
            "key", SimpleType.STRING,
            "type", SimpleType.STRING,
            "id", SimpleType.STRING,
            "version", SimpleType.INT,
            "cause", MapType.create(SimpleType.STRING, SimpleType.DYN));

    private static final Set<String> CONCATENATIONS = Set.of("add_string", "add_bytes", "add_list");

    /** What is not known of a revision before. */
    private static final Set<String> UNKNOWN_BEFORE = Set.of("before", "cause");

    /** What makes a value of others. */
    private static final Set<CelExpr.ExprKind.Kind> MADE =
            Set.of(CelExpr.ExprKind.Kind.LIST, CelExpr.ExprKind.Kind.MAP, CelExpr.ExprKind.Kind.STRUCT);

    private static final CelCompiler COMPILER = compiler();

    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(OPTIONS).build();

    private final String text;
    private final CelRuntime.Program program;
    private final boolean asksForUnknown;

    private static CelCompiler compiler() {
        var builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardEnvironmentEnabled(false)
                .setStandardDeclarations(CelStandardDeclarations.newBuilder()
                        .filterFunctions((function, overload) -> !CONCATENATIONS.contains(
                                overload.celOverloadDecl().overloadId()))
                        .build())
                .setStandardMacros(
                        CelStandardMacro.HAS,
                        CelStandardMacro.ALL,
                        CelStandardMacro.EXISTS,
                        CelStandardMacro.EXISTS_ONE)
                .setResultType(SimpleType.BOOL);
        VARIABLES.forEach(builder::addVar);
        return builder.build();
    }

    /** @throws ProblemException with what the compiler has against the text, and where */
    CelFilter(String text) {
        this.text = text;
        if (text.length() > MAX_LENGTH) {
            throw refused(text, text.length() + " characters, at most " + MAX_LENGTH);
        }
        try {
            CelAbstractSyntaxTree tree = COMPILER.compile(text).getAst();
            requireNoGrowth(text, tree);
            program = RUNTIME.createProgram(tree);
            asksForUnknown = tree.getReferenceMap().values().stream()
                    .anyMatch(reference -> UNKNOWN_BEFORE.contains(reference.name()));
        } catch (CelValidationException e) {
            throw refused(text, CelProblems.line(e));
        } catch (CelEvaluationException e) {
            throw refused(text, String.valueOf(e.getMessage()));
        }
    }

    private static void requireNoGrowth(String text, CelAbstractSyntaxTree tree) {
        CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .filter(node -> MADE.contains(node.getKind()))
                .flatMap(CelNavigableExpr::descendants)
                .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.IDENT)
                .map(node -> node.expr().ident().name())
                .filter(name -> !VARIABLES.containsKey(name))
                .findFirst()
                .ifPresent(name -> {
                    throw refused(text, "a list or map with \"" + Texts.shown(name) + "\", which is iterated over");
                });
    }

    private static ProblemException refused(String text, String problem) {
        return Problem.of(
                        Problem.Kind.MALFORMED,
                        "filter: \"" + Texts.shown(text) + "\" (expected: a truth value in CEL, over "
                                + VARIABLES.keySet().stream().sorted().toList() + "; "
                                + problem.replaceAll("\\p{Cntrl}", " ") + ")")
                .exception();
    }

    @Override
    public String name() {
        return text;
    }

    @Override
    public boolean holds(ContextState state, @Nullable Document before) {
        Document document = state.document();
        if (document == null) {
            return false;
        }
        Map<String, Object> values = values(state, document, state.revision().version());
        values.put("before", before == null ? NullValue.NULL_VALUE : CelJson.of(before.tree()));
        values.put("cause", cause(state.cause()));
        return evaluate(values) == Before.HELD;
    }

    @Override
    public Before heldBefore(ContextUpdate update, Document before) {
        return evaluate(values(update.state(), before, update.revision().version() - 1));
    }

    private Before evaluate(Map<String, Object> values) {
        try {
            Object value = program.eval(values);
            if (value instanceof Boolean holds) {
                return holds ? Before.HELD : Before.DID_NOT_HOLD;
            }
        } catch (CelEvaluationException | RuntimeException e) {
            // Does not hold, or nobody knows.
        }
        return asksForUnknown && !values.containsKey("before") ? Before.UNKNOWN : Before.DID_NOT_HOLD;
    }

    private static Map<String, Object> values(ContextState state, Document document, long version) {
        Map<String, Object> values = new HashMap<>();
        values.put("state", CelJson.of(document.tree()));
        values.put("key", state.key().path());
        values.put("type", state.key().type());
        values.put("id", state.key().id());
        values.put("version", version);
        return values;
    }

    private static Map<String, Object> cause(Cause cause) {
        Map<String, Object> map = new HashMap<>();
        map.put("eventId", cause.identity().eventId());
        map.put("type", cause.eventType());
        map.put("writer", cause.identity().writer());
        map.put("time", cause.time());
        if (cause.correlationId() != null) {
            map.put("correlationId", cause.correlationId());
        }
        return map;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CelFilter filter && filter.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}

package io.sluice.resolver;

import static io.sluice.resolver.FoldedContext.assertRejected;
import static io.sluice.resolver.FoldedContext.event;
import static io.sluice.resolver.FoldedContext.orders;
import static io.sluice.resolver.States.patch;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.resolver.Resolution.Applied;
import io.sluice.resolver.Resolution.Reason;
import io.sluice.resolver.Resolution.Superseded;
import io.sluice.resolver.Resolution.Visible;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Counters, sets, texts and JSON values, by example. */
class OperationsTest {

    private static final Policies POLICIES = FoldedContext.policies(Map.of(
            "/visits", Policy.of(Policy.Kind.COUNTER),
            "/tags", Policy.of(Policy.Kind.SET),
            "/note", Policy.of(Policy.Kind.TEXT),
            "/board", Policy.of(Policy.Kind.JSON)));

    private final FoldedContext context = new FoldedContext(POLICIES);

    private static Change operate(Operation operation) {
        return new Change.Operate(List.of(operation));
    }

    private static Change add(String path, long amount) {
        return operate(new Operation.Add(path, BigDecimal.valueOf(amount)));
    }

    private static Change insert(String element) {
        return operate(new Operation.Elements("/tags", List.of(JsonTrees.value("\"" + element + "\"")), List.of()));
    }

    private static Change remove(String element) {
        return operate(new Operation.Elements("/tags", List.of(), List.of(JsonTrees.value("\"" + element + "\""))));
    }

    private static Change edit(String path, Policy.Kind kind, long revision, String operation) {
        return operate(new Operation.Edit(path, kind, JsonTrees.value(operation), revision));
    }

    private static Change text(long revision, String operation) {
        return edit("/note", Policy.Kind.TEXT, revision, operation);
    }

    private static Change board(long revision, String operation) {
        return edit("/board", Policy.Kind.JSON, revision, operation);
    }

    private static void assertInEveryOrder(String json, ContextEvent... events) {
        for (List<ContextEvent> order : orders(List.of(events))) {
            FoldedContext one = new FoldedContext(POLICIES);
            order.forEach(one::fold);
            one.assertShows(json);
            assertThat(one.conflicts()).isEmpty();
        }
    }

    private void assertApplied(Resolution resolution, String path, long revision) {
        assertThat(resolution).isInstanceOf(Applied.class);
        assertThat(((Visible) resolution).operations()).singleElement().satisfies(operation -> {
            assertThat(operation.path()).isEqualTo(path);
            assertThat(operation.revision()).isEqualTo(revision);
        });
        assertThat(context.state().marks().revisions()).containsEntry(path, revision);
    }

    @Test
    void concurrentAdditionsAllCount() {
        assertInEveryOrder(
                "{\"visits\":6}",
                event("a", "a=1", add("/visits", 1)),
                event("b", "b=1", add("/visits", 2)),
                event("c", "c=1 b=1", add("/visits", 3)));
    }

    @Test
    void aNumberThatIsWrittenResetsWhatItHasSeenAndKeepsWhatItHasNot() {
        assertInEveryOrder(
                "{\"visits\":12}",
                event("a", "a=1", add("/visits", 5)),
                event("b", "a=1 b=1", patch("{\"visits\":10}")),
                event("c", "c=1", add("/visits", 2)));
        assertInEveryOrder(
                "{\"visits\":12}",
                event("a", "a=1", add("/visits", 5)),
                event("b", "a=1 b=1", States.replace("{\"visits\":10}")),
                event("c", "c=1", add("/visits", 2)));
    }

    @Test
    void anAdditionThatAResetHadSeenIsSuperseded() {
        context.fold("b", "a=1 b=1", "{\"visits\":10}");
        assertThat(context.fold("a", "a=1", add("/visits", 5))).isInstanceOf(Superseded.class);
        context.assertShows("{\"visits\":10}");
    }

    @Test
    void whoInsertsWinsOverWhoRemovesAtTheSameTime() {
        assertInEveryOrder(
                "{\"tags\":[\"t\"]}",
                event("a", "a=1", insert("t")),
                event("b", "a=1 b=1", remove("t")),
                event("c", "c=1", insert("t")));
    }

    @Test
    void whatWhoRemovesHadSeenIsGone() {
        assertInEveryOrder(
                "{\"tags\":[\"u\"]}",
                event("a", "a=1", insert("t")),
                event("c", "c=1", insert("t")),
                event("d", "d=1", insert("u")),
                event("b", "a=1 b=1 c=1", remove("t")));
    }

    @Test
    void aSetThatIsWrittenKeepsWhatItHasNotSeen() {
        assertInEveryOrder(
                "{\"tags\":[\"w\",\"u\"]}",
                event("a", "a=1", insert("t")),
                event("b", "a=1 b=1", patch("{\"tags\":[\"w\"]}")),
                event("c", "c=1", insert("u")));
    }

    @Test
    void twoEditsAgainstTheSameRevisionBothLand() {
        assertApplied(context.fold("a", "a=1", text(0, "[\"hello\"]")), "/note", 1);
        assertApplied(context.fold("b", "b=1", text(1, "[5,\" world\"]")), "/note", 2);
        Resolution third = context.fold("c", "c=1", text(1, "[\"oh \"]"));
        assertApplied(third, "/note", 3);
        context.assertShows("{\"note\":\"oh hello world\"}");

        Resolution fourth = context.fold("d", "d=1", text(1, "[5,\"!\"]"));
        assertApplied(fourth, "/note", 4);
        assertThat(context.known.registers().documents().get("/note").recent()).hasSize(4);
        JsonNode shown = context.state().document().tree().get("note");
        assertThat(shown.stringValue()).startsWith("oh hello").contains("!").contains(" world");
    }

    @Test
    void aPatchOfATextIsAnEditWithARevisionOfItsOwn() {
        assertApplied(context.fold("a", "a=1", patch("{\"note\":\"hello\"}")), "/note", 1);
        Resolution patched = context.fold("a", "a=2", patch("{\"note\":\"hello you\"}"));
        assertApplied(patched, "/note", 2);
        assertThat(((Visible) patched).operations().getFirst().operation())
                .isEqualTo(JsonTrees.value("[{\"d\":\"hello\"},\"hello you\"]"));
        assertApplied(context.fold("b", "b=1", text(1, "[\"oh \"]")), "/note", 3);
        context.assertShows("{\"note\":\"oh hello you\"}");
    }

    @Test
    void twoEditsOfAJsonValueAgainstTheSameRevisionBothLand() {
        assertApplied(context.fold("a", "a=1", patch("{\"board\":{\"list\":[1,2]}}")), "/board", 1);
        assertApplied(context.fold("b", "b=1", board(1, "[{\"p\":[\"list\",0],\"li\":0}]")), "/board", 2);
        Resolution third = context.fold("c", "c=1", board(1, "[{\"p\":[\"list\",2],\"li\":3}]"));
        assertApplied(third, "/board", 3);
        context.assertShows("{\"board\":{\"list\":[0,1,2,3]}}");
        assertThat(((Visible) third).operations().getFirst().operation())
                .isEqualTo(JsonTrees.value("[{\"p\":[\"list\",3],\"li\":3}]"));
    }

    @Test
    void aRevisionAheadOrNoLongerKeptIsUnknown() {
        for (int i = 0; i <= SharedDocument.MAX_EDITS; i++) {
            context.fold("a", "a=" + (i + 1), text(i, "[\"x\"]"));
        }
        long latest = SharedDocument.MAX_EDITS + 1;
        assertRejected(context.fold("b", "b=1", text(latest + 1, "[\"y\"]")), Reason.REVISION_UNKNOWN);
        assertRejected(context.fold("b", "b=1", text(0, "[\"y\"]")), Reason.REVISION_UNKNOWN);
        assertApplied(context.fold("b", "b=1", text(1, "[\"y\"]")), "/note", latest + 1);
    }

    @Test
    void anOperationThatDoesNotFitIsRefused() {
        context.fold("a", "a=1", text(0, "[\"hello\"]"));
        assertRejected(context.fold("b", "b=1", text(1, "[6,\"x\"]")), Reason.OPERATION_REFUSED);
        assertRejected(context.fold("b", "b=1", text(1, "{}")), Reason.OPERATION_REFUSED);
        context.fold("a", "a=2", board(0, "[{\"p\":[],\"oi\":{\"n\":1}}]"));
        assertRejected(
                context.fold(
                        "b",
                        "b=1",
                        board(
                                context.state().marks().revisions().getOrDefault("/board", 0L),
                                "[{\"p\":[\"no\",0],\"li\":1}]")),
                Reason.OPERATION_REFUSED);
    }

    @Test
    void anOperationOfAnotherKindThanThePathsPolicyIsNotAllowed() {
        assertRejected(context.fold("a", "a=1", add("/note", 1)), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1", add("/tags", 1)), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1", edit("/visits", Policy.Kind.TEXT, 0, "[\"x\"]")), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1", edit("/free", Policy.Kind.TEXT, 0, "[\"x\"]")), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1", add("/board/n", 1)), Reason.NOT_ALLOWED);
        assertThat(context.known).isEqualTo(Remembered.NOTHING);
    }

    @Test
    void aValueOfAnotherKindThanThePathsPolicyIsNotAllowed() {
        assertRejected(context.fold("a", "a=1", "{\"visits\":\"many\"}"), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1", "{\"tags\":{\"t\":1}}"), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1", States.replace("{\"note\":1}")), Reason.NOT_ALLOWED);
        assertThat(context.fold("a", "a=1", "{\"visits\":null,\"note\":null}")).isInstanceOf(Applied.class);
    }

    @Test
    void aPathWithoutAPolicyTakesAdditionsIfItHoldsANumberOrNothing() {
        context.fold("a", "a=1", "{\"n\":1,\"s\":\"text\"}");
        assertThat(context.fold("a", "a=2", add("/n", 2))).isInstanceOf(Applied.class);
        assertThat(context.fold("a", "a=3", add("/new", 3))).isInstanceOf(Applied.class);
        assertRejected(context.fold("a", "a=4", add("/s", 4)), Reason.NOT_ALLOWED);
        context.assertShows("{\"n\":3,\"s\":\"text\",\"new\":3}");
    }

    @Test
    void anEditThatIsLargerThanWhatIsKeptIsAppliedAndNothingBeforeItCanBeNamed() {
        String large = "x".repeat(SharedDocument.MAX_BYTES);
        assertApplied(context.fold("a", "a=1", "{\"note\":\"" + large + "\"}"), "/note", 1);

        assertRejected(context.fold("b", "b=1", text(0, "[\"oh \"]")), Reason.REVISION_UNKNOWN);
        assertApplied(context.fold("b", "b=2", text(1, "[\"oh \"]")), "/note", 2);
        context.assertShows("{\"note\":\"oh " + large + "\"}");
    }

    @Test
    void ofVeryManyEditedValuesTheLastIsRefused() {
        FoldedContext many = new FoldedContext(FoldedContext.policies(Map.of("/notes/*", Policy.of(Policy.Kind.TEXT))));
        for (int i = 0; i < RegisterWriter.MAX_DOCUMENTS; i++) {
            assertThat(many.fold("a", "a=" + (i + 1), "{\"notes\":{\"n" + i + "\":\"text\"}}"))
                    .isInstanceOf(Applied.class);
        }

        assertRejected(many.fold("a", "a=1000", "{\"notes\":{\"one more\":\"text\"}}"), Reason.TOO_LARGE);
        assertThat(many.fold("a", "a=1001", "{\"notes\":{\"n0\":\"other\"}}")).isInstanceOf(Applied.class);
    }
}

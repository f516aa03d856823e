package io.sluice.resolver;

import static io.sluice.resolver.FoldedContext.assertRejected;
import static io.sluice.resolver.FoldedContext.orders;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.Resolution.Applied;
import io.sluice.resolver.Resolution.Reason;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events that would harm others: their own context, or the partition. */
@Timeout(60)
class HostileEventsTest {

    private static final Policies POLICIES = FoldedContext.policies(Map.of(
            "/note", Policy.of(Policy.Kind.TEXT),
            "/board", Policy.of(Policy.Kind.JSON),
            "/coarse", Policy.of(Policy.Kind.PRIORITY)));

    private final FoldedContext context = new FoldedContext(POLICIES);

    private static Change operate(String path, Policy.Kind kind, String operation, long revision) {
        return new Change.Operate(List.of(new Operation.Edit(path, kind, JsonTrees.value(operation), revision)));
    }

    private static void assertMalformed(String operations, String says) {
        assertThatThrownBy(() -> OperationsJson.parse(JsonTrees.value(operations)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(says);
    }

    @Test
    void aPathIsNoDeeperThanADocument() {
        String deepest = "/a".repeat(Json.MAX_DEPTH);
        assertMalformed("[{\"path\":\"" + deepest + "/a\",\"add\":1}]", "steps");
        assertMalformed("[{\"path\":\"" + "/a".repeat(100_000) + "\",\"add\":1}]", "steps");

        context.fold(
                "a",
                "a=1",
                new Change.Operate(
                        OperationsJson.parse(JsonTrees.value("[{\"path\":\"" + deepest + "\",\"add\":1}]"))));
        byte[] stored = RegistersJson.bytes(context.known.registers(), tree());
        assertThat(RegistersJson.parse(stored, tree()).root())
                .isEqualTo(context.known.registers().root());
    }

    private tools.jackson.databind.node.ObjectNode tree() {
        return Objects.requireNonNull(context.state().document()).tree();
    }

    @Test
    void pathsOfOneEventLieApart() {
        assertMalformed("[{\"path\":\"/q\",\"add\":1},{\"path\":\"/q/b\",\"add\":1}]", "apart");
        assertThat(OperationsJson.parse(JsonTrees.value("[{\"path\":\"/q\",\"add\":1},{\"path\":\"/qb\",\"add\":1}]")))
                .hasSize(2);
    }

    @Test
    void whatIsTooLargeToBeAddedToStands() {
        Change add = new Change.Operate(List.of(new Operation.Add("/n", BigDecimal.ONE)));
        for (List<String> order : orders(List.of("add", "write", "another"))) {
            FoldedContext one = new FoldedContext(POLICIES);
            for (String which : order) {
                switch (which) {
                    case "add" -> one.fold("a", "a=1", add);
                    case "write" -> one.fold("b", "b=1", "{\"n\":1e99999999}");
                    default -> one.fold("c", "b=1 c=1", "{\"m\":1}");
                }
            }
            one.assertShows("{\"n\":1e99999999,\"m\":1}");
        }
    }

    @Test
    void nobodyHasSeenOffsetsThatAreStillToCome() {
        Change change = States.patch("{\"x\":1}");
        context.fold(States.event("first", change));
        assertRejected(context.fold("a", "a=1 *sluice.customer-events.2=2", change), Reason.NOT_ALLOWED);
        assertRejected(context.fold("a", "a=1 *sluice.customer-events.3=1", change), Reason.NOT_ALLOWED);
        assertThat(context.fold("a", "a=1 *sluice.customer-events.2=1", "{\"x\":2}"))
                .isInstanceOf(Applied.class);
    }

    @Test
    void aTextIsNotReplacedByAWriteThatLosesAndTheConflictSaysSo() {
        FoldedContext one = new FoldedContext(new Policies(
                new WriterOrder(Map.of(), List.of("strong", "weak")),
                Policies.Deletion.PRIORITY,
                Map.of("/note", Policy.of(Policy.Kind.TEXT))));
        one.fold("strong", "strong=1", "{\"note\":\"precious\",\"plan\":\"gold\"}");
        one.fold("weak", "weak=1", Change.DELETE);
        one.assertShows("{\"note\":\"precious\",\"plan\":\"gold\"}");
        one.fold("weak", "weak=2", States.replace("{\"note\":\"cheap\"}"));
        one.assertShows("{\"note\":\"precious\",\"plan\":\"gold\"}");
        one.assertConflict("/note", "priority", "strong=1", "weak=2");
        one.fold("weak", "weak=3 strong=1", "{\"note\":\"agreed\"}");
        one.assertShows("{\"note\":\"agreed\",\"plan\":\"gold\"}");
        assertThat(one.conflicts()).noneMatch(conflict -> conflict.path().equals("/note"));
    }

    @Test
    void aWriteThatComesLateLeavesALaterTextAlone() {
        context.fold("a", "a=2 b=1", "{\"note\":\"after\"}");
        context.fold("b", "b=1", States.replace("{\"note\":\"before\",\"x\":1}"));
        context.assertShows("{\"note\":\"after\",\"x\":1}");
    }

    @Test
    void editsThatMeetTooManyOthersAreToBeMadeAnew() {
        StringBuilder many = new StringBuilder("[");
        for (int i = 0; i < 1_000; i++) {
            many.append(i == 0 ? "" : ",")
                    .append("{\"p\":[\"l\",0],\"li\":")
                    .append(i)
                    .append('}');
        }
        String edits = many.append(']').toString();
        context.fold("a", "a=1", "{\"board\":{\"l\":[]}}");
        assertThat(context.fold("a", "a=2", operate("/board", Policy.Kind.JSON, edits, 1)))
                .isInstanceOf(Applied.class);
        Resolution refused = context.fold("b", "b=1", operate("/board", Policy.Kind.JSON, edits, 1));
        assertRejected(refused, Reason.OPERATION_REFUSED);
        assertThat(context.fold("b", "b=2", operate("/board", Policy.Kind.JSON, edits, 2)))
                .isInstanceOf(Applied.class);
    }

    @Test
    void aValueThatIsEditedIsNoDeeperThanADocument() {
        String nest = "{\"a\":".repeat(40) + "1" + "}".repeat(40);
        context.fold("a", "a=1", "{\"board\":{}}");
        Resolution first = context.fold(
                "a", "a=2", operate("/board", Policy.Kind.JSON, "[{\"p\":[\"x\"],\"oi\":" + nest + "}]", 1));
        assertThat(first).isInstanceOf(Applied.class);
        String path = "[\"x\"" + ",\"a\"".repeat(40) + "]";
        assertRejected(
                context.fold(
                        "a",
                        "a=3",
                        operate("/board", Policy.Kind.JSON, "[{\"p\":" + path + ",\"od\":1,\"oi\":" + nest + "}]", 2)),
                Reason.OPERATION_REFUSED);
    }

    @Test
    void anEditThatGrewByWhatItMetIsStillMetByOthers() {
        var grown = JsonTrees.value("[" + "1,\"x\",".repeat(10_000) + "1,\"y\"]");
        assertThatThrownBy(() -> TextOperation.parse(grown)).isInstanceOf(MalformedException.class);
        SharedDocument document = new SharedDocument(
                Policy.Kind.TEXT,
                JsonTrees.value("\"" + "a".repeat(20_000) + "\""),
                7,
                List.of(SharedDocument.Edit.of(grown)));
        assertThat(document.edited(JsonTrees.value("[\"z\"]"), 6, "/note")
                        .document()
                        .revision())
                .isEqualTo(8);
    }

    @Test
    void whatStoodBeneathIsSettledWhateverItsName() {
        context.fold("a", "a=1", "{\"m\":{\"\uffff\":1}}");
        context.fold("b", "b=1", "{\"m\":{\"\uffff\":2}}");
        assertThat(context.conflicts()).hasSize(1);
        context.fold("c", "a=1 b=1 c=1", "{\"m\":5}");
        assertThat(context.conflicts()).isEmpty();
    }
}

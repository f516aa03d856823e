package io.sluice.resolver;

import org.junit.jupiter.api.Nested;

/** For each form of text edits, and for both of them mixed, which the original does not transform. */
class JsonOperationLawsTest {

    @Nested
    class WithOlderTextEdits implements OperationLaws<JsonOperation> {

        @Override
        public OperationType<JsonOperation> type() {
            return new JsonType(JsonType.Form.OLDER);
        }
    }

    @Nested
    class WithNewerTextEdits implements OperationLaws<JsonOperation> {

        @Override
        public OperationType<JsonOperation> type() {
            return new JsonType(JsonType.Form.NEWER);
        }
    }

    @Nested
    class WithBoth implements OperationLaws<JsonOperation> {

        @Override
        public OperationType<JsonOperation> type() {
            return new JsonType(JsonType.Form.BOTH);
        }
    }
}

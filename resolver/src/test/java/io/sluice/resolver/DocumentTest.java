package io.sluice.resolver;

import static io.sluice.resolver.JsonTrees.object;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DocumentTest {

    @Test
    void itIsEncodedOnceAndAsItWasWritten() {
        Document document = Document.of(object("{\"b\":1.10,\"a\":{\"d\":[],\"c\":\"ä\"}}"));

        assertThat(new String(document.json(), UTF_8)).isEqualTo("{\"b\":1.10,\"a\":{\"d\":[],\"c\":\"ä\"}}");
        assertThat(document.json()).isSameAs(document.json());
        assertThat(Document.parse(document.json())).isEqualTo(document).hasSameHashCodeAs(document);
    }

    @Test
    void onlyAnObjectIsADocument() {
        assertThatThrownBy(() -> Document.parse("[]".getBytes(UTF_8))).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Document.parse("{} x".getBytes(UTF_8))).isInstanceOf(MalformedException.class);
    }

    @Test
    void documentsThatDifferInADigitOrAMemberAreNotEqual() {
        assertThat(Document.of(object("{\"a\":1}"))).isNotEqualTo(Document.of(object("{\"a\":2}")));
        assertThat(Document.of(object("{\"a\":1}"))).isNotEqualTo(Document.of(object("{\"a\":\"1\"}")));
        assertThat(Document.of(object("{\"a\":null}"))).isNotEqualTo(Document.of(object("{}")));
        assertThat(Document.of(object("{\"a\":1,\"b\":2}"))).isEqualTo(Document.of(object("{\"b\":2,\"a\":1}")));
    }
}

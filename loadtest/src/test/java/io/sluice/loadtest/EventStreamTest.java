package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    private static final String STREAM = """
            : connected

            retry: 2000

            id: a1
            event: snapshot
            data: {"key":"customer/Zoë","version":1}

            event: ready
            data: {"contexts":1}

            : heartbeat

            id: a2
            event: update
            data: {"a":
            data:1}

            event: nothing

            data

            data:  two blanks
            other: field

            event: unfinished
            data: x
            """;

    private static final List<String> EVENTS = List.of(
            "snapshot {\"key\":\"customer/Zoë\",\"version\":1}",
            "ready {\"contexts\":1}",
            "update {\"a\":\n1}",
            "message ",
            "message  two blanks");

    @Test
    void aStreamSplitAtAnyByteGivesTheSameEvents() {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int split = 0; split <= bytes.length; split++) {
            assertThat(events(bytes, split)).as("split at %d", split).isEqualTo(EVENTS);
        }
    }

    @Test
    void eachLineEndingEndsALine() {
        for (String ending : List.of("\r\n", "\r", "\n")) {
            byte[] bytes = ("\uFEFF" + STREAM.replace("\n", ending)).getBytes(StandardCharsets.UTF_8);
            for (int split = 0; split <= bytes.length; split++) {
                assertThat(events(bytes, split)).isEqualTo(EVENTS);
            }
        }
    }

    @Test
    void aStreamInSingleBytesGivesTheSameEvents() {
        List<String> events = new ArrayList<>();
        EventStream stream = into(events);
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            stream.accept(bytes, i, i + 1);
        }
        assertThat(events).isEqualTo(EVENTS);
    }

    private static List<String> events(byte[] bytes, int split) {
        List<String> events = new ArrayList<>();
        EventStream stream = into(events);
        stream.accept(bytes, 0, split);
        stream.accept(bytes, split, bytes.length);
        return events;
    }

    private static EventStream into(List<String> events) {
        return new EventStream((name, data) -> events.add(name + " " + data.text(0, data.length())));
    }
}

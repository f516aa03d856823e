package io.sluice.loadtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HttpAnswerTest {

    @Test
    void aChunkedAnswerSplitAtAnyByteGivesTheSameBody() {
        String head = String.join("\r\n", "HTTP/1.1 200 OK", "X: y", "Transfer-Encoding: chunked", "", "");
        String[] chunks = {"5", "hello", "1;name=value", ",", "C", " two\r\nlines\n", "0", "Trailer: x", "", ""};
        String answer = head + String.join("\r\n", chunks);
        for (int split = 0; split <= answer.length(); split++) {
            assertThat(read(answer, split)).isEqualTo("200|hello, two\r\nlines\n|end");
        }
    }

    @Test
    void anAnswerThatIsNotChunkedGoesOnUntilTheConnectionEnds() {
        String answer = "HTTP/1.1 503 \r\nRetry-After: 1\r\n\r\nplain\r\n0\r\n\r\n";
        for (int split = 0; split <= answer.length(); split++) {
            assertThat(read(answer, split)).isEqualTo("503|plain\r\n0\r\n\r\n");
        }
    }

    @Test
    void whatIsNotHttpIsRefused() {
        assertThatIllegalStateException().isThrownBy(() -> read("SSH-2.0-x\r\n\r\n\r\n", 0));
        String badChunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n";
        assertThatIllegalStateException().isThrownBy(() -> read(badChunk, 0)).withMessageContaining("xyz");
    }

    private static String read(String answer, int split) {
        StringBuilder read = new StringBuilder();
        HttpAnswer parser = new HttpAnswer(new HttpAnswer.Listener() {
            @Override
            public void status(int status) {
                read.append(status).append('|');
            }

            @Override
            public void body(byte[] bytes, int start, int end) {
                read.append(new String(bytes, start, end - start, StandardCharsets.US_ASCII));
            }

            @Override
            public void end() {
                read.append("|end");
            }
        });
        byte[] bytes = answer.getBytes(StandardCharsets.US_ASCII);
        parser.accept(bytes, 0, split);
        parser.accept(bytes, split, bytes.length);
        return read.toString();
    }
}

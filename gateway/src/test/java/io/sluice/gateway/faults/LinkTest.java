package io.sluice.gateway.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.gateway.faults.Link.Weather;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the link between two processes does to them. The server gives back what it gets. */
class LinkTest {

    private static final int LONG_ENOUGH = 20_000;
    private static final int SHORT = 300;

    private final BlockingQueue<Integer> asked = new LinkedBlockingQueue<>();
    private ServerSocket server;
    private Link link;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
        link = Link.to(server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        link.close();
        server.close();
    }

    private void serve() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> answer(client));
            }
        } catch (IOException e) {
            // The end.
        }
    }

    private void answer(Socket client) {
        try (client) {
            byte[] bytes = new byte[1_000];
            for (int n = client.getInputStream().read(bytes);
                    n >= 0;
                    n = client.getInputStream().read(bytes)) {
                asked.add(n);
                client.getOutputStream().write(bytes, 0, n);
            }
        } catch (IOException e) {
            // Cut.
        }
    }

    private Socket client() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), link.port());
        client.setSoTimeout(LONG_ENOUGH);
        return client;
    }

    private static void requireEcho(Socket client, int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        Thread.ofVirtual().start(() -> {
            try {
                client.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(new DataInputStream(client.getInputStream()).readNBytes(length))
                .isEqualTo(bytes);
    }

    private static void requireSilence(Socket client) throws IOException {
        client.setSoTimeout(SHORT);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        client.setSoTimeout(LONG_ENOUGH);
    }

    @Test
    void everythingGetsThroughAClearLinkAndASlowAndANarrowOne() throws IOException {
        try (Socket client = client()) {
            requireEcho(client, 1_000_000);
            link.weather(Weather.slow(Duration.ofMillis(20)));
            requireEcho(client, 100_000);
            link.weather(Weather.narrow(1_000_000));
            requireEcho(client, 200_000);
        }
    }

    @Test
    void aStalledLinkHoldsBackWhatIsSentAndGivesItWhenItClears() throws Exception {
        try (Socket client = client()) {
            requireEcho(client, 10);
            asked.clear();
            link.weather(Weather.STALLED);
            client.getOutputStream().write(7);
            requireSilence(client);
            assertThat(asked).isEmpty();
            link.weather(Weather.CLEAR);
            assertThat(client.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void overAMuteLinkQuestionsComeAndNoAnswers() throws Exception {
        try (Socket client = client()) {
            requireEcho(client, 10);
            asked.clear();
            link.weather(Weather.MUTE);
            client.getOutputStream().write(7);
            assertThat(asked.poll(LONG_ENOUGH, TimeUnit.MILLISECONDS)).isEqualTo(1);
            requireSilence(client);
            link.cut();
            link.weather(Weather.CLEAR);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aRefusingLinkResetsConnectionsOldAndNew() throws IOException {
        try (Socket old = client()) {
            requireEcho(old, 10);
            link.weather(Weather.REFUSING);
            assertThatThrownBy(() -> old.getInputStream().read()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> {
                        try (Socket fresh = client()) {
                            fresh.getOutputStream().write(7);
                            fresh.getInputStream().read();
                            throw new IOException("the end, and no reset");
                        }
                    })
                    .hasMessageContaining("reset");
            link.weather(Weather.CLEAR);
            try (Socket fresh = client()) {
                requireEcho(fresh, 10);
            }
        }
    }

    @Test
    void whoeverEndsAConnectionEndsItForTheOther() throws IOException {
        try (Socket client = client()) {
            requireEcho(client, 10);
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }
}

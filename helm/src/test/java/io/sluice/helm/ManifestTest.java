package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Service;
import org.junit.jupiter.api.Test;

/** That what the other tests lean on would fall over. */
class ManifestTest {

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: a}
            spec: {type: ClusterIP}
            """;

    @Test
    void whatKubernetesKnowsIsRead() {
        Manifest manifest = new Manifest("---\n# nothing\n---\n" + SERVICE);
        assertThat(manifest.one(Service.class).getSpec().getType()).isEqualTo("ClusterIP");
    }

    @Test
    void anUnknownFieldFails() {
        assertThatThrownBy(() -> new Manifest(SERVICE.replace("type", "typ"))).hasMessageContaining("\"typ\"");
        assertThatThrownBy(() -> new Manifest(SERVICE.replace("name", "nam"))).hasMessageContaining("\"nam\"");
    }

    @Test
    void anUnknownKindFails() {
        assertThatThrownBy(() -> new Manifest(SERVICE.replace("v1", "v2"))).hasMessageContaining("v2 Service");
    }

    @Test
    void aFieldThatIsThereTwiceFails() {
        assertThatThrownBy(() -> new Manifest(SERVICE + "kind: Service\n")).hasMessageContaining("uplicate");
    }
}

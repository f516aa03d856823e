package io.sluice.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Map;
import java.util.stream.Collectors;

/** What a Deployment's pods are like. */
final class Pods {

    private Pods() {}

    static PodSpec pod(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }

    static Container gateway(Deployment deployment) {
        assertThat(pod(deployment).getContainers()).hasSize(1);
        return pod(deployment).getContainers().getFirst();
    }

    /** Those that have a value; no name is there twice. */
    static Map<String, String> environment(Deployment deployment) {
        return gateway(deployment).getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    /** As {@code <secret>/<key>}. */
    static String secret(Deployment deployment, String name) {
        return gateway(deployment).getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .map(variable -> variable.getValueFrom().getSecretKeyRef())
                .map(reference -> reference.getName() + "/" + reference.getKey())
                .collect(Collectors.joining(" and "));
    }

    /** What lies at a path: the name of a Secret or ConfigMap. */
    static String mounted(Deployment deployment, String path) {
        String volume = gateway(deployment).getVolumeMounts().stream()
                .filter(mount -> mount.getMountPath().equals(path))
                .peek(mount -> assertThat(mount.getReadOnly()).isTrue())
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is mounted at " + path))
                .getName();
        return pod(deployment).getVolumes().stream()
                .filter(source -> source.getName().equals(volume))
                .map(source -> source.getSecret() == null
                        ? source.getConfigMap().getName()
                        : source.getSecret().getSecretName())
                .collect(Collectors.joining());
    }
}

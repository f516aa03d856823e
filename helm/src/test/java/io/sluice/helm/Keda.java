package io.sluice.helm;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import java.util.List;
import java.util.Map;

/** What KEDA 2.15 and newer know of the kinds that the chart makes: all fields there are, as a library of them is not to be had. */
final class Keda {

    private Keda() {}

    /** What every kind has. Read as it is: the model would take it for one that it does not know. */
    @JsonDeserialize(using = JsonDeserializer.None.class)
    abstract static class Kind implements HasMetadata {

        private static final long serialVersionUID = 1;

        private String apiVersion;
        private String kind;
        private ObjectMeta metadata;

        @Override
        public String getApiVersion() {
            return apiVersion;
        }

        @Override
        public void setApiVersion(String apiVersion) {
            this.apiVersion = apiVersion;
        }

        @Override
        public String getKind() {
            return kind;
        }

        public void setKind(String kind) {
            this.kind = kind;
        }

        @Override
        public ObjectMeta getMetadata() {
            return metadata;
        }

        @Override
        public void setMetadata(ObjectMeta metadata) {
            this.metadata = metadata;
        }
    }

    @JsonDeserialize(using = JsonDeserializer.None.class)
    static final class ScaledObject extends Kind {

        private static final long serialVersionUID = 1;

        @JsonProperty
        Scaling spec;
    }

    @JsonDeserialize(using = JsonDeserializer.None.class)
    static final class TriggerAuthentication extends Kind {

        private static final long serialVersionUID = 1;

        @JsonProperty
        Authentication spec;
    }

    record Scaling(
            Target scaleTargetRef,
            Integer pollingInterval,
            Integer initialCooldownPeriod,
            Integer cooldownPeriod,
            Integer idleReplicaCount,
            Integer minReplicaCount,
            Integer maxReplicaCount,
            Advanced advanced,
            Fallback fallback,
            List<Trigger> triggers) {}

    record Target(String apiVersion, String kind, String name, String envSourceContainerName) {}

    record Advanced(
            Autoscaler horizontalPodAutoscalerConfig,
            Boolean restoreToOriginalReplicaCount,
            Map<String, Object> scalingModifiers) {}

    record Autoscaler(String name, HorizontalPodAutoscalerBehavior behavior) {}

    record Fallback(Integer failureThreshold, Integer replicas, String behavior) {}

    record Trigger(
            String type,
            String name,
            Boolean useCachedMetrics,
            String metricType,
            Map<String, String> metadata,
            Reference authenticationRef) {}

    record Reference(String name, String kind) {}

    record Authentication(List<Secret> secretTargetRef) {}

    record Secret(String parameter, String name, String key) {}
}

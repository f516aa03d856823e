package io.sluice.gateway.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.endtoend.Api.Answer;
import tools.jackson.databind.JsonNode;

/** What every problem document has. */
final class Problems {

    private Problems() {}

    static void require(Answer answer, String code) {
        require(answer.status(), answer.headers().firstValue("Content-Type").orElse(""), answer.json(), code);
    }

    static void require(int status, String contentType, JsonNode problem, String code) {
        assertThat(contentType).as(problem.toString()).isEqualTo("application/problem+json");
        assertThat(problem.path("code").asString()).as(problem.toString()).isEqualTo(code);
        assertThat(problem.path("type").asString()).isEqualTo("/problems/" + code);
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("title").asString()).isNotBlank();
        assertThat(problem.path("detail").asString()).isNotBlank();
        assertThat(problem.path("retryable").isBoolean()).isTrue();
    }
}

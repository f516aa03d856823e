package io.sluice.gateway.web;

/** A problem on its way to the edge, where it becomes the answer. Has no stack trace: it is no fault of the program. */
public final class ProblemException extends RuntimeException {

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}

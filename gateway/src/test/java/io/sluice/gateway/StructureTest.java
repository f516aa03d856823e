package io.sluice.gateway;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;

/** The walls of the house: one outside system a module, the modules a star, nobody waits where nobody may. */
class StructureTest {

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.sluice");

    /** Test classes of all modules that have been compiled. */
    private static final JavaClasses TESTS = new ClassFileImporter().importPaths(testFolders());

    private static List<Path> testFolders() {
        try (Stream<Path> modules = Files.list(Path.of("..").toAbsolutePath().normalize())) {
            return modules.map(module -> module.resolve("target/test-classes"))
                    .filter(Files::isDirectory)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** That class and those within it. */
    private static DescribedPredicate<JavaClass> in(String... names) {
        return DescribedPredicate.describe(
                "in " + List.of(names),
                type -> Stream.of(names)
                        .anyMatch(name ->
                                type.getName().equals(name) || type.getName().startsWith(name + "$")));
    }

    @Test
    void theWholeHouseIsLookedAt() {
        for (String module : List.of("resolver", "backpressure", "cache", "embedded", "gateway")) {
            assertThat(MAIN.that(resideInAPackage("io.sluice." + module + "..")))
                    .as(module)
                    .isNotEmpty();
        }
        assertThat(TESTS.contain(StructureTest.class)).isTrue();
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.sluice.(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void theResolverKnowsTheJdkAndTheTreeModelOnly() {
        classes()
                .that()
                .resideInAPackage("io.sluice.resolver..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.sluice.resolver..",
                        "java..",
                        "tools.jackson..",
                        "com.fasterxml.jackson..",
                        "org.jspecify..")
                .check(MAIN);
    }

    @Test
    void theLogIsKnownToItsAdaptersOnly() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.sluice\\.(backpressure|embedded)\\.Kafka.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "reactor.kafka..", "kafka..")
                .check(MAIN);
    }

    @Test
    void redisIsKnownToItsAdapterOnly() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.sluice\\.cache\\.Redis.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.lettuce..")
                .check(MAIN);
    }

    @Test
    void theDatabaseIsKnownToTheJournalOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.sluice.gateway.journal..", "io.sluice.embedded..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.r2dbc..", "org.flywaydb..", "java.sql..", "javax.sql..", "org.postgresql..")
                .check(MAIN);
    }

    @Test
    void theModulesAreAStar() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.backpressure..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.cache..", "io.sluice.gateway..", "io.sluice.embedded..")
                .check(MAIN);
        noClasses()
                .that()
                .resideInAPackage("io.sluice.cache..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.backpressure..", "io.sluice.gateway..", "io.sluice.embedded..")
                .check(MAIN);
        noClasses()
                .that()
                .resideInAPackage("io.sluice.embedded..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.sluice.resolver..", "io.sluice.backpressure..", "io.sluice.cache..", "io.sluice.gateway..")
                .check(MAIN);
        noClasses()
                .that()
                .resideOutsideOfPackages("io.sluice.embedded..", "io.sluice.gateway.local..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.sluice.embedded..")
                .check(MAIN);
    }

    @Test
    void onlyTheGatewayKnowsSpring() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework..")
                .check(MAIN);
    }

    /**
     * Allowed: at start and stop, on the main thread ({@code Systems}, {@code Node}, {@code Hub#close}); and on the threads of
     * Kafka's consumers, which have nothing else to do until they know where to read ({@code LanePipeline} when a partition is
     * assigned, {@code Hub} when the tail is positioned); and in the commands that look after what is stored, which have a thread
     * to themselves ({@code Session}, {@code Rebuild}).
     */
    @Test
    void nobodyBlocks() {
        noClasses()
                .that(DescribedPredicate.not(in(
                        "io.sluice.gateway.ops.Systems",
                        "io.sluice.gateway.ops.Node",
                        "io.sluice.backpressure.Hub",
                        "io.sluice.backpressure.LanePipeline",
                        "io.sluice.gateway.journal.Session",
                        "io.sluice.gateway.repair.Rebuild")))
                .should()
                .callMethodWhere(target(nameMatching("block|blockFirst|blockLast|blockOptional|toIterable|toStream"))
                        .and(target(owner(assignableTo(Publisher.class)))))
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(MAIN);
    }

    /** Allowed: where a process sets everything to work. */
    @Test
    void nobodyElseSubscribes() {
        noClasses()
                .that(DescribedPredicate.not(in("io.sluice.gateway.ops.Node")))
                .should()
                .callMethodWhere(target(nameMatching("subscribe|subscribeWith|toFuture|connect|autoConnect"))
                        .and(target(owner(assignableTo(Publisher.class)))))
                .check(MAIN);
    }

    @Test
    void classesAreNamedForWhatTheyAre() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Manager|Helper|Utils?)(\\$.*)?")
                .check(MAIN);
    }

    @Test
    void whatIsNeededComesThroughConstructors() {
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(MAIN);
    }

    @Test
    void everyPackageIsNullMarked() {
        List<String> unmarked = MAIN.getPackage("io.sluice").getSubpackagesInTree().stream()
                .filter(found -> !found.getClasses().isEmpty())
                .filter(found -> !found.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .toList();
        assertThat(unmarked).isEmpty();
    }

    @Test
    void testsAwaitConditionsAndNeverSleep() {
        noClasses()
                .should()
                .callMethodWhere(target(nameMatching("sleep"))
                        .and(target(owner(
                                assignableTo(Thread.class).or(assignableTo(java.util.concurrent.TimeUnit.class))))))
                .check(TESTS);
    }
}

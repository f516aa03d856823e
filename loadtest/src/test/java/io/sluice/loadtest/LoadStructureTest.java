package io.sluice.loadtest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What drives a gateway from outside knows nothing of its inside. */
class LoadStructureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.sluice.loadtest");

    @Test
    void onlyTheBenchmarksOfTheFoldKnowTheResolver() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.sluice.loadtest.fold..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.sluice.resolver..", "org.openjdk.jmh..", "tools.jackson..")
                .check(CLASSES);
    }

    @Test
    void onlyTheSimulationsNeedMoreThanTheJdk() {
        noClasses()
                .that()
                .resideInAPackage("io.sluice.loadtest")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages("java..", "org.jspecify..", "io.sluice.loadtest")
                .check(CLASSES);
    }
}

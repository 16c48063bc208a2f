"""Java: `javac` and `jar`, Maven and Gradle.

What they make runs on a JRE: a JAR with all in it, or classes and what stands on the class path.
Source: maven.apache.org (package, the standard directory layout), docs.gradle.org (application,
java), docs.spring.io (the repackaged JAR).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lightship.rules.multistage.data import data_of
from lightship.rules.multistage.fetching import check_downloads
from lightship.rules.multistage.java_images import IMAGES, jre_base
from lightship.rules.multistage.java_launch import classes_made, jar_made, run_of
from lightship.rules.multistage.plan import CannotTell, Kept, Language, NotItsProgram, Plan
from lightship.rules.multistage.single import at
from lightship.rules.multistage.understood import check_understood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.rules.multistage.java_launch import Run
    from lightship.rules.multistage.single import Ran, Single

_MAVEN = frozenset(("mvn", "mvnw"))
_GRADLE = frozenset(("gradle", "gradlew"))
_TOOLS = (*_MAVEN, *_GRADLE, "javac", "jar", "java", "keytool")
_PACKAGES = re.compile(r"package|verify|install|deploy")
_ASSEMBLES = re.compile(
    r"(?:.*:)?(?:build|assemble|jar|bootJar|shadowJar|installDist|fatJar|uberJar)"
)
_SOURCE = re.compile(
    r".*\.(?:java|kt|kts|scala|groovy|gradle|form|proto)|pom\.xml|gradle\.properties|gradlew(?:\.bat)?"
    r"|mvnw(?:\.cmd)?|settings\.xml|.*\.(?:iml|ipr|iws)|gradle-wrapper\..*|maven-wrapper\..*|libs\.versions\.toml"
)
_IN_SOURCES = re.compile(r"/src/(?:main|test|it)/|/gradle/wrapper/|/\.mvn/")
_STARTS = re.compile(r"\bProcessBuilder\b|getRuntime\(\)\s*\.exec")
_COMPILES = re.compile(r"\bToolProvider\b|\bcom\.sun\.tools\b|\bJavaCompiler\b")
_WHOLE = re.compile(
    r"spring-boot-maven-plugin|maven-shade-plugin|jar-with-dependencies|onejar-maven-plugin"
    r"|org\.springframework\.boot|\bshadow(?:Jar)?\b|uber-jar"
)
_DEPENDS = re.compile(
    r"<dependency>(?:(?!</dependency>).){0,4000}</dependency>"
    r"|\b(?:implementation|api|compile|runtimeOnly|runtime)\b[\s(]*[\"'(]",
    re.DOTALL,
)


def _builds(single: Single) -> bool:
    return single.image.repository in IMAGES - {
        "eclipse-temurin",
        "openjdk",
        "amazoncorretto",
    } or any(ran.name == "javac" or _is_maven(ran) or _is_gradle(ran) for ran in single.ran)


def _is_maven(ran: Ran) -> bool:
    return ran.name in _MAVEN and any(
        _PACKAGES.fullmatch(word.text) for word in ran.command.operands("-f", "-pl", "-P")
    )


def _is_gradle(ran: Ran) -> bool:
    return ran.name in _GRADLE and any(
        _ASSEMBLES.fullmatch(word.text) for word in ran.command.operands("-p", "-b", "-x")
    )


def _recognise(single: Single) -> Plan:
    for started in single.launch.command:
        for program in started.programs:
            if program.rpartition("/")[2] in (*_MAVEN, *_GRADLE, "javac", "jshell"):
                raise CannotTell(
                    f"a program to start: line {started.step.line} starts {program[:40]}, which"
                    " builds when it runs"
                )
    kept, paths = _kept(single)
    check_downloads(single)
    check_understood(single, _TOOLS, paths)
    _check(single)
    # Frameworks read conf/ and the like by convention, wherever no source names it.
    data, _ = data_of(single, _SOURCE, by_name=False)
    mine = tuple(one.target for one in kept)
    data = tuple(
        one
        for one in data
        if not _IN_SOURCES.search(one.target)
        and not any(one.target.startswith(path) for path in mine if path.endswith("/"))
    )
    home = single.builder.workdir if single.builder is not None else "/"
    if data and home != "/" and not any(step.keyword == "WORKDIR" for step in single.steps):
        raise CannotTell(f"in which directory it starts: without WORKDIR it is {home} now")
    _check_agents(single, (*kept, *data))
    base, packages = jre_base(single)
    notes = [
        "Its command starts the JRE: what looks for a compiler or a tool of the JDK finds none."
    ]
    if single.image.repository not in ("eclipse-temurin", "maven", "gradle") and packages == ():
        notes.append("The JRE is another build of OpenJDK of the same version.")
    return Plan(
        language="Java",
        base=base,
        kept=(*kept, *data),
        packages=packages,
        tools="the JDK, the sources and the repository of dependencies",
        unneeded=("MAVEN_*", "GRADLE_*", "M2_HOME"),
        notes=tuple(notes),
    )


def _kept(single: Single) -> tuple[tuple[Kept, ...], frozenset[str]]:
    """What is made and run, and where it is."""
    folders = [folder for ran in single.ran for folder in _folders(ran)]
    tree = _installed_tree(single)
    if tree is not None:
        return (Kept((f"{tree}/",), f"{tree}/", "the application"),), frozenset((tree,))
    run = run_of(single)
    if run.jar is not None:
        return _of_jar(single, run.jar, folders)
    return _of_classes(single, run)


def _folders(ran: Ran) -> Iterator[str]:
    """Folders that Maven and Gradle put JARs into; a module's is below them."""
    if ran.directory is None or not (_is_maven(ran) or _is_gradle(ran)):
        return
    option = ran.option("-f", "--file") if _is_maven(ran) else ran.option("-p", "--project-dir")
    place = ran.path(option) if option is not None else ran.directory
    if place is not None:
        yield posixpath.dirname(place) if place.endswith(".xml") else place


def _installed_tree(single: Single) -> str | None:
    """What Gradle's installDist makes, if a program of it is started."""
    program = single.launch.program
    for path in single.resolved(program) if "/" in program else ():
        found = re.fullmatch(r"(.*/build/install/[^/]+)/bin/[^/]+", path)
        if found is not None and any(_is_gradle(ran) for ran in single.ran):
            return found[1]
    return None


def _of_jar(
    single: Single, jar: str, folders: list[str]
) -> tuple[tuple[Kept, ...], frozenset[str]]:
    origin = _origin(single, jar, folders)
    if origin is None:
        raise NotItsProgram(f"what makes {jar[:80]}, which the container runs: no line seems to")
    if origin != "jar" and posixpath.basename(jar) == "quarkus-run.jar":
        folder = posixpath.dirname(jar)
        return (Kept((f"{folder}/",), f"{folder}/", "the application"),), frozenset((jar,))
    if origin != "jar":
        _check_whole(single, jar)
    return (Kept((jar,), jar, "the application"),), frozenset((jar,))


def _origin(single: Single, jar: str, folders: list[str]) -> str | None:
    """Which of Maven and Gradle, or `jar`, makes it, after moves; None for neither."""
    wanted = {jar}
    for ran in reversed(single.ran):
        operands = ran.command.operands("-t", "-m")
        if ran.name in ("mv", "cp", "ln") and len(operands) == 2:
            target = ran.path(operands[1])
            source = operands[0].text
            plain = at(ran.directory or "/", source) if "$" not in source else ""
            if target in wanted and plain:
                wanted.add(plain)
        elif ran.name == "jar" and jar_made(ran) in wanted:
            return "jar"
    for path in wanted:
        parts = path.split("/")
        is_output = "target" in parts[:-1] or parts[-3:-1] == ["build", "libs"] or "build" in parts
        if is_output and any(path.startswith(f"{folder.rstrip('/')}/") for folder in folders):
            return "build"
    return None


def _check_whole(single: Single, jar: str) -> None:
    """See that a JAR has in it what it depends on. Raises `CannotTell`."""
    files = {
        path: text
        for path, text in single.sources.texts.items()
        if path.rpartition("/")[2] in ("pom.xml", "build.gradle", "build.gradle.kts")
    }
    if not files:
        why = single.sources.missing or "no file of the build is copied"
        raise CannotTell(
            f"whether {posixpath.basename(jar)[:60]} has its dependencies in it: {why}"
        )
    if any(_WHOLE.search(text) for text in files.values()):
        return
    for text in files.values():
        for one in _DEPENDS.findall(text):
            if "<scope>test</scope>" not in one and "<scope>provided</scope>" not in one:
                raise CannotTell(
                    f"whether {posixpath.basename(jar)[:60]} has its dependencies in it: nothing"
                    " that packs them is named"
                )


def _of_classes(single: Single, run: Run) -> tuple[tuple[Kept, ...], frozenset[str]]:
    made = {folder for ran in single.ran if ran.name == "javac" for folder in classes_made(ran)}
    jars = {path for ran in single.ran if ran.name == "jar" and (path := jar_made(ran))}
    found: dict[str, str] = {}
    for entry in run.entries:
        if entry in jars:
            found[entry] = entry
        elif entry in made or any(f"{one}/".startswith(f"{entry}/") for one in made):
            found[entry] = f"{entry}/"
        elif entry.endswith("/*"):
            found[entry] = entry[:-1]
        elif any(f"{one.path}/".startswith(f"{entry}/") for one in single.sources.copied):
            found[entry] = entry if entry.endswith(".jar") else f"{entry}/"
        elif entry != single.last_workdir:
            raise CannotTell(f"what is in {entry[:60]}, which is on the class path")
    if not made | jars or not any(
        entry in made | jars or f"{entry}/" in found.values() for entry in run.entries
    ):
        raise NotItsProgram(f"what makes the class {run.main[:60]}, which the container runs")
    if "/" in found:
        raise CannotTell("which classes it needs: they are in /, among the system's folders")
    return (
        tuple(Kept((path,), path, "the classes") for path in found.values()),
        frozenset(found),
    )


def _check_agents(single: Single, kept: tuple[Kept, ...]) -> None:
    """See that what the command loads beside the application is there. Raises `CannotTell`."""
    words = single.launch.command[0].step.instruction.value
    for text in re.findall(r"-(?:javaagent|agentpath):([^\s=\"',]+)", words):
        path = at(single.last_workdir, text)
        if not any(
            one.target == path or path.startswith(f"{one.target.rstrip('/')}/") for one in kept
        ):
            raise CannotTell(f"where {text[:60]} comes from, which is loaded when it starts")


def _check(single: Single) -> None:
    for path, text in single.sources.named(".java", ".kt", sign="class ").items():
        name = path.rpartition("/")[2]
        if _STARTS.search(text):
            raise CannotTell(f"which programs it starts when it runs: {name[:60]} starts some")
        if _COMPILES.search(text):
            raise CannotTell(f"which compiler it needs when it runs: {name[:60]} asks for one")
    if any(one.path.endswith((".jsp", ".jspx")) for one in single.sources.copied):
        raise CannotTell("how its pages are compiled when it runs: it has JSP")


LANGUAGE = Language("Java", _builds, _recognise)

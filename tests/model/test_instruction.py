from __future__ import annotations

import pytest

from lightship.model.instruction import readable_instruction

HEX = "4f" * 32


@pytest.mark.parametrize(
    ("created_by", "readable"),
    [
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'),
        (f"/bin/sh -c #(nop) ADD file:{HEX} in / ", f"ADD file:{HEX[:12]} in /"),
        ("/bin/sh -c apt-get update && rm -rf /x", "RUN apt-get update && rm -rf /x"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |1 VERSION=1.0 /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |2 A=b c D=e /bin/sh -c echo $A # buildkit", "RUN echo $A"),
        ("|1 A=b /bin/sh -c make", "RUN make"),
        ("RUN /bin/bash -o pipefail -c curl x | sh # buildkit", "RUN curl x | sh"),
        ("RUN /bin/bash -euxo pipefail -c make", "RUN make"),
        ("/bin/ash -eo pipefail -c make", "RUN make"),
        ("COPY --chown=1000:1000 . /app # buildkit", "COPY --chown=1000:1000 . /app"),
        ("WORKDIR /app", "WORKDIR /app"),
        ("cmd /S /C #(nop)  ENV A=b", "ENV A=b"),
        ("RUN <<EOF\napt-get update\n\tmake\nEOF", "RUN <<EOF apt-get update make EOF"),
        ("bazel build //app:image", "bazel build //app:image"),
        ("jib-maven-plugin:3.4.0", "jib-maven-plugin:3.4.0"),
        ("RUN /bin/sh", "RUN /bin/sh"),
        ("RUN sh -c x", "RUN sh -c x"),
        ("", ""),
    ],
)
def test_builders_wrapping_is_taken_off(created_by: str, readable: str) -> None:
    assert readable_instruction(created_by) == readable


def test_build_arguments_are_not_shown() -> None:
    assert "hunter2" not in readable_instruction("RUN |1 TOKEN=hunter2 /bin/sh -c make # buildkit")

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.acceptance
@pytest.mark.system("mmdebstrap")
def test_two_commands_do_on_a_machine_with_only_python_and_git() -> None:
    command = [sys.executable, str(ROOT / "tools" / "clean_room.py")]
    assert subprocess.run(command, check=False).returncode == 0

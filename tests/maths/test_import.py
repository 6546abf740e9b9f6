"""What importing the package costs."""

from __future__ import annotations

import subprocess
import sys


def test_the_package_imports_no_parser() -> None:
    code = "import sys, tutor.maths; sys.exit('pylatexenc' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

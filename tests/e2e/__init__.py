"""End-to-end tests: the real binaries behind the real nginx, with real parts. Run by scripts/test e2e."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

"""Writes the documents of the catalogue: `python -m linda_pipeline.catalogue [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from linda_pipeline.catalogue import write_documents

if __name__ == "__main__":
    for path in write_documents(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs")):
        print(path)

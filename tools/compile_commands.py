#!/usr/bin/env python3
"""Prints compile_commands.json: COMPILER FLAGS... -- SOURCES..."""

import json
import os
import sys

split = sys.argv.index("--")
command, sources = sys.argv[1:split], sys.argv[split + 1:]
json.dump([{"directory": os.getcwd(), "file": source, "arguments": command + ["-c", source]}
           for source in sources], sys.stdout, indent=1)
print()
